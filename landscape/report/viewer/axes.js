// Walls, ticks and labels around a sheet, laid out so that no two labels touch. figures/axes3d.py computes the same.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { BOX_HEIGHT } from "./camera.js";
import { heightMarks, tickMarks } from "./ticks.js";

const TICK_LENGTH = drawing.labels.tick; // pixels
const LABEL_GAP = drawing.labels.gap; // pixels from a tick to its label
const LABEL_SPACING = drawing.labels.spacing; // pixels between labels
const TEXT_HEIGHT = drawing.labels.height; // in font sizes
const TOP_VIEW_ELEVATION = (drawing.labels.topView * Math.PI) / 180; // above it, heights are read from colours alone

/**
 * What is drawn around a sheet, in pixels: walls and grid lines behind it, ticks and texts in front of it.
 * `measure(text, bold)` is a text's width, `font` the font's size, and `about` the approximate number of ticks on an axis.
 */
export function frameOf(scene, view, font, about, measure) {
  const { depth } = view;
  const [xLow, xHigh, yLow, yHigh] = scene.extent;
  const xs = tickMarks(xLow, xHigh, about).map(([value, text]) => [((value - xLow) / (xHigh - xLow)) * 2 - 1, text]);
  const ys = tickMarks(yLow, yHigh, about).map(([value, text]) => [(((value - yLow) / (yHigh - yLow)) * 2 - 1) * depth, text]);
  const steep = view.elevation > TOP_VIEW_ELEVATION;
  const zs = steep ? [] : heightMarks(scene.limits, scene.log, Math.max(2, about - 1)).map(([level, text]) => [level * BOX_HEIGHT, text]);
  const nearX = view.eye[0] > 0 ? 1 : -1;
  const nearY = view.eye[1] > 0 ? depth : -depth;
  const base = view.eye[2] > 0 ? 0 : BOX_HEIGHT;
  const floor = steep ? BOX_HEIGHT : base; // seen from above, labels stand at the upper rim
  const frame = { ...walls(view, nearX, nearY, steep ? 0 : base, xs, ys, zs), ticks: [], texts: [] };
  const labeller = new Labeller(view, frame, font, measure);
  if (zs.length) {
    const ends = [[nearX, -nearY], [-nearX, nearY]];
    const [x, y] = view.project([...ends[0], 0])[0] < view.project([...ends[1], 0])[0] ? ends[0] : ends[1];
    labeller.edge(zs.map(([z, text]) => [[x, y, z], text]), [x, y, 0], [x, y, BOX_HEIGHT], "");
    labeller.top([x, y, BOX_HEIGHT], scene.labels[2]);
  }
  labeller.edge(xs.map(([x, text]) => [[x, nearY, floor], text]), [-1, nearY, floor], [1, nearY, floor], scene.labels[0]);
  labeller.edge(ys.map(([y, text]) => [[nearX, y, floor], text]), [nearX, -depth, floor], [nearX, depth, floor], scene.labels[1]);
  return frame;
}

/** The two far walls and the floor as polygons, and the lines at the ticks on them. */
function walls(view, nearX, nearY, base, xs, ys, zs) {
  const { depth } = view;
  const [farX, farY, top] = [-nearX, -nearY, BOX_HEIGHT];
  const polygons = [
    [[farX, -depth, 0], [farX, depth, 0], [farX, depth, top], [farX, -depth, top]],
    [[-1, farY, 0], [1, farY, 0], [1, farY, top], [-1, farY, top]],
    [[-1, -depth, base], [1, -depth, base], [1, depth, base], [-1, depth, base]],
  ];
  const lines = [
    ...xs.map(([x]) => [[x, -depth, base], [x, depth, base]]),
    ...xs.map(([x]) => [[x, farY, 0], [x, farY, top]]),
    ...ys.map(([y]) => [[-1, y, base], [1, y, base]]),
    ...ys.map(([y]) => [[farX, y, 0], [farX, y, top]]),
    ...zs.map(([z]) => [[farX, -depth, z], [farX, depth, z]]),
    ...zs.map(([z]) => [[-1, farY, z], [1, farY, z]]),
  ];
  const onPicture = (points) => points.map((point) => view.project(point));
  return { walls: polygons.map(onPicture), grid: lines.map(onPicture) };
}

/** Places labels along the box's edges. Labels that would touch another label or leave the picture are left out. */
class Labeller {
  constructor(view, frame, font, measure) {
    Object.assign(this, { view, frame, font, measure, taken: [] });
    this.centre = view.project([0, 0, BOX_HEIGHT / 2]);
  }

  /** Labels the edge from start to end, on its outer side: `marks` are [point, text], the name stands at the middle. */
  edge(marks, start, end, name) {
    const [a, b] = [this.view.project(start), this.view.project(end)];
    const length = Math.max(1e-9, Math.hypot(b[0] - a[0], b[1] - a[1]));
    let outward = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    if (outward[0] * (middle[0] - this.centre[0]) + outward[1] * (middle[1] - this.centre[1]) < 0) outward = outward.map((k) => -k);
    const reach = TICK_LENGTH + LABEL_GAP;
    const widest = Math.max(0, ...marks.map(([, text]) => this.across(outward, text, false)));
    if (name) this.place(name, middle, outward, reach + widest + LABEL_GAP, true);
    for (const [point, text] of marks) {
      const at = this.view.project(point);
      if (this.place(text, at, outward, reach, false))
        this.frame.ticks.push([at, [at[0] + outward[0] * TICK_LENGTH, at[1] + outward[1] * TICK_LENGTH]]);
    }
  }

  /** Puts the name of an upright axis above its upper end, shifted to the right where it would leave the picture. */
  top(end, name) {
    const [x, y] = this.view.project(end);
    const within = Math.max(x, this.measure(name, true) / 2 + LABEL_SPACING);
    this.place(name, [within, y], [0, -1], LABEL_GAP + (this.font * TEXT_HEIGHT) / 2, true);
  }

  /** How far a text extends along a direction. */
  across([x, y], text, bold) {
    return Math.abs(x) * this.measure(text, bold) + Math.abs(y) * this.font * TEXT_HEIGHT;
  }

  /** Puts a text `reach` pixels away from a point, if there is room; says whether there was. */
  place(text, at, outward, reach, bold) {
    const width = this.measure(text, bold) / 2 + LABEL_SPACING;
    const height = (this.font * TEXT_HEIGHT) / 2;
    const away = reach + this.across(outward, text, bold) / 2;
    const [x, y] = [at[0] + outward[0] * away, at[1] + outward[1] * away];
    const box = [x - width, y - height, x + width, y + height];
    if (box[0] < 0 || box[1] < 0 || box[2] > this.view.width || box[3] > this.view.height) return false;
    if (this.taken.some((other) => touch(box, other))) return false;
    this.taken.push(box);
    this.frame.texts.push({ text, x, y, bold, box });
    return true;
  }
}

/** Whether two boxes [left, top, right, bottom] overlap. */
export function touch(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
