"""The claims that a comparison of architectures tests: C15, C24 and, of one example, S2, with their thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Claim, difference_interval, mean_interval, over_settings, with_beside
from landscape.results import Result
from landscape.studies.parts.judging import judged, known, untestable

WHOLE = 0.0  # the band of networks that train for the whole budget
USUAL = "torch"  # initialisation
LINE = "two-points"  # the data of nets on the line: the paper's points {.2, .8}
PAPERS = ("cnn", "unet", "transformer")  # the paper names these, without a configuration; other nets stand beside
SHALLOW = 10  # layers up to which Zhang et al. (2020) found that CNNs learn the identity
THRESHOLDS: dict[str, Any] = {
    "C15": {"at rest above": 0.8, "spurious above": 0.5, "spurious above the MLP's by": 0.2},
    "C24": {"log10 loss above the net's by": 0.0},
    "S2": {"identity share of MLPs below": 0.5, "of CNNs above": 0.5, "fitted below": 1e-2},
}
FITTED = THRESHOLDS["S2"]["fitted below"]  # training loss; nets of one example above it are not fitted, not refuted
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study; 'untestable' where the run's parameters leave a claim's setting out."""
    images = result.table[result.table.data != LINE]
    several = images[images["count"] > 1]
    yield from (_spurious(several), _fits(several), _one_example(images[images["count"] == 1]))


def _spurious(table: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C15",
        "statement": "Sampling from a CNN, Transformer or U-Net converges, but not onto training images",
        "estimand": "share of orbits at rest; of these, share off the training images, by half their gaps; that less the MLP's",
        "quote_setting": "no configurations given",
    }
    threshold, limits = "≥ .8 at rest, ≥ .5 of them spurious, .2 more than the MLP's", THRESHOLDS["C15"]
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band != WHOLE]):
        of = {**words, "setting": f"{setting}, loss ≤ {rows.band.iloc[0]:g}"}
        ours, theirs = rows[rows.reached], mlp[mlp.reached]
        if ours.seed.nunique() < MINIMUM_CLUSTERS:
            found[named].append(untestable(of, threshold, _missed(rows)))
            continue
        of["label"] = f"attracted {ours.attracted.mean():.2f}"
        ended, others = known(ours, "spurious"), known(theirs, "spurious")
        parts = [
            ("at rest", mean_interval(ours.at_rest), limits["at rest above"], "≥ .8"),
            ("spurious", mean_interval(ended.spurious), limits["spurious above"], "≥ .5"),
        ]
        less, limit = "spurious less the MLP's", limits["spurious above the MLP's by"]
        if theirs.seed.nunique() >= MINIMUM_CLUSTERS:
            parts.append((less, difference_interval(ended.spurious, others.spurious), limit, "> .2"))
        found[named] += [
            judged(
                {**of, "setting": f"{of['setting']}: {name}", "estimand": name},
                interval,
                ours,
                above=limit,
                threshold=word,
            )
            for name, interval, limit, word in parts
        ]
        if theirs.seed.nunique() < MINIMUM_CLUSTERS:
            missed = {**of, "setting": f"{of['setting']}: {less}", "estimand": less}
            found[named].append(untestable(missed, "> .2", _missed(mlp)))
    return _over(words, found, threshold, "needs --net mlp and another, and a --band")


def _fits(table: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C24",
        "statement": "MLPs do not fit images as well as CNNs and Transformers",
        "estimand": "log₁₀ training loss of the MLP minus the net's, at equal parameters, steps and trials of learning rates",
        "quote_setting": "no setting given",
    }
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for setting, named, rows, mlp in _pairs(table[table.band == WHOLE]):
        losses = [np.log10(known(one, "loss").loss.clip(lower=1e-12)) for one in (mlp, rows)]
        both = pd.concat([rows, mlp])
        limit = THRESHOLDS["C24"]["log10 loss above the net's by"]
        of = {**words, "setting": setting}
        found[named].append(judged(of, difference_interval(*losses), both, above=limit, threshold="> 0"))
    return _over(words, found, "> 0", "needs --net mlp and another")


def _one_example(table: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "S2",
        "statement": "Trained on one example, MLPs become constants and shallow CNNs the identity (Zhang et al. 2020)",
        "estimand": "squared error of a constant over that of both, on held-out images: 0 for a constant, 1 for the identity; "
        f"of nets that fit their image (loss ≤ {FITTED:g})",
        "quote_setting": "one MNIST image; not a claim of the paper's",
        "primary": False,
    }
    threshold, limits = "MLPs < .5, CNNs > .5", THRESHOLDS["S2"]
    found: dict[bool, list[Claim]] = {True: [], False: []}
    for _, rows in table[table.band == WHOLE].groupby(["data", "init", "net", "hidden"], sort=False):
        data, init, net, hidden = rows.iloc[0][["data", "init", "net", "hidden"]]
        if net not in ("mlp", "cnn") or (net == "cnn" and hidden > SHALLOW):
            continue
        bound = (
            {"below": limits["identity share of MLPs below"]} if net == "mlp" else {"above": limits["of CNNs above"]}
        )
        of = {**words, "setting": f"{data}, {net}{begun(init)}, {hidden} hidden"}
        word, fits = "< .5" if net == "mlp" else "> .5", known(rows[rows.loss <= FITTED], "identity_share")
        if fits.seed.nunique() < MINIMUM_CLUSTERS:
            reason = (
                f"{MINIMUM_CLUSTERS} networks that fit their image ({len(fits)} of {len(rows)} do; raise --members)"
            )
            found[init == USUAL].append(untestable(of, word, reason))
            continue
        of["label"] = f"{len(fits)} of {len(rows)} fit"
        found[init == USUAL].append(judged(of, mean_interval(fits.identity_share), fits, threshold=word, **bound))
    return _over(words, found, threshold, "needs --count 1, --net mlp,cnn (--preset one-example)")


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


def _over(words: dict[str, Any], found: dict[bool, list[Claim]], threshold: str, needs: str) -> Claim:
    """Over the settings that the claim speaks of, the others beside; over all where none of those is in the run."""
    primary, beside = (found[True], found[False]) if found[True] else (found[False], [])
    if not primary:
        return untestable(words, threshold, needs)
    return with_beside(over_settings(primary, threshold=threshold, estimand=words["estimand"]), beside)
