// Saving the page's figures as SVG and PNG: in light colours on white, with the page's font, without the network.
import { button, element } from "./controls.js";
import { bytesOf } from "./decode.js";
import { restore } from "./flow.js";
import { saveFile } from "./saving.js";

const PNG_SCALE = 3; // 288 dots per inch at the size of the page
export const SVG = "http://www.w3.org/2000/svg";
const LINK = "http://www.w3.org/1999/xlink";

/** Adds the buttons that save a figure. */
export function addSaving(figure) {
  const svg = figure.querySelector("svg");
  const save = (extension, made) => async () => saveFile(await made(svg), `${figure.dataset.file}.${extension}`);
  const row = element("div", "saving scripted");
  row.append(
    button("SVG", "Save this figure as a vector drawing, on white", save("svg", async (from) => new Blob([await svgText(from)], { type: "image/svg+xml" }))),
    button("PNG", "Save this figure as a picture, on white", save("png", pngOfDrawing)),
  );
  figure.append(row);
}

/** The drawing as a file that stands by itself. */
export async function svgText(svg) {
  const copy = svg.cloneNode(true);
  restore(copy);
  copy.querySelectorAll(".rings").forEach((rings) => rings.remove());
  for (const part of [copy, ...copy.querySelectorAll("*")])
    for (const { name } of [...part.attributes]) if (name.startsWith("data-") || name.startsWith("aria-")) part.removeAttribute(name);
  for (const image of copy.querySelectorAll("image")) image.setAttribute("href", await asPng(image.getAttribute("href")));
  for (const part of copy.querySelectorAll("[href]")) part.setAttributeNS(LINK, "xlink:href", part.getAttribute("href")); // older programs
  copy.setAttribute("xmlns", SVG);
  const text = new XMLSerializer().serializeToString(copy);
  const start = text.indexOf(">") + 1;
  return `${text.slice(0, start)}<style>${fontFaces()}</style><rect width="100%" height="100%" fill="#ffffff"/>${text.slice(start)}`;
}

/** The rules of the page's style that hold its fonts. */
function fontFaces() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  return rules.filter((rule) => rule instanceof CSSFontFaceRule).map((rule) => rule.cssText).join("\n");
}

/** A picture's data: address as one of a PNG, which every program reads. */
async function asPng(address) {
  const [head, content] = address.split(",");
  if (!head.includes("image/webp")) return address;
  const bitmap = await createImageBitmap(new Blob([bytesOf(content)], { type: "image/webp" }));
  const canvas = canvasOf(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.toDataURL("image/png");
}

async function pngOfDrawing(svg) {
  const address = URL.createObjectURL(new Blob([await svgText(svg)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = address;
  await image.decode();
  const [width, height] = [image.width, image.height].map((side) => PNG_SCALE * side);
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(address);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function canvasOf(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
