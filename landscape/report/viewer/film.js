// A film: surfaces at one time after another, and the fixed points on them, also between two of the times.
import { Sheet } from "./sheet.js";

/** The sheets of a film. All have the same grid. */
export class Frames {
  constructor(sheets) {
    this.sheets = sheets;
    this.hasGaps = sheets.some(({ codes, top }) => codes.some((code) => code > top));
  }

  /** The sheet at `position`, which need not be whole: codes between those of the two frames beside it. */
  at(position) {
    const { before, after, share } = beside(position, this.sheets.length);
    const [a, b] = [this.sheets[before], this.sheets[after]];
    if (share === 0) return a;
    const { columns, rows, top, depth } = a;
    const nearest = share < 0.5 ? a : b;
    const codes = new Uint16Array(a.codes.length);
    for (let i = 0; i < codes.length; i++) {
      const gap = a.codes[i] > top || b.codes[i] > top;
      codes[i] = gap ? nearest.codes[i] : Math.round(a.codes[i] + (b.codes[i] - a.codes[i]) * share);
    }
    return new Sheet(codes, columns, rows, top, depth);
  }
}

/** The frames before and after `position` of a film of `count` frames, and the share of the way between them. */
function beside(position, count) {
  const before = Math.min(count - 1, Math.floor(position));
  return { before, after: Math.min(count - 1, before + 1), share: position - before };
}

/**
 * The fixed points at `position` of a film, as [x, y, whether it attracts]. A point of a branch that both frames beside have
 * glides from one to the other; other points stand where the nearest frame has them.
 */
export function fixedAt(surfaces, position) {
  const { before, after, share } = beside(position, surfaces.length);
  const [near, far, toFar] = share < 0.5 ? [before, after, share] : [after, before, 1 - share];
  const here = surfaces[near].fixed;
  if (!here) return [];
  const other = surfaces[far].fixed;
  return here.places.map(([x, y], i) => {
    const there = other?.places[other.branch.indexOf(here.branch[i])] ?? [x, y];
    return [x + (there[0] - x) * toFar, y + (there[1] - y) * toFar, here.attracts[i]];
  });
}

/** The counts of fixed points as [text, swatch]. */
export function fixedWords(points) {
  const attracting = points.filter(([, , attracts]) => attracts).length;
  const words = (count, singular, plural) => `${count} ${count === 1 ? singular : plural}`;
  return [
    [words(attracting, "fixed point attracts", "fixed points attract"), "arrived"],
    [words(points.length - attracting, "fixed point does not", "fixed points do not"), "moving"],
  ];
}
