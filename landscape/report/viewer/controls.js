// Buttons, switches and the iteration slider of one scene, or of a grid of scenes at once.
import { countWords } from "./orbits.js";

const ITERATIONS_PER_SECOND = 1.6; // iterations
const still = matchMedia("(prefers-reduced-motion: reduce)");

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

/** A checkbox with its label; `swatch` names the dot before the text. */
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

/** A menu of the surfaces of `views`, which share their labels; null where there is no choice. */
export function surfaceMenu(views) {
  const { surfaces } = views[0].scene;
  if (surfaces.length < 2) return null;
  const menu = element("select", "surfaces");
  menu.setAttribute("aria-label", "surface");
  surfaces.forEach((surface, index) => menu.append(new Option(surface.label || `surface ${index + 1}`, index)));
  menu.addEventListener("change", () => views.forEach((view) => view.choose(Number(menu.value))));
  views[0].listeners.push(() => (menu.value = views[0].surface));
  return menu;
}

export function sameSurfaces(views) {
  const names = views.map((view) => view.scene.surfaces.map((surface) => surface.label).join("\n"));
  return names.every((name) => name === names[0]);
}

/** Switches for what is drawn, on all `views`. */
export function toggles(views) {
  const some = (test) => views.some((view) => view.scene.surfaces.some(test));
  const set = (name) => (value) => views.forEach((view) => view.setShown(name, value));
  const made = [["contours", "contours", ""]];
  if (some((surface) => surface.markers?.length)) made.push(["markers", "training points", "marker"]);
  if (some((surface) => surface.orbits)) made.push(["samples", "samples", "samples"], ["paths", "paths", ""]);
  return made.map(([name, text, swatch]) => {
    const label = toggle(text, views[0].shown[name], set(name), swatch);
    views[0].listeners.push(() => (label.box.checked = views[0].shown[name]));
    return label;
  });
}

/** Plays and scrubs the iterations of all `views`; null where nothing moves. */
export function iterations(views, loop) {
  const moving = views.filter((view) => view.hasOrbits);
  if (!moving.length) return null;
  const last = Math.max(...moving.map((view) => view.lastIteration));
  const row = element("div", "iterations");
  const slider = element("input");
  Object.assign(slider, { type: "range", min: 0, max: last, step: 0.01, value: 0 });
  slider.setAttribute("aria-label", "iteration");
  const output = element("output");
  let started = 0;
  let from = 0;

  const set = (iteration) => moving.forEach((view) => view.setIteration(Math.min(iteration, view.lastIteration)));
  const stop = () => {
    started = 0;
    play.textContent = "▶";
    play.title = "Play the iterations";
  };
  const advance = (time) => {
    if (!started) return false;
    const exact = from + ((time - started) / 1000) * ITERATIONS_PER_SECOND;
    const iteration = Math.min(last, still.matches ? Math.floor(exact) : exact);
    set(iteration);
    if (iteration >= last) stop();
    return iteration < last;
  };
  const play = button("▶", "Play the iterations", () => {
    if (started) return stop();
    from = moving[0].iteration >= last ? 0 : moving[0].iteration;
    started = performance.now();
    play.textContent = "❚❚";
    play.title = "Pause";
    loop.tickers.add(advance);
    loop.ask();
    return undefined;
  });
  play.classList.add("play");
  slider.addEventListener("input", () => {
    stop();
    set(Number(slider.value));
  });
  slider.addEventListener("change", () => set(Math.round(Number(slider.value))));
  slider.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    stop();
    set(Math.min(last, Math.max(0, Math.round(Number(slider.value)) + step)));
  });
  const show = () => {
    slider.value = moving[0].iteration;
    output.textContent = `iteration ${Math.round(moving[0].iteration)} of ${last}`;
  };
  moving[0].listeners.push(show);
  show();
  row.append(play, slider, output);
  return row;
}

/** How many samples arrived and how many are not seen, below a scene that has samples. */
export function counts(view) {
  const line = element("p", "counts");
  view.afterDraw = () => {
    const surface = view.scene.surfaces[view.surface];
    const words = surface.orbits ? countWords(view.counts, Boolean(surface.markers?.length)) : [];
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

/** The surface's own note, which changes with the choice. */
export function surfaceNote(view) {
  const line = element("p", "surface-note");
  const show = () => (line.textContent = view.scene.surfaces[view.surface].note);
  view.listeners.push(show);
  show();
  return line;
}

/** Saves the picture as it stands, with its colour bar. */
export function savePicture(view) {
  const link = element("a");
  link.href = view.canvas.toDataURL("image/png");
  link.download = `${view.scene.title || "surface"}.png`.replaceAll(/[^\w.-]+/g, "-").toLowerCase();
  link.click();
}
