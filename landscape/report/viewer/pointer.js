// Mouse, fingers, wheel and keys on a scene, and the value under the pointer.
import { formatReading } from "./format.js";
import { clamp } from "./vectors.js";

const RADIANS_PER_PIXEL = (0.45 * Math.PI) / 180;
const RADIANS_PER_KEY = (6 * Math.PI) / 180;
const KEY_ACTIONS = {
  ArrowLeft: (camera) => camera.turn(RADIANS_PER_KEY, 0),
  ArrowRight: (camera) => camera.turn(-RADIANS_PER_KEY, 0),
  ArrowUp: (camera) => camera.turn(0, RADIANS_PER_KEY),
  ArrowDown: (camera) => camera.turn(0, -RADIANS_PER_KEY),
  "+": (camera) => camera.zoomBy(0.9),
  "=": (camera) => camera.zoomBy(0.9),
  "-": (camera) => camera.zoomBy(1 / 0.9),
  0: (camera) => camera.reset(),
};

/** Lets the reader turn, move and zoom `view`; `onTurn(view)` is called after each change of its camera. */
export function controlCamera(view, onTurn) {
  listenPointers(view, new Tip(view), onTurn);
  listenWheel(view, onTurn);
  listenKeys(view, onTurn);
  view.canvas.addEventListener("dblclick", () => {
    view.camera.reset();
    onTurn(view);
  });
}

/** A pointer that is down turns the camera, with Shift or the right button it pans, and two fingers zoom. */
function listenPointers(view, tip, onTurn) {
  const { canvas } = view;
  const fingers = new Map(); // places of the pointers that are down
  let fingerDistance = 0;

  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.setPointerCapture(event.pointerId);
    tip.hide();
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    fingerDistance = 0;
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => tip.hide());
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return void tip.show(event);
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) fingerDistance = pinch(view, fingers, fingerDistance);
    else if (event.shiftKey || event.buttons & 2) view.view && view.camera.pan(dx, dy, view.view);
    else view.camera.turn(-dx * RADIANS_PER_PIXEL, dy * RADIANS_PER_PIXEL);
    onTurn(view);
    return undefined;
  });
}

/** The wheel zooms only a surface that was clicked, because it must scroll the page otherwise; or with Ctrl, as a pinch does. */
function listenWheel(view, onTurn) {
  view.canvas.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== view.canvas && !event.ctrlKey) return;
      event.preventDefault();
      view.camera.zoomBy(Math.exp(event.deltaY * 0.0012));
      onTurn(view);
    },
    { passive: false },
  );
}

function listenKeys(view, onTurn) {
  view.canvas.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && KEY_ACTIONS[event.key];
    if (!act) return;
    act(view.camera);
    onTurn(view);
    event.preventDefault();
  });
}

/** Zooms by the change of the distance between two fingers, and returns that distance. */
function pinch(view, fingers, before) {
  const [a, b] = [...fingers.values()];
  const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
  if (before && distance) view.camera.zoomBy(before / distance);
  return distance;
}

/** The dot on the surface under the pointer and the value beside it. */
class Tip {
  constructor(view) {
    this.view = view;
    this.dot = document.createElement("div");
    this.dot.className = "reading-dot";
    this.box = document.createElement("div");
    this.box.className = "reading";
    view.stage.append(this.dot, this.box);
    this.hide();
  }

  hide() {
    this.dot.hidden = true;
    this.box.hidden = true;
  }

  show(event) {
    const { view } = this.view;
    const area = this.view.canvas.getBoundingClientRect();
    const hit = view && this.view.sheet?.pick(view.eye, view.rayThrough(event.clientX - area.left, event.clientY - area.top));
    this.dot.hidden = this.box.hidden = !hit;
    if (!hit) return;
    const [x, y] = view.project(hit.point);
    const { stage } = this.view;
    this.dot.style.transform = `translate(${x}px, ${y}px)`;
    this.box.textContent = describe(this.view, hit);
    const left = clamp(x + 14, 4, Math.max(4, stage.clientWidth - this.box.offsetWidth - 4));
    const top = clamp(y - this.box.offsetHeight - 10, 4, Math.max(4, stage.clientHeight - this.box.offsetHeight - 4));
    this.box.style.transform = `translate(${left}px, ${top}px)`;
  }
}

/** The place and the value there as text. At a limit of the scale the value has a ≤ or ≥, because it may lie beyond. */
export function describe({ scene, sheet }, { u, v, level }) {
  const [xLow, xHigh, yLow, yHigh] = scene.extent;
  const place = [
    `${scene.labels[0]} ${formatReading(xLow + u * (xHigh - xLow))}`,
    `${scene.labels[1]} ${formatReading(yLow + v * (yHigh - yLow))}`,
  ].join("   ");
  if (Number.isNaN(level)) return `${place}\n${scene.labels[2]}: no value`;
  const beyond = level <= 0.5 / sheet.top ? "≤ " : level >= 1 - 0.5 / sheet.top ? "≥ " : "";
  return `${place}\n${scene.labels[2]} ${beyond}${formatReading(heightAtLevel(level, scene))}`;
}

/** The height at a level in 0…1, in the units of the data. */
export function heightAtLevel(level, { limits: [low, high], log }) {
  return log ? low * (high / low) ** level : low + level * (high - low);
}
