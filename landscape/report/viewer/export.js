// A scene as a picture to save: with a title, its axes, its colour bar and a legend, in the light page's colours.
import { fixedWords } from "./film.js";
import { countWords } from "./orbits.js";
import { fontOf } from "./paint.js";
import { readPalette } from "./palette.js";

const SIZE = { width: 960, height: 560, head: 44, foot: 34 }; // pixels, before scaling; the head is above, the foot below
const INSET = 20; // pixels from the sides to the texts
const TITLE_FONT = 17;
const LEGEND_FONT = 12.5;
const LEGEND_GAP = 22; // pixels between the entries of a legend
const SWATCH_ROOM = 16; // pixels of a swatch and the space after it
export const PICTURE_SIZE = [SIZE.width, SIZE.head + SIZE.height + SIZE.foot];

/** Paints the scene as it is now onto `canvas`, which gets `scale` pixels for each of PICTURE_SIZE; false if nothing is loaded. */
export function paintPicture(view, canvas, scale) {
  const { renderer } = view.page;
  if (!view.sheet || renderer.lost) return false;
  const palette = readPalette("light");
  const [width, height] = PICTURE_SIZE;
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, SIZE.head * scale);
  view.paint(context, { ...SIZE, bar: true, scale: renderer.possible(scale, SIZE), coarse: false, palette });
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = palette.stage;
  context.fillRect(0, 0, width, SIZE.head);
  context.fillRect(0, height - SIZE.foot, width, SIZE.foot);
  paintTitle(context, titleOf(view), palette);
  paintLegend(context, legendOf(view), palette);
  view.page.redraw(view); // its own picture has another size
  return true;
}

/** The title of the panel and what the scene is of. */
export function titleOf(view) {
  const panel = view.figure.closest(".panel")?.querySelector("h4")?.textContent.trim() ?? "";
  const scene = view.words ?? view.scene.title;
  return panel === scene ? panel : [panel, scene].filter(Boolean).join(" · ");
}

/** What the marks are, as [text, swatch], and where the picture stands: its surface and its iteration or time. */
function legendOf(view) {
  const { shown, scene, surface } = view;
  const { markers, orbits, fixed, label } = scene.surfaces[surface];
  const entries = [];
  if (shown.markers && markers?.length) entries.push(["training points", "marker"]);
  if (shown.fixed && fixed) entries.push(...fixedWords(view.fixed));
  if (orbits && shown.samples && !view.between) entries.push(...countWords(view.counts, markers ?? []).filter(([, swatch]) => swatch));
  const when = scene.film ? `${scene.film} ${label}` : orbits && shown.samples ? `iteration ${Math.round(view.iteration)}` : "";
  for (const text of [scene.film || view.between ? "" : label, when]) if (text) entries.push([text, ""]);
  return entries;
}

function paintTitle(context, text, palette) {
  context.fillStyle = palette.ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = fontOf(TITLE_FONT, true);
  context.fillText(text, INSET, SIZE.head / 2, SIZE.width - 2 * INSET);
}

function paintLegend(context, entries, palette) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = fontOf(LEGEND_FONT, false);
  const y = PICTURE_SIZE[1] - SIZE.foot / 2;
  const widths = entries.map(([text]) => context.measureText(text).width);
  const besides = entries.reduce((sum, [, swatch]) => sum + (swatch ? SWATCH_ROOM : 0) + LEGEND_GAP, -LEGEND_GAP);
  const room = SIZE.width - 2 * INSET - besides;
  const squeezed = Math.min(1, room / widths.reduce((sum, one) => sum + one, 0)); // letters of long legends are narrower
  let x = INSET;
  entries.forEach(([text, swatch], index) => {
    if (swatch) {
      context.fillStyle = palette[swatch];
      context.beginPath();
      if (swatch === "arrived") context.rect(x, y - 4.5, 9, 9);
      else context.arc(x + 4.5, y, 4.5, 0, 2 * Math.PI);
      context.fill();
      x += SWATCH_ROOM;
    }
    context.fillStyle = palette.muted;
    context.fillText(text, x, y, widths[index] * squeezed);
    x += widths[index] * squeezed + LEGEND_GAP;
  });
}
