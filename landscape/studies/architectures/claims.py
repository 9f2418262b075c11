"""The claims on architectures: where samples end, how well nets fit, and what one training example makes of them.

Two registered estimands are reworded; `tests/certificates/test_architectures.py` has the certificates of the new ones.

- Where samples end (C15): of the *attracted* orbits, the share off the training images. The identity has no such share, and a
  map near it that attracts 2 % of its orbits always passed. The share of *all* orbits asks for convergence, too.
- How well nets fit (C24): the mean log loss. With collapses in one network of twenty and the MLP's loss the larger one in 85 %
  of 30 seeds, it was supported in 81 of 100 draws; the share of seeds in which the MLP's is the larger one in all 100."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from landscape.claims import Claim, Statement, Threshold, with_beside
from landscape.results import Result
from landscape.studies.parts.judging import combined, finite_rows
from landscape.studies.parts.pooling import Setting, judged_over

WHOLE_BUDGET = 0.0  # the band of networks that are trained for the whole budget of steps
USUAL_INIT = "torch"
LINE_SET = "two-points"  # the data of nets on the line: the paper's points .2 and .8
PAPERS_NETS = ("cnn", "unet", "transformer")  # the paper names these, without sizes; other nets stand beside them
SHALLOW_LAYERS = 10  # CNNs of up to so many layers learn the identity (Zhang et al. 2020)
IDENTITY_TRACE = 0.5  # of tr J / D: nets with a larger mean fit images because they return what they are given
BY_IDENTITY, BY_CONSTANT = "by identity", "by constant"  # labels that say what kind of map satisfies a claim
SHARES_OF_BUDGET = (0.25, 0.5)  # of the steps: losses after these are compared beside the last ones
FITS = Threshold(at_most=0.02)  # training loss; the mean of digits has .07, an untrained net .18
LEAST_LOSS = 1e-12  # smaller losses count as this in ratios
FITTED_LOSS = 1e-2  # networks of one example with a larger training loss are left out: they do not fit it
C15 = Statement(
    "C15",
    "Samples of CNNs, Transformers and U-Nets converge, but not to training images",
    "no configurations given",
    "at like training loss: share of all orbits that end at attracting points off the training images, by half their gaps; "
    "that less the MLP's of the same seed",
    {"off the images": Threshold(at_least=0.5), "less the MLP's": Threshold(above=0.2)},
    {"training loss": FITS},
    whole="{off the images.words} of orbits, {less the MLP's.short} more than the MLP's",
)
C24 = Statement(
    "C24",
    "MLPs do not fit images as well as CNNs and Transformers",
    "no setting given",
    "share of seeds in which the MLP's training loss is larger than the net's, at equal parameters, steps and trials of "
    "learning rates",
    {"cnn": Threshold(above=0.5), "transformer": Threshold(above=0.5)},
    {"training loss": FITS},
    quote="“MLP does not fit images as well as CNNs and Transformers”",
    whole="{cnn.words} against CNNs, {transformer.words} against Transformers",
)
S2 = Statement(
    "S2",
    "Trained on one example, MLPs become constants and shallow CNNs the identity (Zhang et al. 2020)",
    "one MNIST image; not a claim of the paper's",
    "squared error of a constant over that of both, on held-out images: 0 for a constant, 1 for the identity; "
    f"of nets that fit their image (loss ≤ {FITTED_LOSS:g})",
    {"mlp": Threshold(below=0.5), "cnn": Threshold(above=0.5)},
    {"training loss": Threshold(at_most=FITTED_LOSS)},
    whole="MLPs {mlp.words}, CNNs {cnn.words}",
    primary=False,
)
STATEMENTS = (C15, C24, S2)
CELL_KEYS = ["data", "count", "net", "hidden", "width", "init", "band", "member"]
Rows = pd.DataFrame


@dataclass(frozen=True)
class Pair:
    """A net other than the MLP in one setting: its rows, and those of the MLP in the same setting."""

    words: str
    net: str
    usual: bool
    rows: Rows
    mlp: Rows


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    images = result.whole[result.whole.data != LINE_SET]
    several, single = images[images["count"] > 1], images[images["count"] == 1]
    yield _spurious(list(_pairs(several[several.band != WHOLE_BUDGET])))
    yield _fits(several[several.band == WHOLE_BUDGET], result)
    yield _one_example(single[single.band == WHOLE_BUDGET])


def begun(init: str) -> str:
    """The words that follow a net's name if its initialisation is not the usual: ', He initialisation'."""
    return "" if init == USUAL_INIT else f", {'He' if init == 'he' else init} initialisation"


def _spurious(pairs: list[Pair]) -> Claim:
    """C15: at like training loss, orbits of the paper's nets converge, but not to training images."""
    level, less = [], []
    for pair in pairs:
        ours, theirs = _reached(pair.rows), _reached(pair.mlp)
        apart = ours.attracted_spurious - ours.seed.map(theirs.set_index("seed").attracted_spurious)
        where = f"{pair.words}, loss ≤ {pair.rows.band.iloc[0]:g}", pair.usual and pair.net in PAPERS_NETS
        level.append(Setting(*where, ours.assign(value=ours.attracted_spurious), len(pair.rows), _missed(pair.rows)))
        scarce = pair.rows if len(ours) < len(theirs) else pair.mlp
        both = finite_rows(ours.assign(value=apart), "value")
        less.append(Setting(*where, both, len(pair.rows), _missed(scarce)))
    needs = "needs --net mlp and cnn, unet or transformer, --init torch, and a --band"
    parts = []
    both_parts = zip(C15.thresholds.items(), (level, less), (0.0, -1.0), (_attracted, lambda _: ""), strict=True)
    for (name, threshold), settings, low, label in both_parts:
        of = C15.at(setting=name, estimand=f"share of orbits, {name}")
        parts.append(judged_over(of, threshold, settings, needs=needs, bounds=(low, 1.0), label=label))
    return combined(C15, parts)


def _fits(table: Rows, result: Result) -> Claim:
    """C24 after the whole budget of steps. Beside it stand nets that it does not name, and losses after fewer steps."""

    def against(net: str, rows: Rows, when: str = "") -> Claim:
        settings = [_duel(pair) for pair in _pairs(rows[rows.net.isin(("mlp", net))])]
        threshold, needs = C24.thresholds.get(net, C24["cnn"]), f"needs --net mlp,{net} and --init torch"
        return judged_over(C24.at(setting=f"{net}{when}"), threshold, settings, needs=needs, label=_margin)

    others = [against(net, table) for net in table.net.unique() if net not in ("mlp", *C24.thresholds)]
    earlier = [against(net, rows, when) for when, rows in _earlier(result, table) for net in C24.thresholds]
    parts = [against(net, table) for net in C24.thresholds]
    label = BY_IDENTITY if any(BY_IDENTITY in part.label for part in parts) else ""
    return with_beside(replace(combined(C24, parts), label=label), [*others, *earlier])


def _one_example(table: Rows) -> Claim:
    """S2: of the networks that fit their single image, are MLPs constants, and are shallow CNNs the identity?"""
    parts = []
    for net, threshold in S2.thresholds.items():
        rows = table[(table.net == net) & ((net != "cnn") | (table.hidden <= SHALLOW_LAYERS))]
        settings = []
        for (data, init, hidden), own in rows.groupby(["data", "init", "hidden"], sort=False):
            fits = finite_rows(own[own.loss <= FITTED_LOSS], "identity_share")
            words = f"{data}, {net}{begun(str(init))}, {hidden} hidden"
            reached = f"half of the networks to fit their image ({len(fits)} of {len(own)} do; raise --steps)"
            settings.append(
                Setting(words, init == USUAL_INIT, fits.assign(value=fits.identity_share), len(own), reached)
            )
        needs = f"needs --count 1, --net {net}, --init torch (--preset one-example)"
        parts.append(judged_over(S2.at(setting=net), threshold, settings, needs=needs, label=_kind_of_map))
    return combined(S2, parts)


def _duel(pair: Pair) -> Setting:
    """Whether the MLP's loss is the larger one, by seed. A network that diverged has the largest loss, and a tie is half.

    Nothing is said of a setting in which neither net fits: untrained networks and constants have losses, too."""
    theirs = pair.rows.seed.map(pair.mlp.set_index("seed").loss).fillna(np.inf)
    ours = pair.rows.loss.fillna(np.inf)
    limit, least = C24.limits["training loss"], float(min(ours.median(), theirs.median()))
    value = (theirs > ours) + 0.5 * (theirs == ours)
    fits = pair.rows.assign(value=value, ratio=theirs.clip(lower=LEAST_LOSS) / ours.clip(lower=LEAST_LOSS))
    kept = fits if limit.holds(least) else fits[:0]
    return Setting(pair.words, pair.usual, kept, len(pair.rows), f"a net that fits (training loss {limit.words})")


def _earlier(result: Result, table: Rows) -> Iterator[tuple[str, Rows]]:
    """Yield the lowest losses within shares of the budget, in words and as a table like `table`.

    Only a constant learning rate makes a network after some steps that of a shorter training, and only of steps over all data
    is the loss recorded."""
    settings, curves = result.record["parameters"], result.tables.get("curves")
    if curves is None or settings["schedule"] != "constant":
        return
    whole = table[table["count"] <= settings["batch"]].drop(columns="loss")
    for share in SHARES_OF_BUDGET:
        steps = share * settings["steps"]
        lowest = curves[curves.step <= steps].groupby(CELL_KEYS, as_index=False).loss.min()
        yield f" after {steps:,.0f} of {settings['steps']:,} steps", whole.merge(lowest, on=CELL_KEYS)


def _pairs(table: Rows) -> Iterator[Pair]:
    """Yield each net other than the MLP in each setting that has an MLP."""
    for _, rows in table.groupby(["data", "count", "hidden", "init", "band"], sort=False):
        data, count, hidden, init = rows.iloc[0][["data", "count", "hidden", "init"]]
        mlp = rows[rows.net == "mlp"]
        for net, own in rows.groupby("net", sort=False):
            if net != "mlp" and len(mlp):
                words = f"{net}{begun(init)}: {data}, n = {count:,}, {hidden} hidden"
                yield Pair(words, str(net), init == USUAL_INIT, own, mlp)


def _reached(rows: Rows) -> Rows:
    """The networks that reached their band, if networks of this loss fit."""
    reached = rows[(rows.loss <= rows.band) & (rows.band <= C15.limits["training loss"].number)]
    return finite_rows(reached, "attracted_spurious")


def _missed(rows: Rows) -> str:
    """What a run needs if too few networks of `rows` reached their band."""
    band, limit = rows.band.iloc[0], C15.limits["training loss"]
    if not limit.holds(band):
        return f"a --band at which networks fit ({limit.words})"
    reached = f"{int((rows.loss <= band).sum())} of {len(rows)} of {rows.net.iloc[0]} do; raise --steps"
    return f"half of the networks to reach this loss ({reached})"


def _attracted(rows: Rows) -> str:
    return f"share of samples that end at attractors {rows.attracted.mean():.2f}"


def _margin(rows: Rows) -> str:
    """The median of the ratio of losses; and whether the nets have become the identity, which fits without learning images."""
    identity = f"; {BY_IDENTITY}" if rows.trace.mean() > IDENTITY_TRACE else ""
    return f"median ratio of losses {rows.ratio.median():.2g}{identity}"


def _kind_of_map(rows: Rows) -> str:
    return BY_CONSTANT if rows.identity_share.mean() < 0.5 else BY_IDENTITY
