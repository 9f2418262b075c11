"""Two answers about samples, each by a fixed rule: whether they are copies of training points, and whether they are varied.

`memorisation_verdict` gives one word, the first of its rules that holds. Samples that are all copies of twenty training points
are "collapsed" by it. The two answers here are independent: such samples copy, and they are collapsed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scipy import special

from landscape.measures.memorisation.copying import COPY_QUANTILE
from landscape.measures.memorisation.statistics import NORMAL_95, THRESHOLDS, in_words

COPYING = ("copies", "does not copy", "undecided")
VARIETY = ("varied", "collapsed", "undecided")
# The thresholds extend those of the verdict. The comments give what was measured on scikit-learn's digits (1,000 training, 400
# held-out points and 300 samples), from the smallest to the largest of twenty seeds. `new` are held-out points, `tenth` a
# mixture with a tenth of copies.
ANSWER_THRESHOLDS = {
    "some_copies": 0.05,  # samples copy if the lower end of the share of copies is above it: new 0, tenth .042 to .067
    "few_copies": 0.1,  # they do not if the upper end is below it: new .025 to .063, tenth .144 to .178
    "varied_share": 0.7,  # lower ends of coverage and recall, over held-out points': new .83 to .99, twenty images .02 to .22
    "varied_distinct": 0.7,  # of the expected number of different points: new 1, copies .96 to 1, four of the ten classes .57
    "fewest": THRESHOLDS["fewest"],
}
ERROR = 0.05  # 1 − the confidence of an interval
COPYING_RULE = in_words(
    "Copies: the 95 % interval of the share of copies lies above {some_copies:.0%}; or authenticity is at most "
    "{copies_authenticity} with C_T at most {copies_c_t:g}. Does not copy: the interval ends below {few_copies:.0%}, C_T is "
    "above {least_c_t:g}, authenticity is not below {least_authenticity} or held-out points' own by more than its interval, "
    "and there are {fewest} samples and held-out points or more. Undecided: anything else. Equal samples count as one.",
    THRESHOLDS | ANSWER_THRESHOLDS,
)
VARIETY_RULE = in_words(
    "Collapsed: fewer than {collapsed_distinct} of the different points that as many random training points hold, or nearest "
    "to fewer than {collapsed_modes} of the training points that held-out points are nearest to, at {collapsed_precision} of "
    "their precision or more. Varied: {varied_distinct} or more of the different points, coverage and recall both surely above "
    "{varied_share} of held-out points' own, and {fewest} points or more. Undecided: anything else.",
    THRESHOLDS | ANSWER_THRESHOLDS,
)


def copying_answer(statistics: Mapping[str, float]) -> str:
    """Whether the samples are copies of training points: a word of COPYING, from `memorisation_statistics` of one network.

    With the numbers of THRESHOLDS and ANSWER_THRESHOLDS, the first that holds:

    1. copies: the share of copies is above 5 % by its whole interval (`copied_interval`). Or authenticity ≤ 0.25 and C_T ≤ −3.
       Equal samples count as one: with d different ones among S, the interval is that of d samples, and C_T counts √(d / S).
    2. does not copy: the interval ends below 10 %, C_T > −3, authenticity is not below 0.5 by more than its 95 % interval
       (held-out points' own takes the place of 0.5 if it is lower), and there are 100 samples and 100 held-out points.
    3. undecided: neither, or a statistic that decides is NaN.

    Raises KeyError for a missing statistic."""
    s, limit = statistics, THRESHOLDS | ANSWER_THRESHOLDS
    low, high = copied_interval(s["copied"], different(s), s["held_out"])
    c_t = s["c_t"] * math.sqrt(different(s) / s["samples"])
    near = s["authenticity"] <= limit["copies_authenticity"] and c_t <= limit["copies_c_t"]
    if low > limit["some_copies"] or near:
        return "copies"
    share, null = s["authenticity"], s["authenticity_null"]
    authentic = share + NORMAL_95 * _error_of_difference(s) >= min(limit["least_authenticity"], null)
    many = min(s["samples"], s["held_out"]) >= limit["fewest"]
    new = high < limit["few_copies"] and c_t > limit["least_c_t"] and authentic
    return "does not copy" if new and many else "undecided"


def variety_answer(statistics: Mapping[str, float]) -> str:
    """Whether the samples are as varied as held-out points: a word of VARIETY, from `memorisation_statistics` of one network.

    With the numbers of THRESHOLDS and ANSWER_THRESHOLDS, the first that holds:

    1. collapsed: the number of different samples is less than ¼ of that among as many random training points. Or the samples
       are nearest to less than ¼ as many training points as held-out points are, and their precision is at least half that
       of held-out points.
    2. varied: the number of different samples is at least 0.7 of that number. Coverage and recall, divided by those of held-out
       points, are at least 0.7, by the lower ends of their intervals if the statistics hold `coverage_low` and `recall_low`.
       And there are 100 samples and 100 held-out points.
    3. undecided: neither, or a statistic that decides is NaN.

    Raises KeyError for a missing statistic other than the ends of intervals."""
    s, limit = statistics, THRESHOLDS | ANSWER_THRESHOLDS
    precise = s["precision"] >= limit["collapsed_precision"] * s["precision_null"]
    few_modes = s["modes"] < limit["collapsed_modes"] * s["modes_null"]
    if s["distinct_share"] < limit["collapsed_distinct"] or (few_modes and precise):
        return "collapsed"
    reached = [s.get(f"{name}_low", _ratio(s[name], s[f"{name}_null"])) for name in ("coverage", "recall")]
    many = min(s["samples"], s["held_out"]) >= limit["fewest"]
    varied = s["distinct_share"] >= limit["varied_distinct"] and all(one >= limit["varied_share"] for one in reached)
    return "varied" if varied and many else "undecided"


def different(statistics: Mapping[str, float]) -> float:
    """The number of different samples, which are independent evidence; all samples if the statistics do not say."""
    return min(statistics.get("distinct", math.inf), statistics["samples"])


def copied_interval(copied: float, samples: float, held_out: float) -> tuple[float, float]:
    """The 95 % interval of the share of copies `copied`, as `Nearness.copied` estimates it from so many points: (low, high).

    1. A share p of the samples is near a training point: by Clopper and Pearson at 97.5 %.
    2. A share q of new points is near by chance. The bound is an order statistic of the held-out points, so that q has a beta
       distribution, whatever the distribution of distances: 97.5 %.
    3. The share of copies is (p − q) / (1 − q). Its ends are those of p with the opposite ends of q, within [0, 1].

    By Bonferroni the interval holds the share in at least 95 % of data sets. NaN for a share that is NaN."""
    if math.isnan(copied):
        return math.nan, math.nan
    below = math.floor(COPY_QUANTILE * (held_out - 1))
    chance = below / held_out
    near = round(samples * (copied * (1 - chance) + chance))
    tail = ERROR / 4
    least = special.betaincinv(near, samples - near + 1, tail) if near else 0.0
    most = special.betaincinv(near + 1, samples - near, 1 - tail) if near < samples else 1.0
    seldom, often = special.betaincinv(below + 1, held_out - below, [tail, 1 - tail])
    low, high = (least - often) / (1 - often), (most - seldom) / (1 - seldom)
    return float(min(max(low, 0.0), copied)), float(max(min(high, 1.0), copied))


def _error_of_difference(s: Mapping[str, float]) -> float:
    """The standard error of the difference between the samples' and the held-out points' authenticity."""
    share, null = s["authenticity"], s["authenticity_null"]
    variance = share * (1 - share) / s["samples"] + null * (1 - null) / s["held_out"]
    return math.sqrt(max(variance, 0.0))


def _ratio(value: float, null: float) -> float:
    return value / null if null else math.nan
