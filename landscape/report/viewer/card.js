// The card of a kaleidoscope: a sample enlarged, its nearest training image, and its numbers.
import { element } from "./controls.js";
import { formatNumber, formatReading, MISSING_SIGN } from "./format.js";

export class Card {
  constructor(view) {
    this.view = view;
    this.element = element("div", "sample-card");
    this.heading = element("p", "sample-name");
    this.sample = this.picture("sample");
    this.neighbour = this.picture("nearest training image");
    const pictures = element("div", "pair");
    const known = Boolean(view.data.neighbours); // the page has the training images
    pictures.append(this.sample.figure, ...(known ? [this.neighbour.figure] : []));
    const list = element("dl");
    this.values = ["distance", "last jump"].map((name) => {
      const value = element("dd");
      if (known || name !== "distance") list.append(element("dt", "", name), value);
      return value;
    });
    this.spoken = element("p", "spoken");
    this.spoken.setAttribute("role", "status");
    const note = element("p", "fine", "Pictures are compressed; the numbers are those of the samples themselves.");
    this.element.append(this.heading, pictures, list, note, this.spoken);
    view.listeners.push(() => view.bar?.playing || this.speak());
  }

  picture(words) {
    const { width, height, scale } = this.view.data;
    const canvas = element("canvas");
    Object.assign(canvas, { width: width * scale, height: height * scale });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", words);
    const figure = element("figure");
    const caption = element("figcaption", "", words);
    figure.append(canvas, caption);
    return { figure, caption, context: canvas.getContext("2d") };
  }

  /** Shows the sample that is pointed at, or else the chosen sample. */
  show() {
    const { view } = this;
    const { lastJump } = view.data;
    const tile = view.shown;
    const neighbour = view.detail.nearest[view.frame][tile];
    this.heading.textContent = `Sample ${tile + 1} of ${view.data.samples}`;
    this.sample.caption.textContent = `sample at iteration ${view.iteration}`;
    copy(this.sample.context, view.pictures[view.frame], view.place(tile));
    if (view.neighbours) copy(this.neighbour.context, view.neighbours, view.place(neighbour, view.data.neighbourColumns));
    const distance = view.distance(tile);
    const near = view.isNear(tile) ? ` (within ${formatNumber(view.data.near)})` : "";
    this.values[0].textContent = Number.isNaN(distance) ? MISSING_SIGN : formatReading(distance) + near;
    this.values[1].textContent = lastJump[tile] < 0 ? "none" : `iteration ${lastJump[tile]}`;
  }

  /** Says the same in a sentence for screen readers, if the grid has the focus. */
  speak() {
    if (!this.view.detail || document.activeElement !== this.view.canvas) return;
    const [distance, jump] = this.values.map((value) => value.textContent);
    const { heading, view } = this;
    const away = view.neighbours ? `distance ${distance}, ` : "";
    this.spoken.textContent = `${heading.textContent}, iteration ${view.iteration}: ${away}last jump ${jump}`;
  }
}

function copy(context, source, place) {
  const { width, height } = context.canvas;
  context.drawImage(source, ...place, 0, 0, width, height);
}
