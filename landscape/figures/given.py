"""Arrays that users give: numpy's, torch's, or lists."""

from __future__ import annotations

from typing import Any

import numpy as np


def numbers(values: Any, name: str) -> np.ndarray:
    """Numbers as an array of floats; tensors of any device too."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if not values.dtype.is_floating_point or values.element_size() < 4 else values
    try:
        array = np.asarray(values)
        return array.astype(np.float64 if array.dtype == np.float64 else np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must be an array of numbers ({error})") from None
