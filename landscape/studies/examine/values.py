"""The values and slopes of a network: how well it returns its input, the loss on planes, its highest loss, its Jacobians."""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from landscape import measures
from landscape.measures import Map
from landscape.measures.local.jacobian import ABSOLUTE_RANK, RELATIVE_RANK
from landscape.studies.examine.look import Look, Part
from landscape.studies.parts.courses import levels

PICTURED = 10  # points whose reconstructions are shown
SEARCH: dict[str, Any] = {
    "samples": 1024,
    "restarts": 4,
    "steps": 40,
}  # of the climb to the highest loss: seconds at D = 784
CORNER_SEARCH: dict[str, Any] = {"restarts": 8, "rounds": 2}  # of the climb from corner to corner: seconds at D = 784


def reconstruction(network: Map, look: Look) -> Part:
    """How well the network returns data, held-out points and noise, and how much of an added noise it leaves."""
    noise, count = look.starts("noise", look.given.samples), PICTURED
    sets = {"data": look.data, "noise": noise}
    if look.held_out is not None:
        sets["held out"] = look.held_out
    columns: dict[str, float | int | str] = {}
    arrays, outputs = {}, {}
    for name, points in sets.items():
        outputs[name] = network(points)
        columns[f"loss_{name.replace(' ', '_')}"] = float((outputs[name] - points).square().mean())
        arrays[f"shown {name}"] = levels(points[0, :count, look.layout], look.low, look.high)
        arrays[f"returned {name}"] = levels(outputs[name][0, :count, look.layout], look.low, look.high)
    columns["loss_constant"] = look.best_constant
    together = torch.cat([outputs["data"], outputs["noise"]], 1)
    columns["output_range"] = float((together.amax(1) - together.amin(1)).max()) / look.side
    noised = look.noised(look.data)
    added = (noised - look.data).square().mean()
    returned = network(noised)
    columns["noise_left"] = float((returned - look.data).square().mean() / added)
    columns["noise_passed"] = float((returned - outputs["data"]).square().mean() / added)
    at, _, _ = look.at_training(outputs["noise"][0])
    columns["copies_at_once"] = float(at.float().mean())
    arrays["shown near data"] = levels(noised[0, :count, look.layout], look.low, look.high)
    arrays["returned near data"] = levels(returned[0, :count, look.layout], look.low, look.high)
    return Part(columns, arrays=arrays)


def surface(network: Map, look: Look) -> Part:
    """The loss on planes: in the plane the whole range, else through three points of the data and on their principal axes."""
    arrays, columns = {}, {}
    for name, (where, spots) in look.planes.items():
        side = look.given.resolution
        points = where.at(where.grid(side)).to(look.data)
        loss = measures.loss_at(network, points)[0].view(side, side)
        arrays[f"height {name}"] = loss.float().cpu().numpy()
        arrays[f"spots {name}"] = spots.float().numpy()
        arrays[f"extent {name}"] = torch.stack([where.low, where.high], 1).flatten().numpy()
        outside = ((points < look.low) | (points > look.high)).any(-1).float().mean()
        columns[f"plane_outside_{name.replace(' ', '_')}"] = float(outside)
    return Part(columns, arrays=arrays)


def highest_loss(network: Map, look: Look) -> Part:
    """The highest loss over the corners of the range, and over the whole range.

    All corners are visited where D is small. Beyond, a climb from corner to corner gives a lower bound, from which the climb in
    the whole range starts, too."""
    columns: dict[str, float | int | str] = {}
    seeds = None
    if look.dim <= look.given.corners:
        found = measures.corner_loss(network, low=look.low, high=look.high)
        columns |= {"corner_maximum": float(found.maximum[0]), "corner_mean": float(found.mean[0])}
        seeds = found.top
    else:
        climbed, corner = measures.corner_ascent(
            network, generator=look.generator("corners"), low=look.low, high=look.high, **CORNER_SEARCH
        )
        columns["corner_climbed"] = float(climbed[0])
        seeds = corner[:, None]
    top, place = measures.cube_maximum(
        network, generator=look.generator("search"), seeds=seeds, low=look.low, high=look.high, **SEARCH
    )
    columns["highest_loss"] = float(top[0])
    edge = torch.minimum(place[0] - look.low, look.high - place[0]) < 1e-6 * look.side
    columns["highest_at_edges"] = float(edge.double().mean())
    return Part(columns, arrays={"highest": levels(place[0].cpu()[look.layout], look.low, look.high)})


def _asymmetry(jacobian: Float[Tensor, "*points dim dim"]) -> Float[Tensor, "*points"]:
    """The share of J that is antisymmetric, ‖J − Jᵀ‖ / 2‖J‖: 0 for a symmetric J, near 0.7 for one without structure."""
    apart = (jacobian - jacobian.mT).flatten(-2).norm(dim=-1)
    share: Tensor = apart / (2 * jacobian.flatten(-2).norm(dim=-1)).clamp_min(torch.finfo(jacobian.dtype).tiny)
    return share


def slopes(network: Map, look: Look) -> Part:
    """The Jacobian at points of the data and of noise: ρ, tr J / D, rank and ‖J‖; a table with a row per point."""
    rows: list[pd.DataFrame] = []
    columns: dict[str, float | int | str] = {}
    for name in ("data", "noise"):
        points = look.starts(name, look.given.probes)
        jacobian = measures.jacobian_at(network, points)
        singular = torch.linalg.svdvals(jacobian)  # once for rank and norm: it takes longest
        floor = (RELATIVE_RANK * singular[..., :1]).clamp_min(ABSOLUTE_RANK)
        found: dict[str, Tensor] = {
            "rho": measures.spectral_radius(jacobian),
            "trace": measures.local.trace_share(jacobian),
            "rank": (singular > floor).sum(-1),
            "norm": singular[..., 0],
            "asymmetry": _asymmetry(jacobian),
        }
        table = pd.DataFrame({key: values[0].cpu().numpy() for key, values in found.items()})
        rows.append(table.assign(where=name, point=range(len(table))))
        columns |= {f"{key}_{name}": float(table[key].median()) for key in found}
    return Part(columns, {"slopes": pd.concat(rows, ignore_index=True)})
