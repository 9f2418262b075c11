// The dot on a surface and the value beside it, under the pointer or where the keyboard has put it.
import { BOX_HEIGHT } from "./camera.js";
import { formatReading } from "./format.js";
import { clamp } from "./vectors.js";

export class Tip {
  constructor(view) {
    this.view = view;
    this.dot = document.createElement("div");
    this.dot.className = "reading-dot";
    this.box = document.createElement("div");
    this.box.className = "reading";
    this.spoken = document.createElement("p");
    this.spoken.className = "spoken";
    this.spoken.setAttribute("role", "status");
    this.place = null; // [u, v], where the value is read until it is hidden; null while the tip follows the pointer
    view.stage.append(this.dot, this.box, this.spoken);
    view.afterDraws.push(() => this.place && this.readAt(...this.place));
    this.hide();
  }

  hide() {
    this.place = null;
    this.dot.hidden = true;
    this.box.hidden = true;
  }

  /** Shows the value under a pointer; with `stays`, also after the surface has turned or changed. */
  show(event, stays = false) {
    const { view, sheet, canvas } = this.view;
    const area = canvas.getBoundingClientRect();
    const hit = view && sheet?.pick(view.eye, view.rayThrough(event.clientX - area.left, event.clientY - area.top));
    this.place = stays && hit ? [hit.u, hit.v] : null;
    this.display(hit);
  }

  /** Shows the value at (u, v) in 0…1, and keeps showing it there. */
  readAt(u, v) {
    const { sheet } = this.view;
    if (!sheet) return;
    this.place = [clamp(u, 0, 1), clamp(v, 0, 1)];
    const level = sheet.level(...this.place);
    const height = Number.isNaN(level) ? 0 : level * BOX_HEIGHT;
    this.display({ u: this.place[0], v: this.place[1], level, point: [2 * this.place[0] - 1, (2 * this.place[1] - 1) * sheet.depth, height] });
  }

  /** Says the value aloud on a screen reader. */
  speak() {
    this.spoken.textContent = this.box.textContent;
  }

  display(hit) {
    this.dot.hidden = this.box.hidden = !hit;
    if (!hit) return;
    const { stage, view } = this.view;
    const [x, y] = view.project(hit.point);
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
