"""What kind of map a network has become: identity, constant, memoriser, still untrained, not fitted, or between these."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.data import Dataset
from landscape.measures.dynamics.iteration import near_radius, share_near
from landscape.measures.gate import gated
from landscape.measures.local.flatness import FLAT
from landscape.measures.local.jacobian import jacobian_at, numerical_rank, operator_norm, trace_share
from landscape.measures.maps import Map
from landscape.measures.transfer import on_cpu

CONSTANT_RANGE = 0.01  # of the data's range: the rule for the status 'collapsed', here over the whole cube
IDENTITY_LOSS = 0.01  # of 1/12·range², the loss of the best constant map on uniform points
MEMORISER_SHARE = 0.95  # of outputs near a training point, and of points where the map is flat
UNTRAINED_MOVE = 1e-4  # root mean square distance from the initial map, as a share of the cube's side
UNFITTED_LOSS = 0.5  # of the best constant map's loss on the training points
KINDS = ("memoriser", "identity", "untrained", "constant", "unfitted", "between")


@dataclass(frozen=True, eq=False)
class Behaviour:
    """A map's numbers over sampled points of the cube, per member (E,).

    `output_range`: the widest coordinate's range of outputs, as a share of the cube's side. `on_data`: share of outputs near a
    training point. `flat`: share of points with ‖J‖ < τ. `trace`: mean tr J/D (1 for the identity). `rank`: mean numerical
    rank of J. `cube_mean`: mean loss. `kind`: one of KINDS."""

    output_range: Tensor
    on_data: Tensor
    flat: Tensor
    trace: Tensor
    rank: Tensor
    cube_mean: Tensor
    kind: tuple[str, ...]

    def columns(self) -> dict[str, object]:
        """For a table: a list a column."""
        numbers = {
            "cube_mean": self.cube_mean,
            "output_range": self.output_range,
            "on_data": self.on_data,
            "flat_share": self.flat,
            "trace_share": self.trace,
            "rank": self.rank,
        }
        return {**{name: values.tolist() for name, values in on_cpu(numbers).items()}, "kind": list(self.kind)}


@gated("points")
def behaviour(model: Map, untrained: Map, dataset: Dataset, points: Float[Tensor, "points dim"]) -> Behaviour:
    """The behaviour of every member of `model` at uniform `points` of the cube, all members at the same ones.

    The rules look at the maps alone, so that a control handed in is recognised; the first that holds names the kind:
    memoriser (more than one training point, 95 % of outputs near one, 95 % of the cube flat), identity (mean loss below 1 % of
    a constant's), untrained (within 0.01 % of the initial map), constant (output range below 1 %), unfitted (training loss
    above half of the best constant's, which one training point does not have), between."""
    side = dataset.high - dataset.low
    shared = points.expand(model.members, *points.shape)
    with torch.no_grad():
        outputs = model(shared)
        jacobians = jacobian_at(model, points)
        moved = (outputs - untrained(shared)).square().mean((1, 2)).sqrt() / side
        data = dataset.points.to(outputs.device)
        training = (model(data.contiguous()) - data).square().mean((1, 2))
    output_range = (outputs.amax(1) - outputs.amin(1)).amax(1) / side
    on_data = share_near(outputs, data, near_radius(data, dataset.low, dataset.high))
    flat = (operator_norm(jacobians) < FLAT).float().mean(1)
    cube_mean = (outputs - shared).square().mean((1, 2))
    best_constant = (data - data.mean(1, keepdim=True)).square().mean((1, 2))
    several = dataset.count > 1
    rules = {
        "memoriser": several & (on_data >= MEMORISER_SHARE) & (flat >= MEMORISER_SHARE),
        "identity": cube_mean < IDENTITY_LOSS * side**2 / 12,
        "untrained": moved < UNTRAINED_MOVE,
        "constant": output_range < CONSTANT_RANGE,
        "unfitted": several & (training > UNFITTED_LOSS * best_constant),
    }
    held = torch.stack(list(rules.values()), 1).tolist()
    kinds = tuple(next((name for name, holds in zip(rules, row, strict=True) if holds), "between") for row in held)
    trace = trace_share(jacobians).mean(1)
    rank = numerical_rank(jacobians).float().mean(1)
    return Behaviour(output_range, on_data, flat, trace, rank, cube_mean, kinds)
