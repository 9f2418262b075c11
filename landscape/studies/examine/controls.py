"""The controls of an examination: known maps on the same points, measured once for all networks that share them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from landscape import measures
from landscape.measures import Map
from landscape.studies.examine import networks
from landscape.studies.examine.kinds import kind_of
from landscape.studies.examine.look import Look

CONTROLS = ("identity", "constant", "memoriser")
STARTS_OF_CONTROLS = 16  # orbits from each kind of start: a known map needs few
NAMES = ("model", "weights", "data", "held_out")  # parameters that say where networks and points come from
MOST_KEPT = 8  # sets of points whose controls this process remembers

Rows = tuple[dict[str, Any], ...]
_measured: dict[str, Rows] = {}


def controls(look: Look, measure: Callable[[Map, Look], dict[str, Any]]) -> Rows:
    """A row of columns per control, of `measure(control, look)`, with its name and its kind.

    Controls do not depend on the examined network. The checkpoints of a model, and models with the same points, therefore
    share them: a process measures them once per set of points, parameters and device."""
    less = replace(look.given, probes=1, starts=min(look.given.starts, STARTS_OF_CONTROLS))
    few = replace(look, given=less)
    key = _key(few)
    if key not in _measured:
        dataset = networks.as_dataset(look)
        identity = measures.known_maps.Identity(1, look.dim, look.data.device)
        rows = []
        for name in CONTROLS:
            found = measure(measures.control(name, dataset, identity), few)
            rows.append({"control": name, "member": 0, **found, "kind": kind_of(found)})
        while len(_measured) >= MOST_KEPT:
            del _measured[next(iter(_measured))]
        _measured[key] = tuple(rows)
    return tuple(dict(row) for row in _measured[key])


def _key(look: Look) -> str:
    """A digest of all that a control's row depends on: the points, their layout, the other parameters, the device."""
    given = {name: value for name, value in asdict(look.given).items() if name not in NAMES}
    text = f"{sorted(given.items())} {look.picture} {look.device}"
    digest = hashlib.sha256(text.encode())
    for tensor in (look.data, look.held_out, look.layout):
        if tensor is not None:
            digest.update(f"{tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
