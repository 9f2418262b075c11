// The controls of a kaleidoscope: playing, scrubbing, saving, and the switch that explains its marks.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { button, element, reducedMotion, speedMenu, toggle } from "./controls.js";
import { formatNumber } from "./format.js";
import { saveButtons } from "./pictures.js";

const LAST_FRAME_TIME = drawing.film.lastFrame; // milliseconds on the last frame, before the first is shown again

/** The controls of a kaleidoscope. Nothing moves before the reader presses play. */
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
    this.output.ariaHidden = "true"; // the slider says it; screen readers would read the output aloud at every step
    this.speed = speedMenu(reducedMotion.matches ? 0.5 : 1);
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
    return this.scheduleNext();
  }

  /** Shows the next frame when this frame's time is over, and so on. */
  scheduleNext() {
    const { frame, last, data } = this.view;
    const frameTime = data.step / Number(this.speed.value);
    const next = () => {
      this.view.show(frame === last ? 0 : frame + 1);
      this.scheduleNext();
    };
    this.timer = setTimeout(next, frame === last ? Math.max(LAST_FRAME_TIME, frameTime) : frameTime);
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

  /** The switch for marks; its label counts the samples that are marked. */
  markToggle() {
    const label = toggle("", true, (on) => {
      this.view.marks = on;
      this.view.draw();
    });
    this.share = element("span", "", "near a training image"); // the count follows when the samples are loaded
    label.append(element("i", "swatch near"), this.share);
    return label;
  }
}
