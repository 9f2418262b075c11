// Arrays as the page carries them: base64 of gzip of shuffled, predicted 16-bit codes. pack.py writes them.

/** The bytes behind a base64 text. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The bytes behind a base64 text of gzip. */
export async function inflate(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Signed residuals: all low bytes, then all high bytes; the sign is the lowest bit. */
function residuals(bytes) {
  const count = bytes.length / 2;
  const values = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const folded = bytes[i] | (bytes[count + i] << 8);
    values[i] = (folded >>> 1) ^ -(folded & 1);
  }
  return values;
}

/** Codes of a sheet, row by row: each residual is added to left + upper − upper left. */
export function unpackPlane(bytes, columns) {
  const rest = residuals(bytes);
  const codes = new Uint16Array(rest.length);
  for (let i = 0; i < rest.length; i++) {
    const hasLeft = i % columns > 0;
    const hasUpper = i >= columns;
    let near = 0;
    if (hasLeft && hasUpper) near = codes[i - 1] + codes[i - columns] - codes[i - columns - 1];
    else if (hasLeft) near = codes[i - 1];
    else if (hasUpper) near = codes[i - columns];
    codes[i] = near + rest[i]; // the array wraps at 65536, as the packer did
  }
  return codes;
}

/** Codes of steps of `columns` numbers: each residual is added to the same number one step before. */
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
