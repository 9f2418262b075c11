// Figures of several panels on a page that is too narrow for them: the panels stand below each other, at their full size.
// A panel then shows the words of the axes that it shares with its neighbours.

const SPACE = 10; // points between panels and between entries of a legend
const NEAR = 3; // points: sides of frames nearer than this are aligned
const NAME = /^[a-h]$/; // the letter of a panel, which is no title
const LETTER = /^[a-h]\u2002/; // before a title

/** Arranges the panels of a figure whenever the room for it changes. A figure that must be scrolled is reached by the keyboard. */
export function watchWidth(figure) {
  const svg = figure.querySelector("svg");
  const sheet = svg.parentElement;
  let last = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === last || !contentRect.width) return;
    last = contentRect.width;
    if (svg.querySelector("[data-frame]")) {
      flow(svg, last);
      figure.dispatchEvent(new Event("flowed"));
    }
    if (sheet.scrollWidth > sheet.clientWidth) sheet.tabIndex = 0;
  }).observe(sheet);
}

/** How far the panel that holds `part` has been moved, [x, y] in points. */
export function shiftOf(part) {
  return (part.closest("[data-shift]")?.dataset.shift ?? "0 0").split(" ").map(Number);
}

/** The drawing as matplotlib made it. */
export function restore(svg) {
  if (!svg.dataset.drawn) return;
  const [width, height, box] = JSON.parse(svg.dataset.drawn);
  for (const [name, value] of Object.entries({ width, height, viewBox: box })) svg.setAttribute(name, value);
  svg.removeAttribute("data-drawn");
  svg.querySelectorAll(".borrowed").forEach((words) => words.remove());
  svg.querySelectorAll(".entry").forEach((entry) => entry.replaceWith(...entry.childNodes));
  for (const part of svg.querySelectorAll("[data-shift]")) {
    part.removeAttribute("transform");
    part.removeAttribute("data-shift");
  }
}

/** Arranges the panels of a drawing for `pixels` of width, if it needs more. */
function flow(svg, pixels) {
  restore(svg);
  if (svg.getBoundingClientRect().width <= pixels) return;
  const room = pixels * 0.75 - 3; // the edges of letters
  const measure = measureIn(svg);
  const parts = [...svg.querySelectorAll("[data-part]")];
  const panels = panelsOf(parts.filter((part) => part.dataset.part === "panel"), measure);
  const asides = parts.filter((part) => part.dataset.part === "aside").map((part) => panelOf([part], measure));
  svg.dataset.drawn = JSON.stringify(["width", "height", "viewBox"].map((name) => svg.getAttribute(name)));
  const size = { width: 0, height: 0 };
  for (const line of [...linesOf(panels, room), ...asides.map((aside) => [aside])]) placeLine(line, size);
  for (const legend of parts.filter((part) => part.dataset.part === "legend")) placeLegend(legend, size, room, measure);
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  svg.setAttribute("width", size.width / 0.75);
  svg.setAttribute("height", size.height / 0.75);
}

/** A function that gives the box of an element in the units of the drawing: [left, top, right, bottom]. */
function measureIn(svg) {
  const frame = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / frame.width;
  return (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top].map((end) => end * scale);
  };
}

/** Panels of the groups of axes, by rows; axes that overlap are one panel. */
function panelsOf(groups, measure) {
  const merged = [];
  for (const group of groups) {
    const frame = axesFrame(group);
    const same = merged.find((others) => others.some((other) => overlaps(axesFrame(other), frame)));
    if (same) same.push(group);
    else merged.push([group]);
  }
  const panels = merged.map((some) => panelOf(some, measure));
  panels.sort((a, b) => (aligned(a, b, 1) ? a.frame[0] - b.frame[0] : a.frame[1] - b.frame[1]));
  for (const panel of panels) borrow(panel, panels);
  return panels;
}

function axesFrame(group) {
  return group.dataset.frame.split(" ").map(Number);
}

function overlaps(a, b) {
  return a[0] < b[2] - NEAR && b[0] < a[2] - NEAR && a[1] < b[3] - NEAR && b[1] < a[3] - NEAR;
}

/** Whether two panels stand in one column (side 0) or row (side 1). */
function aligned(a, b, side) {
  return Math.abs(a.frame[side] - b.frame[side]) < NEAR && Math.abs(a.frame[side + 2] - b.frame[side + 2]) < NEAR;
}

/** Axes with their frame, and their words by the side of the frame on which they stand. */
function panelOf(groups, measure) {
  const frame = unionOf(groups.map(axesFrame));
  const panel = { groups, frame, words: { left: [], top: [], bottom: [], other: [] }, lent: { left: [], top: [], bottom: [] } };
  for (const text of groups.flatMap((group) => [...group.querySelectorAll("text")])) {
    const box = measure(text);
    const side = box[2] <= frame[0] + 1 ? "left" : box[3] <= frame[1] + 1 ? "top" : box[1] >= frame[3] - 1 ? "bottom" : "other";
    panel.words[side].push({ text, box, at: placeIn(text, groups[0]) });
  }
  return panel;
}

/** The transformation from the parent of `text` to a group around it: powers of ten stand in groups of their own. */
function placeIn(text, around) {
  const { a, b, c, d, e, f } = around.getScreenCTM().inverse().multiply(text.parentNode.getScreenCTM());
  return ` matrix(${[a, b, c, d, e, f].map((value) => value.toFixed(3)).join(" ")})`;
}

function unionOf(boxes) {
  return [0, 1, 2, 3].map((end) => Math[end < 2 ? "min" : "max"](...boxes.map((box) => box[end])));
}

/** Finds the words that a panel shares with others: of the panel nearest to it in its row or column that has them. */
function borrow(panel, panels) {
  const take = (side, across, behind) => {
    const others = panels.filter((other) => other !== panel && aligned(panel, other, across) && behind(other) && wordsAt(other, side).length);
    const gap = (other) => Math.abs(other.frame[1 - across] - panel.frame[1 - across]);
    const lender = others.sort((a, b) => gap(a) - gap(b))[0];
    if (!lender || wordsAt(panel, side).length) return;
    const move = [panel.frame[0] - lender.frame[0], (side === "bottom" ? panel.frame[3] - lender.frame[3] : panel.frame[1] - lender.frame[1])];
    panel.lent[side] = wordsAt(lender, side).map(({ text, box, at }) => ({ text, at, move, box: box.map((end, index) => end + move[index % 2]) }));
  };
  take("left", 1, (other) => other.frame[0] < panel.frame[0]);
  take("bottom", 0, (other) => other.frame[1] > panel.frame[1]);
  take("top", 0, (other) => other.frame[1] < panel.frame[1]);
}

function wordsAt(panel, side) {
  return panel.words[side].filter(({ text }) => side !== "top" || !NAME.test(text.textContent.trim()));
}

/** The panels in lines that are no wider than `room`. Panels of different rows share no line. */
function linesOf(panels, room) {
  const lines = [];
  for (const panel of panels) {
    const line = lines.at(-1);
    if (line && aligned(line[0], panel, 1) && lengthOf([...line, panel]) <= room) line.push(panel);
    else lines.push([panel]);
  }
  return lines;
}

/** How far a panel reaches on each side of its frame: [left, top, right, bottom]. The first of a line has the words on the left. */
function reachOf(panel, first) {
  const lent = [...panel.lent.top, ...panel.lent.bottom, ...(first ? panel.lent.left : [])];
  const all = unionOf([panel.frame, ...Object.values(panel.words).flat().map(({ box }) => box), ...lent.map(({ box }) => box)]);
  return all.map((end, index) => Math.abs(end - panel.frame[index]));
}

function breadth(panel) {
  return panel.frame[2] - panel.frame[0];
}

/** The gap between the frames of neighbours. */
function gapOf(before, panel) {
  return Math.max(SPACE, reachOf(before, false)[2] + reachOf(panel, false)[0] + SPACE / 2);
}

function lengthOf(line) {
  const gaps = line.slice(1).map((panel, index) => gapOf(line[index], panel));
  return [reachOf(line[0], true)[0], reachOf(line.at(-1), false)[2], ...line.map(breadth), ...gaps].reduce((a, b) => a + b);
}

/** Places a line of panels below what stands already, and adds its size. */
function placeLine(line, size) {
  const sides = line.map((panel, index) => reachOf(panel, index === 0));
  const top = size.height + Math.max(...sides.map((side) => side[1])) + (size.height ? SPACE : 2);
  let left = sides[0][0] + 1;
  line.forEach((panel, index) => {
    if (index) left += breadth(line[index - 1]) + gapOf(line[index - 1], panel);
    const shift = [left - panel.frame[0], top - panel.frame[1]].map((end) => Math.round(100 * end) / 100);
    for (const group of panel.groups) moveTo(group, shift);
    for (const side of index ? ["top", "bottom"] : ["left", "top", "bottom"]) lend(panel, side);
  });
  const tall = line.map((panel, index) => panel.frame[3] - panel.frame[1] + sides[index][3]);
  size.width = Math.max(size.width, Math.ceil(lengthOf(line) + 2));
  size.height = Math.ceil(top + Math.max(...tall) + 1);
}

function moveTo(part, [x, y]) {
  part.dataset.shift = `${x} ${y}`;
  part.setAttribute("transform", `translate(${x} ${y})`);
}

function lend(panel, side) {
  for (const { text, at, move: by } of panel.lent[side]) {
    const words = groupNamed("borrowed", by, at);
    const copy = text.cloneNode(true);
    if (copy.firstChild.data) copy.firstChild.data = copy.firstChild.data.replace(LETTER, "");
    words.append(copy);
    panel.groups[0].append(words);
  }
}

function groupNamed(name, [x, y], at = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "g");
  made.setAttribute("class", name);
  made.setAttribute("transform", `translate(${x} ${y})${at}`);
  return made;
}

/** Places the entries of a legend in lines no wider than `room`: an entry ends with its words. */
function placeLegend(legend, size, room, measure) {
  const entries = [[]];
  for (const part of [...legend.children]) {
    entries.at(-1).push(part);
    if (part.tagName === "text") entries.push([]);
  }
  let left = 0;
  let top = size.height + SPACE;
  let tall = 0;
  for (const parts of entries.filter((some) => some.some(({ tagName }) => tagName === "text"))) {
    const box = unionOf(parts.map(measure).filter((one) => one[2] > one[0] || one[3] > one[1]));
    const width = box[2] - box[0];
    if (left && left + width > room) [left, top] = [0, top + tall + 3];
    const entry = groupNamed("entry", [left - box[0], top - box[1]]);
    parts[0].before(entry);
    entry.append(...parts);
    left += width + SPACE;
    tall = Math.max(tall, box[3] - box[1]);
    size.width = Math.max(size.width, Math.ceil(left - SPACE));
  }
  size.height = Math.ceil(top + tall + 2);
}
