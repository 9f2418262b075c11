"""Second images: an image changed so that a ReLU layer gives it the same code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import null_space
from scipy.optimize import linprog

DIRECTIONS = 2  # random directions in which a linear programme goes as far as it may, and their opposites
MAX_ABSOLUTE = 1e-10  # ‖f(x) − f(y)‖ of two images with the same code, in float64
MARGIN = 1e-6  # share of the way that a second image stays short of the limits, because of the solver's tolerance
NO_ROOM = 1e-9  # a constraint with less room holds with equality: a pixel is black or white, and stays so


@dataclass(frozen=True, eq=False)
class Twin:
    """An image and a second one with the same code; `distance` is ‖y − x‖ / ‖x‖, `residual` is ‖f(x) − f(y)‖."""

    image: Float[np.ndarray, "pixels"]
    second: Float[np.ndarray, "pixels"]
    distance: float
    residual: float


def active_counts(
    weight: Float[np.ndarray, "rows pixels"], images: Float[np.ndarray, "images pixels"]
) -> Int[np.ndarray, "images"]:
    """The number of rows with ⟨w, x⟩ ≥ 0 of each image: (images,).

    With fewer than n of them, or of other ranks, the rows do not span the images' space, and images near x are merged."""
    return np.asarray(((images @ weight.T) >= 0).sum(1))


def second_image(
    weight: Float[np.ndarray, "rows pixels"], image: Float[np.ndarray, "pixels"], rng: np.random.Generator
) -> Twin | None:
    """An image in [0, 1] with the same code ReLU(Wx), the one that differs most of those found; None if none is found.

    1. The change must be orthogonal to all active rows: it lies in their null space, of which an orthonormal basis is taken.
    2. The other rows must stay at or below zero, and the pixels within [0, 1]. These are linear constraints.
    3. A linear programme (HiGHS) goes as far as it may in a random direction of the null space, and in its opposite. The
       farthest of these changes is taken, shortened until all constraints hold in float64.
    4. Both images are put through the layer, and the residual must be at most MAX_ABSOLUTE."""
    before = weight @ image
    active = before >= 0
    basis = null_space(weight[active]) if active.any() else np.eye(len(image))
    if not basis.shape[1]:
        return None
    sides = np.concatenate([basis, -basis, weight[~active] @ basis])
    room = np.concatenate([1 - image, image, -before[~active]])
    best = np.zeros(basis.shape[1])
    for direction in rng.standard_normal((DIRECTIONS, basis.shape[1])):
        for aim in (direction, -direction):
            solved = linprog(-aim, A_ub=sides, b_ub=room, bounds=(None, None), method="highs")
            if solved.status == 0 and np.linalg.norm(solved.x) > np.linalg.norm(best):
                best = solved.x
    moving = sides @ best
    wide = (moving > 0) & (room > NO_ROOM)
    share = float(np.min(room[wide] / moving[wide], initial=1.0))
    second = np.clip(image + (1 - MARGIN) * share * (basis @ best), 0, 1)
    codes = np.maximum(np.stack([image, second]) @ weight.T, 0)
    residual, distance = float(np.linalg.norm(codes[0] - codes[1])), float(np.linalg.norm(second - image))
    if not (distance > 0 and residual <= MAX_ABSOLUTE):
        return None
    return Twin(image, second, distance / float(np.linalg.norm(image)), residual)
