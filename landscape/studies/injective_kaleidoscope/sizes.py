"""Networks of ordinary, injective and leaky layers, at widths that give them nearly equal numbers of parameters."""

from __future__ import annotations

from functools import partial

from landscape.data import DataSpec, dimension, shape_of
from landscape.nets import Net, make_net, width_for
from landscape.nets.net import leaky_name
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LEAKY, ORDINARY
from landscape.studies.parts.grids import TANH_SETS

CLOSE = 0.02  # difference of the numbers of parameters, as a share of the injective network's, that is looked for
MOST_APART = 0.1  # difference from the other network, and from the budget, beyond which networks are not compared


def net_of_layers(layers: str, data: DataSpec, hidden: int, width: int, *, activation: str, slope: float) -> Net:
    """The network of these layers for these data. `slope` is that of leaky layers below zero."""
    output = "tanh" if data.name in TANH_SETS else "sigmoid"
    kind = "injective" if layers == INJECTIVE else "mlp"
    activation = leaky_name(slope) if layers == LEAKY else activation
    return make_net(kind, shape_of(data), hidden=hidden, width=width, activation=activation, output=output)


def matched_widths(data: DataSpec, hidden: int, budget: int) -> dict[str, int]:
    """The widths, by layers, of networks whose numbers of parameters are near the `budget` and near each other.

    1. Take the injective networks whose number is within MOST_APART of the budget, nearest first.
    2. Give each the MLP whose number is nearest to its own.
    3. The first pair that differs by at most CLOSE is taken; if none does, the pair that differs least.

    Raises ValueError if no injective network is so near the budget, or the least difference is more than MOST_APART."""
    dim = dimension(data)
    # Neither activation nor slope changes the number of parameters.
    makes = {
        layers: partial(net_of_layers, layers, data, hidden, activation="relu", slope=0.5)
        for layers in (INJECTIVE, ORDINARY)
    }

    def count(layers: str, width: int) -> int:
        return makes[layers](width).parameter_count(dim)

    middle, least = width_for(makes[INJECTIVE], dim, budget), makes[INJECTIVE](dim).least_width(dim)
    widths = range(max(least, int((1 - MOST_APART) * middle)), int((1 + MOST_APART) * middle) + 2)
    near = [width for width in widths if abs(count(INJECTIVE, width) - budget) <= MOST_APART * budget]
    pairs = []
    for width in sorted(near, key=lambda width: abs(count(INJECTIVE, width) - budget)):
        wanted = count(INJECTIVE, width)
        other = width_for(makes[ORDINARY], dim, wanted)
        pairs.append((abs(count(ORDINARY, other) - wanted) / wanted, width, other))
    close = [pair for pair in pairs if pair[0] <= CLOSE]
    apart, width, other = close[0] if close else min(pairs, default=(1.0, middle, 0))
    if apart > MOST_APART:
        raise ValueError(
            f"`budget` {budget:,} is that of no injective network with {hidden} hidden layers on {data.name} and of an MLP of "
            f"nearly as many parameters; the nearest injective network has {count(INJECTIVE, middle):,}. Take another budget"
        )
    return {INJECTIVE: width, ORDINARY: other, LEAKY: other}
