// A play button, a slider and what is shown there in words: for iterations, films and the networks of a grid.
import { button, element, reducedMotion } from "./controls.js";

/**
 * A row that plays and scrubs a course from 0 to `last`. A course has:
 * name, what the slider moves along; words, what playing does; last; rate, in units per second; at(), where it is;
 * set(position), which need not be whole; describe(), where it is in words; and views, whose changes it shows.
 * With `named`, the row begins with the name.
 */
export class ScrubRow {
  constructor(course, loop, named = false) {
    Object.assign(this, { course, loop });
    this.startTime = 0; // when playing began; 0 while nothing plays
    this.startPosition = 0;
    this.advance = this.advance.bind(this);
    this.play = button("▶", course.words, () => (this.startTime ? this.stop() : this.start()));
    this.play.classList.add("play");
    this.play.setAttribute("aria-label", course.words);
    this.slider = this.makeSlider();
    this.output = element("output");
    this.output.ariaHidden = "true"; // the slider says it
    course.views[0].listeners.push(() => this.show());
    this.show();
    this.element = element("div", "iterations");
    if (named) this.element.append(element("span", "axis", course.name));
    this.element.append(this.play, this.slider, this.output);
  }

  makeSlider() {
    const { course } = this;
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 0, max: course.last, step: 0.01, value: 0 });
    slider.setAttribute("aria-label", course.name);
    slider.addEventListener("input", () => this.goTo(Number(slider.value)));
    slider.addEventListener("change", () => course.set(Math.round(Number(slider.value))));
    slider.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.step(step);
    });
    return slider;
  }

  goTo(position) {
    this.stop();
    this.course.set(position);
  }

  /** Goes to the next whole position, or to the one before. */
  step(by) {
    this.goTo(Math.min(this.course.last, Math.max(0, Math.round(this.course.at()) + by)));
  }

  start() {
    const { course } = this;
    this.startPosition = course.at() >= course.last ? 0 : course.at();
    this.startTime = performance.now();
    this.sign("❚❚", "Pause");
    this.loop.tickers.add(this.advance);
    this.loop.requestFrame();
  }

  stop() {
    this.startTime = 0;
    this.sign("▶", this.course.words);
  }

  toggle() {
    if (this.startTime) this.stop();
    else this.start();
  }

  sign(text, words) {
    this.play.textContent = text;
    this.play.title = words;
    this.play.setAttribute("aria-label", words);
  }

  /** Goes on to the position of this time; whether there is more to play. */
  advance(time) {
    if (!this.startTime) return false;
    const { last, rate } = this.course;
    const passed = Math.max(0, time - this.startTime); // a frame's time may be just before the click
    const exact = this.startPosition + (passed / 1000) * rate;
    const position = Math.min(last, reducedMotion.matches ? Math.floor(exact) : exact);
    this.course.set(position);
    if (position >= last) this.stop();
    return position < last;
  }

  show() {
    this.slider.value = this.course.at();
    this.output.textContent = this.course.describe();
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
  }
}
