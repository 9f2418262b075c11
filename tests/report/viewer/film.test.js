// Films: sheets and fixed points between two frames.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fixedAt, fixedWords, Frames } from "../../../landscape/report/viewer/film.js";
import { Sheet } from "../../../landscape/report/viewer/sheet.js";

const TOP = 100;
const sheet = (codes) => new Sheet(new Uint16Array(codes), 3, 2, TOP, 1);
const fixed = (places, attracts, branch) => ({ fixed: { places, attracts, branch } });

test("between two frames the heights are between theirs", () => {
  const frames = new Frames([sheet([0, 10, 20, 30, 40, 50]), sheet([100, 90, 20, 30, 0, 50])]);
  assert.equal(frames.at(0), frames.sheets[0]);
  assert.equal(frames.at(1), frames.sheets[1]);
  assert.deepEqual([...frames.at(0.25).codes], [25, 30, 20, 30, 30, 50]);
  assert.equal(frames.hasGaps, false);
});

test("a gap is a gap while its frame is the nearer", () => {
  const frames = new Frames([sheet([0, 10, 20, 30, 40, 50]), sheet([TOP + 1, 90, 20, 30, 0, 50])]);
  assert.equal(frames.hasGaps, true);
  assert.equal(frames.at(0.4).codes[0], 0);
  assert.equal(frames.at(0.6).codes[0], TOP + 1);
});

test("fixed points of one branch glide, and others stand in the nearer frame alone", () => {
  const surfaces = [fixed([[0, 0], [1, 1]], [true, false], [7, 3]), fixed([[0.5, 0.5], [0.2, 0]], [false, true], [9, 7])];
  assert.deepEqual(fixedAt(surfaces, 0), [[0, 0, true], [1, 1, false]]);
  assert.deepEqual(fixedAt(surfaces, 0.25), [[0.05, 0, true], [1, 1, false]]);
  assert.deepEqual(fixedAt(surfaces, 1), [[0.5, 0.5, false], [0.2, 0, true]]);
  const [born, glides] = fixedAt(surfaces, 0.75);
  assert.deepEqual(born, [0.5, 0.5, false]);
  assert.ok(Math.abs(glides[0] - 0.15) < 1e-12);
  assert.deepEqual(fixedAt([{}, {}], 0.5), []);
});

test("fixed points are counted in words", () => {
  assert.deepEqual(fixedWords([[0, 0, true], [0, 1, false], [1, 1, false]]).map(([text]) => text), [
    "1 fixed point attracts",
    "2 fixed points do not",
  ]);
});
