// Saving a kaleidoscope: the iteration that is shown as PNG, and the film that the page carries, an animated WebP.
import { button, element } from "./controls.js";
import { bytesOf } from "./decode.js";
import { fileName, saveFile } from "./saving.js";

export function saveButtons(view) {
  const name = (ending) => `${fileName(view.title, "kaleidoscope")}${ending}`;
  return [
    button("PNG", "Save this iteration as a picture", async () => saveFile(await pngOf(view), name(`-iteration-${view.iteration}.png`))),
    button("WebP", "Save all iterations as an animated WebP", () => saveFile(new Blob([bytesOf(view.data.film)], { type: "image/webp" }), name(".webp"))),
  ];
}

/** The grid that is shown, on white, as a PNG. */
function pngOf(view) {
  const canvas = element("canvas");
  Object.assign(canvas, { width: view.canvas.width, height: view.canvas.height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  view.drawTiles(context);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
