// Buttons, switches, menus and the iteration slider, for a scene or for all scenes of a grid.
import { fixedWords } from "./film.js";
import { countWords } from "./orbits.js";

const ITERATIONS_PER_SECOND = 1.6;
const FRAMES_PER_SECOND = 2.5; // of a film
export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function button(text, title, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.title = title;
  made.addEventListener("click", act);
  return made;
}

/** A checkbox with its label; `swatch` names the dot before the text, "" for none. */
export function toggle(text, checked, act, swatch = "") {
  const label = element("label", "toggle");
  const box = element("input");
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => act(box.checked));
  label.append(box);
  if (swatch) label.append(element("i", `swatch ${swatch}`));
  label.append(text);
  label.box = box;
  return label;
}

/** A menu of the surfaces of `views`, which have the same labels; null if there is nothing to choose. */
export function surfaceMenu(views) {
  const { surfaces } = views[0].scene;
  if (surfaces.length < 2 || views[0].scene.film) return null;
  const menu = element("select", "surfaces");
  menu.setAttribute("aria-label", "surface");
  surfaces.forEach((surface, index) => menu.append(new Option(surface.label || `surface ${index + 1}`, index)));
  menu.addEventListener("change", () => views.forEach((view) => view.choose(Number(menu.value))));
  views[0].listeners.push(() => (menu.value = views[0].surface));
  return menu;
}

/** Whether the surfaces of all `views` have the same labels. */
export function sameSurfaces(views) {
  const names = views.map((view) => view.scene.surfaces.map((surface) => surface.label).join("\n"));
  return names.every((name) => name === names[0]);
}

/** Switches for what is drawn in all `views`. */
export function toggles(views) {
  const some = (test) => views.some((view) => view.scene.surfaces.some(test));
  const set = (name) => (value) => views.forEach((view) => view.setShown(name, value));
  const made = [["contours", "contours", ""]];
  if (some((surface) => surface.markers?.length)) made.push(["markers", "training points", "marker"]);
  if (some((surface) => surface.fixed)) made.push(["fixed", "fixed points", "arrived"]);
  if (some((surface) => surface.orbits)) made.push(["samples", "samples", "samples"], ["paths", "paths", ""]);
  return made.map(([name, text, swatch]) => {
    const label = toggle(text, views[0].shown[name], set(name), swatch);
    views[0].listeners.push(() => (label.box.checked = views[0].shown[name]));
    return label;
  });
}

/** A menu of speeds, with `usual` chosen. */
export function speedMenu(usual) {
  const menu = element("select");
  menu.setAttribute("aria-label", "speed");
  for (const factor of [0.25, 0.5, 1, 2, 4]) menu.append(new Option(`${factor}×`, factor, factor === usual, factor === usual));
  return menu;
}

/** A row that plays and scrubs the iterations or films of all `views`; null if none of them plays. */
export function iterations(views, loop) {
  const moving = views.filter((view) => view.plays);
  return moving.length ? new IterationRow(moving, loop).element : null;
}

/** A play button, a slider and the number of the iteration or the time of the film, for views that play. */
class IterationRow {
  constructor(views, loop) {
    this.views = views;
    this.loop = loop;
    this.last = Math.max(...views.map((view) => view.lastIteration));
    this.startTime = 0; // when playing began; 0 while nothing plays
    this.startIteration = 0;
    this.film = views[0].scene.film; // the word for time, "" for iterations
    this.rate = this.film ? FRAMES_PER_SECOND : ITERATIONS_PER_SECOND;
    this.words = this.film ? `Play the film over ${this.film}s` : "Play the iterations";
    this.advance = this.advance.bind(this);
    this.play = button("▶", this.words, () => (this.startTime ? this.stop() : this.start()));
    this.play.classList.add("play");
    this.slider = this.makeSlider();
    this.output = element("output");
    views[0].listeners.push(() => this.show());
    this.show();
    this.element = element("div", "iterations");
    this.element.append(this.play, this.slider, this.output);
  }

  makeSlider() {
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 0, max: this.last, step: 0.01, value: 0 });
    slider.setAttribute("aria-label", this.film || "iteration");
    slider.addEventListener("input", () => {
      this.stop();
      this.set(Number(slider.value));
    });
    slider.addEventListener("change", () => this.set(Math.round(Number(slider.value))));
    slider.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.stop();
      this.set(Math.min(this.last, Math.max(0, Math.round(Number(slider.value)) + step)));
    });
    return slider;
  }

  set(iteration) {
    for (const view of this.views) {
      view.reveal();
      view.setIteration(Math.min(iteration, view.lastIteration));
    }
  }

  start() {
    this.startIteration = this.views[0].iteration >= this.last ? 0 : this.views[0].iteration;
    this.startTime = performance.now();
    this.play.textContent = "❚❚";
    this.play.title = "Pause";
    this.loop.tickers.add(this.advance);
    this.loop.requestFrame();
  }

  stop() {
    this.startTime = 0;
    this.play.textContent = "▶";
    this.play.title = this.words;
  }

  /** Goes on to the iteration of this time; whether there is more to play. */
  advance(time) {
    if (!this.startTime) return false;
    const passed = Math.max(0, time - this.startTime); // a frame's time may be just before the click
    const exact = this.startIteration + (passed / 1000) * this.rate;
    const iteration = Math.min(this.last, reducedMotion.matches ? Math.floor(exact) : exact);
    this.set(iteration);
    if (iteration >= this.last) this.stop();
    return iteration < this.last;
  }

  show() {
    this.slider.value = this.views[0].iteration;
    const now = Math.round(this.views[0].iteration);
    const { surfaces } = this.views[0].scene;
    this.output.textContent = this.film ? `${this.film} ${surfaces[now].label}` : `iteration ${now} of ${this.last}`;
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
  }
}

/** The line below a scene that counts its samples: on the way, arrived, not seen; or its fixed points. */
export function counts(view) {
  const line = element("p", "counts");
  view.afterDraw = () => {
    const surface = view.scene.surfaces[view.surface];
    const fixed = surface.fixed ? fixedWords(view.fixed) : [];
    const words = surface.orbits ? countWords(view.counts, surface.markers ?? []) : fixed;
    const key = words.join();
    if (key === line.dataset.shown) return;
    line.dataset.shown = key;
    line.replaceChildren(
      ...words.map(([text, swatch]) => {
        const part = element("span");
        if (swatch) part.append(element("i", `swatch ${swatch}`));
        part.append(text);
        return part;
      }),
    );
  };
  return line;
}

/** The note of the surface that is chosen. */
export function surfaceNote(view) {
  const line = element("p", "surface-note");
  const show = () => (line.textContent = view.scene.surfaces[view.surface].note);
  view.listeners.push(show);
  show();
  return line;
}

/** Saves the picture that is shown, with its colour bar. */
export function savePicture(view) {
  const link = element("a");
  link.href = view.canvas.toDataURL("image/png");
  link.download = `${view.scene.title || "surface"}.png`.replaceAll(/[^\w.-]+/g, "-").toLowerCase();
  link.click();
}
