"""The claims that a kaleidoscope tests: C11, C12, C13, C20, C21 and C23, with the thresholds registered for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    censored_slope,
    difference_interval,
    mean_interval,
    median_interval,
    over_settings,
    ratio_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.parts.image_claims import of_cell, over_data, settings_of
from landscape.studies.parts.judging import judged, known, untestable, with_converged

IMAGES, RULES = "images", ("count fixed", "ratio fixed")  # what a cell is for: its column `rule`
PAPERS_NOISE, PAPERS_ITERATIONS = 0.01, 300
ALIKE = 2.0  # C21: the training losses of two nets are matched when the larger is at most this many times the smaller
SAME = "total variation between the class histograms of uniform and normal starts; finite samples alone give {:.2g}"
THRESHOLDS: dict[str, Any] = {
    "C11": {"coverage over null above": 0.8, "variation below": 0.15, "C_T within": [-3, 3]},
    "C12": {"jumps gained above": 1.0},
    "C13": {"burn-in within": [3, 15], "settled above": 0.8, "variation within": 0.1},
    "C20": {"slope within": 0.1},
    "C21": {"difference above": 0.05, "losses alike": ALIKE},
    "C23": {"purity gained above": 0.0},
}
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study; 'untestable' where the run's parameters leave a claim's setting out."""
    images = result.table[result.table.rule == IMAGES]
    yield from (_like_the_data(result, images), _noise_jumps(result, images), _burns_in(result, images))
    yield from (_dimension(result), _jumpy(images), _class_of_start(result, images))


def _like_the_data(result: Result, images: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C11",
        "statement": "After burn-in samples follow the data distribution",
        "estimand": "coverage over the held-out images' own; total variation of the class histogram; C_T",
        "quote_setting": "Eqs. 2 and 3",
    }
    threshold, limits = "coverage ≥ .8 × held-out null; TV ≤ .15; C_T within ± 3", THRESHOLDS["C11"]

    def parts(setting: dict[str, Any], rows: Rows) -> list[Claim]:
        found = known(rows, "coverage", "coverage_held_out")
        found = found[found.coverage_held_out > 0]
        ratio = ratio_interval(found.coverage, found.coverage_held_out, paired=True)
        coverage = judged(
            _part(setting, "coverage", "coverage over that of as many held-out images"), ratio, rows,
            above=limits["coverage over null above"], threshold="≥ .8",
        )  # fmt: skip
        copying = judged(
            _part(setting, "C_T", "C_T: distances to the training images against held-out images'"),
            mean_interval(known(rows, "c_t").c_t), rows, inside=tuple(limits["C_T within"]), threshold="within ± 3",
        )  # fmt: skip
        if "variation" not in rows or rows.variation.isna().all():
            classes = untestable(_part(setting, "classes", "class histogram"), "≤ .15", "the data have no classes")
        else:
            classes = judged(
                _part(setting, "classes", "total variation of the class histogram from the training images'"),
                mean_interval(known(rows, "variation").variation), rows,
                below=limits["variation below"], threshold="≤ .15",
            )  # fmt: skip
        return [coverage, classes, copying]

    return over_data(words, result, images, parts, threshold)


def _noise_jumps(result: Result, images: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C12",
        "statement": "Noise enables jumping between modes",
        "estimand": "jumps per 100 steps at ε = .01 minus at 0, zero-mean normal noise",
        "quote_setting": "ε = 0.01, MNIST",
    }
    rates, threshold = result.tables.get("jumps", pd.DataFrame()), "> 1"
    if rates.empty or "normal" not in set(rates.noise) or PAPERS_NOISE not in set(rates.amplitude):
        return untestable(words, threshold, "needs images, --noise normal and --amplitude 0.01")

    def gained(setting: dict[str, Any], rows: Rows, noise: str) -> Claim:
        own = of_cell(rates[(rates.control == "none") & (rates.noise == noise)], rows)
        rate = own.pivot(index="member", columns="amplitude", values="mode_jumps").loc[rows.member]
        both = rate[[PAPERS_NOISE, 0.0]].dropna()
        interval = difference_interval(both[PAPERS_NOISE], both[0.0], paired=True)
        setting = _beside_identity(setting, _identity_gain(of_cell(rates[rates.noise == noise], rows)))
        return judged(setting, interval, rows, above=THRESHOLDS["C12"]["jumps gained above"], threshold=threshold)

    def parts(setting: dict[str, Any], rows: Rows) -> list[Claim]:
        return [gained(setting, rows, "normal")]

    claim = over_data(words, result, images, parts, threshold)
    if "published" not in set(rates.noise) or claim.verdict == "untestable":
        return claim
    biased = {**words, "estimand": "the same with the published code's noise, which moves every number upwards"}
    beside = [gained({**biased, **setting}, rows, "published") for setting, rows in settings_of(result, images)]
    return with_beside(claim, beside)


def _burns_in(result: Result, images: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C13",
        "statement": "MNIST: samples settle after a burn-in of 5 to 13 iterations; normal starts do as uniform ones",
        "estimand": "burn-in; share settled at iteration 300; total variation between the two starts' class histograms",
        "quote_setting": "MNIST, L = 10, H = 500, tanh, starts U(−1, 1), 300 iterations (Fig. 7)",
    }
    threshold, limits = "median burn-in CI within [3, 15]; ≥ 80 % settled at 300; TV ≤ .1", THRESHOLDS["C13"]
    settings = result.record["parameters"]
    if "uniform" not in settings["start"]:
        return untestable(words, threshold, "needs --start uniform")

    def parts(setting: dict[str, Any], rows: Rows) -> list[Claim]:
        times = rows.burn_in_uniform.where(~rows.burn_in_uniform_censored.astype(bool), np.inf)
        steps = judged(
            _part(setting, "burn-in", "median burn-in, uniform starts"), median_interval(times), rows,
            inside=tuple(limits["burn-in within"]), threshold="CI within [3, 15]",
        )  # fmt: skip
        share = _part(setting, "settled", "share settled at iteration 300, uniform starts")
        if settings["iterations"] == PAPERS_ITERATIONS:
            interval = mean_interval(rows.settled_uniform)
            rest = judged(share, interval, rows, above=limits["settled above"], threshold="≥ 80 %")
        else:
            rest = untestable(share, "≥ 80 %", f"needs --iterations {PAPERS_ITERATIONS}")
        return [steps, rest, _same_ends(setting, rows, limits["variation within"])]

    return over_data(words, result, images, parts, threshold)


def _same_ends(setting: dict[str, Any], rows: Rows, margin: float) -> Claim:
    """Histograms of finite samples differ by chance alone, which makes it harder to support: nothing is taken off."""
    chance = float(rows["variation_chance"].median()) if "variation_chance" in rows else np.nan
    setting = _part(setting, "starts", SAME.format(chance))
    if "variation_starts" not in rows or rows.variation_starts.isna().all():
        return untestable(setting, "≤ .1 (TOST)", "needs --start uniform,normal and data with classes")
    found = known(rows, "variation_starts")
    interval = mean_interval(found.variation_starts)
    return judged(setting, interval, rows, margin=margin, threshold="≤ .1 (TOST)")


def _dimension(result: Result) -> Claim:
    words: dict[str, Any] = {
        "key": "C20",
        "statement": "Sampling is unaffected by the dimension of the input",
        "estimand": "slope of log burn-in on log₂ D (censored regression)",
        "quote_setting": "no setting given",
    }
    kind, threshold = f"burn_in_{result.record['parameters']['start'][0]}", "within ± .1 (TOST)"
    parts = _slopes_by_rule(words, result.table, kind)
    if not parts:
        return untestable(words, threshold, "needs two or more --dim")
    claim = over_settings(parts, threshold="within ± .1 (TOST), with n fixed and with n/D fixed")
    rms = {
        **words,
        "estimand": "the same with near meaning the root mean square over coordinates, which D does not tighten",
    }
    return with_beside(claim, _slopes_by_rule(rms, result.table, f"{kind}_rms"))


def _slopes_by_rule(words: dict[str, Any], table: Rows, kind: str) -> list[Claim]:
    """C20 for each rule by which the number of points depends on the dimension, where there are two dimensions."""

    def slope(found: list[Rows]) -> Interval:
        (part,) = found
        times = np.log(part[kind].astype(float).clip(lower=1))
        late = part[f"{kind}_censored"].astype(bool)
        return censored_slope(np.log2(part.dim.astype(float)), times, late, part.seed)

    parts = []
    for rule in RULES if kind in table else ():
        rows = table[table.rule == rule]
        if rows.dim.nunique() < 2:
            continue
        how = f"{rows['count'].iloc[0]} points" if rule == RULES[0] else "points per dimension fixed"
        setting = {**words, "setting": f"uniform points, {how}, D = {', '.join(map(str, sorted(rows.dim.unique())))}"}
        margin = THRESHOLDS["C20"]["slope within"]
        parts.append(with_converged(setting, [rows], slope, margin=margin, threshold="within ± .1 (TOST)"))
    return parts


def _jumpy(images: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C21",
        "statement": "Samples of CIFAR-10 and CelebA make jumpy transitions",
        "estimand": "share of steps > .1·diameter without noise: CIFAR minus MNIST at matched n and loss",
        "quote_setting": "CIFAR: 1,000 dogs, L = 10, H = 2000; CelebA: 1,000, L = 10, H = 1000 (README)",
    }
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
    parts = [_matched({**words, "setting": name}, *both) for name, *both in pairs if all(map(len, both))]
    celeba = untestable({**words, "setting": "CelebA"}, "> .05", "needs a folder of its images, and MNIST")
    if not parts:
        return untestable(words, "> .05", "needs CIFAR-10 and MNIST at one --count (--data cifar10,mnist)")
    return with_beside(over_settings(parts), [celeba])


def _matched(setting: dict[str, Any], cifar: Rows, mnist: Rows) -> Claim:
    first, second = float(cifar.loss.median()), float(mnist.loss.median())
    if not max(first, second) <= ALIKE * min(first, second):
        return untestable(
            setting, "> .05", f"the losses are not alike: CIFAR {first:.2g}, MNIST {second:.2g} (medians)"
        )
    kept = [known(rows, "jumpiness").jumpiness for rows in (cifar, mnist)]
    limit = THRESHOLDS["C21"]["difference above"]
    return judged(setting, difference_interval(*kept), pd.concat([cifar, mnist]), above=limit, threshold="> .05")


def _is_cifar(rows: Rows) -> pd.Series[bool]:
    return rows.data.str.contains("cifar", case=False)


def _class_of_start(result: Result, images: Rows) -> Claim:
    words: dict[str, Any] = {
        "key": "C23",
        "statement": "Each step contains a digit: the inputs of a basin are of one class",
        "estimand": "share of held-out starts that end nearest to an image of their class, minus that of shuffled labels",
        "quote_setting": "digits on the steps of a drawing, no setting given",
    }

    def parts(setting: dict[str, Any], rows: Rows) -> list[Claim]:
        if "purity" not in rows or rows.purity.isna().all():
            return [untestable(setting, "> 0", "the data have no classes")]
        found = known(rows, "purity")
        interval = mean_interval(found.purity - found.purity_null)
        controls = result.tables.get("controls", pd.DataFrame({"control": []}))
        still = controls[controls.control == "identity"]
        still = of_cell(still, rows) if len(still) else still
        gain = float((still.purity - still.purity_null).mean()) if len(still) else np.nan
        return [
            judged(
                _beside_identity(setting, gain),
                interval,
                rows,
                above=THRESHOLDS["C23"]["purity gained above"],
                threshold="> 0",
            )
        ]

    return over_data(words, result, images, parts, "> 0")


def _identity_gain(rates: Rows) -> float:
    """Jumps that the paper's noise adds to a map that returns its input: a random walk among the training images."""
    rate = rates[rates.control == "identity"].groupby("amplitude").mode_jumps.mean()
    return float(rate.get(PAPERS_NOISE, np.nan) - rate.get(0.0, np.nan))


def _beside_identity(setting: dict[str, Any], value: float) -> dict[str, Any]:
    """The setting, labelled with what the identity shows: training has no part in that."""
    if np.isnan(value):
        return setting
    words = [*filter(None, [setting.get("label")]), f"the identity: {value:.3g}"]
    return {**setting, "label": "; ".join(words)}


def _part(setting: dict[str, Any], name: str, estimand: str) -> dict[str, Any]:
    """The words of one of several estimands of a setting."""
    return {**setting, "setting": f"{setting['setting']}: {name}", "estimand": estimand}
