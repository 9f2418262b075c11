// Animations: frames of a sprite sheet with a button, a slider and a speed. Without scripts the page shows an animated WebP.
import { button, element, speedMenu } from "./controls.js";

/** Plays the frames of one animation. Its controls appear once the sprite sheet is loaded. */
export class AnimationPlayer {
  constructor(figure) {
    const numbers = Object.entries(figure.dataset).map(([name, value]) => [name, Number(value)]);
    Object.assign(this, Object.fromEntries(numbers)); // columns, width, height and rate
    const { labels, sheet } = JSON.parse(figure.querySelector("script").textContent);
    this.labels = labels;
    this.frame = 0;
    this.timer = 0;
    this.canvas = this.makeCanvas(figure.querySelector("img"));
    this.slider = this.makeSlider();
    this.output = element("output");
    this.speed = speedMenu(1);
    this.speed.addEventListener("change", () => this.timer && this.start());
    this.play = button("▶", "Play or pause", () => (this.timer ? this.stop() : this.start()));
    this.play.classList.add("play");
    this.sprites = new Image();
    this.sprites.addEventListener("load", () => this.appear(figure));
    this.sprites.src = sheet;
  }

  makeCanvas(picture) {
    const canvas = element("canvas");
    Object.assign(canvas, { width: this.width, height: this.height });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", picture.alt);
    return canvas;
  }

  makeSlider() {
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 0, max: this.labels.length - 1, step: 1, value: 0 });
    slider.setAttribute("aria-label", "frame");
    slider.addEventListener("input", () => {
      this.stop();
      this.show(Number(slider.value));
    });
    return slider;
  }

  /** Shows the first frame in place of the animated WebP, and the controls below it. */
  appear(figure) {
    this.show(0);
    figure.querySelector("img").replaceWith(this.canvas);
    const bar = element("div", "player-bar");
    bar.append(this.play, this.slider, this.output, this.speed);
    figure.append(bar);
  }

  show(frame) {
    const { columns, width, height } = this;
    this.frame = frame;
    const place = [(frame % columns) * width, Math.floor(frame / columns) * height, width, height];
    this.canvas.getContext("2d").drawImage(this.sprites, ...place, 0, 0, width, height);
    this.slider.value = frame;
    this.output.textContent = this.labels[frame];
  }

  start() {
    clearInterval(this.timer);
    const pause = 1000 / this.rate / Number(this.speed.value);
    this.timer = setInterval(() => this.show((this.frame + 1) % this.labels.length), pause);
    this.play.textContent = "❚❚";
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "▶";
  }
}
