// Places of marks, the values they stand for, and the names of networks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf } from "../../../landscape/report/viewer/networks.js";
import { markAt, pathPlaces, valueAt } from "../../../landscape/report/viewer/places.js";
import { expected } from "./expected.js";

test("paths give the ends of their steps, as Python made them", () => {
  assert.deepEqual(pathPlaces("M10 5 l1 0 1.5-.75 z M-2 .5 c1 1 2 2 3 3"), [[10, 5], [11, 5], [12.5, 4.25], [-2, 0.5], [1, 3.5]]);
  const { path, places } = expected.path;
  const found = pathPlaces(path);
  assert.equal(found.length, places.length);
  found.forEach(([x, y], index) => assert.ok(Math.hypot(x - places[index][0], y - places[index][1]) < 0.011));
});

test("values are read from places on linear, logarithmic, inverted and named axes", () => {
  assert.equal(valueAt({ at: [100, 0], to: [0, 50], log: false }, 25), "37.5");
  assert.equal(valueAt({ at: [0, 100], to: [1e-6, 1], log: true }, 50), "0.00100");
  assert.equal(valueAt({ at: [0, 100], to: [5, -5], log: false }, 50), "0.00");
  assert.equal(valueAt({ at: [0, 100], to: [-0.5, 1.5], log: false, words: [[0, "mlp"], [1, "cnn"]] }, 70), "cnn");
  assert.equal(valueAt({ at: [0, 100], to: null, log: false }, 70), "");
});

test("the nearest mark within reach is chosen, points before lines, else the bar around the place", () => {
  const point = { kind: "point", place: [10, 10] };
  const line = { kind: "line", place: [10, 10] };
  const bar = { kind: "bar", place: [50, 50], box: [0, 0, 100, 100] };
  assert.equal(markAt([line, point, bar], [12, 10], 5), point);
  assert.equal(markAt([line, point, bar], [40, 40], 5), bar);
  assert.equal(markAt([line, point, bar], [140, 40], 5), null);
});

test("networks are told apart by the columns up to member that vary, and a table without one of them has none", () => {
  const members = [["data", "hidden", "member", "loss"], ["a", "2", "0", "1"], ["a", "2", "1", "1"], ["a", "4", "0", "1"]];
  const names = namesOf(members, [["member", "share", "hidden"], ["1", "0.5", "2"], ["0", "0.5", "4"]]);
  assert.deepEqual(names, namesOf(members, members).slice(1));
  assert.equal(namesOf(members, [["member"], ["0"]]), null);
  assert.equal(namesOf([["loss"], ["1"]], members), null);
});
