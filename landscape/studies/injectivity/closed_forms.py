"""Of Gaussian layers with one or two inputs, the share that is one-to-one, in closed form."""

from __future__ import annotations

import math
from itertools import count

CLOSED = (1, 2)  # inputs


def half_of(inputs: int) -> int:
    """The least number of rows with which half of such layers are one-to-one. Raises ValueError as `share_one_to_one`."""
    return next(rows for rows in count(2 * inputs) if share_one_to_one(inputs, rows) >= 0.5)


def share_one_to_one(inputs: int, rows: int) -> float:
    """The probability that `rows` random rows, with directions uniform on the sphere, make a one-to-one ReLU layer.

    The layer is one-to-one if every open half-space holds at least n of the rows.

    1. n = 1: both signs must occur: 1 − 2^(1−m).
    2. n = 2: turn a half-circle once around. By symmetry the signs of the m rows along m fixed lines are independent and fair.
       The half-circle that holds the fewest rows holds none for 2m of the 2^m signs (Wendel 1962). It holds exactly one for
       2C(m, 3) − m(m − 4)(m − 5)/3 of them: the signs change three times on a half-turn, and one run between changes has
       length one. Both together are 2m(m − 2), so that the share is 1 − m(m − 2) 2^(1−m) for m ≥ 4.

    Raises ValueError for other numbers of inputs."""
    if inputs not in CLOSED:
        raise ValueError(f"`inputs` must be 1 or 2, where a closed form is known; got {inputs}")
    if rows < 2 * inputs:
        return 0.0
    refuted = 1 if inputs == 1 else rows * (rows - 2)
    return 1 - refuted * math.ldexp(1.0, 1 - rows)
