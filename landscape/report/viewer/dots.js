// Samples, markers and paths of a scene as numbers for the renderer, and the counts of samples.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { arrivedAt } from "./orbits.js";

const DOT_LIFT = drawing.dots.lift; // the height of dots above the sheet
const PATH_LIFT = 0.006; // the height of paths
const PATH_PIECES = 12; // straight pieces by which the path of one iteration follows the sheet
const MANY = drawing.dots.many; // of more training points, each is so much smaller that all have the area of so many
const DOT_SIZES = { moving: 10, arrived: 11, marker: 15, fixed: 18, inFixed: 8 }; // pixels; markers lie in fixed points of films

/** A point of input space as (x, y) of the box. */
export function onFloor([x, y], scene, depth) {
  const [xLow, xHigh, yLow, yHigh] = scene.extent;
  return [((x - xLow) / (xHigh - xLow)) * 2 - 1, (((y - yLow) / (yHigh - yLow)) * 2 - 1) * depth];
}

/**
 * Place, colour, shape and size of each dot over the sheet, interleaved; how many samples there are of each kind: arrived, also
 * per marker, outside the box, over gaps, and lost, which means not finite; and `tallies`, the numbers that stand beside markers.
 */
export function dotsOf(view) {
  const { scene, sheet, orbits, shown, iteration, colours, dotScale } = view;
  const { markers } = scene.surfaces[view.surface];
  const values = [];
  const counts = { samples: orbits?.samples ?? 0, shown: shown.samples, arrived: 0, outside: 0, overGaps: 0, lost: 0 };
  counts.perMarker = (markers ?? []).map(() => 0);
  const add = (x, y, z, kind, shape, size = kind, scale = 1) =>
    values.push(x, y, z + DOT_LIFT, ...colours[kind], shape, DOT_SIZES[size] * dotScale * scale);
  const fixed = shown.fixed ? view.fixed : [];
  const mark = () => {
    for (const marker of (shown.markers && markers) || []) {
      const [x, y] = onFloor(marker, scene, sheet.depth);
      const z = sheet.heightAt(x, y);
      if (!Number.isNaN(z)) add(x, y, z, "marker", 0, fixed.length ? "inFixed" : "marker");
    }
  };
  mark();
  for (const [px, py, attracts] of fixed) {
    const [x, y] = onFloor([px, py], scene, sheet.depth);
    const z = sheet.heightAt(x, y);
    if (!Number.isNaN(z)) add(x, y, z, attracts ? "arrived" : "moving", attracts ? 1 : 0, "fixed");
  }
  if (fixed.length) mark(); // again: of dots at one pixel the first is seen behind the sheet, and the last before it
  for (let i = 0; i < counts.samples; i++) {
    const place = orbits.place(iteration, i);
    if (Number.isNaN(place[0])) {
      counts.lost += 1;
      continue;
    }
    const marker = arrivedAt(...place, markers, scene.near);
    const arrived = marker >= 0;
    const [x, y] = onFloor(place, scene, sheet.depth);
    const z = sheet.heightAt(x, y);
    if (arrived) {
      counts.arrived += 1;
      counts.perMarker[marker] += 1;
    }
    if (Math.abs(x) > 1 || Math.abs(y) > sheet.depth) counts.outside += 1;
    else if (Number.isNaN(z)) counts.overGaps += 1;
    else if (shown.samples) add(x, y, z, arrived ? "arrived" : "moving", arrived ? 1 : 0);
  }
  return { values: new Float32Array(values), counts, tallies: shown.samples && shown.markers ? talliesOf(view, counts.perMarker) : [] };
}

/** Beside each marker over the sheet the number of samples that have arrived there, as [point of the box, text]. */
function talliesOf({ scene, sheet, surface }, perMarker) {
  return perMarker.flatMap((count, i) => {
    const [x, y] = onFloor(scene.surfaces[surface].markers[i], scene, sheet.depth);
    const z = sheet.heightAt(x, y);
    return count && !Number.isNaN(z) ? [[[x, y, z + DOT_LIFT], String(count)]] : [];
  });
}

/** Lines along the sheet from each sample's start to its place now, as pairs of points. */
export function pathsOf(view) {
  const { scene, sheet, orbits, shown, iteration } = view;
  const values = [];
  if (!orbits || !shown.paths) return new Float32Array(0);
  const ends = Array.from({ length: Math.ceil(iteration) + 1 }, (_, step) => Math.min(step, iteration));
  for (let i = 0; i < orbits.samples; i++)
    for (let k = 0; k + 1 < ends.length; k++) {
      const from = onFloor(orbits.place(ends[k], i), scene, sheet.depth);
      const to = onFloor(orbits.place(ends[k + 1], i), scene, sheet.depth);
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 1e-4) continue;
      let last = null;
      for (let j = 0; j <= PATH_PIECES; j++) {
        const x = from[0] + ((to[0] - from[0]) * j) / PATH_PIECES;
        const y = from[1] + ((to[1] - from[1]) * j) / PATH_PIECES;
        const z = sheet.heightAt(x, y) + PATH_LIFT;
        const here = Number.isNaN(z) ? null : [x, y, z];
        if (last && here) values.push(...last, ...here);
        last = here;
      }
    }
  return new Float32Array(values);
}
