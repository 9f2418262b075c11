"""What the report shows of nets that are trained on a single image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.images import GAP_GREY
from landscape.findings import listed, number
from landscape.results import Result
from landscape.studies.architectures.claims import FITTED_LOSS, WHOLE_BUDGET, begun
from landscape.studies.architectures.figures import identity_by_depth, sheet_of_nets
from landscape.studies.architectures.ranking import named
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import data_words, two_digits

ONE_EXAMPLE = "One example"
CONSTANT_BELOW = 0.5  # of the place from 0, a constant, to 1, the identity
LEAST_APART = 1e-12


def one_example_panels(result: Result, table: pd.DataFrame) -> Iterator[Panel]:
    """Whether nets trained on a single image became constants or the identity."""
    limited = narrow(table, result)
    table = table.assign(net=table.net + table.init.map(begun))
    fitted = table[table.loss <= FITTED_LOSS]
    short = [
        f"{named(rows.net.iloc[0])} of {rows.hidden.iloc[0]} hidden: {(rows.loss <= FITTED_LOSS).sum()} of {len(rows)}"
        for _, rows in table.groupby(["net", "hidden"], sort=False)
        if (rows.loss > FITTED_LOSS).any()
    ]
    shares = fitted.groupby("net", sort=False).identity_share.mean()
    yield Panel(
        title=f"{ONE_EXAMPLE}: {_kinds(shares)}",
        caption=_shares_words(shares),
        body=identity_by_depth(fitted),
        section=ONE_EXAMPLE,
        downloads={"one_example": table[["net", "hidden", "member", "seed", "loss", "identity_share"]]},
        how=(
            "Networks trained on one image, after all steps: the squared error of the constant over that of constant and "
            "identity together, on held-out images. Zhang et al. (2020) found fully connected nets near constants and CNNs of "
            f"few layers near the identity. Means with 95 % intervals over {counted(table.seed.nunique(), 'seed')}. Only "
            f"networks that fit their image (loss ≤ {FITTED_LOSS:g}) count; "
            f"{'not all do: ' + '; '.join(short) if short else 'all do'}.{limited}"
        ),
    )
    tried = result.tables["rates"]
    tried = tried[(tried["count"] == 1) & (tried.band == WHOLE_BUDGET)]
    settings = result.record["parameters"]
    best = sorted(tried.loc[tried.groupby(["data", "net", "init", "hidden"]).loss.idxmin()].rate.unique())
    one = len(best) == 1
    yield Panel(
        title=f"The best learning rate {'is the same for all networks' if one else 'depends on the net or its depth'}",
        caption=f"The rate{'' if one else 's'} taken {'is' if one else 'are'} {listed([f'{rate:g}' for rate in best])}.",
        body=tried.assign(loss=tried.loss.map(two_digits))
        .pivot(index=["data", "net", "init", "hidden"], columns="rate", values="loss")
        .rename(columns="{:g}".format)
        .reset_index(),
        section=ONE_EXAMPLE,
        how=(
            f"Geometric mean losses of {counted(settings['tuned'], 'network')} of other seeds after "
            f"{settings['trial_steps'] or settings['steps']:,} steps; the rate of the least is taken for all networks of its "
            "row."
        ),
    )
    for data in table.data.unique():
        yield _made_of_others(result, data)


def _kinds(shares: pd.Series[float]) -> str:
    """'MLPs are nearer to a constant, CNNs nearer to the identity', by the mean place of each net between 0 and 1."""
    if shares.empty:
        return "no network fits its image"
    nets = {
        words: [named(str(net)) for net, share in shares.items() if (share < CONSTANT_BELOW) == constant]
        for words, constant in (("nearer to a constant", True), ("nearer to the identity", False))
    }
    return f"{', '.join(f'{listed(own)} {words}' for words, own in nets.items() if own)}"


def _shares_words(shares: pd.Series[float]) -> str:
    if shares.empty:
        return f"No network has a training loss of at most {FITTED_LOSS:g}."
    first, *others = (f"{named(str(net))} {{}}at {number(share)}" for net, share in shares.items())
    means = listed([first.format("are "), *(one.format("") for one in others)])
    return f"On unseen images {means}, on a scale from 0 for a constant to 1 for the identity (means)."


def _made_of_others(result: Result, data: str) -> Panel:
    cells = [one for one in result.arrays if (one["data"], one["count"], one["band"]) == (data, 1, WHOLE_BUDGET)]
    depths = sorted({one["hidden"] for one in cells})
    sheet: dict[str, list[np.ndarray]] = {}
    places = []
    for one in cells:
        arrays = result.arrays[one]
        others, made, training = (
            arrays[kind].reshape(-1, *pixels_of(arrays)) for kind in ("others", "made_of_others", "training")
        )
        net = one["net"] + begun(one["init"])
        apart = [np.square(made - kind.astype(float)).mean() for kind in (training[:1], others)]
        places.append({"net": net, "share": apart[0] / max(sum(apart), LEAST_APART)})
        blank = np.full_like(others, GAP_GREY)
        row = sheet.setdefault(net, [np.concatenate([training, blank[1:]]), others])
        row += [blank] * (2 + len(depths) - len(row))
        row[2 + depths.index(one["hidden"])] = made
    found = pd.DataFrame(places)
    given = int((found.share >= CONSTANT_BELOW).sum())
    return Panel(
        title=f"What unseen {data_words(data)} become: {_kinds(found.groupby('net', sort=False).share.mean())}",
        caption=(
            f"{given} of the {counted(len(found), 'network')} shown {'makes' if given == 1 else 'make'} of unseen images "
            f"something nearer to these than to {'its' if given == 1 else 'their'} training image."
        ),
        body=sheet_of_nets(sheet, ["training", "given", *(f"{depth} hidden" for depth in depths)]),
        section=ONE_EXAMPLE,
        how=(
            "The one image a network was trained on, others, and what a network of each depth makes of those: a constant "
            "returns its training image, the identity what it is given. All of the first seed, whose image is the same; "
            "one that did not fit it may show black."
        ),
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
