// Samples that move over the iterations x ← f(x).
import drawing from "../../figures/drawing.json" with { type: "json" };

const PLACE_STEPS = drawing.orbits.steps; // codes 0…PLACE_STEPS are places, the next code is no place
const PLACE_MARGIN = drawing.orbits.margin; // of the extent, by which places reach beyond each side

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

/** Whether (x, y) lies within `near` of one of the markers. */
export function hasArrived(x, y, markers, near) {
  return (markers ?? []).some((marker) => Math.hypot(marker[0] - x, marker[1] - y) < near);
}

/**
 * The counts of samples as [text, swatch]: on the way, arrived, and not seen. The swatch names the dot that stands for the
 * samples; it is "" for those without a dot.
 */
export function countWords({ samples, arrived, outside, overGaps, lost }, hasMarkers) {
  const words = [];
  if (hasMarkers) words.push([`${samples - arrived - lost} on the way`, "moving"], [`${arrived} arrived`, "arrived"]);
  words.push([`${outside} of ${samples} samples outside the box`, ""]);
  if (overGaps) words.push([`${overGaps} over gaps`, ""]);
  if (lost) words.push([`${lost} not finite`, ""]);
  return words;
}
