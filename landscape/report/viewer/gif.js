// A small GIF writer: whole frames in one palette of 256, the last of them transparent.
import { letters } from "./webp.js";

export const TRANSPARENT = 255;
const BITS = 8;
const CLEAR = 1 << BITS;
const END = CLEAR + 1;
const MOST = 4096; // codes of twelve bits

/** What comes before the frames: `palette` holds 256 × 3 bytes; the film repeats for ever. */
export function gifHead(width, height, palette) {
  const screen = [...bytes16(width), ...bytes16(height), 0xf7, 0, 0];
  const repeat = [0x21, 0xff, 11, ...letters("NETSCAPE2.0"), 3, 1, 0, 0, 0];
  return Uint8Array.of(...letters("GIF89a"), ...screen, ...palette, ...repeat);
}

/** One frame of palette indices, drawn over the one before; `delay` in hundredths of a second. */
export function gifFrame(indices, width, height, delay) {
  const control = [0x21, 0xf9, 4, 0b101, ...bytes16(delay), TRANSPARENT, 0];
  const head = [...control, 0x2c, 0, 0, 0, 0, ...bytes16(width), ...bytes16(height), 0, BITS];
  const packed = compress(indices);
  const frame = new Uint8Array(head.length + packed.length + Math.ceil(packed.length / 255) + 1);
  frame.set(head);
  let at = head.length;
  for (let from = 0; from < packed.length; from += 255) {
    const block = packed.subarray(from, from + 255);
    frame[at] = block.length;
    frame.set(block, at + 1);
    at += block.length + 1;
  }
  return frame;
}

/** What comes after them. */
export const GIF_TAIL = Uint8Array.of(0x3b);

/** Lempel, Ziv and Welch's codes of nine to twelve bits, the lowest bit first. */
function compress(indices) {
  const out = new Uint8Array(64 + Math.ceil(indices.length * 1.6)); // at most twelve bits a pixel, and a clear for 3,800
  const next = new Uint16Array(MOST << BITS); // the code of (prefix, index); 0 for none
  let [at, held, bits, size, free] = [0, 0, 0, BITS + 1, END + 1];
  const emit = (code) => {
    held |= code << bits;
    for (bits += size; bits >= 8; bits -= 8) {
      out[at++] = held & 255;
      held >>>= 8;
    }
  };
  const widen = () => {
    if (free === 1 << size && size < 12) size += 1;
  };
  emit(CLEAR);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const key = (prefix << BITS) | indices[i];
    if (next[key]) {
      prefix = next[key];
      continue;
    }
    emit(prefix);
    if (free < MOST) {
      widen();
      next[key] = free++;
    } else {
      emit(CLEAR);
      next.fill(0);
      [size, free] = [BITS + 1, END + 1];
    }
    prefix = indices[i];
  }
  emit(prefix);
  widen();
  emit(END);
  if (bits > 0) out[at++] = held & 255;
  return out.subarray(0, at);
}

const bytes16 = (value) => [value & 255, value >>> 8];
