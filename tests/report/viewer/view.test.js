// The viewer's camera, ticks, labels and light are those of the posters.
import assert from "node:assert/strict";
import { test } from "node:test";

import { frameOf, touch } from "../../../landscape/report/viewer/axes.js";
import { boxDepth, Camera, View } from "../../../landscape/report/viewer/camera.js";
import { layoutFor } from "../../../landscape/report/viewer/layout.js";
import drawing from "../../../landscape/figures/drawing.json" with { type: "json" };
import { glslFloat, SHEET_FRAGMENT } from "../../../landscape/report/viewer/shaders.js";
import { heightMarks, tickMarks } from "../../../landscape/report/viewer/ticks.js";
import { expected } from "./expected.js";

const near = (a, b, tolerance, message) => assert.ok(Math.abs(a - b) <= tolerance, `${message ?? ""} ${a} ${b}`);
const margins = ([left, right, top, bottom]) => ({ left, right, top, bottom });

test("points fall where figures/view.py puts them", () => {
  for (const { size, margins: room, camera, depth, points, projected } of expected.views) {
    const view = new View(new Camera(camera), ...size, margins(room), depth);
    points.forEach((point, index) => {
      const at = view.project(point);
      near(at[0], projected[index][0], 1e-6);
      near(at[1], projected[index][1], 1e-6);
    });
  }
});

test("WebGL's matrix projects as project does, and a ray through the pixel meets the point", () => {
  const camera = new Camera([-58, 30]);
  camera.zoomBy(0.8);
  const view = new View(camera, 640, 360, margins([40, 90, 20, 30]), 0.7);
  camera.pan(30, -12, view);
  const moved = new View(camera, 640, 360, margins([40, 90, 20, 30]), 0.7);
  const matrix = moved.matrix();
  for (const point of [[1, -0.7, 0], [-0.3, 0.5, 0.7], [0, 0, 0.2]]) {
    const clip = [0, 1, 2, 3].map((row) => matrix[row] * point[0] + matrix[4 + row] * point[1] + matrix[8 + row] * point[2] + matrix[12 + row]);
    const [x, y] = moved.project(point);
    near((clip[0] / clip[3] / 2 + 0.5) * 640, x, 1e-3);
    near((0.5 - clip[1] / clip[3] / 2) * 360, y, 1e-3);
    assert.ok(Math.abs(clip[2] / clip[3]) < 1);
    const ray = moved.rayThrough(x, y);
    const t = (point[0] - moved.eye[0]) / ray[0];
    near(moved.eye[1] + t * ray[1], point[1], 1e-9);
    near(moved.eye[2] + t * ray[2], point[2], 1e-9);
  }
});

test("ticks and their texts are those of figures/axes3d.py", () => {
  for (const { low, high, about, marks } of expected.ticks) assert.deepEqual(tickMarks(low, high, about).map((mark) => mark[1]), marks);
  for (const { limits, log, about, marks } of expected.heights) {
    const made = heightMarks(limits, log, about);
    assert.deepEqual(made.map((mark) => mark[1]), marks.map((mark) => mark[1]));
    made.forEach((mark, index) => near(mark[0], marks[index][0], 1e-9));
  }
});

test("walls, grid, ticks and labels are where figures/axes3d.py draws them", () => {
  for (const { scene, size, margins: room, camera, depth, font, about, ...drawn } of expected.frames) {
    const view = new View(new Camera(camera), ...size, margins(room), depth);
    const frame = frameOf(scene, view, font, about, (text, bold) => text.length * font * (bold ? 0.66 : 0.58));
    assert.deepEqual(frame.texts.map(({ text, bold }) => [text, bold]), drawn.texts.map(([text, , , bold]) => [text, bold]));
    assert.ok(drawn.texts.length > 3);
    const texts = [frame.texts.map(({ x, y }) => [[x, y]]), drawn.texts.map(([, x, y]) => [[x, y]])];
    for (const [made, wanted] of [texts, ...["walls", "grid", "ticks"].map((name) => [frame[name], drawn[name]])]) {
      assert.equal(made.length, wanted.length);
      made.forEach((points, i) => points.forEach((point, j) => [0, 1].forEach((k) => near(point[k], wanted[i][j][k], 1e-6))));
    }
  }
});

test("margins, type and the box's depth are those of report/still.py and figures/scene.py", () => {
  for (const { width, bar, margins: room, font, ticks } of expected.layouts) {
    const made = layoutFor(width, bar);
    assert.deepEqual([made.margins, made.font, made.ticks], [room, font, ticks]);
  }
  for (const [extent, depth] of expected.depths) near(boxDepth(extent), depth, 1e-12);
});

test("labels neither touch nor leave the picture at any angle, and few are lost", () => {
  const scene = { extent: [-1, 2, 0, 1], limits: [1e-6, 0.3], log: true, labels: ["x₁", "x₂", "loss"] };
  for (const [width, height, font, about] of [[1180, 520, 12.5, 5], [340, 250, 10, 3]])
    for (let azimuth = -180; azimuth < 180; azimuth += 7)
      for (const elevation of [-25, 0, 12, 30, 55, 73, 90]) {
        const view = new View(new Camera([azimuth, elevation]), width, height, margins([44, 90, 20, 40]), 0.5);
        const { texts } = frameOf(scene, view, font, about, (text) => text.length * font * 0.6);
        assert.ok(texts.length >= 3, `${texts.length} labels at ${azimuth}, ${elevation}`);
        texts.forEach(({ box }, i) => {
          assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height);
          for (const other of texts.slice(0, i)) assert.ok(!touch(box, other.box));
        });
      }
});

test("the box stays within its margins however it is turned", () => {
  for (let azimuth = 0; azimuth < 360; azimuth += 15)
    for (const elevation of [-20, 5, 30, 60, 90]) {
      const view = new View(new Camera([azimuth, elevation]), 600, 400, margins([50, 80, 20, 40]), 1.7);
      for (const x of [-1, 1])
        for (const y of [-1.7, 1.7])
          for (const z of [0, 0.7]) {
            const [px, py] = view.project([x, y, z]);
            assert.ok(px > 49 && px < 521 && py > 19 && py < 361, `${px} ${py} at ${azimuth}, ${elevation}`);
          }
    }
});

test("the shader lights a sheet by the numbers of drawing.json alone", () => {
  const numbers = [...JSON.stringify(drawing.light).matchAll(/-?[\d.]+/g)].map(([text]) => Number(text));
  const lines = SHEET_FRAGMENT.split("\n").filter((line) => /^  (vec3 light|float diffuse|float dimmed|float shine|vec3 lit) =/.test(line));
  // every number in these lines but 0 and 1, as GLSL writes them
  const written = lines.join(" ").match(/-?(?<![\w.])\d*\.\d*/g).map(Number);
  assert.deepEqual(written.filter((value) => value !== 0 && value !== 1).toSorted(), numbers.filter((value) => value !== 1).toSorted());
  assert.equal(glslFloat(28), "28.");
});
