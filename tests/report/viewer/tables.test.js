// Cells, numbers and rows: the viewer formats them as report/tables.py does.
import assert from "node:assert/strict";
import { test } from "node:test";

import { parseCsv } from "../../../landscape/report/viewer/csv.js";
import { formatCell, formatNumber } from "../../../landscape/report/viewer/format.js";
import { matching, sortedRows } from "../../../landscape/report/viewer/tables.js";
import { expected } from "./expected.js";

test("numbers look as Python's", () => {
  for (const [text, shown] of expected.numbers) assert.equal(formatNumber(Number(text)), shown, text);
});

test("a whole table read from its CSV looks as Python's", () => {
  const { csv, kinds, rows } = expected.table;
  const [heading, ...cells] = parseCsv(csv);
  assert.equal(heading.length, kinds.length);
  assert.deepEqual(cells.map((row) => row.map((cell, column) => formatCell(cell, kinds[column]))), rows);
});

test("quotes, commas, line ends and empty cells survive", () => {
  assert.deepEqual(parseCsv('a,b\n"x, ""y""\nz",\n,"2"\n'), [["a", "b"], ['x, "y"\nz', ""], ["", "2"]]);
  assert.deepEqual(parseCsv("a,b\n1,"), [["a", "b"], ["1", ""]]);
  assert.deepEqual(parseCsv(`a\n${"long ".repeat(2000)}\n`)[1][0].length, 10000);
});

test("rows sort by number or by text, and what is missing stays last", () => {
  const rows = [["2", "b10"], ["", "b2"], ["inf", ""], ["-1e-9", "a"]];
  const column = (sorted, index, descending) => sortedRows(rows, { column: index, descending }, ["number", "text"]).map((row) => row[index]);
  assert.deepEqual(column(rows, 0, false), ["-1e-9", "2", "inf", ""]);
  assert.deepEqual(column(rows, 0, true), ["inf", "2", "-1e-9", ""]);
  assert.deepEqual(column(rows, 1, false), ["a", "b2", "b10", ""]);
});

test("a search finds rows that hold every word as the page shows it", () => {
  const rows = [["0.0001234", "relu deep"], ["2", "tanh deep"], ["30", "relu"]];
  const found = (...words) => matching(rows, words, ["number", "text"]).map((row) => row[1]);
  assert.deepEqual(found("relu"), ["relu deep", "relu"]);
  assert.deepEqual(found("deep", "relu"), ["relu deep"]);
  assert.deepEqual(found("1.23e-4"), ["relu deep"]);
  assert.deepEqual(found("0.0001234"), []);
  assert.deepEqual(found("none"), []);
  assert.equal(matching(rows, [], []), rows);
});
