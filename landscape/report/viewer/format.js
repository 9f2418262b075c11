// Numbers and cells as text. report/tables.py does the same.

export const MISSING_SIGN = "–";

/** `value` with four significant digits; whole numbers below 1e7 in full; powers of ten below 1e-3 and from 1e7 on. */
export function formatNumber(value) {
  if (Number.isNaN(value)) return MISSING_SIGN;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (Number.isInteger(value) && size < 1e7) text = String(value === 0 ? 0 : value);
  else if (size >= 1e-3 && size < 1e4) text = withoutZeros(value.toPrecision(4));
  else if (size >= 1e4 && size < 1e7) text = value.toFixed(0);
  else text = value.toExponential(2).replace("e+", "e");
  return text.replaceAll("-", "−");
}

/** 0.5000 → 0.5, as in Python's %g; 1.000e+4 → 10000. */
function withoutZeros(text) {
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A cell of a CSV file as the table shows it; `kind` is its column's: number, bool or text. */
export function formatCell(text, kind) {
  if (text === "") return kind === "text" ? "" : MISSING_SIGN;
  if (kind === "bool") return { True: "yes", False: "no" }[text] ?? text;
  if (kind === "text") return /^-?\d*\.\d+(e[-+]?\d+)?$/i.test(text) ? formatNumber(Number(text)) : text;
  if (/^-?\d+$/.test(text)) return text.replace("-", "−");
  return formatNumber(cellNumber(text));
}

/** A cell as a number to sort by; NaN if it is not a number. */
export function cellNumber(text) {
  const named = { inf: Infinity, "-inf": -Infinity, True: 1, False: 0, "": NaN };
  return text in named ? named[text] : Number(text);
}

/** The value under the pointer as text, with three significant digits. */
export function formatReading(value) {
  const size = Math.abs(value);
  const text = value !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toPrecision(3);
  return text.replace("e+", "e").replaceAll("-", "−");
}
