"""The camera of a rotating surface, which projects points of the box onto the picture. viewer/camera.js computes the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from landscape.figures.drawing import DRAWING
from landscape.figures.scene import BOX_HEIGHT

HALF_ANGLE = math.radians(DRAWING["camera"]["halfAngle"])  # of the picture's height, at the eye
AZIMUTH_STEPS: int = DRAWING["camera"]["azimuths"]
DISTANCE_BISECTIONS: int = DRAWING["camera"]["bisections"]


@dataclass(frozen=True)
class Margins:
    """Pixels around the box that are kept for labels and the colour bar."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, eq=False)
class View:
    """A camera and its picture of `size` pixels, of which the margins leave `area` (x, y, width, height) to the box.

    Angles are in radians. The centre of the box is drawn `lowered` pixels below the centre of the area."""

    size: tuple[int, int]
    area: tuple[float, float, float, float]
    azimuth: float
    elevation: float
    distance: float
    lowered: float

    @property
    def target(self) -> np.ndarray:
        return np.array([0.0, 0.0, BOX_HEIGHT / 2])

    @property
    def axes(self) -> np.ndarray:
        """The unit vectors to the right, upwards and towards the eye, as rows: (3, 3)."""
        return _axes(self.azimuth, self.elevation)

    @property
    def eye(self) -> np.ndarray:
        return np.asarray(self.target + self.axes[2] * self.distance)

    @property
    def focal(self) -> float:
        return _focal(self.size[1])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (K, 3) of the box in pixels of the picture, y downwards: (K, 2)."""
        x, y, width, height = self.area
        seen = (np.atleast_2d(points) - self.eye) @ self.axes.T
        scale = self.focal / -seen[:, 2]
        return np.stack(
            [x + width / 2 + seen[:, 0] * scale, y + height / 2 + self.lowered - seen[:, 1] * scale], axis=-1
        )


def view_of(size: tuple[int, int], margins: Margins, camera: tuple[float, float], depth: float) -> View:
    """The camera at (azimuth, elevation) in degrees, at the least distance from which the box fits at any azimuth."""
    width, height = size
    area = (margins.left, margins.top, width - margins.left - margins.right, height - margins.top - margins.bottom)
    azimuth, elevation = math.radians(camera[0]), math.radians(camera[1])
    return View(size, area, azimuth, elevation, *_fitting(_focal(height), area[2], area[3], elevation, depth))


def _focal(height: float) -> float:
    return height / 2 / math.tan(HALF_ANGLE)


def _axes(azimuth: float, elevation: float) -> np.ndarray:
    c, s = math.cos(elevation), math.sin(elevation)
    towards = np.array([math.cos(azimuth) * c, math.sin(azimuth) * c, s])
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    return np.stack([right, np.cross(towards, right), towards])


@cache
def _fitting(focal: float, width: float, height: float, elevation: float, depth: float) -> tuple[float, float]:
    """The least distance from which the box fits width × height pixels at any azimuth, and by how much to lower the box.

    A corner at (r, u, t) to the right, upwards and towards the eye is drawn at focal·(r, u) / (distance − t). The distance is
    bisected. Perspective enlarges the lower part of the box more than the upper, so its centre is not the picture's."""
    centred = [(x, y, z) for x in (-1, 1) for y in (-depth, depth) for z in (-BOX_HEIGHT / 2, BOX_HEIGHT / 2)]
    turned = np.stack(
        [_axes(step * math.tau / AZIMUTH_STEPS, elevation) @ np.array(centred).T for step in range(AZIMUTH_STEPS)]
    )
    right, up, towards = (turned[:, axis].ravel() for axis in range(3))
    near, far = float(towards.max()) + 1e-3, 1000.0
    for _ in range(DISTANCE_BISECTIONS):
        middle = (near + far) / 2
        scale = focal / (middle - towards)
        if 2 * np.abs(right * scale).max() <= width and (up * scale).max() - (up * scale).min() <= height:
            far = middle
        else:
            near = middle
    seen = up * focal / (far - towards)
    return far, float(seen.max() + seen.min()) / 2
