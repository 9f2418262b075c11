// Margins and font size of a picture by its width. still.py uses the same numbers for its three formats.
import drawing from "../../figures/drawing.json" with { type: "json" };

const THUMBNAIL_MARGIN = 6; // pixels
const THUMBNAIL_DOTS = 0.45;

/** The format of a thumbnail, which has no labels. */
export function thumbnailLayout() {
  const margins = { left: THUMBNAIL_MARGIN, right: THUMBNAIL_MARGIN, top: THUMBNAIL_MARGIN, bottom: THUMBNAIL_MARGIN };
  return { ...drawing.formats.small, margins, dots: THUMBNAIL_DOTS };
}

/** The format of a picture of this width, with or without a colour bar. */
export function layoutFor(width, bar) {
  const { small, half, wide } = drawing.formats;
  const shape = [small, half].find(({ below }) => width < below) ?? wide;
  const { left, right, top, bottom } = shape;
  return { ...shape, margins: { left, right: right[Number(bar)], top: top[Number(bar)], bottom } };
}
