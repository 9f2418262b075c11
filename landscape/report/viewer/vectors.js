// Operations on numbers and on vectors of three.

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** a + scale · b */
export const along = (a, scale, b) => [a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2]];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

export function unit(a) {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}
