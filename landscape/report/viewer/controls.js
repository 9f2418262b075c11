// Buttons, switches, menus and lines of text, for a scene or for all scenes of a grid.
import { fixedWords } from "./film.js";
import { countWords } from "./orbits.js";

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
  const [first] = views;
  if (first.scene.surfaces.length < 2 || first.scene.film) return null;
  const menu = element("select", "surfaces");
  menu.setAttribute("aria-label", "surface");
  const fill = () => {
    const labels = first.scene.surfaces.map((surface, index) => surface.label || `surface ${index + 1}`);
    const same = labels.length === menu.length && labels.every((label, index) => menu.options[index].text === label);
    if (!same) menu.replaceChildren(...labels.map((label, index) => new Option(label, index)));
    menu.value = first.surface;
  };
  menu.addEventListener("change", () => views.forEach((view) => view.choose(Number(menu.value))));
  first.listeners.push(fill);
  fill();
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

/** The line below a scene that counts its samples: on the way, arrived, not seen; or its fixed points. */
export function counts(view) {
  const line = element("p", "counts");
  view.afterDraws.push(() => {
    const surface = view.scene.surfaces[view.surface];
    const fixed = surface.fixed ? fixedWords(view.fixed) : [];
    const counted = surface.orbits ? countWords(view.counts, surface.markers ?? []) : fixed;
    const words = view.between ? [] : counted;
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
  });
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
