"""The claims on samples of networks trained on images: their distribution, burn-in, jumps and classes, with thresholds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    Statement,
    Threshold,
    censored_slope,
    difference_interval,
    mean_interval,
    median_interval,
    ratio_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.parts.image_claims import of_cell, over_data, settings_of
from landscape.studies.parts.judging import combined, finite_rows, judged, untestable, with_converged

# The column `rule` says what a cell is made of: images, or uniform points whose number follows a rule over dimensions.
IMAGE_RULE, POINT_RULES = "images", ("count fixed", "ratio fixed")
PAPERS_NOISE, PAPERS_ITERATIONS = 0.01, 300
STARTS_ESTIMAND = (
    "total variation between the class histograms of uniform and normal starts; finite samples alone give {:.2g}"
)
C11 = Statement(
    "C11",
    "After burn-in samples follow the data distribution",
    "Eqs. 2 and 3",
    "coverage over the held-out images' own; total variation of the class histogram; C_T",
    {
        "coverage": Threshold(at_least=0.8),
        "classes": Threshold(at_most=0.15),
        "C_T": Threshold(between=(-3, 3), wording="within ± {number}"),
    },
    whole="coverage {coverage.words} × held-out null; TV {classes.words}; C_T {C_T.words}",
)
C12 = Statement(
    "C12",
    "Noise enables jumping between modes",
    "ε = 0.01, MNIST",
    "jumps per 100 steps at ε = .01 minus at 0, zero-mean normal noise",
    {"jumps gained": Threshold(above=1.0)},
)
C13 = Statement(
    "C13",
    "MNIST: samples settle after a burn-in of 5 to 13 iterations; normal starts do as uniform ones",
    "MNIST, L = 10, H = 500, tanh, starts U(−1, 1), 300 iterations (Fig. 7)",
    "burn-in; share settled at iteration 300; total variation between the two starts' class histograms",
    {
        "burn-in": Threshold(between=(3, 15)),
        "settled": Threshold(at_least=0.8, form=".0%"),
        "starts": Threshold(at_most=0.1, wording="{words} (TOST)"),
    },
    whole="median burn-in {burn-in.words}; {settled.words} settled at 300; TV ≤ {starts.short}",
)
C20 = Statement(
    "C20",
    "Sampling is unaffected by the dimension of the input",
    "no setting given",
    "slope of log burn-in on log₂ D (censored regression)",
    {"slope": Threshold(margin=0.1, wording="{words} (TOST)")},
    whole="{slope.words}, with n fixed and with n/D fixed",
)
C21 = Statement(
    "C21",
    "Samples of CIFAR-10 and CelebA make jumpy transitions",
    "CIFAR: 1,000 dogs, L = 10, H = 2000; CelebA: 1,000, L = 10, H = 1000 (README)",
    "share of steps > .1·diameter without noise: CIFAR minus MNIST at matched n and loss",
    {"difference": Threshold(above=0.05)},
    {"larger loss over the smaller": Threshold(at_most=2.0)},
    quote="“jumpy” (README)",
)
C23 = Statement(
    "C23",
    "Each step contains a digit: the inputs of a basin are of one class",
    "digits on the steps of a drawing, no setting given",
    "share of held-out starts that end nearest to an image of their class, minus that of shuffled labels",
    {"purity gained": Threshold(above=0.0)},
    quote="“each step contains a digit”",
)
STATEMENTS = (C11, C12, C13, C20, C21, C23)
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    images = result.table[result.table.rule == IMAGE_RULE]
    yield from (_like_the_data(result, images), _noise_jumps(result, images), _burns_in(result, images))
    yield from (_dimension(result), _jumpy(images), _class_of_start(result, images))


def _like_the_data(result: Result, images: Rows) -> Claim:
    def parts(of: Statement, rows: Rows) -> list[Claim]:
        both = finite_rows(rows, "coverage", "coverage_held_out")
        both = both[both.coverage_held_out > 0]
        ratio = ratio_interval(both.coverage, both.coverage_held_out, paired=True, bounds=(0, 1))
        covered = _part(of, "coverage", "coverage over that of as many held-out images")
        copying = _part(of, "C_T", "C_T: distances to the training images against held-out images'")
        return [
            judged(covered, ratio, rows, C11["coverage"]),
            _classes(of, rows),
            judged(copying, mean_interval(finite_rows(rows, "c_t").c_t), rows, C11["C_T"]),
        ]

    return over_data(C11, result, images, parts)


def _classes(of: Statement, rows: Rows) -> Claim:
    threshold = C11["classes"]
    if "variation" not in rows or rows.variation.isna().all():
        return untestable(_part(of, "classes", "class histogram"), "the data have no classes", threshold.words)
    part = _part(of, "classes", "total variation of the class histogram from the training images'")
    return judged(part, mean_interval(finite_rows(rows, "variation").variation, bounds=(0, 1)), rows, threshold)


def _noise_jumps(result: Result, images: Rows) -> Claim:
    rates = result.tables.get("jumps", pd.DataFrame())
    if rates.empty or "normal" not in set(rates.noise) or PAPERS_NOISE not in set(rates.amplitude):
        return untestable(C12, "needs images, --noise normal and --amplitude 0.01")

    def gained(of: Statement, rows: Rows, noise: str) -> Claim:
        own = of_cell(rates[(rates.control == "none") & (rates.noise == noise)], rows)
        rate = own.pivot(index="member", columns="amplitude", values="mode_jumps").loc[rows.member]
        both = rate[[PAPERS_NOISE, 0.0]].dropna()
        interval = difference_interval(both[PAPERS_NOISE], both[0.0], paired=True)
        of = _beside_identity(of, _identity_gain(of_cell(rates[rates.noise == noise], rows)))
        return judged(of, interval, rows, C12["jumps gained"])

    def parts(of: Statement, rows: Rows) -> list[Claim]:
        return [gained(of, rows, "normal")]

    claim = over_data(C12, result, images, parts)
    if "published" not in set(rates.noise) or claim.verdict == "untestable":
        return claim
    biased = C12.at(estimand="the same with the published code's noise, which moves every number upwards")
    beside = [gained(biased.at(**setting), rows, "published") for setting, rows in settings_of(result, images)]
    return with_beside(claim, beside)


def _burns_in(result: Result, images: Rows) -> Claim:
    settings = result.record["parameters"]
    if "uniform" not in settings["start"]:
        return untestable(C13, "needs --start uniform")

    def parts(of: Statement, rows: Rows) -> list[Claim]:
        times = rows.burn_in_uniform.where(~rows.burn_in_uniform_censored.astype(bool), np.inf)
        burn_in = _part(of, "burn-in", "median burn-in, uniform starts")
        steps = judged(burn_in, median_interval(times), rows, C13["burn-in"])
        share = _part(of, "settled", "share settled at iteration 300, uniform starts")
        if settings["iterations"] == PAPERS_ITERATIONS:
            rest = judged(share, mean_interval(rows.settled_uniform, bounds=(0, 1)), rows, C13["settled"])
        else:
            rest = untestable(share, f"needs --iterations {PAPERS_ITERATIONS}", C13["settled"].words)
        return [steps, rest, _same_ends(of, rows)]

    return over_data(C13, result, images, parts)


def _same_ends(of: Statement, rows: Rows) -> Claim:
    """The part of C13 on the ends of uniform and normal starts: their class histograms are alike.

    Histograms of finite samples differ by chance. Nothing is subtracted for that, so that the claim is harder to support."""
    chance = float(rows["variation_chance"].median()) if "variation_chance" in rows else np.nan
    of = _part(of, "starts", STARTS_ESTIMAND.format(chance))
    if "variation_starts" not in rows or rows.variation_starts.isna().all():
        return untestable(of, "needs --start uniform,normal and data with classes", C13["starts"].words)
    return judged(
        of, mean_interval(finite_rows(rows, "variation_starts").variation_starts, bounds=(0, 1)), rows, C13["starts"]
    )


def _dimension(result: Result) -> Claim:
    kind = f"burn_in_{result.record['parameters']['start'][0]}"
    parts = _slopes_by_rule(C20, result.table, kind)
    if not parts:
        return untestable(C20, "needs two or more --dim", C20["slope"].words)
    rms = C20.at(estimand="the same with near meaning the root mean square over coordinates, which D does not tighten")
    return with_beside(combined(C20, parts), _slopes_by_rule(rms, result.table, f"{kind}_rms"))


def _slopes_by_rule(of: Statement, table: Rows, kind: str) -> list[Claim]:
    """The claim on the slope of the burn-in, for each rule for the number of points under which two dimensions were run."""

    def slope(found: list[Rows]) -> Interval:
        (part,) = found
        times = np.log(part[kind].astype(float).clip(lower=1))
        late = part[f"{kind}_censored"].astype(bool)
        return censored_slope(np.log2(part.dim.astype(float)), times, late, part.seed)

    parts = []
    for rule in POINT_RULES if kind in table else ():
        rows = table[table.rule == rule]
        if rows.dim.nunique() < 2:
            continue
        how = f"{rows['count'].iloc[0]} points" if rule == POINT_RULES[0] else "points per dimension fixed"
        setting = f"uniform points, {how}, D = {', '.join(map(str, sorted(rows.dim.unique())))}"
        parts.append(with_converged(of.at(setting=setting), [rows], slope, C20["slope"]))
    return parts


def _jumpy(images: Rows) -> Claim:
    pairs = [
        (
            f"n = {count}, {hidden} hidden, width {width}, {budget:,} steps",
            rows[_is_cifar(rows)],
            rows[rows.data == "mnist"],
        )
        for (count, hidden, width, budget), rows in images[
            (images.objective == "plain") & (images.net == "mlp")
        ].groupby(["count", "hidden", "width", "budget"], sort=False)
    ]
    parts = [_matched(C21.at(setting=name), *both) for name, *both in pairs if all(map(len, both))]
    if not parts:
        return untestable(C21, "needs CIFAR-10 and MNIST at one --count (--data cifar10,mnist)")
    celeba = untestable(C21.at(setting="CelebA"), "needs a folder of its images, and MNIST")
    return with_beside(combined(C21, parts), [celeba])


def _matched(of: Statement, cifar: Rows, mnist: Rows) -> Claim:
    first, second = float(cifar.loss.median()), float(mnist.loss.median())
    if not max(first, second) <= C21.limits["larger loss over the smaller"].number * min(first, second):
        return untestable(of, f"the losses are not alike: CIFAR {first:.2g}, MNIST {second:.2g} (medians)")
    kept = [finite_rows(rows, "jumpiness").jumpiness for rows in (cifar, mnist)]
    return judged(of, difference_interval(*kept, bounds=(0, 1)), pd.concat([cifar, mnist]), C21["difference"])


def _is_cifar(rows: Rows) -> pd.Series[bool]:
    return rows.data.str.contains("cifar", case=False)


def _class_of_start(result: Result, images: Rows) -> Claim:
    def parts(of: Statement, rows: Rows) -> list[Claim]:
        if "purity" not in rows or rows.purity.isna().all():
            return [untestable(of, "the data have no classes")]
        kept = finite_rows(rows, "purity")
        interval = difference_interval(kept.purity, kept.purity_null, paired=True, bounds=(0, 1))
        controls = result.tables.get("controls", pd.DataFrame({"control": []}))
        still = controls[controls.control == "identity"]
        still = of_cell(still, rows) if len(still) else still
        gain = float((still.purity - still.purity_null).mean()) if len(still) else np.nan
        return [judged(_beside_identity(of, gain), interval, rows, C23["purity gained"])]

    return over_data(C23, result, images, parts)


def _identity_gain(rates: Rows) -> float:
    """Jumps per 100 steps that the paper's noise adds under the identity, where samples are random walks among the images."""
    rate = rates[rates.control == "identity"].groupby("amplitude").mode_jumps.mean()
    return float(rate.get(PAPERS_NOISE, np.nan) - rate.get(0.0, np.nan))


def _beside_identity(of: Statement, value: float) -> Statement:
    """The statement with the identity's value in its label: what the identity shows owes nothing to training."""
    if np.isnan(value):
        return of
    return of.at(label="; ".join([*filter(None, [of.label]), f"the identity: {value:.3g}"]))


def _part(of: Statement, name: str, estimand: str) -> Statement:
    """The statement of one of several estimands of a setting, called `name`."""
    return of.at(setting=f"{of.setting}: {name}", estimand=estimand)
