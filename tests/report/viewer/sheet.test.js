// Where a ray meets a sheet, the value that is shown there, and the triangles that are drawn.
import assert from "node:assert/strict";
import { test } from "node:test";

import { describe, heightAtLevel } from "../../../landscape/report/viewer/tip.js";
import { Sheet } from "../../../landscape/report/viewer/sheet.js";

const TOP = 1000;
/** A plane that rises along x from 0 to TOP, 5 columns × 3 rows. */
const slope = (change = () => undefined) => {
  const codes = Uint16Array.from({ length: 15 }, (_, i) => ((i % 5) * TOP) / 4);
  change(codes);
  return new Sheet(codes, 5, 3, TOP, 0.5);
};

test("a level between grid points is bilinear, and none beside a gap", () => {
  assert.equal(slope().level(0.5, 0.3), 0.5);
  assert.equal(slope().level(0.625, 1), 0.625);
  const sheet = slope((codes) => (codes[7] = TOP + 1));
  assert.ok(Number.isNaN(sheet.level(0.5, 0.5)));
  assert.ok(Number.isNaN(sheet.level(0.45, 0.4)));
  assert.equal(sheet.level(0.5, 0), 0.5); // a weight of zero does not spread the gap
  assert.ok(Number.isNaN(sheet.heightAt(1.1, 0)));
});

test("a ray straight down meets the sheet, or says that there is a gap, or misses the box", () => {
  const down = [0, 0, -1];
  const hit = slope().pick([0.5, 0.1, 3], down);
  assert.ok(Math.abs(hit.level - 0.75) < 1e-4 && Math.abs(hit.u - 0.75) < 1e-9);
  const gap = slope((codes) => (codes[7] = TOP + 1)).pick([0, 0, 3], down);
  assert.ok(Number.isNaN(gap.level) && gap.u === 0.5);
  assert.equal(slope().pick([1.5, 0, 3], down), null);
});

test("cells at a gap have no triangles, and every cell is cut along its flatter diagonal", () => {
  assert.equal(slope().triangles(1).length, 4 * 2 * 6);
  assert.equal(slope((codes) => (codes[7] = TOP + 1)).triangles(1).length, 4 * 6);
  assert.deepEqual([...slope().triangles(2).slice(0, 3)], [0, 2, 10]);
  const ridge = new Sheet(Uint16Array.from([9, 0, 1, 9]), 2, 2, TOP, 1);
  assert.deepEqual([...ridge.triangles(1)], [0, 1, 3, 0, 3, 2]);
});

test("a reading names place and value, a limit, and a gap", () => {
  const scene = { extent: [0, 2, 0, 1], limits: [1e-6, 1], log: true, labels: ["x₁", "x₂", "loss"] };
  const sheet = { top: TOP };
  assert.equal(describe({ scene, sheet }, { u: 0.5, v: 0.25, level: 0.5 }), "x₁ 1.00   x₂ 0.250\nloss 0.00100");
  assert.match(describe({ scene, sheet }, { u: 0, v: 0, level: 0 }), /loss ≤ 1\.00e−6$/);
  assert.match(describe({ scene, sheet }, { u: 0, v: 0, level: 1 }), /loss ≥ 1\.00$/);
  assert.match(describe({ scene, sheet }, { u: 0, v: 0, level: NaN }), /loss: no value$/);
  assert.equal(heightAtLevel(0.25, { limits: [-1, 3], log: false }), 0);
});
