// Mouse, fingers and wheel on a scene.
import { listenKeys } from "./keys.js";
import { Tip } from "./tip.js";

const RADIANS_PER_PIXEL = (0.45 * Math.PI) / 180;
const TAP_DISTANCE = 8; // pixels that a finger may move
const TAP_TIME = 500; // milliseconds that a finger may stay

/** Lets the reader turn, move and zoom `view`; `onTurn(view)` is called after each change of its camera. */
export function controlCamera(view, onTurn) {
  const tip = new Tip(view);
  listenPointers(view, tip, onTurn);
  listenWheel(view, onTurn);
  listenKeys(view, tip, onTurn);
  view.canvas.addEventListener("dblclick", () => {
    view.camera.reset();
    onTurn(view);
  });
}

/** A pointer that is down turns the camera, with Shift or the right button it pans. Two fingers zoom and pan, a tap reads. */
function listenPointers(view, tip, onTurn) {
  const { canvas } = view;
  const fingers = new Map(); // places of the pointers that are down
  let fingerPair = null; // the distance and the middle of two fingers
  let tap = null; // where and when a finger came down, unless it has moved since

  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.setPointerCapture(event.pointerId);
    tip.hide();
    tap = event.pointerType !== "mouse" && fingers.size === 1 ? { x: event.clientX, y: event.clientY, time: event.timeStamp } : null;
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    fingerPair = null;
  };
  canvas.addEventListener("pointerup", (event) => {
    release(event);
    if (tap && event.timeStamp - tap.time < TAP_TIME) tip.show(event, true);
    tap = null;
  });
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && !tip.place && tip.hide());
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return void (event.pointerType === "mouse" && tip.show(event));
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    if (tap && Math.hypot(event.clientX - tap.x, event.clientY - tap.y) < TAP_DISTANCE) return undefined;
    tap = null;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) fingerPair = pinch(view, fingers, fingerPair);
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

/** Zooms by the change of the distance between two fingers and moves with their middle; returns both. */
function pinch(view, fingers, before) {
  const [a, b] = [...fingers.values()];
  const now = { distance: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
  if (before && now.distance) {
    view.camera.zoomBy(before.distance / now.distance);
    if (view.view) view.camera.pan(now.middle[0] - before.middle[0], now.middle[1] - before.middle[1], view.view);
  }
  return now;
}
