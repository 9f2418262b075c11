"""Numbers that the paper's author published, to be drawn beside ours."""

from __future__ import annotations

import pandas as pd

DIGITISING_ERROR = 0.002  # of each value read off the plot

# Corner maximum by number of points: the Fig. 6-style plot of the repository of Shrivastava (2024), digitised. Six hidden
# layers of 50 units, one unseeded run; its list of counts omits 16. "~" marks dots hard to tell from the floor.
_COUNTS = (1, 2, 4, 8, 32, 64, 128, 256, 512, 1024, 2048)
_CORNER_MAXIMA = {
    2: ".525 .429 .243 .173 ~.005 .0065 ~.001 ~.001 <.001 <.001 <.001",
    4: ".443 .566 .442 .282 .058 .038 .036 .010 .009 .005 .005",
}
# Training loss of the MNIST network (10 hidden layers of 500 units, tanh), as the source's repository prints it.
_MNIST_LOSSES = (0.9275, 0.1406, 0.1151, 0.0970, 0.0850, 0.0755, 0.0723, 0.0701, 0.0664, 0.0640)
_MNIST_EVERY = 1000
# Outputs at the ends of the line of the published one-dimensional run: the points .2 and .8, 6 hidden layers of 10 units.
LINE_NET, LINE_OUTPUTS = {"data": "two-points", "hidden": 6, "width": 10}, {0.0: 0.170, 1.0: 0.826}


def published_corner_maxima() -> pd.DataFrame:
    """A table with a row per dot: dim, count, value, and its reading: 'read', 'approximate', or 'below' (value is a bound)."""
    kinds = {"~": "approximate", "<": "below"}
    rows = [
        {"dim": dim, "count": count, "value": float(text.lstrip("~<")), "reading": kinds.get(text[0], "read")}
        for dim, line in _CORNER_MAXIMA.items()
        for count, text in zip(_COUNTS, line.split(), strict=True)
    ]
    return pd.DataFrame(rows)


def published_mnist_losses() -> pd.DataFrame:
    """The loss of the MNIST network's training at every thousandth step: columns step and loss."""
    return pd.DataFrame({"step": [_MNIST_EVERY * place for place in range(len(_MNIST_LOSSES))], "loss": _MNIST_LOSSES})


def against_published(members: pd.DataFrame) -> pd.DataFrame:
    """A table with a row per published dot and number of hidden layers: our smallest, median and largest corner maximum.

    `inside`: the dot lies between our smallest and largest; for a 'below' dot, our smallest is at most its bound.
    `inside_with_error`: the same holds up to the digitising error. Diverged members have no corner maximum and are left out."""
    found = members.groupby(["hidden", "dim", "count"])["corner_maximum"]
    ours = found.agg(["min", "median", "max", "count"]).set_axis(["smallest", "median", "largest", "members"], axis=1)
    table = published_corner_maxima().merge(ours.reset_index(), on=["dim", "count"])
    below, error = table["reading"] == "below", DIGITISING_ERROR
    table["inside"] = (table.smallest <= table.value) & (below | (table.value <= table.largest))
    table["inside_with_error"] = (table.smallest <= table.value + error) & (
        below | (table.value - error <= table.largest)
    )
    columns = ["hidden", "dim", "count", "value", "reading", "smallest", "median", "largest", "members"]
    return table.sort_values(["hidden", "dim", "count"], ignore_index=True)[[*columns, "inside", "inside_with_error"]]
