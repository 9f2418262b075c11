// Which marks of figures and rows of tables are the same network: one that is chosen is lit wherever the run shows it.
import { formatCell } from "./format.js";
import { Reader } from "./hover.js";
import { namesOf } from "./networks.js";
import { tableOf } from "./tables.js";

const MEMBERS = "members.csv"; // a row per network
const MOST_COLUMNS = 8; // of a row that are read out

/** The readers and tables of each run of the page. */
export class Links {
  constructor(figures, tables) {
    this.readers = figures.map((figure) => new Reader(figure, this));
    this.tables = tables; // SortableTable
    for (const table of tables) {
      table.table.addEventListener("pointerover", ({ target }) => this.lightRow(table, target.closest("tbody tr")));
      table.table.addEventListener("pointerleave", () => this.lightRow(table, null));
    }
    this.names = new Map(); // a table's id → the name of the network of each row
    this.turn = 0; // a later choice overtakes an earlier one whose tables are still being read
  }

  /** Lights the network of `mark`; its row in words, a line per column, or null if the mark is no row. */
  async light(reader, mark) {
    const turn = ++this.turn;
    const table = mark?.row != null ? mark.group.dataset.table : null;
    const run = reader.figure.closest(".run") ?? document;
    const name = table ? (await this.networks(run, table))?.[mark.row] : null;
    if (turn !== this.turn) return null;
    await this.show(run, name, reader, turn);
    return table ? rowWords(await tableOf(table), mark.row) : null;
  }

  async lightRow(table, line) {
    const turn = ++this.turn;
    const run = table.table.closest(".run") ?? document;
    const name = line && (await this.networks(run, table.table.dataset.payload))?.[Number(line.dataset.row)];
    if (turn === this.turn) await this.show(run, name, null, turn);
  }

  /** Lights the marks and rows of the network `name` in a run; none if there is no name. */
  async show(run, name, except, turn) {
    for (const reader of this.readers.filter(({ figure, rings }) => rings && run.contains(figure))) {
      const lit = [];
      for (const mark of name ? reader.marks : []) {
        if (mark.row === null) continue;
        const names = await this.networks(run, mark.group.dataset.table);
        if (turn !== this.turn) return;
        if (names?.[mark.row] === name) lit.push(mark);
      }
      if (reader === except && !lit.includes(reader.chosen) && reader.chosen) lit.push(reader.chosen);
      reader.drawRings(lit);
    }
    for (const { table } of this.tables.filter((one) => run.contains(one.table))) {
      const names = name ? await this.networks(run, table.dataset.payload) : null;
      if (turn !== this.turn) return;
      for (const line of table.tBodies[0].rows) line.classList.toggle("lit", Boolean(name) && names?.[Number(line.dataset.row)] === name);
    }
  }

  /** The name of the network of each row of a table: the values of the columns that tell the run's networks apart.
   *  Null if the table lacks one of them. */
  networks(run, id) {
    if (!this.names.has(id)) this.names.set(id, this.readNetworks(run, id));
    return this.names.get(id);
  }

  async readNetworks(run, id) {
    const members = run.querySelector(`.download[data-file="${MEMBERS}"]`)?.dataset.payload;
    if (!id || !members) return null;
    return namesOf(await tableOf(members), await tableOf(id));
  }
}

/** A row of a table in words: "column: value" for the first columns that differ between its rows. */
function rowWords(table, row) {
  const [names, ...rows] = table;
  const differ = names.map((_, column) => column).filter((column) => rows.some((one) => one[column] !== rows[0][column]));
  return differ.slice(0, MOST_COLUMNS).map((column) => `${names[column]}: ${formatCell(rows[row][column], "text")}`);
}
