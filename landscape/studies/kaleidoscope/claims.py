"""The claims on samples of networks trained on images: their distribution, burn-in, jumps and classes, with thresholds.

Claims are judged on networks that fit, and pooled over settings by seed. Where a claim asks several things of samples, each
network is decided first, and the share of networks counts. These failed their certificates, and are reworded.

- Like the data (C11): the class histogram of held-out images is about as far from that of 100 training images as the
  threshold. Theirs is taken off.
- Jumps (C12): the identity gains jumps too, as its samples are a random walk. Its gain is taken off; fewer are undecided.
- Settling (C13): histograms of 256 samples differ by more than the threshold by chance alone; 1,024 are compared.
- Jumpy samples and classes (C21, C23): means of shares need 100 networks. A label says that the identity has classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from landscape.claims import Claim, Statement, Threshold, censored_slope, mean_interval, with_beside
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.parts.image_claims import DECIDING, ILLUSTRATION_LABEL, SHARED_DATA_LABEL, of_cell, settings_of
from landscape.studies.parts.judging import combined, finite_rows, judged, untestable
from landscape.studies.parts.pooling import LEAST_JUDGED, Setting, judged_over

# The column `rule` says what a cell is made of: images, or uniform points whose number follows a rule over dimensions.
IMAGE_RULE, POINT_RULES, PAPERS_NOISE, PAPERS_ITERATIONS = "images", ("count fixed", "ratio fixed"), 0.01, 300
FITS = Threshold(at_most=0.02)  # training loss over the square of the range, as for C14; the mean of digits has .07
MOST = Threshold(at_least=0.8)  # share of networks
C11 = Statement(
    "C11",
    "After burn-in samples follow the data distribution",
    "Eqs. 2 and 3",
    "share of networks whose samples satisfy all of these: coverage ≥ .8 of the held-out images' own; total variation of "
    "the class histogram from the training images', less the held-out images' own, ≤ .15; C_T within ± 3",
    {"networks": MOST},
    {"coverage": Threshold(at_least=0.8), "classes": Threshold(at_most=0.15), "C_T": Threshold(between=(-3, 3))}
    | {"training loss": FITS},
)
C12 = Statement(
    "C12",
    "Noise enables jumping between modes",
    "ε = 0.01, MNIST",
    "share of networks that gain more than 1 jump per 100 steps over what the identity gains: jumps at ε = .01 minus at 0, "
    "zero-mean normal noise",
    {"networks": Threshold(above=0.5)},
    {"jumps gained": Threshold(above=1.0), "training loss": FITS},
)
C13 = Statement(
    "C13",
    "MNIST: samples settle after a burn-in of 5 to 13 iterations; normal starts do as uniform ones",
    "MNIST, L = 10, H = 500, tanh, starts U(−1, 1), 300 iterations (Fig. 7)",
    "share of networks that satisfy all of these: burn-in in [3, 15]; share settled at iteration 300 ≥ 80 %; total variation "
    "between the class histograms of uniform and normal starts ≤ .1",
    {"networks": MOST},
    {"burn-in": Threshold(between=(3, 15)), "settled": Threshold(at_least=0.8), "starts": Threshold(at_most=0.1)}
    | {"training loss": FITS},
)
C20 = Statement(
    "C20",
    "Sampling is unaffected by the dimension of the input",
    "no setting given",
    "slope of log burn-in on log₂ D (censored regression), of networks that fit",
    {"slope": Threshold(margin=0.1, wording="{words} (TOST)")},
    {"training loss": Threshold(at_most=1e-4)},
    whole="{slope.words}, with n fixed and with n/D fixed",
)
C21 = Statement(
    "C21",
    "Samples of CIFAR-10 and CelebA make jumpy transitions",
    "CIFAR: 1,000 dogs, L = 10, H = 2000; CelebA: 1,000, L = 10, H = 1000 (README)",
    "share of seeds in which steps > .1·diameter, without noise, are more frequent by .05 on CIFAR than on MNIST, at like "
    "training losses",
    {"seeds": Threshold(above=0.5)},
    {
        "difference": Threshold(above=0.05),
        "larger loss over the smaller": Threshold(at_most=2.0),
        "training loss": FITS,
    },
    quote="“jumpy” (README)",
)
C23 = Statement(
    "C23",
    "Each step contains a digit: the inputs of a basin are of one class",
    "digits on the steps of a drawing, no setting given",
    "share of networks in which more held-out starts end nearest to an image of their class than with shuffled labels",
    {"networks": Threshold(above=0.5)},
    {"purity gained": Threshold(above=0.0), "training loss": FITS},
    quote="“each step contains a digit”",
)
STATEMENTS = (C11, C12, C13, C20, C21, C23)
ROUNDING = 9  # digits of shares of starts
IDENTITY_NEEDED = "needs the measurements of the identity, with which networks are compared"
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    images = result.whole[result.whole.rule == IMAGE_RULE]
    yield _like_the_data(result, images)
    yield _noise_jumps(result, images)
    yield _burns_in(result, images)
    yield _dimension(result)
    yield _jumpy(result, images)
    yield _class_of_start(result, images)


def _like_the_data(result: Result, images: Rows) -> Claim:
    columns, limits = ("coverage", "coverage_held_out", "variation", "variation_held_out", "c_t"), C11.limits

    def value(rows: Rows) -> Rows:
        covers = rows.coverage >= limits["coverage"].number * rows.coverage_held_out
        classes = (rows.variation - rows.variation_held_out).map(limits["classes"].holds)
        return rows.assign(value=covers & (rows.coverage_held_out > 0) & classes & rows.c_t.map(limits["C_T"].holds))

    def label(rows: Rows) -> str:
        excess = (rows.variation - rows.variation_held_out).median()
        covered = f"coverage {rows.coverage.median():.2g} of {rows.coverage_held_out.median():.2g}"
        return f"medians: {covered}, classes {excess:.2g}, C_T {rows.c_t.median():.2g}"

    settings = _settings(C11, result, images, columns, value, "data with classes, and more than 5 --held-out")
    return _over(C11, result, settings, label)


def _noise_jumps(result: Result, images: Rows) -> Claim:
    rates = result.tables.get("jumps", pd.DataFrame())
    if rates.empty or "normal" not in set(rates.noise) or PAPERS_NOISE not in set(rates.amplitude):
        return untestable(C12, "needs images, --noise normal and --amplitude 0.01")
    if "identity" not in set(rates.control):
        return untestable(C12, IDENTITY_NEEDED)

    def value(rows: Rows, noise: str, above: bool) -> Rows:
        own = of_cell(rates[rates.noise == noise], rows)
        wide = own.pivot(index="member", columns=["control", "amplitude"], values="mode_jumps").loc[rows.member]
        gains = {name: (wide[name][PAPERS_NOISE] - wide[name][0.0]).to_numpy() for name in ("none", "identity")}
        kept = finite_rows(rows.assign(gain=gains["none"], still=gains["identity"]), "gain", "still")
        return kept.assign(value=(kept.gain - above * kept.still).map(C12.limits["jumps gained"].holds))

    def label(rows: Rows) -> str:
        return f"medians: {rows.gain.median():.3g} jumps gained, by the identity {rows.still.median():.3g}"

    def judge(of: Statement, noise: str, above: bool = True) -> Claim:
        return _over(of, result, _settings(of, result, images, (), partial(value, noise=noise, above=above), ""), label)

    claim = judge(C12, "normal")
    if claim.verdict == "refuted" and judge(C12, "normal", above=False).verdict != "refuted":
        words = "noise may move networks and yet less than it moves the identity, which does not tell"
        claim = replace(claim, verdict="undecided", reason=f"{claim.reason}; {words}")
    if "published" not in set(rates.noise) or claim.verdict == "untestable":
        return claim
    biased = C12.at(estimand="the same with the published code's noise, which moves every number upwards")
    return with_beside(claim, [judge(biased, "published")])


def _burns_in(result: Result, images: Rows) -> Claim:
    settings = result.record["parameters"]
    if not {"uniform", "normal"} <= set(settings["start"]) or settings["iterations"] != PAPERS_ITERATIONS:
        return untestable(C13, f"needs --start uniform,normal and --iterations {PAPERS_ITERATIONS}")
    columns, limits = ("burn_in_uniform", "settled_uniform", "variation_starts", "variation_chance"), C13.limits

    def value(rows: Rows) -> Rows:
        settles = rows.burn_in_uniform.map(limits["burn-in"].holds) & ~rows.burn_in_uniform_censored.astype(bool)
        rests = rows.settled_uniform.map(limits["settled"].holds)
        return rows.assign(value=settles & rests & rows.variation_starts.map(limits["starts"].holds))

    def label(rows: Rows) -> str:
        burn_in, settled, apart, chance = (float(rows[name].median()) for name in columns)
        histograms = f"histograms {apart:.2g} apart, of which finite samples alone give {chance:.2g}"
        return f"medians: burn-in {burn_in:g}, settled {percent(settled)}, {histograms}"

    return _over(C13, result, _settings(C13, result, images, columns, value, "data with classes"), label)


def _dimension(result: Result) -> Claim:
    kind = f"burn_in_{result.record['parameters']['start'][0]}"
    parts = _slopes_by_rule(C20, result, kind)
    if not parts:
        return untestable(C20, "needs two or more --dim", C20["slope"].words)
    rms = C20.at(estimand="the same with near meaning the root mean square over coordinates, which D does not tighten")
    return with_beside(combined(C20, parts), _slopes_by_rule(rms, result, f"{kind}_rms"))


def _slopes_by_rule(of: Statement, result: Result, kind: str) -> list[Claim]:
    """The claim on the slope of the burn-in, for each rule for the number of points under which two dimensions were run."""
    parts = []
    for rule in POINT_RULES if kind in result.whole else ():
        rows = result.whole[result.whole.rule == rule]
        if rows.dim.nunique() < 2:
            continue
        how = f"{rows['count'].iloc[0]} points" if rule == POINT_RULES[0] else "points per dimension fixed"
        at = of.at(setting=f"uniform points, {how}, D = {', '.join(map(str, sorted(rows.dim.unique())))}")
        fits = _fitting(C20, result, rows)
        kept = fits[fits.dim.map(fits.groupby("dim").size() / rows.groupby("dim").size()) >= LEAST_JUDGED]
        if kept.dim.nunique() < 2:
            needs = "half of the networks to fit in two or more dimensions"
            parts.append(untestable(at, f"{needs} ({len(fits)} of {len(rows)} do; raise --steps)", C20["slope"].words))
            continue
        late, times = kept[f"{kind}_censored"].astype(bool), np.log(kept[kind].astype(float).clip(lower=1))
        slope = censored_slope(np.log2(kept.dim.astype(float)), times, late, kept.seed)
        words = [f"{percent(late.mean())} had not settled at the end"] if late.any() else []
        words += [f"{len(kept)} of {len(rows)} networks are judged"] if len(kept) < len(rows) else []
        parts.append(judged(at.at(label="; ".join(words)), slope, kept, C20["slope"]))
    return parts


def _jumpy(result: Result, images: Rows) -> Claim:
    settings = []
    nets = images[(images.objective == "plain") & (images.net == "mlp")]
    for (count, hidden, width, budget), rows in nets.groupby(["count", "hidden", "width", "budget"], sort=False):
        mnist = rows[rows.data == "mnist"]
        for name, own in rows[rows.data.str.contains("cifar", case=False)].groupby("data", sort=False):
            if len(mnist):
                words = f"{name}, n = {count}, {hidden} hidden, width {width}, {budget:,} steps"
                settings.append(_pairs(words, result, own, mnist))
    claim = _over(C21, result, settings, _rates, "needs CIFAR-10 and MNIST at one --count (--data cifar10,mnist)")
    return with_beside(claim, [untestable(C21.at(setting="CelebA"), "needs a folder of its images, and MNIST")])


def _pairs(words: str, result: Result, cifar: Rows, mnist: Rows) -> Setting:
    """The networks on CIFAR, each beside that on MNIST of its seed, if both fit and their losses are alike."""
    limits, ours, theirs = C21.limits, _fitting(C21, result, cifar), _fitting(C21, result, mnist)
    both = ours.merge(theirs[["seed", "loss", "jumpiness"]], on="seed", suffixes=("", "_mnist"))
    larger, smaller = both[["loss", "loss_mnist"]].max(axis=1), both[["loss", "loss_mnist"]].min(axis=1)
    alike = both[larger <= limits["larger loss over the smaller"].number * smaller]
    kept = finite_rows(alike, "jumpiness", "jumpiness_mnist")
    kept = kept.assign(value=(kept.jumpiness - kept.jumpiness_mnist).map(limits["difference"].holds))
    losses = f"CIFAR {cifar.loss.median():.2g}, MNIST {mnist.loss.median():.2g} (medians)"
    lacking = f"half of the pairs to fit with like losses ({len(kept)} of {len(cifar)} do; {losses})"
    return Setting(words, True, kept, len(cifar), lacking)


def _rates(rows: Rows) -> str:
    return f"medians: CIFAR {rows.jumpiness.median():.2g}, MNIST {rows.jumpiness_mnist.median():.2g}"


def _class_of_start(result: Result, images: Rows) -> Claim:
    controls = result.tables.get("controls", pd.DataFrame({"control": []}))
    still = controls[controls.control == "identity"]
    if still.empty:
        return untestable(C23, IDENTITY_NEEDED)

    def value(rows: Rows) -> Rows:
        alone = of_cell(still, rows).set_index("member").purity.loc[rows.member].to_numpy()
        gains = (rows.purity - rows.purity_null).round(ROUNDING)
        return rows.assign(value=gains.map(C23.limits["purity gained"].holds), still=alone)

    def label(rows: Rows) -> str:
        more = mean_interval((rows.purity - rows.still).round(ROUNDING) > 0, rows.seed, bounds=(0, 1))
        words = "" if C23["networks"].place(more) == "inside" else "by identity: "
        shares = f"{rows.purity.median():.2f}, by chance {rows.purity_null.median():.2f}"
        return f"{words}medians: {shares}, of the images nearest to the starts themselves {rows.still.median():.2f}"

    settings = _settings(C23, result, images, ("purity", "purity_null"), value, "data with classes")
    return _over(C23, result, settings, label)


def _settings(
    of: Statement, result: Result, images: Rows, columns: tuple[str, ...], value: Callable[[Rows], Rows], needs: str
) -> list[Setting]:
    """The settings of images, with the column `value` of the networks that fit and have numbers in `columns`.

    MLPs on digits decide; without any, all settings do. `needs` is what a run without numbers lacks."""
    found = settings_of(result, images)
    deciding = [all(rows[name].iloc[0] == wanted for name, wanted in DECIDING.items()) for _, rows in found]
    settings = []
    for (words, rows), decides in zip(found, deciding, strict=True):
        fits, limit = _fitting(of, result, rows), of.limits["training loss"]
        lacking = f"half of the networks to fit ({len(fits)} of {len(rows)} have a training loss {limit.words})"
        if any(name not in rows or rows[name].isna().all() for name in columns):
            kept, lacking = rows[:0], needs
        else:
            kept = finite_rows(fits, *columns) if columns else fits
            kept = value(kept) if len(kept) else kept
        settings.append(Setting(words["setting"], decides or not any(deciding), kept, len(rows), lacking))
    return settings


def _over(
    of: Statement,
    result: Result,
    settings: list[Setting],
    label: Callable[[Rows], str],
    needs: str = "needs --objective plain",
) -> Claim:
    """The claim over the settings; its label says if all networks share a training set, or if there is one network only."""
    shared = "" if result.record["parameters"]["drawn"] else SHARED_DATA_LABEL
    (threshold,) = of.thresholds.values()

    def words(rows: Rows) -> str:
        return "; ".join(filter(None, [ILLUSTRATION_LABEL if len(rows) == 1 else shared, label(rows)]))

    return judged_over(of, threshold, settings, needs=needs, label=words)


def _fitting(of: Statement, result: Result, rows: Rows) -> Rows:
    """The rows of the networks that fit. Losses are taken over the square of the range."""
    span = 2.0 if result.record["parameters"]["output"] == "tanh" else 1.0
    return rows[rows.loss <= of.limits["training loss"].number * span**2]
