// What the reader sees of a panel as the end of the page's address: the camera, the member, the iteration, the place in a grid.
import { addressOf } from "./contents.js";
import { button } from "./controls.js";

const REST_TIME_OF_ADDRESS = 300; // milliseconds without input after which the address is changed
const COPIED_TIME = 1500; // milliseconds for which the button says that it has copied
const INPUTS = ["pointerup", "keyup", "wheel", "change", "click"];

/** Opens the view that the address describes, keeps the address up to date, and gives every panel a button that copies it. */
export function linkPanels(page, kaleidoscopes) {
  if (document.URL.startsWith("about:")) return; // a notebook's frame has no address
  const panels = [...document.querySelectorAll("article.panel[id]")].map((panel) => new PanelLink(panel, page, kaleidoscopes));
  const open = () => panels.forEach((panel) => panel.open());
  open();
  addEventListener("hashchange", open);
}

class PanelLink {
  constructor(panel, page, kaleidoscopes) {
    this.panel = panel;
    const within = ({ figure }) => panel.contains(figure);
    this.views = page?.views.filter(within) ?? [];
    this.grid = page?.grids.find(({ element }) => panel.contains(element));
    this.page = page;
    this.kaleidoscope = kaleidoscopes.find(within);
    const copy = button("copy link", "Copy an address that opens this panel as it is now", () => this.copy(copy));
    copy.classList.add("copy-link", "scripted");
    panel.querySelector(":scope > footer")?.append(copy);
    this.before = this.state();
    if (this.views.length || this.kaleidoscope) for (const input of INPUTS) panel.addEventListener(input, () => this.later(), { passive: true });
  }

  /** The view that the state is of: the large surface if there is one, else the first scene. */
  get view() {
    return this.swept ? this.grid.sweep : this.views[0];
  }
  get swept() {
    return Boolean(this.grid?.sweep && this.grid.swept);
  }
  get address() {
    const state = this.state();
    return `#${this.panel.id}${state && `?${state}`}`;
  }

  /** The state as text, such as camera=-58,30,1&surface=2&iteration=5. */
  state() {
    const parts = {};
    const { view, kaleidoscope, grid } = this;
    if (kaleidoscope) parts.frame = kaleidoscope.frame;
    if (view) {
      const { azimuth, elevation, zoom, target } = view.camera;
      parts.camera = [degrees(azimuth), degrees(elevation), zoom, ...target].map((value) => Number(value.toFixed(3))).join(",");
      if (!view.scene.film) parts.surface = view.surface;
      if (view.plays) parts.iteration = Number(view.iteration.toFixed(2));
      if (view.plays && view.shown.samples) parts.samples = 1;
      if (grid?.sweep) parts.place = this.swept ? grid.sweep.place.map((at) => Number(at.toFixed(2))).join(",") : "all";
    }
    return Object.entries(parts).map(([name, value]) => `${name}=${value}`).join("&");
  }

  /** Opens the view of the address, if that is an address of this panel. */
  open() {
    const [id, state] = addressOf(location.hash).split("?");
    if (id !== this.panel.id || !state) return;
    this.restore(new URLSearchParams(state));
    this.before = this.state();
    this.panel.scrollIntoView();
  }

  restore(given) {
    const numbers = (name) => (given.get(name) ?? "").split(",").filter(Boolean).map(Number);
    const { kaleidoscope, grid } = this;
    const [frame] = numbers("frame");
    if (kaleidoscope && Number.isInteger(frame)) kaleidoscope.show(frame);
    if (grid?.sweep && given.has("place")) grid.show(given.get("place") !== "all");
    const { view } = this;
    if (!view) return;
    const views = this.swept ? [view, ...this.views] : this.views;
    const [surface] = numbers("surface");
    if (Number.isInteger(surface) && surface >= 0) views.forEach((one) => one.choose(surface));
    const [iteration] = numbers("iteration");
    for (const one of views) {
      if (given.has("samples")) one.reveal();
      if (iteration >= 0) one.setIteration(Math.min(iteration, one.lastIteration));
    }
    const place = numbers("place");
    if (this.swept && grid.sweep.has(place)) grid.sweep.goTo(place);
    const camera = numbers("camera");
    if (camera.length !== 6 || !camera.every(Number.isFinite)) return;
    const [azimuth, elevation, zoom, ...target] = camera;
    Object.assign(view.camera, { azimuth: radians(azimuth), elevation: radians(elevation), zoom, target });
    this.page.followCamera(view);
  }

  /** Changes the address to that of this view, once the reader rests, if the view has changed. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.state() === this.before) return;
      this.before = this.state();
      try {
        history.replaceState(null, "", this.address);
      } catch {
        // the browser forbids it here: the address stays as it was
      }
    }, REST_TIME_OF_ADDRESS);
  }

  async copy(made) {
    const copied = await copyText(location.href.replace(/#.*/, "") + this.address);
    made.textContent = copied ? "copied" : "copying is forbidden here";
    setTimeout(() => (made.textContent = "copy link"), COPIED_TIME);
  }
}

const degrees = (angle) => (angle * 180) / Math.PI;
const radians = (angle) => (angle * Math.PI) / 180;

/** Copies a text; whether the browser allowed it. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Copies in the old way, which works where a page may not write to the clipboard itself. */
function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
