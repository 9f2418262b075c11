// One large surface that moves along the rows or the columns of a grid. Between two neighbours the heights are interpolated.
import { Frames } from "./film.js";
import { SceneView } from "./scene.js";

export class SweepView extends SceneView {
  /** `cells[row][column]` are the scenes of the grid, null where there is none; `rows` and `columns` are their names. */
  constructor(figure, page, { cells, rows, columns }) {
    const first = cells.flat().find(Boolean);
    super(figure, page, first.scene);
    Object.assign(this, { cells, rows, columns, cell: first });
    const row = cells.findIndex((line) => line.includes(first));
    this.place = [row, cells[row].indexOf(first)]; // row and column, of which one may lie between two
  }

  get hasOrbits() {
    return this.cells?.flat().some((cell) => cell?.hasOrbits) ?? super.hasOrbits;
  }
  get lastIteration() {
    return this.cells ? Math.max(...this.cells.flat().map((cell) => cell?.lastIteration ?? 0)) : super.lastIteration;
  }
  /** Where the large surface is, in words. */
  get words() {
    const name = (place) => this.nameOf(place);
    const { before, after, share } = this.neighbours();
    if (share === 0) return this.cell === this.cellAt(before) ? name(before) : `${name(before)}: no surface`;
    const [one, other] = [name(before), name(after)];
    if (this.between) return `between ${one} and ${other}, interpolated`;
    return `${share < 0.5 ? one : other} (the axes differ: nothing in between)`;
  }

  /** The names of a row and a column, where there are several of them to tell apart. */
  nameOf([row, column]) {
    const names = [this.rows.length > 1 && this.rows[row], this.columns.length > 1 && this.columns[column]];
    return names.filter(Boolean).join(", ");
  }

  cellAt([row, column]) {
    return this.cells[row][column];
  }

  /** The places of the grid before and after this one, and the share of the way between them. */
  neighbours() {
    const before = this.place.map(Math.floor);
    return { before, after: this.place.map(Math.ceil), share: Math.max(...this.place.map((at, axis) => at - before[axis])) };
  }

  /** Whether `place` is a row and a column of the grid, of which one may lie between two. */
  has(place) {
    const inside = (at, axis) => at >= 0 && at <= [this.rows, this.columns][axis].length - 1;
    return place.length === 2 && place.every(inside) && place.filter((at) => !Number.isInteger(at)).length < 2;
  }

  /** Goes to a row and a column, of which one may lie between two. */
  goTo(place) {
    this.place = place;
    const { before, after, share } = this.neighbours();
    const [one, other] = [this.cellAt(before), this.cellAt(after)];
    this.cell = (share < 0.5 ? one ?? other : other ?? one) ?? this.cell;
    this.between = Boolean(share && one && other && likeAxes(one.scene, other.scene));
    this.scene = this.cell.scene;
    this.depth = this.cell.depth;
    this.surface = this.scene.film ? Math.round(this.iteration) : Math.min(this.surface, this.scene.surfaces.length - 1);
    this.notify();
    return this.load();
  }

  /** Shows the surface of this place as soon as it and its neighbour are unpacked. */
  async load() {
    const { before, after, share } = this.neighbours();
    const wanted = [...this.place, this.surface, this.iteration].join();
    const cells = this.between ? [this.cellAt(before), this.cellAt(after)] : [this.cell];
    const shown = await Promise.all(cells.map((cell) => this.shownBy(cell)));
    if (wanted !== [...this.place, this.surface, this.iteration].join()) return;
    const sheets = new Frames(shown.map(({ sheet }) => sheet));
    this.orbits = this.between ? null : shown[0].orbits;
    this.showSheet(sheets.at(this.between ? share : 0), this.between && !sheets.hasGaps);
    this.changed();
  }

  /** A promise of what a cell shows of the chosen surface, or of its film at this iteration. */
  async shownBy(cell) {
    if (cell.scene.film) return { sheet: (await cell.unpackedFilm()).at(Math.min(this.iteration, cell.lastIteration)), orbits: null };
    return cell.unpacked(Math.min(this.surface, cell.scene.surfaces.length - 1));
  }

  setIteration(iteration) {
    this.iteration = iteration;
    if (!this.scene.film) return this.changed();
    this.surface = Math.round(iteration);
    this.notify();
    return this.load();
  }
}

/** Whether two scenes have the same grid over the same rectangle, so that heights between theirs have a meaning. */
function likeAxes(a, b) {
  const axes = ({ extent, columns, rows, limits, log }) => [...extent, columns, rows, ...limits, log].join();
  return axes(a) === axes(b);
}

/** The rows (axis 0) or columns (axis 1) of a sweep as a course for a ScrubRow; null if there is a single one. */
export function sweepCourse(sweep, axis) {
  const names = [sweep.rows, sweep.columns][axis];
  if (names.length < 2) return null;
  const name = sharedWord(names) || "setting";
  return {
    views: [sweep],
    name,
    words: `Play along: ${name}`,
    last: names.length - 1,
    rate: 1,
    at: () => sweep.place[axis],
    set: (position) => sweep.goTo(sweep.place.map((at, other) => (other === axis ? position : Math.round(at)))),
    describe: () => {
      const at = sweep.place[axis];
      return Number.isInteger(at) ? names[at] : `${names[Math.floor(at)]} → ${names[Math.ceil(at)]}`;
    },
  };
}

/** What names have in common but for their numbers: "hidden" of "2 hidden" and "4 hidden"; "" if they share no word. */
export function sharedWord(names) {
  const words = names.map((name) => name.replaceAll(/[\d.,=−-]+/g, " ").trim().replaceAll(/\s+/g, " "));
  return words.every((word) => word === words[0]) ? words[0] : "";
}
