// Comma-separated text into rows of cells (RFC 4180).

/** Every row of `text`, the heading first; quoted cells may hold commas, quotes and line ends. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length || row.length) {
    const end = text[at] === '"' ? quotedEnd(text, at) : plainEnd(text, at);
    row.push(text[at] === '"' ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    at = end + 1;
    if (text[end] === ",") continue; // another cell follows, which may be empty
    rows.push(row);
    row = [];
  }
  return rows;
}

/** The index after the quote that closes a cell. A doubled quote stands for a quote within the cell. */
function quotedEnd(text, at) {
  let end = text.indexOf('"', at + 1);
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end + 1;
}

function plainEnd(text, at) {
  const plain = /[^,\n]*/y;
  plain.lastIndex = at;
  plain.test(text);
  return plain.lastIndex;
}
