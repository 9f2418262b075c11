// Reading a figure: what the mark under the pointer, or chosen by arrow keys, shows; and which network it is.
import { element } from "./controls.js";
import { SVG } from "./drawings.js";
import { shiftOf } from "./flow.js";
import { markAt, marksOf, wordsOf } from "./places.js";

const REACH = 14; // pixels from the pointer to a mark

/** A figure whose marks can be read. `links` is told which mark is chosen, and says which marks are lit. */
export class Reader {
  constructor(figure, links) {
    this.figure = figure;
    this.links = links;
    figure.addEventListener("flowed", () => this.moved());
    this.sheet = figure.querySelector(".sheet");
    this.svg = figure.querySelector("svg");
    this.scales = JSON.parse(this.svg.dataset.axes);
    this.chosen = null;
    if (!this.svg.querySelector("g[data-mark]")) return;
    this.output = element("output", "reading mark-reading");
    this.output.hidden = true;
    this.rings = document.createElementNS(SVG, "g");
    this.rings.setAttribute("class", "rings");
    this.svg.append(this.rings);
    figure.append(this.output);
    this.sheet.tabIndex = 0;
    this.sheet.addEventListener("pointermove", (event) => this.point(event));
    this.sheet.addEventListener("pointerdown", (event) => this.point(event));
    this.sheet.addEventListener("pointerleave", ({ pointerType }) => pointerType !== "touch" && this.choose(null)); // a finger lifts
    this.sheet.addEventListener("blur", () => this.choose(null));
    this.sheet.addEventListener("keydown", (event) => this.key(event));
  }

  /** The marks, by axes and from left to right. */
  get marks() {
    const order = (a, b) => a.axes - b.axes || a.place[0] - b.place[0] || a.place[1] - b.place[1];
    this.ordered ??= marksOf(this.svg).sort(order).map(shifted);
    return this.ordered;
  }

  /** Reads the places of the marks anew after the panels have moved. */
  moved() {
    this.choose(null);
    this.ordered = null;
  }

  point(event) {
    const matrix = this.svg.getScreenCTM();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    this.choose(markAt(this.marks, [x, y], REACH / matrix.a));
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.choose(null);
    if (!step || !this.marks.length) return;
    event.preventDefault();
    const at = this.marks.indexOf(this.chosen);
    const next = at < 0 ? (step > 0 ? 0 : this.marks.length - 1) : (at + step + this.marks.length) % this.marks.length;
    this.choose(this.marks[next]);
  }

  async choose(mark) {
    if (mark === this.chosen) return;
    this.chosen = mark;
    this.output.hidden = !mark;
    this.drawRings(mark ? [mark] : []);
    if (!mark) return this.links.light(this, null);
    const words = wordsOf(mark, this.scales);
    this.write(mark, words);
    const row = await this.links.light(this, mark);
    if (row && this.chosen === mark) this.write(mark, [...words, ...row]);
  }

  /** Writes `lines` beside the mark, within the figure. */
  write(mark, lines) {
    this.output.textContent = lines.join("\n");
    const [x, y] = mark.place;
    const place = new DOMPoint(x, y).matrixTransform(this.svg.getScreenCTM());
    const frame = this.figure.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.output;
    const left = Math.min(Math.max(0, place.x - frame.left + 12), Math.max(0, frame.width - width));
    const above = place.y - frame.top - height - 10;
    this.output.style.left = `${left}px`;
    this.output.style.top = `${above >= -8 ? above : place.y - frame.top + 14}px`;
  }

  /** Draws a ring around each of `marks`. */
  drawRings(marks) {
    this.rings?.replaceChildren(
      ...marks.map(({ place, box }) => {
        const ring = document.createElementNS(SVG, box ? "rect" : "circle");
        const values = box ? { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] } : { cx: place[0], cy: place[1], r: 5 };
        for (const [name, value] of Object.entries(values)) ring.setAttribute(name, value);
        ring.setAttribute("fill", "none");
        return ring;
      }),
    );
  }
}

/** A mark where it is shown; `from` is its place in the axes as they were drawn. */
function shifted(mark) {
  const [dx, dy] = shiftOf(mark.group);
  const box = mark.box?.map((end, index) => end + (index % 2 ? dy : dx));
  return { ...mark, from: mark.place, place: [mark.place[0] + dx, mark.place[1] + dy], ...(box && { box }) };
}
