// Round values along an axis and their labels. figures/axes3d.py computes the same.
import drawing from "../../figures/drawing.json" with { type: "json" };

export const powerText = (power) => "10" + [...String(power)].map((sign) => drawing.ticks.superscripts[sign]).join("");

function tickStep(low, high, about) {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const [step] = drawing.ticks.steps.find(([, below]) => raw / power < below) ?? [10];
  return step * power;
}

/** About `about` multiples of a round step within [low, high], as [value, text]. */
export function tickMarks(low, high, about) {
  const step = tickStep(low, high, about);
  const marks = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) marks.push([i * step, tickText(i * step, step)]);
  return marks;
}

/** `value` with as many decimals as the step needs; in scientific notation from 1e5 on, and if the step is below 1e-4. */
export function tickText(value, step) {
  if (Math.abs(value) < step * 1e-6) return "0";
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const text = decimals > 4 || Math.abs(value) >= 1e5 ? value.toExponential(0).replace("e+", "e") : value.toFixed(decimals);
  return text.replaceAll("-", "−");
}

/** The ticks of the height axis as [level in 0…1, text]: whole powers of ten if it is logarithmic, else round values. */
export function heightMarks([low, high], logarithmic, about) {
  if (!logarithmic) return tickMarks(low, high, about).map(([value, text]) => [(value - low) / (high - low), text]);
  const bottom = Math.log10(low);
  const range = Math.log10(high) - bottom;
  const first = Math.ceil(bottom - 1e-6);
  const last = Math.floor(bottom + range + 1e-6);
  const stride = Math.max(1, Math.ceil((last - first) / about));
  const marks = [];
  for (let power = first; power <= last; power += stride) marks.push([(power - bottom) / range, powerText(power)]);
  return marks;
}
