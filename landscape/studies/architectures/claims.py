"""The claims that a comparison of architectures tests: C15, C24 and, of one example, S2, with their thresholds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import (
    MINIMUM_CLUSTERS,
    Claim,
    Statement,
    Threshold,
    difference_interval,
    mean_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.parts.judging import combined, judged, known, untestable

WHOLE = 0.0  # the band of networks that train for the whole budget
USUAL = "torch"  # initialisation
LINE = "two-points"  # the data of nets on the line: the paper's points {.2, .8}
PAPERS = ("cnn", "unet", "transformer")  # the paper names these, without a configuration; other nets stand beside
SHALLOW = 10  # layers up to which Zhang et al. (2020) found that CNNs learn the identity
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
FITTED = 1e-2  # training loss; nets of one example above it are not fitted, not refuted
S2 = Statement(
    "S2",
    "Trained on one example, MLPs become constants and shallow CNNs the identity (Zhang et al. 2020)",
    "one MNIST image; not a claim of the paper's",
    "squared error of a constant over that of both, on held-out images: 0 for a constant, 1 for the identity; "
    f"of nets that fit their image (loss ≤ {FITTED:g})",
    {"mlp": Threshold(below=0.5), "cnn": Threshold(above=0.5)},
    {"training loss": Threshold(at_most=FITTED)},
    whole="MLPs {mlp.words}, CNNs {cnn.words}",
    primary=False,
)
STATEMENTS = (C15, C24, S2)
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study; 'untestable' where the run's parameters leave a claim's setting out."""
    images = result.table[result.table.data != LINE]
    several = images[images["count"] > 1]
    yield from (_spurious(several), _fits(several), _one_example(images[images["count"] == 1]))


def _spurious(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band != WHOLE]):
        of = C15.at(setting=f"{setting}, loss ≤ {rows.band.iloc[0]:g}")
        ours, theirs = rows[rows.reached], mlp[mlp.reached]
        if ours.seed.nunique() < MINIMUM_CLUSTERS:
            found[named].append(untestable(of, _missed(rows)))
            continue
        of = of.at(label=f"attracted {ours.attracted.mean():.2f}")
        ended, others = known(ours, "spurious"), known(theirs, "spurious")
        intervals = {"at rest": mean_interval(ours.at_rest), "spurious": mean_interval(ended.spurious)}
        less = "spurious less the MLP's"
        if theirs.seed.nunique() >= MINIMUM_CLUSTERS:
            intervals[less] = difference_interval(ended.spurious, others.spurious)
        for name, interval in intervals.items():
            part = of.at(setting=f"{of.setting}: {name}", estimand=name)
            found[named].append(judged(part, interval, ours, C15[name]))
        if less not in intervals:
            missed = of.at(setting=f"{of.setting}: {less}", estimand=less)
            found[named].append(untestable(missed, _missed(mlp), C15[less].words))
    return _over(C15, found, "needs --net mlp and another, and a --band")


def _fits(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band == WHOLE]):
        losses = [np.log10(known(one, "loss").loss.clip(lower=1e-12)) for one in (mlp, rows)]
        both, limit = pd.concat([rows, mlp]), C24["log10 loss less the net's"]
        found[named].append(judged(C24.at(setting=setting), difference_interval(*losses), both, limit))
    return _over(C24, found, "needs --net mlp and another")


def _one_example(table: Rows) -> Claim:
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for _, rows in table[table.band == WHOLE].groupby(["data", "init", "net", "hidden"], sort=False):
        data, init, net, hidden = rows.iloc[0][["data", "init", "net", "hidden"]]
        if net not in S2.thresholds or (net == "cnn" and hidden > SHALLOW):
            continue
        of = S2.at(setting=f"{data}, {net}{begun(init)}, {hidden} hidden")
        fits = known(rows[rows.loss <= FITTED], "identity_share")
        if fits.seed.nunique() < MINIMUM_CLUSTERS:
            reason = (
                f"{MINIMUM_CLUSTERS} networks that fit their image ({len(fits)} of {len(rows)} do; raise --members)"
            )
            found[init == USUAL].append(untestable(of, reason, S2[net].words))
            continue
        of = of.at(label=f"{len(fits)} of {len(rows)} fit")
        found[init == USUAL].append(judged(of, mean_interval(fits.identity_share), fits, S2[net]))
    return _over(S2, found, "needs --count 1, --net mlp,cnn (--preset one-example)")


def _pairs(table: Rows) -> Iterator[tuple[str, bool, Rows, Rows]]:
    """Each setting of a net that is not the MLP, in words, whether it is the paper's, its rows, and the MLP's at the same
    setting."""
    keys = ["data", "count", "hidden", "init", "band"]
    for _, rows in table.groupby(keys, sort=False):
        data, count, hidden, init = rows.iloc[0][keys[:-1]]
        mlp, usual = rows[rows.net == "mlp"], init == USUAL
        for net, own in rows.groupby("net", sort=False):
            if net != "mlp" and len(mlp):
                yield f"{net}{begun(init)}: {data}, n = {count:,}, {hidden} hidden", usual and net in PAPERS, own, mlp


def _missed(rows: Rows) -> str:
    """Why too few networks of a net are compared at a loss."""
    reached = f"{int(rows.reached.sum())} of {len(rows)} of {rows.net.iloc[0]} do; raise --members or --steps"
    return f"{MINIMUM_CLUSTERS} seeds that reach this loss ({reached})"


def begun(init: str) -> str:
    """Words on an initialisation that is not the usual one, to be added to a net's name."""
    return "" if init == USUAL else f", {init} init"


def _over(statement: Statement, found: dict[bool, list[Claim]], needs: str) -> Claim:
    """Over the settings that the claim speaks of, the others beside; over all where none of those is in the run."""
    primary, beside = (found[True], found[False]) if found[True] else (found[False], [])
    if not primary:
        return untestable(statement, needs)
    return with_beside(combined(statement, primary), beside)
