// Samples that move over the iterations x ← f(x).
import drawing from "../../figures/drawing.json" with { type: "json" };
import { formatNumber } from "./format.js";

const PLACE_STEPS = drawing.orbits.steps; // codes 0…PLACE_STEPS are places, the next code is no place
const PLACE_MARGIN = drawing.orbits.margin; // of the extent, by which places reach beyond each side
const MOST_NAMED = 4; // markers whose samples are counted by place

export class Orbits {
  /** `codes` hold all samples' x and then all their y, for each of `steps` iterations. */
  constructor(codes, steps, samples, extent) {
    Object.assign(this, { codes, steps, samples, extent });
  }

  /** One coordinate (0: x, 1: y) of a sample after a whole number of iterations. */
  coordinate(step, sample, axis) {
    const code = this.codes[(step * 2 + axis) * this.samples + sample];
    if (code > PLACE_STEPS) return NaN;
    const low = this.extent[2 * axis];
    const size = this.extent[2 * axis + 1] - low;
    return low + size * ((code / PLACE_STEPS) * (1 + 2 * PLACE_MARGIN) - PLACE_MARGIN);
  }

  /** Where a sample is drawn after `iteration`, which need not be whole: [x, y], NaN if the sample is not finite. */
  place(iteration, sample) {
    const before = Math.min(this.steps - 1, Math.floor(iteration));
    const after = Math.min(this.steps - 1, before + 1);
    const share = iteration - before;
    const eased = share * share * (3 - 2 * share);
    return [0, 1].map((axis) => {
      const from = this.coordinate(before, sample, axis);
      return share === 0 ? from : from + (this.coordinate(after, sample, axis) - from) * eased;
    });
  }
}

/** The index of the marker that is nearest to (x, y) and within `near`; −1 if there is none. */
export function arrivedAt(x, y, markers, near) {
  const distances = (markers ?? []).map((marker) => Math.hypot(marker[0] - x, marker[1] - y));
  const least = Math.min(...distances);
  return least < near ? distances.indexOf(least) : -1;
}

/**
 * The counts of samples as [text, swatch]: on the way, arrived, and not seen. The swatch names the dot that stands for the
 * samples; it is "" for those without a dot.
 */
export function countWords({ samples, shown, arrived, perMarker, outside, overGaps, lost }, markers) {
  if (!shown) return [[`${samples} samples are hidden: play to see where x ← f(x) takes them`, "moving"]];
  const words = [];
  if (markers.length) words.push([`${samples - arrived - lost} on the way`, "moving"], [arrivedWords(arrived, perMarker, markers), "arrived"]);
  if (outside || !markers.length) words.push([`${outside} of ${samples} samples outside the box`, ""]);
  if (overGaps) words.push([`${overGaps} over gaps`, ""]);
  if (lost) words.push([`${lost} not finite`, ""]);
  return words;
}

/** How many samples have arrived, and at which markers: named by their places if they are few. */
function arrivedWords(arrived, perMarker, markers) {
  if (!arrived || markers.length < 2) return `${arrived} arrived`;
  const reached = perMarker.flatMap((count, i) => (count ? [[count, markers[i]]] : []));
  if (reached.length > MOST_NAMED) return `${arrived} arrived at ${reached.length} of ${markers.length} training points`;
  return `${arrived} arrived: ${reached.map(([count, [x, y]]) => `${count} at (${formatNumber(x)}, ${formatNumber(y)})`).join(", ")}`;
}
