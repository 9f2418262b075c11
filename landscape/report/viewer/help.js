// How to use a surface by mouse, by touch and by keyboard.
import { button, element } from "./controls.js";

const HELP = [
  ["Mouse", "Drag to turn; with Shift or the right button, to move. The wheel zooms once the surface was clicked. Point at the surface to read a value. Double-click for the first view."],
  ["Touch", "One finger turns, two fingers zoom and move. Tap the surface to read a value."],
  ["Keys", "Arrows turn; with Shift they move. + and − zoom, 0 is the first view, T the view from above. R reads a value: arrows then move the place, R or Escape ends. Comma and full stop step, Space plays, F fills the screen."],
  ["Save", "“save” makes a picture of two to four times the size, or a film. “copy link”, below, makes an address that opens on this view."],
];

let shown = null; // the text, once it was asked for

/** Shows the text. */
export function openHelp() {
  shown ??= makeHelp();
  shown.showPopover?.();
}

export function helpButton() {
  const made = button("?", "How to use this surface", openHelp);
  made.setAttribute("aria-label", "How to use this surface");
  return made;
}

function makeHelp() {
  const made = element("div", "pop help");
  made.popover = "auto";
  made.id = "scene-help";
  const list = element("dl");
  for (const [name, text] of HELP) list.append(element("dt", "", name), element("dd", "", text));
  made.append(element("b", "", "How to use a surface"), list);
  document.body.append(made);
  return made;
}
