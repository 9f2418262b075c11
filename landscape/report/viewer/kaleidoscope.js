// A grid of samples under iteration: one frame at a time, with a card about the sample that the reader points at.
import { Card } from "./card.js";
import { element } from "./controls.js";
import { bytesOf, inflate } from "./decode.js";
import { readPalette } from "./palette.js";
import { PlayBar } from "./playing.js";
import { decodeFilm } from "./webp.js";

const MIN_GRID_WIDTH = 1100; // pixels across, at least: the screen then shrinks the grid and never enlarges it
const ARROW_MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Kaleidoscope {
  constructor(figure) {
    this.figure = figure;
    this.title = figure.closest(".panel").querySelector("h4")?.textContent ?? "";
    this.data = JSON.parse(figure.querySelector("script").textContent);
    this.frame = this.last; // where samples have come to; the noise that they begin as tells nothing
    this.chosen = 0; // the tile that the card describes …
    this.pointed = -1; // … unless the pointer is over this tile
    this.marks = true;
    this.palette = readPalette();
    this.listeners = [];
    this.canvas = this.makeCanvas();
    this.card = new Card(this);
    const desk = element("div", "desk");
    desk.append(this.canvas, this.card.element);
    figure.append(desk);
    this.bar = new PlayBar(this);
    figure.append(this.bar.element);
    figure.classList.add("live");
  }

  get last() {
    return this.data.iterations.length - 1;
  }
  get shown() {
    return this.pointed < 0 ? this.chosen : this.pointed;
  }
  get iteration() {
    return this.data.iterations[this.frame];
  }

  /** Unpacks what the page carries. If the browser cannot do it, the page keeps the stills. */
  async load() {
    if (this.loading) return;
    this.loading = true;
    const { film, detail, neighbours, step, iterations } = this.data;
    try {
      const pictures = await decodeFilm(bytesOf(film));
      const starts = pictures.map(({ start }) => start);
      // A frame that looks like the previous is merged with it, so a frame's picture is the last that starts no later.
      this.pictures = iterations.map((_, t) => pictures[starts.findLastIndex((start) => start <= t * step)].picture);
      this.detail = JSON.parse(new TextDecoder().decode(await inflate(detail)));
      if (neighbours) {
        this.neighbours = new Image();
        this.neighbours.src = neighbours;
        await this.neighbours.decode();
      }
    } catch {
      this.figure.classList.remove("live");
      return;
    }
    this.show(this.frame);
  }

  /** Shows a frame, and updates the controls and the card. */
  show(frame) {
    this.frame = Math.min(this.last, Math.max(0, frame));
    this.draw();
    this.listeners.forEach((listener) => listener());
  }

  /** Chooses the tile that the card describes. */
  choose(tile) {
    this.chosen = Math.min(this.data.samples - 1, Math.max(0, tile));
    this.draw();
    this.card.speak();
  }

  distance(tile, frame = this.frame) {
    return this.detail.distance[frame][tile] ?? NaN;
  }
  isNear(tile) {
    return this.data.near !== null && this.distance(tile) <= this.data.near;
  }
  get countNear() {
    return this.data.lastJump.filter((_, tile) => this.isNear(tile)).length;
  }

  /** The place of a tile in a frame of the film: [x, y, width, height]. */
  place(tile, columns = this.data.columns) {
    const { width, height, scale, gap } = this.data;
    const [w, h] = [width * scale, height * scale];
    return [(tile % columns) * (w + gap), Math.floor(tile / columns) * (h + gap), w, h];
  }

  draw() {
    if (!this.detail) return;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawTiles(context);
    if (this.marks) this.drawMarks(context);
    this.drawRing(context);
    this.card.show();
  }

  /** Draws the grid again after the page's colours have changed. */
  repaint() {
    this.palette = readPalette();
    this.draw();
  }

  drawTiles(context) {
    context.imageSmoothingEnabled = false;
    for (let tile = 0; tile < this.data.samples; tile++)
      context.drawImage(this.pictures[this.frame], ...this.place(tile), ...this.onScreen(tile));
  }

  /** Marks a corner of each sample that is near a training image. */
  drawMarks(context) {
    context.fillStyle = this.palette.arrived;
    context.strokeStyle = "#fff";
    context.lineWidth = 3;
    for (let tile = 0; tile < this.data.samples; tile++) {
      if (!this.isNear(tile)) continue;
      const [x, y, w] = this.onScreen(tile);
      const side = w * 0.17;
      context.beginPath();
      context.moveTo(x + w - side, y);
      context.lineTo(x + w, y);
      context.lineTo(x + w, y + side);
      context.closePath();
      context.stroke();
      context.fill();
    }
  }

  /** Frames the tile that the card describes. */
  drawRing(context) {
    const [x, y, w, h] = this.onScreen(this.shown);
    const half = this.spacing / 2;
    for (const [width, colour] of [[this.spacing + 3, this.palette.stage], [this.spacing, this.palette.accent]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.strokeRect(x - half, y - half, w + 2 * half, h + 2 * half);
    }
  }

  /** The place of a tile on the canvas: [x, y, width, height]. */
  onScreen(tile) {
    const { columns } = this.data;
    const [w, h] = this.tile;
    const step = this.spacing;
    return [step + (tile % columns) * (w + step), step + Math.floor(tile / columns) * (h + step), w, h];
  }

  makeCanvas() {
    const { width, height, columns, samples } = this.data;
    const scale = Math.max(1, Math.ceil(MIN_GRID_WIDTH / (columns * width)));
    this.tile = [width * scale, height * scale];
    this.spacing = Math.max(4, Math.round(this.tile[0] / 18));
    const canvas = element("canvas");
    canvas.width = columns * (this.tile[0] + this.spacing) + this.spacing;
    canvas.height = Math.ceil(samples / columns) * (this.tile[1] + this.spacing) + this.spacing;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "kaleidoscope");
    const alt = this.figure.querySelector("img").alt.replace(/, [^,]*$/, "");
    const keys = "Arrow keys choose a sample, comma and full stop step through the iterations, space plays.";
    canvas.setAttribute("aria-label", `${alt}. ${keys}`);
    canvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.point(this.tileAt(event)));
    canvas.addEventListener("pointerleave", () => this.point(-1));
    canvas.addEventListener("click", (event) => this.tileAt(event) >= 0 && this.choose(this.tileAt(event)));
    canvas.addEventListener("keydown", (event) => this.press(event));
    return canvas;
  }

  /** The tile under a pointer, −1 for none. */
  tileAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const { columns, samples } = this.data;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * Math.ceil(samples / columns));
    const tile = row * columns + column;
    return column >= 0 && column < columns && tile >= 0 && tile < samples ? tile : -1;
  }

  point(tile) {
    if (tile === this.pointed) return;
    this.pointed = tile;
    this.draw();
  }

  press(event) {
    const { columns, samples } = this.data;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in ARROW_MOVES) {
      const [right, down] = ARROW_MOVES[event.key];
      const tile = this.chosen + right + down * columns;
      if (tile >= 0 && tile < samples) this.choose(tile);
    } else if (event.key === "Home") this.choose(0);
    else if (event.key === "End") this.choose(samples - 1);
    else if (event.key === "," || event.key === ".") this.bar.step(event.key === "." ? 1 : -1);
    else if (event.key === " ") this.bar.toggle();
    else return;
    event.preventDefault();
  }
}
