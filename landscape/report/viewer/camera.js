// The camera, which projects points of the box onto the picture. figures/view.py computes the same for posters.
import drawing from "../../figures/drawing.json" with { type: "json" };
import { along, clamp, cross, dot, minus, unit } from "./vectors.js";

export const BOX_HEIGHT = drawing.box.height; // the box spans −1…1 in x, −depth…depth in y, 0…BOX_HEIGHT in z
const HALF_ANGLE = (drawing.camera.halfAngle * Math.PI) / 180;
const AZIMUTH_STEPS = drawing.camera.azimuths;
const DISTANCE_BISECTIONS = drawing.camera.bisections;
// How far the reader may turn the camera, in radians.
const LOWEST_ELEVATION = (-30 * Math.PI) / 180;
const HIGHEST_ELEVATION = Math.PI / 2;
const ZOOM_FROM_ABOVE = 0.8; // a box seen straight from above needs less room than a box that may be turned

/** Half the box's size along y, where half its size along x is 1; very long and very flat rectangles are limited. */
export function boxDepth([xLow, xHigh, yLow, yHigh]) {
  return clamp((yHigh - yLow) / (xHigh - xLow), drawing.box.shallowest, drawing.box.deepest);
}

/** The unit vectors to the right, upwards and towards the eye. */
function axesAt(azimuth, elevation) {
  const towards = [
    Math.cos(azimuth) * Math.cos(elevation),
    Math.sin(azimuth) * Math.cos(elevation),
    Math.sin(elevation),
  ];
  const right = [-Math.sin(azimuth), Math.cos(azimuth), 0];
  return { right, up: cross(towards, right), towards };
}

/**
 * The least distance from which the box fits width × height pixels at any azimuth, and by how much to lower the box.
 * The distance is bisected. Perspective enlarges the lower part of the box, so its centre is not the picture's centre.
 */
function fitting(focal, width, height, elevation, depth) {
  const corners = turnedCorners(elevation, depth);
  const spans = (distance) => {
    let [sideways, highest, lowest] = [0, -Infinity, Infinity];
    for (const [r, u, t] of corners) {
      const scale = focal / (distance - t);
      sideways = Math.max(sideways, Math.abs(r * scale));
      highest = Math.max(highest, u * scale);
      lowest = Math.min(lowest, u * scale);
    }
    return { sideways, highest, lowest };
  };
  let near = Math.max(...corners.map((corner) => corner[2])) + 1e-3;
  let far = 1000;
  for (let i = 0; i < DISTANCE_BISECTIONS; i++) {
    const middle = (near + far) / 2;
    const { sideways, highest, lowest } = spans(middle);
    if (2 * sideways <= width && highest - lowest <= height) far = middle;
    else near = middle;
  }
  const { highest, lowest } = spans(far);
  return { distance: far, lowered: (highest + lowest) / 2 };
}

/** The corners of the box at every azimuth, as [to the right, upwards, towards the eye] from its centre. */
function turnedCorners(elevation, depth) {
  const corners = [];
  for (let step = 0; step < AZIMUTH_STEPS; step++) {
    const { right, up, towards } = axesAt((step * 2 * Math.PI) / AZIMUTH_STEPS, elevation);
    for (const x of [-1, 1])
      for (const y of [-depth, depth])
        for (const z of [-BOX_HEIGHT / 2, BOX_HEIGHT / 2])
          corners.push([dot([x, y, z], right), dot([x, y, z], up), dot([x, y, z], towards)]);
  }
  return corners;
}

/** How the reader looks at a box: angles in radians, zoom (at 1 the box fits), and the point at the picture's centre. */
export class Camera {
  constructor([azimuth, elevation]) {
    this.home = { azimuth: (azimuth * Math.PI) / 180, elevation: (elevation * Math.PI) / 180 };
    this.reset();
  }
  reset() {
    Object.assign(this, this.home, { zoom: 1, target: [0, 0, BOX_HEIGHT / 2] });
  }
  turn(azimuth, elevation) {
    this.azimuth += azimuth;
    this.elevation = clamp(this.elevation + elevation, LOWEST_ELEVATION, HIGHEST_ELEVATION);
  }
  lookDown() {
    Object.assign(this, { azimuth: -Math.PI / 2, elevation: HIGHEST_ELEVATION, zoom: ZOOM_FROM_ABOVE, target: [0, 0, BOX_HEIGHT / 2] });
  }
  zoomBy(factor) {
    this.zoom = clamp(this.zoom * factor, 0.25, 3);
  }
  /** Moves the picture by (dx, dy) pixels of `view`. */
  pan(dx, dy, view) {
    const scale = view.distance / view.focal;
    this.target = along(along(this.target, -dx * scale, view.right), dy * scale, view.up);
  }
  copy(other) {
    const { azimuth, elevation, zoom, target } = other;
    Object.assign(this, { azimuth, elevation, zoom, target: [...target] });
  }
}

/** A camera and its picture: `margins` keep room for labels, `depth` is half the box's size along y. */
export class View {
  constructor(camera, width, height, margins, depth) {
    Object.assign(this, axesAt(camera.azimuth, camera.elevation));
    Object.assign(this, { width, height, elevation: camera.elevation });
    const roomX = Math.max(40, width - margins.left - margins.right);
    const roomY = Math.max(40, height - margins.top - margins.bottom);
    this.focal = height / 2 / Math.tan(HALF_ANGLE);
    const { distance, lowered } = fitting(this.focal, roomX, roomY, camera.elevation, depth);
    this.centre = [margins.left + roomX / 2, margins.top + roomY / 2 + lowered];
    this.distance = distance * camera.zoom;
    this.eye = along(camera.target, this.distance, this.towards);
    this.depth = depth;
  }
  /** A point of the box in pixels, y downwards. */
  project(point) {
    const seen = minus(point, this.eye);
    const scale = this.focal / -dot(seen, this.towards);
    return [this.centre[0] + dot(seen, this.right) * scale, this.centre[1] - dot(seen, this.up) * scale];
  }
  /** The direction from the eye through a pixel. */
  rayThrough(x, y) {
    const sideways = (x - this.centre[0]) / this.focal;
    const upwards = (this.centre[1] - y) / this.focal;
    return unit(along(along(this.towards.map((value) => -value), sideways, this.right), upwards, this.up));
  }
  /** The same projection for WebGL: a 4 × 4 matrix, column by column. */
  matrix() {
    const near = Math.max(0.05, this.distance - 4);
    const far = this.distance + 5;
    const rows = [
      [(2 * this.focal) / this.width, this.right, (2 * this.centre[0]) / this.width - 1, 0],
      [(2 * this.focal) / this.height, this.up, 1 - (2 * this.centre[1]) / this.height, 0],
      [0, this.up, (far + near) / (far - near), (-2 * far * near) / (far - near)],
      [0, this.up, 1, 0],
    ];
    const matrix = new Float32Array(16);
    rows.forEach(([scale, axis, perDepth, constant], row) => {
      // depth = towards · (eye − point), so each row is linear in the point
      for (let k = 0; k < 3; k++) matrix[4 * k + row] = scale * axis[k] - perDepth * this.towards[k];
      matrix[12 + row] = -scale * dot(axis, this.eye) + perDepth * dot(this.towards, this.eye) + constant;
    });
    return matrix;
  }
}
