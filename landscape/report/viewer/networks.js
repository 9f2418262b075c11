// Which network each row of a table is.

/** The names of the networks of `table`, a row each, told apart by the columns up to `member` that vary in `members`; or null. */
export function namesOf(members, table) {
  const last = members[0].indexOf("member");
  if (last < 0) return null;
  const telling = members[0].slice(0, last + 1).filter((_, column) => new Set(members.slice(1).map((row) => row[column])).size > 1);
  const columns = telling.map((name) => table[0].indexOf(name));
  if (!columns.length || columns.includes(-1)) return null;
  return table.slice(1).map((row) => columns.map((column) => row[column]).join("\u0000"));
}
