// Animations: frames of a sprite sheet with a button, a slider and a speed. Without scripts the page shows an animated WebP.
import { button, element } from "./controls.js";

export function startPlayer(figure) {
  const { columns, width, height, rate } = Object.fromEntries(Object.entries(figure.dataset).map(([name, value]) => [name, Number(value)]));
  const { labels, sheet } = JSON.parse(figure.querySelector("script").textContent);
  const picture = figure.querySelector("img");
  const canvas = element("canvas");
  Object.assign(canvas, { width, height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", picture.alt);
  const context = canvas.getContext("2d");
  const sprites = new Image();
  const slider = element("input");
  Object.assign(slider, { type: "range", min: 0, max: labels.length - 1, step: 1, value: 0 });
  slider.setAttribute("aria-label", "frame");
  const output = element("output");
  const speed = element("select");
  speed.setAttribute("aria-label", "speed");
  for (const factor of [0.25, 0.5, 1, 2, 4]) speed.append(new Option(`${factor}×`, factor, factor === 1, factor === 1));
  let frame = 0;
  let timer = 0;

  const show = (index) => {
    frame = index;
    context.drawImage(sprites, (frame % columns) * width, Math.floor(frame / columns) * height, width, height, 0, 0, width, height);
    slider.value = frame;
    output.textContent = labels[frame];
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "▶";
  };
  const start = () => {
    clearInterval(timer);
    timer = setInterval(() => show((frame + 1) % labels.length), 1000 / rate / Number(speed.value));
    play.textContent = "❚❚";
  };
  const play = button("▶", "Play or pause", () => (timer ? stop() : start()));
  play.classList.add("play");
  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });
  speed.addEventListener("change", () => timer && start());
  sprites.addEventListener("load", () => {
    show(0);
    picture.replaceWith(canvas);
    const bar = element("div", "player-bar");
    bar.append(play, slider, output, speed);
    figure.append(bar);
  });
  sprites.src = sheet;
}
