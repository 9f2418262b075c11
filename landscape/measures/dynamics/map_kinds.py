"""What kind of map a network has become: memoriser, identity, untrained, constant, unfitted, or none of these."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.data import Dataset
from landscape.facts import Shown
from landscape.measures.dynamics.iteration import near_radius, share_near
from landscape.measures.gate import gated
from landscape.measures.local.flatness import FLAT
from landscape.measures.local.jacobian import jacobian_at, numerical_rank, operator_norm, trace_share
from landscape.measures.maps import Map
from landscape.measures.transfer import on_cpu

CONSTANT_RANGE = (
    0.01  # of the range: outputs of a constant map vary by less, as those of networks of status 'collapsed'
)
IDENTITY_LOSS = 0.01  # of range²/12, which is the loss of the best constant map on uniform points
MEMORISER_SHARE = (
    0.95  # of the outputs that must be near a training point, and of the points where the map must be flat
)
UNTRAINED_MOVE = 1e-4  # root mean square distance from the initial map, as a share of the cube's side
UNFITTED_LOSS = 0.5  # of the best constant map's loss on the training points
KINDS = ("memoriser", "identity", "untrained", "constant", "unfitted", "between")


@dataclass(frozen=True, eq=False, repr=False)
class Behaviour(Shown):
    """Measurements of a model at sampled points of the cube, per member (E,), and the kind of map that they show.

    - `output_range`: the range of the coordinate whose outputs vary most, as a share of the cube's side.
    - `on_data`: the share of outputs near a training point. `flat`: the share of points with ‖J‖ < τ.
    - `trace`: the mean of tr J/D, which is 1 for the identity. `rank`: the mean numerical rank of J.
    - `cube_mean`: the mean loss. `kind`: one of KINDS."""

    output_range: Tensor
    on_data: Tensor
    flat: Tensor
    trace: Tensor
    rank: Tensor
    cube_mean: Tensor
    kind: tuple[str, ...]

    def columns(self) -> dict[str, object]:
        """The measurements as columns of a table: a list per name."""
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
    """What kind of map every member of `model` is, measured at uniform `points` (P, D) of the cube, the same for all members.

    The Jacobians at all points are held at once, E·P·D² numbers: at D = 784, 2.5 MB per point and member.

    The first rule that holds names the kind. It looks at the map's values alone, so that known maps are recognised, too.
    1. memoriser: several training points, 95 % of outputs near one of them, and 95 % of the cube flat.
    2. identity: the mean loss is below 1 % of that of the best constant map.
    3. untrained: the map is within 0.01 % of the range of `untrained`, the network before training.
    4. constant: outputs vary by less than 1 % of the range.
    5. unfitted: several training points, and a training loss above half of that of the best constant map.
    6. between: none of these."""
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
