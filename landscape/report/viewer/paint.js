// The frame around a sheet and the colour bar beside it, on a 2-D canvas.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { heightMarks } from "./ticks.js";

const FONT_FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const BAR_SHAPE = drawing.bar;

export const fontOf = (size, bold) => `${bold ? "600 " : ""}${size}px ${FONT_FAMILY}`;

/** A function that measures the width of texts, for axes.js. */
export function measurer(context, size) {
  return (text, bold) => {
    context.font = fontOf(size, bold);
    return context.measureText(text).width;
  };
}

export function paintBehind(context, frame, palette) {
  context.lineWidth = 1;
  context.fillStyle = palette.wall;
  context.strokeStyle = palette["wall-line"];
  for (const wall of frame.walls) {
    trace(context, wall);
    context.closePath();
    context.fill();
    context.stroke();
  }
  for (const line of frame.grid) {
    trace(context, line);
    context.stroke();
  }
}

export function paintBefore(context, frame, palette, size) {
  context.lineWidth = 1;
  context.strokeStyle = palette.tick;
  for (const tick of frame.ticks) {
    trace(context, tick);
    context.stroke();
  }
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { text, x, y, bold } of frame.texts) {
    context.font = fontOf(size, bold);
    context.fillStyle = bold ? palette.ink : palette.muted;
    context.fillText(text, x, y);
  }
}

/** Numbers beside points of `view`'s box, with a rim that keeps them legible on any colour. */
export function paintTallies(context, tallies, view, palette, size) {
  context.font = fontOf(size, true);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = palette.rim;
  context.fillStyle = palette.marker;
  for (const [point, text] of tallies) {
    const [x, y] = view.project(point);
    context.strokeText(text, x + size * 0.8, y - size * 0.5);
    context.fillText(text, x + size * 0.8, y - size * 0.5);
  }
}

/** The colour bar at the right edge, with its name above. */
export function paintBar(context, scene, table, palette, layout, width, height) {
  const x = width - layout.bar;
  const length = height - 2 * BAR_SHAPE.top;
  const fill = context.createLinearGradient(0, BAR_SHAPE.top + length, 0, BAR_SHAPE.top);
  for (let i = 0; i <= 255; i += 5) fill.addColorStop(i / 255, `rgb(${table[4 * i]}, ${table[4 * i + 1]}, ${table[4 * i + 2]})`);
  context.fillStyle = fill;
  context.fillRect(x, BAR_SHAPE.top, BAR_SHAPE.width, length);
  context.font = fontOf(layout.font, false);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.strokeStyle = palette.tick;
  context.fillStyle = palette.muted;
  for (const [level, text] of heightMarks(scene.limits, scene.log, Math.max(2, Math.floor(length / 50)))) {
    const y = BAR_SHAPE.top + (1 - level) * length;
    trace(context, [[x + BAR_SHAPE.width, y], [x + BAR_SHAPE.width + BAR_SHAPE.tick, y]]);
    context.stroke();
    context.fillText(text, x + BAR_SHAPE.width + BAR_SHAPE.text, y);
  }
  context.font = fontOf(layout.font, true);
  context.fillStyle = palette.ink;
  context.textAlign = "right";
  context.fillText(scene.labels[2], width - BAR_SHAPE.name[0], BAR_SHAPE.name[1]);
}

function trace(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
}
