// Tables that can be sorted, searched, shown in full, and saved as CSV. The page carries each table once, compressed.
import { parseCsv } from "./csv.js";
import { inflate } from "./decode.js";
import { cellNumber, formatCell } from "./format.js";
import { saveFile } from "./saving.js";

const SEARCHED_FROM = 8; // rows: shorter tables are read at a glance
const MAX_ROWS_SHOWN = 3000; // a page with more rows is slow to lay out

const tablesRead = new Map(); // a table's id → its rows

/** The rows of a table of the page, its headings first; read once. */
export function tableOf(id) {
  if (!tablesRead.has(id)) tablesRead.set(id, csvOf(id).then(parseCsv));
  return tablesRead.get(id);
}

async function csvOf(id) {
  return new TextDecoder().decode(await inflate(document.getElementById(id).textContent));
}

/** Lets a button save its table. */
export function listenDownload(button) {
  button.addEventListener("click", async () => {
    saveFile(new Blob([await csvOf(button.dataset.payload)], { type: "text/csv" }), button.dataset.file);
  });
}

/** A table that is sorted by its headings, and searched and shown in full by what stands below it. */
export class SortableTable {
  constructor(table) {
    this.table = table;
    this.kinds = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.kind);
    this.foot = table.closest(".panel").querySelector(".table-foot");
    this.firstRows = table.tBodies[0].rows.length;
    this.all = false;
    this.sorted = null; // { column, descending }
    [...table.tBodies[0].rows].forEach((line, index) => (line.dataset.row = index));
    this.words = []; // that a row must hold
    this.foot.firstElementChild.setAttribute("role", "status");
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => this.sortBy(column));
    });
    this.count = Number(table.dataset.rows);
    if (this.count > this.firstRows) this.addShowAll();
    if (this.count >= SEARCHED_FROM) this.addSearch();
  }

  addSearch() {
    const label = document.createElement("label");
    const box = document.createElement("input");
    label.className = "search";
    box.type = "search";
    box.addEventListener("input", () => {
      this.words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.fill();
    });
    label.append("Search rows", box);
    this.foot.append(label);
  }

  addShowAll() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "show all";
    button.addEventListener("click", () => {
      this.all = !this.all;
      button.textContent = this.all ? "show fewer" : "show all";
      this.fill();
    });
    this.foot.append(button);
  }

  async rows() {
    this.cells ??= (await tableOf(this.table.dataset.payload)).slice(1);
    this.places ??= new Map(this.cells.map((row, index) => [row, index]));
    return this.cells;
  }

  sortBy(column) {
    const again = this.sorted?.column === column;
    this.sorted = { column, descending: again && !this.sorted.descending };
    [...this.table.tHead.rows[0].cells].forEach((cell, index) => {
      if (index === column) cell.setAttribute("aria-sort", this.sorted.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    this.fill();
  }

  async fill() {
    const all = await this.rows();
    const rows = sortedRows(matching(all, this.words, this.kinds), this.sorted, this.kinds);
    const shown = rows.slice(0, this.all ? MAX_ROWS_SHOWN : this.firstRows);
    const body = document.createElement("tbody");
    for (const row of shown) {
      const line = body.insertRow();
      line.dataset.row = this.places.get(row);
      row.forEach((text, column) => {
        const cell = line.insertCell();
        cell.textContent = formatCell(text, this.kinds[column]);
        if (this.kinds[column] === "number") cell.className = "number";
      });
    }
    this.table.tBodies[0].replaceWith(body);
    this.foot.firstElementChild.textContent = this.words.length
      ? `${shown.length} of ${rows.length} matching rows, ${all.length} in all`
      : `${shown.length} of ${rows.length} rows`;
  }
}

/** The rows that hold every one of the words, in any column, as the page shows them; a hyphen finds a minus sign. */
export function matching(rows, words, kinds) {
  if (!words.length) return rows;
  return rows.filter((row) => {
    const text = row.map((cell, column) => formatCell(cell, kinds[column])).join(" ").replaceAll("−", "-").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Rows in the order of a column, missing values always last. */
export function sortedRows(rows, sorted, kinds) {
  if (!sorted) return rows;
  const { column, descending } = sorted;
  const sign = descending ? -1 : 1;
  const numeric = kinds[column] !== "text";
  const missing = (text) => (numeric ? Number.isNaN(cellNumber(text)) : text === "");
  return [...rows].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (missing(x) || missing(y)) return missing(x) - missing(y);
    const order = numeric ? compare(cellNumber(x), cellNumber(y)) : x.localeCompare(y, undefined, { numeric: true });
    return sign * order;
  });
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0); // a − b would be NaN for two infinities
