// The keyboard on a scene: turning, moving, zooming, reading values, playing.
import { toggleFull } from "./fullscreen.js";
import { openHelp } from "./help.js";

const RADIANS = (6 * Math.PI) / 180; // by which a key turns the camera
const PIXELS = 24; // by which a key moves the picture
const SHARE = 1 / 40; // of the surface's side, by which a key moves the place where a value is read
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const CAMERA_ACTIONS = {
  "+": (camera) => camera.zoomBy(0.9),
  "=": (camera) => camera.zoomBy(0.9),
  "-": (camera) => camera.zoomBy(1 / 0.9),
  0: (camera) => camera.reset(),
  t: (camera) => camera.lookDown(),
};
export const KEY_WORDS = "Arrow keys turn it, R reads values, the question mark lists all keys.";

/** Lets the reader use the keyboard on `view`; `onTurn(view)` is called after each change of its camera. */
export function listenKeys(view, tip, onTurn) {
  view.canvas.setAttribute("role", "application");
  view.canvas.setAttribute("aria-roledescription", "surface");
  const name = view.canvas.getAttribute("aria-label");
  view.canvas.setAttribute("aria-label", `${name}. ${KEY_WORDS}`);
  view.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event, view, tip, onTurn)) event.preventDefault();
  });
}

/** Does what a key stands for; whether it stands for something. */
function press({ key, shiftKey }, view, tip, onTurn) {
  if (key in ARROWS) return arrow(ARROWS[key], shiftKey, view, tip, onTurn);
  const act = CAMERA_ACTIONS[key];
  if (act) {
    act(view.camera);
    onTurn(view);
  } else if (key === "r") read(tip, ...(tip.place ? [] : [0.5, 0.5]));
  else if (key === "Escape" && tip.place) tip.hide();
  else if (key === "," || key === ".") view.player?.step(key === "." ? 1 : -1);
  else if (key === " ") view.player?.toggle();
  else if (key === "f") toggleFull(view.figure);
  else if (key === "?") openHelp();
  else return false;
  return true;
}

/** Moves the place where a value is read, if there is one; else the picture, with Shift; else turns the camera. */
function arrow([right, up], shift, view, tip, onTurn) {
  if (tip.place) read(tip, tip.place[0] + right * SHARE, tip.place[1] + up * SHARE);
  else {
    if (shift && view.view) view.camera.pan(-right * PIXELS, up * PIXELS, view.view);
    else view.camera.turn(-right * RADIANS, up * RADIANS);
    onTurn(view);
  }
  return true;
}

/** Reads the value at (u, v), or stops reading. */
function read(tip, u, v) {
  if (u === undefined) return tip.hide();
  tip.readAt(u, v);
  return tip.speak();
}
