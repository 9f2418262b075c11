// Saving what a scene shows.
import { fileName, saveFile } from "./saving.js";

/** Saves the picture that is shown, with its colour bar. */
export function savePicture(view) {
  view.canvas.toBlob((blob) => saveFile(blob, `${fileName(view.scene.title, "surface")}.png`), "image/png");
}
