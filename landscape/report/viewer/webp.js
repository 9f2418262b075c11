// An animated WebP (RFC 9649): put together from still pictures, and taken apart into them, because browsers cannot show a chosen frame of an animation.

const VP8X_ALPHA = 0x10;
const VP8X_ANIMATION = 0x02;
const ANMF_REPLACES = 0x02; // a frame is not blended with the one before
const PICTURE_CHUNKS = new Set(["ALPH", "VP8 ", "VP8L"]);

/** The size of a film and its frames: the place, size and start of each, how it is drawn, and a still WebP file of it. */
export function takeApart(bytes) {
  const film = { width: 0, height: 0, parts: [] };
  let start = 0;
  for (const [name, body] of chunks(bytes.subarray(12))) {
    if (name === "VP8X") Object.assign(film, { width: 1 + uint24(body, 4), height: 1 + uint24(body, 7) });
    if (name !== "ANMF") continue;
    const [x, y] = [2 * uint24(body, 0), 2 * uint24(body, 3)];
    const [width, height] = [1 + uint24(body, 6), 1 + uint24(body, 9)];
    const flags = body[15];
    const file = stillFile([...chunks(body.subarray(16))], width, height);
    film.parts.push({ x, y, width, height, start, replaces: Boolean(flags & 2), vanishes: Boolean(flags & 1), file });
    start += uint24(body, 12);
  }
  return film;
}

/** The film's pictures in order, each complete: { start in milliseconds, picture }. */
export async function decodeFilm(bytes) {
  const { width, height, parts } = takeApart(bytes);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const pictures = [];
  let before = null;
  for (const part of parts) {
    const drawn = await createImageBitmap(new Blob([part.file], { type: "image/webp" }));
    if (before?.vanishes) context.clearRect(before.x, before.y, before.width, before.height);
    if (part.replaces) context.clearRect(part.x, part.y, part.width, part.height);
    context.drawImage(drawn, part.x, part.y);
    drawn.close();
    pictures.push({ start: part.start, picture: await createImageBitmap(canvas) });
    before = part;
  }
  return pictures;
}

/** A film of still WebP files of the same size, each shown for `frameTime` milliseconds, as an animated WebP that repeats. */
export function putTogether(files, width, height, frameTime) {
  const size = [...bytes24(width - 1), ...bytes24(height - 1)];
  const frames = files.map((file) => {
    const pictures = [...chunks(file.subarray(12))].filter(([name]) => PICTURE_CHUNKS.has(name)).map(([, , whole]) => whole);
    return chunk("ANMF", [0, 0, 0, 0, 0, 0, ...size, ...bytes24(frameTime), ANMF_REPLACES], ...pictures);
  });
  const heading = [chunk("VP8X", [VP8X_ANIMATION, 0, 0, 0, ...size]), chunk("ANIM", [255, 255, 255, 255, 0, 0])];
  return chunk("RIFF", letters("WEBP"), ...heading, ...frames);
}

/** A chunk of a name and its content in parts, padded to an even length. */
function chunk(name, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const made = new Uint8Array(8 + size + (size & 1));
  made.set([...letters(name), ...bytes24(size), size >>> 24]);
  let at = 8;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** The name, the content and all bytes of each chunk. */
function* chunks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size & 1);
    yield [String.fromCharCode(...bytes.subarray(at, at + 4)), bytes.subarray(at + 8, at + 8 + size), bytes.subarray(at, end)];
    at = end;
  }
}

/** A frame's chunks as a file. A frame with a plane of transparency needs a VP8X header that announces it. */
function stillFile(inner, width, height) {
  const pictures = inner.filter(([name]) => name === "ALPH" || name === "VP8 " || name === "VP8L").map(([, , whole]) => whole);
  if (inner.some(([name]) => name === "ALPH")) {
    const heading = [VP8X_ALPHA, 0, 0, 0, ...bytes24(width - 1), ...bytes24(height - 1)];
    pictures.unshift(Uint8Array.of(...letters("VP8X"), ...bytes24(heading.length), 0, ...heading));
  }
  const size = 4 + pictures.reduce((sum, part) => sum + part.length, 0);
  const file = new Uint8Array(8 + size);
  file.set([...letters("RIFF"), ...bytes24(size), size >>> 24, ...letters("WEBP")]);
  let at = 12;
  for (const part of pictures) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

const uint24 = (bytes, at) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
const bytes24 = (value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255];
/** An ASCII text as bytes. */
const letters = (text) => [...text].map((letter) => letter.charCodeAt(0));
