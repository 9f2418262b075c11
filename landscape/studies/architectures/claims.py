"""The claims on architectures: where samples end, how well nets fit, and what one training example makes of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import (
    MINIMUM_CLUSTERS,
    NO_BOUNDS,
    Claim,
    Statement,
    Threshold,
    difference_interval,
    mean_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.parts.judging import combined, finite_rows, judged, untestable

WHOLE_BUDGET = 0.0  # the band of networks that are trained for the whole budget of steps
USUAL_INIT = "torch"
LINE_SET = "two-points"  # the data of nets on the line: the paper's points .2 and .8
PAPERS_NETS = ("cnn", "unet", "transformer")  # the paper names these, without sizes; other nets stand beside them
SHALLOW_LAYERS = 10  # CNNs of up to so many layers learn the identity (Zhang et al. 2020)
C15 = Statement(
    "C15",
    "Sampling from a CNN, Transformer or U-Net converges, but not onto training images",
    "no configurations given",
    "share of orbits at rest; of these, share off the training images, by half their gaps; that less the MLP's",
    {
        "at rest": Threshold(at_least=0.8),
        "spurious": Threshold(at_least=0.5),
        "spurious less the MLP's": Threshold(above=0.2),
    },
    whole="{at rest.words} at rest, {spurious.words} of them spurious, {spurious less the MLP's.short} more than the MLP's",
)
C24 = Statement(
    "C24",
    "MLPs do not fit images as well as CNNs and Transformers",
    "no setting given",
    "log₁₀ training loss of the MLP minus the net's, at equal parameters, steps and trials of learning rates",
    {"log10 loss less the net's": Threshold(above=0.0)},
    quote="“MLP does not fit images as well as CNNs and Transformers”",
)
FITTED_LOSS = 1e-2  # networks of one example with a larger training loss are left out: they do not fit it
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
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    images = result.table[result.table.data != LINE_SET]
    several = images[images["count"] > 1]
    yield from (_spurious(several), _fits(several), _one_example(images[images["count"] == 1]))


def _spurious(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band != WHOLE_BUDGET]):
        of = C15.at(setting=f"{setting}, loss ≤ {rows.band.iloc[0]:g}")
        ours, theirs = rows[rows.reached], mlp[mlp.reached]
        if ours.seed.nunique() < MINIMUM_CLUSTERS:
            found[named].append(untestable(of, _missed(rows)))
            continue
        of = of.at(label=f"attracted {ours.attracted.mean():.2f}")
        ended, others = finite_rows(ours, "spurious"), finite_rows(theirs, "spurious")
        shares = {"at rest": ours.at_rest, "spurious": ended.spurious}
        intervals = {name: mean_interval(share, bounds=(0, 1)) for name, share in shares.items()}
        less = "spurious less the MLP's"
        if theirs.seed.nunique() >= MINIMUM_CLUSTERS:
            intervals[less] = difference_interval(ended.spurious, others.spurious, bounds=(0, 1))
        for name, interval in intervals.items():
            part = of.at(setting=f"{of.setting}: {name}", estimand=name)
            found[named].append(judged(part, interval, ours, C15[name]))
        if less not in intervals:
            missed = of.at(setting=f"{of.setting}: {less}", estimand=less)
            found[named].append(untestable(missed, _missed(mlp), C15[less].words))
    return _over(C15, found, "needs --net mlp and another, and a --band")


def _fits(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band == WHOLE_BUDGET]):
        losses = [np.log10(finite_rows(one, "loss").loss.clip(lower=1e-12)) for one in (mlp, rows)]
        both, limit = pd.concat([rows, mlp]), C24["log10 loss less the net's"]
        found[named].append(
            judged(C24.at(setting=setting), difference_interval(*losses, bounds=NO_BOUNDS), both, limit)
        )
    return _over(C24, found, "needs --net mlp and another")


def _one_example(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for _, rows in table[table.band == WHOLE_BUDGET].groupby(["data", "init", "net", "hidden"], sort=False):
        data, init, net, hidden = rows.iloc[0][["data", "init", "net", "hidden"]]
        if net not in S2.thresholds or (net == "cnn" and hidden > SHALLOW_LAYERS):
            continue
        of = S2.at(setting=f"{data}, {net}{begun(init)}, {hidden} hidden")
        fits = finite_rows(rows[rows.loss <= FITTED_LOSS], "identity_share")
        if fits.seed.nunique() < MINIMUM_CLUSTERS:
            reason = (
                f"{MINIMUM_CLUSTERS} networks that fit their image ({len(fits)} of {len(rows)} do; raise --members)"
            )
            found[init == USUAL_INIT].append(untestable(of, reason, S2[net].words))
            continue
        of = of.at(label=f"{len(fits)} of {len(rows)} fit")
        found[init == USUAL_INIT].append(judged(of, mean_interval(fits.identity_share, bounds=(0, 1)), fits, S2[net]))
    return _over(S2, found, "needs --count 1, --net mlp,cnn (--preset one-example)")


def _pairs(table: Rows) -> Iterator[tuple[str, bool, Rows, Rows]]:
    """Yield each setting of a net other than the MLP: its words, whether it is the paper's, the net's rows, and the MLP's rows
    in the same setting."""
    keys = ["data", "count", "hidden", "init", "band"]
    for _, rows in table.groupby(keys, sort=False):
        data, count, hidden, init = rows.iloc[0][keys[:-1]]
        mlp, usual = rows[rows.net == "mlp"], init == USUAL_INIT
        for net, own in rows.groupby("net", sort=False):
            if net != "mlp" and len(mlp):
                words = f"{net}{begun(init)}: {data}, n = {count:,}, {hidden} hidden"
                yield words, usual and net in PAPERS_NETS, own, mlp


def _missed(rows: Rows) -> str:
    """Words on a net of which too few networks reached a loss."""
    reached = f"{int(rows.reached.sum())} of {len(rows)} of {rows.net.iloc[0]} do; raise --members or --steps"
    return f"{MINIMUM_CLUSTERS} seeds that reach this loss ({reached})"


def begun(init: str) -> str:
    """The words that follow a net's name if its initialisation is not the usual: ', he init'."""
    return "" if init == USUAL_INIT else f", {init} init"


def _over(statement: Statement, found: dict[bool, list[Claim]], needs: str) -> Claim:
    """The claim over the settings of which it speaks, with the others beside; over all settings if the run has no such."""
    primary, beside = (found[True], found[False]) if found[True] else (found[False], [])
    if not primary:
        return untestable(statement, needs)
    return with_beside(combined(statement, primary), beside)
