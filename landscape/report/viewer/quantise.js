// Few colours for many: greys as they are, colours by Heckbert's median cut over 32 levels a channel.

const LEVELS = 32;

/** A palette of at most `count` colours (256 × 3 bytes) and a function that finds a pixel's place in it. */
export function greyPalette(count) {
  const palette = new Uint8Array(768);
  for (let i = 0; i < count; i++) palette.fill(Math.round((255 * i) / (count - 1)), 3 * i, 3 * i + 3);
  return { palette, index: (red) => Math.round((red * (count - 1)) / 255) };
}

/** The same for the colours of `pictures` (RGBA bytes). */
export function colourPalette(pictures, count) {
  const weight = new Uint32Array(LEVELS ** 3);
  for (const rgba of pictures) for (let i = 0; i < rgba.length; i += 4) weight[bin(rgba[i], rgba[i + 1], rgba[i + 2])] += 1;
  let boxes = [boxOf([...weight.keys()].filter((one) => weight[one]), weight)];
  while (boxes.length < count) {
    const largest = boxes.reduce((a, b) => (b.spread > a.spread ? b : a));
    if (!largest.spread) break;
    boxes = [...boxes.filter((box) => box !== largest), ...halves(largest, weight)];
  }
  const palette = new Uint8Array(768);
  const place = new Uint8Array(LEVELS ** 3);
  boxes.forEach((box, index) => {
    palette.set(mean(box.bins, weight), 3 * index);
    for (const one of box.bins) place[one] = index;
  });
  return { palette, index: (red, green, blue) => place[bin(red, green, blue)] };
}

const bin = (red, green, blue) => ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
const levelsOf = (one) => [one >> 10, (one >> 5) & 31, one & 31];

/** Bins with the channel along which they are longest; `spread` is that length, times their pixels. */
function boxOf(bins, weight) {
  const low = [31, 31, 31];
  const high = [0, 0, 0];
  let pixels = 0;
  for (const one of bins) {
    pixels += weight[one];
    levelsOf(one).forEach((level, channel) => {
      low[channel] = Math.min(low[channel], level);
      high[channel] = Math.max(high[channel], level);
    });
  }
  const lengths = high.map((level, channel) => level - low[channel]);
  const channel = lengths.indexOf(Math.max(...lengths));
  return { bins, channel, pixels, spread: lengths[channel] * pixels };
}

/** A box cut where half of its pixels lie on either side. */
function halves(box, weight) {
  const sorted = [...box.bins].sort((a, b) => levelsOf(a)[box.channel] - levelsOf(b)[box.channel]);
  let sum = 0;
  let cut = 0;
  while (cut < sorted.length - 1 && (cut === 0 || sum < box.pixels / 2)) sum += weight[sorted[cut++]];
  return [boxOf(sorted.slice(0, cut), weight), boxOf(sorted.slice(cut), weight)];
}

function mean(bins, weight) {
  const sums = [0, 0, 0];
  let pixels = 0;
  for (const one of bins) {
    pixels += weight[one];
    levelsOf(one).forEach((level, channel) => (sums[channel] += (level * 8 + 4) * weight[one]));
  }
  return sums.map((sum) => Math.round(sum / pixels));
}
