// Margins and type of a picture by its width; still.py uses the same for its three formats.
import drawing from "../../figures/drawing.json" with { type: "json" };

/** The format of a stage of this width, with or without a colour bar. */
export function layoutFor(width, bar) {
  const { small, half, wide } = drawing.formats;
  const shape = [small, half].find((one) => width < one.below) ?? wide;
  const { left, right, top, bottom } = shape;
  return { ...shape, margins: { left, right: right[Number(bar)], top: top[Number(bar)], bottom } };
}
