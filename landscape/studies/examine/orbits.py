"""Where repeating a network leads: orbits to watch, where orbits end, and which points of the data attract."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import measures
from landscape.measures import Map
from landscape.measures.dynamics import OUTSIDE, Attractors
from landscape.studies.examine.look import KINDS, Look, Part
from landscape.studies.parts.courses import by_course, course, frames, image_radius, levels

NEWTON_DIM = 8  # up to here attractors are found by Newton's method, beyond by proximity
PLAYED = {"noise": 12, "near data": 12, "held out": 12}  # orbits that the page plays, of each kind of start
LISTED = 12  # attractors that the page shows
ENDS = ("at_training", "elsewhere", "still", "moving", "outside")  # where an orbit ends; see `ends`


def kinds(look: Look) -> tuple[str, ...]:
    """The kinds of start there are."""
    return KINDS if look.held_out is not None else tuple(kind for kind in KINDS if kind != "held out")


@torch.no_grad()
def player(network: Map, look: Look) -> Part:
    """Orbits from noise, data + noise and held-out points at the iterations that the page plays, and what they are near."""
    shown = [kind for kind in PLAYED if kind in kinds(look)]
    begun = torch.cat([look.starts(kind, PLAYED[kind]) for kind in shown], 1)
    counted = [look.starts(kind, PLAYED[kind]).shape[1] for kind in shown]
    kept = frames(look.given.iterations)
    points = measures.dynamics.collect(measures.iterate(network, begun, look.given.iterations), kept)[0]
    flat = points.flatten(0, 1).nan_to_num()
    distance, index = (found[0] for found in measures.nearest(flat[None].to(look.data), look.data))
    known, place = torch.unique(index.cpu(), return_inverse=True)
    jumps = measures.dynamics.jumps(
        measures.iterate(network, begun, look.given.iterations), low=look.low, high=look.high
    )
    shape = points.shape[:2]
    arrays = {
        "frames": levels(points[..., look.layout], look.low, look.high),
        "paths": points.float().cpu().numpy() if look.dim <= 2 else np.zeros(0, np.float32),
        "iterations": np.array(kept),
        "neighbours": levels(look.data[0, known.to(look.data.device)][:, look.layout], look.low, look.high),
        "nearest": place.view(shape).numpy(),
        "distance": distance.view(shape).cpu().numpy(),
        "last_jump": jumps.last[0].cpu().numpy(),
        "kinds": np.repeat(shown, counted),
        "radius": image_radius(look.data, look.low, look.high)[0].cpu().numpy(),
    }
    return Part(arrays=arrays)


@torch.no_grad()
def settling(network: Map, look: Look) -> Part:
    """How soon orbits settle, and how near the data they come: a table with a row per kind of start and iteration."""
    tables, columns = [], {}
    for kind in kinds(look):
        if kind == "data":
            continue
        begun = look.starts(kind, look.given.starts)
        found = course(
            network, begun, look.given.iterations, look.data, watched=begun.shape[1], low=look.low, high=look.high
        )
        radius = image_radius(look.data, look.low, look.high)
        tables.append(by_course(found, radius, kind))
        word = kind.replace(" ", "_")
        columns[f"settled_{word}"] = float(found.burn_in.settled[0])
        columns[f"time_{word}"] = math.nan if bool(found.burn_in.censored[0]) else float(found.burn_in.value[0])
    return Part(columns, {"iterations": pd.concat(tables, ignore_index=True)})


@torch.no_grad()
def ends(network: Map, look: Look) -> Part:
    """Where orbits end, by kind of start, and the attractors that they lead to.

    An orbit ends at a point of the data (`at_training`), at another attractor (`elsewhere`), at rest where nothing attracts,
    as under the identity (`still`), still `moving`, or `outside` the range for good."""
    begun = {kind: look.starts(kind, look.given.starts) for kind in kinds(look)}
    found = measures.find_attractors(
        network,
        torch.cat(list(begun.values()), 1),
        look.given.iterations,
        by="newton" if look.dim <= NEWTON_DIM else "proximity",
        low=look.low,
        high=look.high,
        generator=look.generator("tangents"),
    )
    at, index, distance = look.at_training(found.points)
    labels, rests = found.label[0].cpu(), found.rests[0].cpu()
    words = _words(labels, rests, at)
    columns: dict[str, float | int | str] = {}
    rows, first = [], 0
    for kind, points in begun.items():
        some = words[first : first + points.shape[1]]
        shares = {name: float(np.mean(some == name)) for name in ENDS}
        rows.append({"start": kind, "orbits": len(some), **shares})
        columns |= {f"{name}_{kind.replace(' ', '_')}": share for name, share in shares.items()}
        if kind == "data":
            columns["data_attracting"] = _attracting(labels[first:], at, index, points.shape[1])
        first += points.shape[1]
    columns |= {"attractors": len(at), "attractors_at_training": int(at.sum()), "different_ends": len(at)}
    listed = _list(found, labels, at, index, distance)
    return Part(columns, {"ends": pd.DataFrame(rows), "attractors": listed}, _pictures(found, index, look))


def _words(labels: Tensor, rests: Tensor, at: Tensor) -> np.ndarray:
    """The word of ENDS for each orbit: (S,)."""
    known = torch.cat([at, torch.tensor([False])])  # the last is for the negative labels
    attracted = labels >= 0
    words = np.full(len(labels), "moving", dtype=object)
    words[(labels == OUTSIDE).numpy()] = "outside"
    words[(rests & ~attracted & (labels != OUTSIDE)).numpy()] = "still"
    words[attracted.numpy()] = "elsewhere"
    words[(attracted & known[labels.clamp_min(-1)]).numpy()] = "at_training"
    return words


def _attracting(labels: Tensor, at: Tensor, index: Tensor, count: int) -> float:
    """The share of the first `count` data points that attract: the orbit that starts at the point ends at it."""
    stays = [bool(row >= 0 and at[row] and index[row] == place) for place, row in enumerate(labels[:count].tolist())]
    return float(np.mean(stays))


def _list(found: Attractors, labels: Tensor, at: Tensor, index: Tensor, distance: Tensor) -> pd.DataFrame:
    """A row per attractor: the share of all orbits, its kind, period and growth, and the nearest point of the data."""
    visits = torch.bincount(labels[labels >= 0], minlength=len(at)).numpy()
    names = [measures.dynamics.ATTRACTOR_KINDS[kind] for kind in found.kind.tolist()]
    return pd.DataFrame(
        {
            "attractor": range(len(at)),
            "kind": names,
            "period": found.period.cpu().numpy(),
            "share": visits / max(len(labels), 1),
            "growth": found.exponent.exp().cpu().numpy(),
            "nearest": index.numpy(),
            "distance": distance.numpy(),
            "at_training": at.numpy(),
        }
    )


def _pictures(found: Attractors, index: Tensor, look: Look) -> dict[str, np.ndarray]:
    """The first attractors, and the points of the data nearest to them."""
    points = found.points[:LISTED].to(look.data)
    near = look.data[0, index[:LISTED].to(look.data.device)]
    arrays = {"attractor points": levels(points[:, look.layout], look.low, look.high)}
    arrays["attractor neighbours"] = levels(near[:, look.layout], look.low, look.high)
    if look.dim <= 2:
        arrays["attractor places"] = found.points.float().cpu().numpy()
    return arrays
