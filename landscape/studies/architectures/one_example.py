"""What the report shows of nets that are trained on a single image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.images import GAP_GREY
from landscape.results import Result
from landscape.studies.architectures.claims import FITTED_LOSS, WHOLE_BUDGET, begun
from landscape.studies.architectures.figures import identity_by_depth, sheet_of_nets


def one_example_panels(result: Result, table: pd.DataFrame) -> Iterator[Panel]:
    """Whether nets trained on a single image became constants or the identity."""
    limited = narrow(table, result)
    table = table.assign(net=table.net + table.init.map(begun))
    fitted = table[table.loss <= FITTED_LOSS]
    short = "".join(
        f"; {rows.net.iloc[0]} of {rows.hidden.iloc[0]} hidden: {(rows.loss <= FITTED_LOSS).sum()} of {len(rows)}"
        for _, rows in table.groupby(["net", "hidden"], sort=False)
        if (rows.loss > FITTED_LOSS).any()
    )
    losses = fitted.groupby("net", sort=False).loss.median()
    reached = ", ".join(f"{net} {loss:.1e}" for net, loss in losses.items())
    yield Panel(
        title="One example: constant or identity?",
        caption=(
            "Networks trained on one image, after the whole budget: the squared error of the constant over that of constant "
            "and identity together, on held-out images. Zhang et al. (2020) found fully connected nets near constants and CNNs "
            f"of few layers near the identity. Means with 95 % intervals over {table.seed.nunique()} seeds; median training "
            f"losses: {reached}. Only networks that fit their image (loss ≤ {FITTED_LOSS:g}) count{short or ', as all do'}."
            f"{limited}"
        ),
        body=identity_by_depth(fitted),
        section="One example",
        downloads={"one_example": table[["net", "hidden", "member", "seed", "loss", "identity_share"]]},
    )
    tried = result.tables["rates"]
    tried = tried[(tried["count"] == 1) & (tried.band == WHOLE_BUDGET)]
    settings = result.record["parameters"]
    yield Panel(
        title="Learning rates tried for one example",
        caption=(
            f"Geometric mean losses of {settings['tuned']} networks of other seeds after "
            f"{settings['trial_steps'] or settings['steps']:,} steps; the least is taken for all networks of its row."
        ),
        body=tried.assign(loss=tried.loss.map("{:.1e}".format))
        .pivot(index=["data", "net", "init", "hidden"], columns="rate", values="loss")
        .rename(columns="{:g}".format)
        .reset_index(),
        section="One example",
    )
    for data in table.data.unique():
        yield _made_of_others(result, data)


def _made_of_others(result: Result, data: str) -> Panel:
    cells = [one for one in result.arrays if (one["data"], one["count"], one["band"]) == (data, 1, WHOLE_BUDGET)]
    depths = sorted({one["hidden"] for one in cells})
    sheet: dict[str, list[np.ndarray]] = {}
    for one in cells:
        arrays = result.arrays[one]
        others, made, training = (
            arrays[kind].reshape(-1, *pixels_of(arrays)) for kind in ("others", "made_of_others", "training")
        )
        blank = np.full_like(others, GAP_GREY)
        row = sheet.setdefault(one["net"] + begun(one["init"]), [np.concatenate([training, blank[1:]]), others])
        row += [blank] * (2 + len(depths) - len(row))
        row[2 + depths.index(one["hidden"])] = made
    return Panel(
        title=f"What images that it never saw become: {data}",
        caption=(
            "The one image a network was trained on, others, and what a network of each depth makes of those: a constant "
            "returns its training image, the identity what it is given. All of the first seed, whose image is the same; "
            "one that did not fit it may show black."
        ),
        body=sheet_of_nets(sheet, ["training", "given", *(f"{depth} hidden" for depth in depths)]),
        section="One example",
    )


def narrow(table: pd.DataFrame, result: Result) -> str:
    """A sentence on the networks in `table` whose layers have fewer units than an image has values; empty if there are none.

    Only MLPs and residual nets send everything through layers of their width."""
    arrays = next(arrays for cell, arrays in result.arrays.items() if cell["data"] == table.data.iloc[0])
    dim = int(np.prod(arrays["shape"]))
    widths = table[table.net.isin(("mlp", "residual")) & (table.width < dim)].groupby("net", sort=False).width.min()
    words = " and ".join(f"{net} (width {width})" for net, width in widths.items())
    if not words:
        return ""
    return f" Narrower than the {dim:,} values of an image: {words}, the identity on as many dimensions at most."


def pixels_of(arrays: Mapping[str, np.ndarray]) -> tuple[int, ...]:
    """The shape of an image; points that are no images are shown as a row of pixels."""
    shape = tuple(arrays["shape"].tolist())
    return shape if len(shape) > 1 else (1, *shape)
