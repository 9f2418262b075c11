"""How long the tests of Gaussian layers take: measured once, for the estimate of a run's time."""

from __future__ import annotations

import math

# Processor seconds on a machine that takes SECONDS_PER_OPERATION, as the estimate's own timing finds it.
SECONDS_PER_OPERATION = 2.6e-11
# Of a matrix of n inputs, followed to the number of rows at which it becomes one-to-one. Beyond the last n each further input
# takes STEP times as long. A test ends at the time limit, and a matrix has TESTS of that length.
EXACT_SECONDS = {1: 0.005, 2: 0.01, 3: 0.024, 4: 0.077, 5: 0.33, 6: 1.4, 7: 12.0, 8: 110.0}
STEP, TESTS = 9.0, 8
SEARCH_SECONDS, SEARCH_POWER = 2.6, 1.65  # at 100 inputs; grows with this power of the inputs
SECOND_IMAGE_SECONDS, SECOND_IMAGE_POWER = 0.095, 1.1  # of one search for a second image, at 64 pixels; likewise


def exact_seconds(inputs: int, time_limit: float) -> float:
    """Of one matrix that is decided exactly."""
    last = max(EXACT_SECONDS)
    whole = EXACT_SECONDS[min(inputs, last)] * STEP ** max(inputs - last, 0)
    return min(whole, TESTS * time_limit)


def search_seconds(inputs: int) -> float:
    """Of one matrix at which merged pairs are only searched for."""
    return float(SEARCH_SECONDS * (inputs / 100) ** SEARCH_POWER)


def second_image_seconds(pixels: int) -> float:
    """Of one search for a second image with the same code."""
    return float(SECOND_IMAGE_SECONDS * (pixels / 64) ** SECOND_IMAGE_POWER)


def operations(seconds: float) -> float:
    """The floating-point operations that take so long, as `Study.operations` counts them."""
    return math.ceil(seconds / SECONDS_PER_OPERATION)
