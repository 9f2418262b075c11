// The frame around a sheet and the colour bar beside it, on a 2-D canvas.
import { heightMarks } from "./ticks.js";

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const BAR_WIDTH = 13;
const BAR_TOP = 40;
const NARROW = 430; // pixels, as in scene.js

export const fontOf = (size, bold) => `${bold ? "600 " : ""}${size}px ${FAMILY}`;

/** A function that measures texts for axes.js. */
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

/** The colours' scale at the right edge, its name above. */
export function paintBar(context, scene, table, palette, size, width, height) {
  const x = width - (width < NARROW ? 58 : 74);
  const length = height - 2 * BAR_TOP;
  const fill = context.createLinearGradient(0, BAR_TOP + length, 0, BAR_TOP);
  for (let i = 0; i <= 255; i += 5) fill.addColorStop(i / 255, `rgb(${table[4 * i]}, ${table[4 * i + 1]}, ${table[4 * i + 2]})`);
  context.fillStyle = fill;
  context.fillRect(x, BAR_TOP, BAR_WIDTH, length);
  context.font = fontOf(size, false);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.strokeStyle = palette.tick;
  context.fillStyle = palette.muted;
  for (const [level, text] of heightMarks(scene.limits, scene.log, Math.max(2, Math.floor(length / 50)))) {
    const y = BAR_TOP + (1 - level) * length;
    trace(context, [[x + BAR_WIDTH, y], [x + BAR_WIDTH + 4, y]]);
    context.stroke();
    context.fillText(text, x + BAR_WIDTH + 7, y);
  }
  context.font = fontOf(size, true);
  context.fillStyle = palette.ink;
  context.textAlign = "right";
  context.fillText(scene.labels[2], width - 12, 20);
}

function trace(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
}
