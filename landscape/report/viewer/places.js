// Where the marks of a figure lie, and the values that their places stand for.
import { formatReading } from "./format.js";

/** The ends of the steps of a path of vector.py, as [x, y]; curves by their ends. */
export function pathPlaces(text) {
  const places = [];
  let at = [0, 0];
  for (const [, letter, numbers] of text.matchAll(/([MlcqhvzLCQ])([^MlcqhvzLCQ]*)/g)) {
    const values = (numbers.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    const size = { c: 6, q: 4 }[letter] ?? 2;
    for (let i = size; i <= values.length; i += size) {
      const [x, y] = values.slice(i - 2, i);
      at = letter === "M" ? [x, y] : [at[0] + x, at[1] + y];
      places.push(at);
    }
  }
  return places;
}

/** The words for the value at the place `at` along an axis: the name of the nearest tick of a category, or a number; "" if unknown. */
export function valueAt(axis, at) {
  if (!axis.to) return "";
  const share = (at - axis.at[0]) / (axis.at[1] - axis.at[0]);
  const [low, high] = axis.log ? axis.to.map(Math.log) : axis.to;
  const value = low + share * (high - low);
  if (axis.words) {
    const order = axis.log ? Math.log : Number;
    const gap = ([tick]) => Math.abs(order(tick) - value);
    return [...axis.words].sort((a, b) => gap(a) - gap(b))[0][1];
  }
  const round = Math.abs(value) < 2e-3 * Math.abs(high - low) && !axis.log ? 0 : value; // places are exact to 0.01 pt
  return formatReading(axis.log ? Math.exp(round) : round);
}

/** The marks of a drawing: their group, axes, element, place [x, y], and row in the group's table. A bar has its box. */
export function marksOf(svg) {
  const marks = [];
  for (const group of svg.querySelectorAll("g[data-mark]")) {
    const common = { group, axes: Number(group.dataset.axes), kind: group.dataset.mark };
    const rows = group.dataset.rows?.split(" ");
    if (common.kind === "point")
      group.querySelectorAll("use").forEach((use, index) => {
        const place = ["x", "y"].map((name) => Number(use.getAttribute(name)));
        marks.push({ ...common, place, row: rows && rows[index] !== "-" ? Number(rows[index]) : null });
      });
    for (const path of common.kind === "point" ? [] : group.querySelectorAll("path:not([id])")) {
      const places = pathPlaces(path.getAttribute("d"));
      if (common.kind === "line") places.forEach((place) => marks.push({ ...common, place, row: null }));
      else marks.push({ ...common, place: middle(places), box: boxOf(places), row: null });
    }
  }
  return marks;
}

function boxOf(places) {
  const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]));
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

function middle(places) {
  const [left, top, right, bottom] = boxOf(places);
  return [(left + right) / 2, (top + bottom) / 2];
}

/** The mark at a place: the nearest within `reach`, else the bar that holds the place; null if there is none. */
export function markAt(marks, [x, y], reach) {
  let best = null;
  let least = reach;
  for (const mark of marks) {
    if (mark.box) continue;
    const gap = Math.hypot(mark.place[0] - x, mark.place[1] - y) + (mark.kind === "line" ? 0.5 : 0); // points before lines
    if (gap < least) [best, least] = [mark, gap];
  }
  return best ?? marks.find(({ box }) => box && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]) ?? null;
}

/** What a mark shows, as lines of text: the panel and the series, then the values. */
export function wordsOf(mark, scales) {
  const { x, y, title } = scales[mark.axes];
  const { label, value, along } = mark.group.dataset;
  const place = mark.from ?? mark.place;
  const lines = [[title, label].filter(Boolean).join(" · ")];
  const line = (axis, text) => text && lines.push(`${axis.name ? `${axis.name.replaceAll("\n", " ")}: ` : ""}${text}`);
  if (along) {
    const [across, length] = along === "x" ? [y, x] : [x, y];
    line(across, valueAt(across, place[along === "x" ? 1 : 0]));
    line(length, value);
  } else {
    line(x, valueAt(x, place[0]));
    line(y, valueAt(y, place[1]));
  }
  return lines.filter(Boolean);
}
