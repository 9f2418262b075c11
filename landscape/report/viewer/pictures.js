// A kaleidoscope as files: this iteration as PNG, the film as the page carries it (WebP) or written anew (GIF).
import { button, element } from "./controls.js";
import { bytesOf } from "./decode.js";
import { GIF_TAIL, gifFrame, gifHead, TRANSPARENT } from "./gif.js";
import { colourPalette, greyPalette } from "./quantise.js";
import { fileName, saveFile } from "./saving.js";

const GREYS = 128; // GIF's compression gains more from fewer greys than the eye loses
const WIDE = 512; // pixels a GIF is across, about
const SAMPLE = 12; // frames whose colours make the palette

export function saveButtons(view) {
  const name = (ending) => `${fileName(view.title, "kaleidoscope")}${ending}`;
  const gif = button("GIF", "Save all iterations as an animated GIF", async () => {
    gif.disabled = true;
    saveFile(await gifOf(view, (share) => (gif.textContent = `GIF ${Math.round(100 * share)} %`)), name(".gif"));
    gif.disabled = false;
    gif.textContent = "GIF";
  });
  return [
    button("PNG", "Save this iteration as a picture", async () => saveFile(await pngOf(view), name(`-iteration-${view.iteration}.png`))),
    button("WebP", "Save all iterations as an animated WebP", () => saveFile(new Blob([bytesOf(view.data.film)], { type: "image/webp" }), name(".webp"))),
    gif,
  ];
}

/** The grid as it stands, on white. */
function pngOf(view) {
  const canvas = element("canvas");
  Object.assign(canvas, { width: view.canvas.width, height: view.canvas.height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  view.drawTiles(context);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Every frame, enlarged by a whole number; pixels that stay are left transparent. The page stays awake meanwhile. */
async function gifOf(view, onProgress) {
  const { width, height } = view.pictures[0];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = (picture) => {
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  };
  const sample = view.pictures.filter((_, t) => t % Math.ceil(view.pictures.length / SAMPLE) === 0);
  const { palette, index } = view.data.grey ? greyPalette(GREYS) : colourPalette(sample.map(pixels), TRANSPARENT);
  const scale = Math.max(1, Math.round(WIDE / width));
  const parts = [gifHead(width * scale, height * scale, palette)];
  const delay = Math.max(2, Math.round(view.data.step / 10)); // browsers slow down what is shorter
  let before = new Uint8Array(width * height).fill(TRANSPARENT);
  for (const [t, picture] of view.pictures.entries()) {
    const rgba = pixels(picture);
    const now = before.map((_, i) => index(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]));
    const change = now.map((one, i) => (one === before[i] ? TRANSPARENT : one));
    const rest = t === view.last ? Math.max(150, delay) : delay;
    parts.push(gifFrame(enlarged(change, width, scale), width * scale, height * scale, rest));
    before = now;
    onProgress((t + 1) / view.pictures.length);
    await new Promise((done) => setTimeout(done));
  }
  return new Blob([...parts, GIF_TAIL], { type: "image/gif" });
}

/** Every pixel as scale × scale of them. */
function enlarged(indices, width, scale) {
  if (scale === 1) return indices;
  const wide = width * scale;
  const out = new Uint8Array(indices.length * scale * scale);
  for (let row = 0, from = 0; from < indices.length; row += scale, from += width) {
    for (let column = 0; column < wide; column++) out[row * wide + column] = indices[from + Math.floor(column / scale)];
    for (let copy = 1; copy < scale; copy++) out.copyWithin((row + copy) * wide, row * wide, (row + 1) * wide);
  }
  return out;
}
