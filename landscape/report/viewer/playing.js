// Playing and scrubbing a kaleidoscope, and what its marks mean.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { button, element, toggle } from "./controls.js";
import { formatNumber } from "./format.js";
import { saveButtons } from "./pictures.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const LAST_FRAME_TIME = drawing.film.lastFrame; // milliseconds on the last frame before the first comes again
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The controls of a kaleidoscope: nothing moves before the reader asks for it. */
export class PlayBar {
  constructor(view) {
    this.view = view;
    this.timer = 0;
    this.element = element("div", "film-controls");
    this.play = button("▶", "", () => this.toggle());
    this.play.classList.add("play");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: 0, max: view.last, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "iteration");
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.output = element("output");
    this.output.ariaHidden = "true"; // the slider tells it: else it would be read aloud at every step
    this.speed = element("select");
    this.speed.setAttribute("aria-label", "speed");
    const usual = calm.matches ? 0.5 : 1;
    for (const factor of SPEEDS) this.speed.append(new Option(`${factor}×`, factor, factor === usual, factor === usual));
    const row = element("div", "player-bar");
    row.append(this.play, this.slider, this.output, this.speed);
    const second = element("div", "row");
    if (view.data.near !== null) second.append(this.markToggle());
    second.append(element("span", "space"), ...saveButtons(view));
    this.element.append(row, second);
    view.listeners.push(() => this.update());
    this.stop();
    this.update();
  }

  get playing() {
    return this.timer !== 0;
  }

  toggle() {
    if (this.playing) return this.stop();
    this.view.show(this.view.frame === this.view.last ? 0 : this.view.frame);
    this.setPlay("❚❚", "Pause");
    return this.wait();
  }

  wait() {
    const { frame, last, data } = this.view;
    const usual = data.step / Number(this.speed.value);
    const next = () => {
      this.wait();
      this.view.show(frame === last ? 0 : frame + 1);
    };
    this.timer = setTimeout(next, frame === last ? Math.max(LAST_FRAME_TIME, usual) : usual);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.setPlay("▶", "Play the iterations");
  }

  setPlay(sign, words) {
    this.play.textContent = sign;
    this.play.title = words;
    this.play.setAttribute("aria-label", words);
  }

  goTo(frame) {
    this.stop();
    this.view.show(frame);
  }

  step(by) {
    this.goTo(this.view.frame + by);
  }

  update() {
    const { view } = this;
    this.slider.value = view.frame;
    this.output.textContent = `iteration ${view.iteration}`;
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
    if (this.share && view.detail)
      this.share.textContent = `within ${formatNumber(view.data.near)} of a training image: ${view.countNear} of ${view.data.samples}`;
  }

  markToggle() {
    const label = toggle("", true, (on) => {
      this.view.marks = on;
      this.view.draw();
    });
    this.share = element("span");
    label.append(element("i", "swatch near"), this.share);
    return label;
  }
}
