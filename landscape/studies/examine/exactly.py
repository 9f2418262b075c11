"""What is known exactly where a network is a chain of affine maps: fixed points with proof, regions, plateaus."""

from __future__ import annotations

import pandas as pd
import torch

from landscape import measures
from landscape.measures import Map
from landscape.measures.exact import STABILITIES, FixedPoints
from landscape.measures.maps import chain
from landscape.studies.examine.look import Look, Part, Skip
from landscape.studies.parts.courses import levels

NEWTON_MOST_DIM = 64  # Newton's method takes D × D matrices in float64, at every step from every start
NEWTON_STARTS = 64  # of noise, and as many of the data
FEW_NEWTON_STARTS, DIM_OF_FEW = 16, 16  # above D = 16: a start costs ten times as much at D = 64
AT_REST, FEW_MOVE = 1e-6, 0.5  # of the range; the share of noise below which the points that move are few
LISTED = 500  # fixed points that are kept


@torch.no_grad()
def fixed_points(network: Map, look: Look) -> Part:
    """Fixed points: all of them with proof for a chain of affine maps in the plane, else those that Newton's method finds."""
    if look.dim <= 2 and chain(network) is not None:
        return _listed(measures.fixed_points(network, low=look.low, high=look.high), look)
    if look.dim > NEWTON_MOST_DIM:
        raise Skip(
            f"Newton's method is not used past {NEWTON_MOST_DIM} coordinates, and here there are {look.dim}; the fixed points "
            "that attract are among the attractors above"
        )
    count = NEWTON_STARTS if look.dim <= DIM_OF_FEW else FEW_NEWTON_STARTS
    noise = look.starts("noise", NEWTON_STARTS)
    moved = (network(noise) - noise).abs().amax(-1)[0] > AT_REST * look.side
    if float(moved.double().mean()) < FEW_MOVE:
        raise Skip("nearly every point is a fixed point: they form a continuum, and cannot be listed")
    begun = torch.cat([noise[:, :count], look.starts("data", count)], 1)
    return _listed(measures.periodic_points(network, begun, low=look.low, high=look.high), look)


def _listed(found: FixedPoints, look: Look) -> Part:
    count = len(found.points)
    at, index, distance = look.at_training(found.points)
    stable = found.stability == STABILITIES.index("stable")
    proven = bool(found.proven[0])
    columns: dict[str, float | int | str] = {
        "fixed_points": count,
        "fixed_points_stable": int(stable.sum()),
        "fixed_points_at_training": int(at.sum()),
        "fixed_points_proven": float(proven),
    }
    table = pd.DataFrame(
        {
            "fixed_point": range(min(count, LISTED)),
            "stability": [STABILITIES[place] for place in found.stability[:LISTED].tolist()],
            "radius": found.radius[:LISTED].cpu().numpy(),
            "residual": found.residual[:LISTED].cpu().numpy(),
            "nearest": index[:LISTED].numpy(),
            "distance": distance[:LISTED].numpy(),
            "at_training": at[:LISTED].numpy(),
            "proven": proven,
        }
    )
    arrays = {"fixed points": levels(found.points[:LISTED].to(look.data)[:, look.layout], look.low, look.high)}
    if look.dim <= 2:
        arrays["fixed places"] = found.points[:LISTED].float().cpu().numpy()
    return Part(columns, {"fixed_points": table}, arrays)


@torch.no_grad()
def pieces(network: Map, look: Look) -> Part:
    """The linear regions and the plateaus on a plane: the whole range for D ≤ 2, else through three points of the data."""
    if chain(network) is None:
        raise Skip(
            "the network is no chain of affine maps with ReLU between them, so that its pieces cannot be listed exactly"
        )
    if look.dim == 1:
        from landscape.cube import whole

        where = whole(1, low=look.low, high=look.high)
    else:
        where = next(iter(look.planes.values()))[0]
    cells = measures.regions(network, where)
    flat = measures.exact.plateaus(cells)
    columns: dict[str, float | int | str] = {
        "regions": len(cells.share),
        "plateaus": len(flat.share),
        "plateau_share": float(flat.share.sum()),
    }
    return Part(columns)
