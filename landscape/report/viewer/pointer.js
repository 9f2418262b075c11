// Mouse, fingers, wheel and keys on a scene, and the reading under the pointer.
import { reading } from "./format.js";
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

/** Lets a reader turn, move and zoom `view`; `turned(view)` is called after each change of its camera. */
export function listen(view, turned) {
  const { canvas } = view;
  const tip = new Tip(view);
  const fingers = new Map();
  let spread = 0;

  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.setPointerCapture(event.pointerId);
    tip.hide();
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    spread = 0;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => tip.hide());
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return void tip.show(event);
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) spread = pinch(view, fingers, spread);
    else if (event.shiftKey || event.buttons & 2) view.view && view.camera.pan(dx, dy, view.view);
    else view.camera.turn(-dx * RADIANS_PER_PIXEL, dy * RADIANS_PER_PIXEL);
    turned(view);
    return undefined;
  });
  // The page must scroll past a surface, so the wheel zooms only one that was clicked (or with Ctrl, as a pinch arrives).
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return;
      event.preventDefault();
      view.camera.zoomBy(Math.exp(event.deltaY * 0.0012));
      turned(view);
    },
    { passive: false },
  );
  canvas.addEventListener("dblclick", () => {
    view.camera.reset();
    turned(view);
  });
  canvas.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && KEY_ACTIONS[event.key];
    if (!act) return;
    act(view.camera);
    turned(view);
    event.preventDefault();
  });
}

/** Two fingers zoom by how far they part; returns how far apart they are. */
function pinch(view, fingers, spread) {
  const [a, b] = [...fingers.values()];
  const apart = Math.hypot(a[0] - b[0], a[1] - b[1]);
  if (spread && apart) view.camera.zoomBy(spread / apart);
  return apart;
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

/** The place and the value there in words; at a limit, that it may lie beyond. */
export function describe({ scene, sheet }, { u, v, level }) {
  const [xLow, xHigh, yLow, yHigh] = scene.extent;
  const place = [
    `${scene.labels[0]} ${reading(xLow + u * (xHigh - xLow))}`,
    `${scene.labels[1]} ${reading(yLow + v * (yHigh - yLow))}`,
  ].join("   ");
  if (Number.isNaN(level)) return `${place}\n${scene.labels[2]}: no value`;
  const beyond = level <= 0.5 / sheet.top ? "≤ " : level >= 1 - 0.5 / sheet.top ? "≥ " : "";
  return `${place}\n${scene.labels[2]} ${beyond}${reading(heightAtLevel(level, scene))}`;
}

/** A level 0…1 in the data's own units. */
export function heightAtLevel(level, { limits: [low, high], log }) {
  return log ? low * (high / low) ** level : low + level * (high - low);
}
