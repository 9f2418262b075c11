// Arrays as the page carries them: 16-bit residuals of a prediction, low bytes first, as base64 of gzip. pack.py writes them.

/** The bytes of a base64 text. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The bytes of a base64 text, decompressed by gzip. */
export async function inflate(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Signed residuals from their bytes: all low bytes come before all high bytes, and the lowest bit is the sign. */
function residuals(bytes) {
  const count = bytes.length / 2;
  const values = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const folded = bytes[i] | (bytes[count + i] << 8);
    values[i] = (folded >>> 1) ^ -(folded & 1);
  }
  return values;
}

/** Codes of a sheet, row by row: each is its residual + left + upper − upper left neighbours. */
export function unpackPlane(bytes, columns) {
  const rest = residuals(bytes);
  const codes = new Uint16Array(rest.length);
  for (let i = 0; i < rest.length; i++) {
    const hasLeft = i % columns > 0;
    const hasUpper = i >= columns;
    let predicted = 0;
    if (hasLeft && hasUpper) predicted = codes[i - 1] + codes[i - columns] - codes[i - columns - 1];
    else if (hasLeft) predicted = codes[i - 1];
    else if (hasUpper) predicted = codes[i - columns];
    codes[i] = predicted + rest[i]; // the array wraps at 65536, as pack.py does
  }
  return codes;
}

/** Codes of steps of `columns` numbers: each is its residual + the same number one step before. */
export function unpackSteps(bytes, columns) {
  const rest = residuals(bytes);
  const codes = new Uint16Array(rest.length);
  for (let i = 0; i < rest.length; i++) codes[i] = (i >= columns ? codes[i - columns] : 0) + rest[i];
  return codes;
}

/** A colour map of 256 colours as RGBA bytes. */
export function colourTable(text) {
  const rgb = atob(text);
  const table = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    for (let k = 0; k < 3; k++) table[4 * i + k] = rgb.charCodeAt(3 * i + k);
    table[4 * i + 3] = 255;
  }
  return table;
}
