// Unpacking what report/pack.py packs, and the places that report/live.py encodes.
import assert from "node:assert/strict";
import { test } from "node:test";

import { inflate, unpackPlane, unpackSteps } from "../../../landscape/report/viewer/decode.js";
import { arrivedAt, countWords, Orbits } from "../../../landscape/report/viewer/orbits.js";
import { expected } from "./expected.js";

test("a packed plane comes back, wrapping and all", async () => {
  const { packed, codes, columns } = expected.plane;
  assert.deepEqual([...unpackPlane(await inflate(packed), columns)], codes);
});

test("packed steps come back", async () => {
  const { packed, codes, columns } = expected.steps;
  assert.deepEqual([...unpackSteps(await inflate(packed), columns)], codes);
});

test("orbits come back to where they were; lost ones have no place; far ones stay outside", async () => {
  const { orbits, extent, places } = expected.orbits;
  const codes = unpackSteps(await inflate(orbits.places), 2 * orbits.samples);
  const read = new Orbits(codes, orbits.steps, orbits.samples, extent);
  places.forEach((samples, step) =>
    samples.forEach((place, sample) => {
      const [x, y] = read.place(step, sample);
      if (place === null) assert.ok(Number.isNaN(x) && Number.isNaN(y));
      else {
        assert.ok(Math.abs(x - place[0]) < 1e-4 * (extent[1] - extent[0]), `${x} ${place[0]}`);
        assert.ok(Math.abs(y - place[1]) < 1e-4 * (extent[3] - extent[2]), `${y} ${place[1]}`);
      }
    }),
  );
  const middle = read.place(0.5, 0);
  assert.ok(Math.abs(middle[0] - (places[0][0][0] + places[1][0][0]) / 2) < 1e-3);
});

test("a sample arrives strictly within the distance", () => {
  assert.equal(arrivedAt(0.1, 0, [[0, 0]], 0.11), 0);
  assert.equal(arrivedAt(0.1, 0, [[0, 0]], 0.1), -1);
  assert.equal(arrivedAt(0, 0, undefined, 1), -1);
  assert.equal(arrivedAt(0.4, 0, [[0, 0], [0.5, 0]], 1), 1); // the nearest counts
});

test("the reader is told of every sample that is not seen", () => {
  const counts = { samples: 10, shown: true, arrived: 3, perMarker: [3], outside: 2, overGaps: 1, lost: 4 };
  const words = countWords(counts, [[0, 0]]).map(([text]) => text);
  assert.deepEqual(words, ["3 on the way", "3 arrived", "2 of 10 samples outside the box", "1 over gaps", "4 not finite"]);
});

test("samples are counted per training point, by place where few are reached, and not before they are shown", () => {
  const markers = [[0.2, 0.8], [0, 0.5], [-1, 1], [2, 2], [3, 3]];
  const counts = { samples: 10, shown: true, arrived: 7, perMarker: [4, 0, 3, 0, 0], outside: 0, overGaps: 0, lost: 0 };
  const words = countWords(counts, markers).map(([text]) => text);
  assert.deepEqual(words, ["3 on the way", "7 arrived: 4 at (0.2, 0.8), 3 at (−1, 1)"]); // none is outside, and none is said to be
  assert.equal(countWords({ ...counts, perMarker: [3, 1, 1, 1, 1] }, markers)[1][0], "7 arrived at 5 of 5 training points");
  assert.deepEqual(countWords({ ...counts, shown: false }, markers), [["10 samples are hidden: play to see where x ← f(x) takes them", "moving"]]);
});
