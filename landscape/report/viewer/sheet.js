// A surface: its heights as codes, its height at a point, where a ray meets it, and its triangles.
import { BOX_HEIGHT } from "./camera.js";
import { along, clamp } from "./vectors.js";

const RAY_STEPS = 300; // steps along a ray through the box
const CROSSING_BISECTIONS = 18; // of the step in which a ray crosses the sheet

export class Sheet {
  /** Codes 0…top are levels between the two limits, top + 1 is a gap. `depth` is half the box's size along y. */
  constructor(codes, columns, rows, top, depth) {
    Object.assign(this, { codes, columns, rows, top, depth });
  }

  /** The level in 0…1 at (u, v), which are in 0…1 along x and y: interpolated bilinearly, NaN beside a gap. */
  level(u, v) {
    const x = clamp(u, 0, 1) * (this.columns - 1);
    const y = clamp(v, 0, 1) * (this.rows - 1);
    const column = Math.min(this.columns - 2, Math.floor(x));
    const row = Math.min(this.rows - 2, Math.floor(y));
    const right = x - column;
    const down = y - row;
    let sum = 0;
    for (const [i, j, weight] of [
      [0, 0, (1 - right) * (1 - down)],
      [1, 0, right * (1 - down)],
      [0, 1, (1 - right) * down],
      [1, 1, right * down],
    ]) {
      if (weight === 0) continue;
      const code = this.codes[(row + j) * this.columns + column + i];
      if (code > this.top) return NaN;
      sum += code * weight;
    }
    return sum / this.top;
  }

  /** The height of the sheet at (x, y) of the box; NaN beside a gap and outside the box. */
  heightAt(x, y) {
    if (Math.abs(x) > 1 + 1e-6 || Math.abs(y) > this.depth + 1e-6) return NaN;
    return this.level((x + 1) / 2, (y / this.depth + 1) / 2) * BOX_HEIGHT;
  }

  /**
   * Where a ray meets the sheet first: { u, v, level, point }. The level is NaN if the ray passes through a gap and does not
   * meet the sheet. The result is null if the ray misses the box.
   *
   * 1. The ray is followed through the box in RAY_STEPS steps.
   * 2. In the first step in which it changes sides of the sheet, the crossing is bisected.
   * 3. Without a crossing, the first point over a gap counts at which the ray is below the height that the sheet had last.
   */
  pick(origin, direction) {
    const [start, end] = this.span(origin, direction);
    if (!(start < end)) return null;
    const above = (t) => {
      const p = along(origin, t, direction);
      return p[2] - this.heightAt(p[0], p[1]);
    };
    let last = NaN;
    let lastT = start;
    let lastHeight = BOX_HEIGHT / 2;
    let gap = null;
    for (let i = 0; i <= RAY_STEPS; i++) {
      const t = start + ((end - start) * i) / RAY_STEPS;
      const here = above(t);
      if (here * last < 0 || here === 0) return this.hit(origin, direction, this.crossing(above, lastT, t));
      const p = along(origin, t, direction);
      if (!Number.isNaN(here)) lastHeight = p[2] - here;
      else if (gap === null && p[2] <= lastHeight && this.inside(p)) gap = p;
      last = here;
      lastT = t;
    }
    return gap && { u: (gap[0] + 1) / 2, v: (gap[1] / this.depth + 1) / 2, level: NaN, point: gap };
  }

  inside(point) {
    return Math.abs(point[0]) < 1 && Math.abs(point[1]) < this.depth;
  }

  /** The place between `low` and `high` along a ray at which above(place) changes its sign. */
  crossing(above, low, high) {
    const side = above(low) > 0;
    for (let i = 0; i < CROSSING_BISECTIONS; i++) {
      const middle = (low + high) / 2;
      if (above(middle) > 0 === side) low = middle;
      else high = middle;
    }
    return high;
  }

  hit(origin, direction, t) {
    const p = along(origin, t, direction);
    const u = clamp((p[0] + 1) / 2, 0, 1);
    const v = clamp((p[1] / this.depth + 1) / 2, 0, 1);
    const level = this.level(u, v);
    return { u, v, level, point: [p[0], p[1], level * BOX_HEIGHT] };
  }

  /** Where a ray enters and leaves the box. */
  span(origin, direction) {
    let start = 0;
    let end = 1e9;
    const half = [1, this.depth];
    for (let k = 0; k < 3; k++) {
      const low = k < 2 ? -half[k] : -0.001;
      const high = k < 2 ? half[k] : BOX_HEIGHT + 0.001;
      const a = (low - origin[k]) / direction[k];
      const b = (high - origin[k]) / direction[k];
      start = Math.max(start, Math.min(a, b));
      end = Math.min(end, Math.max(a, b));
    }
    return [start, end];
  }

  /**
   * The indices of the triangles' corners. Cells at a gap are left out. Each cell is cut along its flatter diagonal, because
   * cliffs across the cuts look like saws. A `stride` above 1 makes a coarser mesh, for changes on slow machines.
   */
  triangles(stride) {
    const xs = thinned(this.columns, stride);
    const ys = thinned(this.rows, stride);
    const corners = new Uint32Array((xs.length - 1) * (ys.length - 1) * 6);
    const { codes, top } = this;
    let n = 0;
    for (let j = 0; j + 1 < ys.length; j++)
      for (let i = 0; i + 1 < xs.length; i++) {
        const a = ys[j] * this.columns + xs[i];
        const b = ys[j] * this.columns + xs[i + 1];
        const c = ys[j + 1] * this.columns + xs[i];
        const d = ys[j + 1] * this.columns + xs[i + 1];
        if (codes[a] > top || codes[b] > top || codes[c] > top || codes[d] > top) continue;
        const cut = Math.abs(codes[a] - codes[d]) < Math.abs(codes[b] - codes[c]) ? [a, b, d, a, d, c] : [a, b, c, b, d, c];
        corners.set(cut, n);
        n += 6;
      }
    return corners.subarray(0, n);
  }
}

/** The indices 0, stride, 2·stride, … below `count`, and always the last index. */
function thinned(count, stride) {
  const kept = [];
  for (let i = 0; i < count - 1; i += stride) kept.push(i);
  kept.push(count - 1);
  return kept;
}
