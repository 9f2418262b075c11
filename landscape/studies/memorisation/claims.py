"""The claims that networks are not purely memorising, and on what samples are as data become more, with their thresholds.

C14: the registered estimand was the mean authenticity (≥ .5) and the mean C_T (> −3). Its certificate failed twice
(`tests/certificates/test_memorisation.py` has that of the new one).

- Held-out digits in the samples' place have an authenticity of .32 to .60 (50 training images, 20 seeds), so that the best
  sampler failed. Authenticity is divided by held-out images' here; a sampler of which half are copies has ½.
- The identity passed, whose samples are the noise that they start from. Networks whose samples are no images, by precision,
  are left out like those that do not fit. Each network is decided first, and the share of networks is the estimand."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Statement, Threshold, with_beside
from landscape.results import Result
from landscape.studies.parts.comparison import SHOWN_STATES
from landscape.studies.parts.image_claims import DECIDING, settings_of
from landscape.studies.parts.judging import finite_rows
from landscape.studies.parts.pooling import Setting, judged_over

C14 = Statement(
    "C14",
    "Networks are not purely memorising",
    "the distance to the closest training image, no numbers given",
    "of networks that fit and whose samples are like images: share of which samples have at least half of held-out images' "
    "authenticity and C_T above −3",
    {"share": Threshold(above=0.5)},
    {
        "authenticity": Threshold(at_least=0.5),  # over held-out images'
        "C_T": Threshold(above=-3.0),
        "training loss": Threshold(at_most=0.02),
        "precision": Threshold(at_least=0.5),  # over held-out images'
    },
    quote="“Not purely memorizing”",
)
P1 = Statement(
    "P1",
    "With more training points, samples are first memorised, then spurious (the same point again and again, none of the data), "
    "then new (Pham et al. 2025)",
    "diffusion models on images, from two training images to all; not a claim of the paper",
    "of seeds whose networks fit at every number of images: share in which most samples are memorised at the fewest images, "
    "the share spurious is larger at a number between than at the fewest and at the most, and most samples are new at the most",
    {"share": Threshold(above=0.5)},
    {
        "memorised": Threshold(above=0.5),
        "spurious": Threshold(above=0.1),  # the largest between, less the larger of the two ends'
        "new": Threshold(above=0.5),
        "training loss": Threshold(at_most=0.02),
    },
    primary=False,
)
STATEMENTS = (C14, P1)
PARTS = {
    "memorised": "most samples are memorised at the fewest images",
    "spurious": "the share spurious is largest between",
    "new": "most samples are new at the most images",
}
FEWEST_COUNTS = 3  # of training points: the fewest, the most, and one between
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """C14 and P1, over the settings of MLPs on digits, or over all if the run has no such."""
    yield not_memorising(result)
    yield three_states(result)


def not_memorising(result: Result) -> Claim:
    samplers = result.tables.get("samplers", result.whole[:0].assign(sampler=""))
    copycats = samplers[samplers.sampler == "copycat"]
    found = settings_of(result, result.whole)
    usual = [_is_usual(rows) for _, rows in found]
    settings = [
        _setting(words["setting"], decides or not any(usual), rows, copycats)
        for (words, rows), decides in zip(found, usual, strict=True)
    ]
    label = found[0][0]["label"] if found else ""
    return judged_over(
        C14.at(label=label), C14["share"], settings, needs="needs --objective plain", label=answers_words
    )


def _setting(words: str, decides: bool, rows: Rows, copycats: Rows) -> Setting:
    """A setting with its networks that fit and whose samples are images; with none if the rule lets a copycat pass."""
    first, limits = rows.iloc[0], C14.limits
    copycat = copycats[(copycats.data == first.data) & (copycats["count"] == first["count"])]
    passing = int((_authentic(copycat) | (copycat.c_t > limits["C_T"].number)).sum())
    fits = finite_rows(rows[rows.training_loss <= limits["training loss"].number], "authenticity", "c_t")
    like = fits[fits.precision >= limits["precision"].number * fits.precision_null]
    lacking = (
        f"half of the networks to fit (training loss {limits['training loss'].words}) with samples like images "
        f"({len(like)} of {len(rows)} do)"
    )
    if copycat.empty:
        lacking = "the cell that has the copycats of these data"
    elif passing:
        lacking = f"enough points to tell copies from new images ({passing} of {len(copycat)} copycats pass)"
    kept = like if len(copycat) and not passing else like[:0]
    value = (_authentic(kept) & (kept.c_t > limits["C_T"].number)).astype(float)
    return Setting(words, decides, kept.assign(value=value), len(rows), lacking)


def _is_usual(rows: Rows) -> bool:
    return all(rows[name].iloc[0] == value for name, value in DECIDING.items())


def _authentic(rows: Rows) -> pd.Series[bool]:
    return rows.authenticity >= C14.limits["authenticity"].number * rows.authenticity_null


def three_states(result: Result) -> Claim:
    """P1, with its three parts beside it. A setting has networks at each number of training points, one a seed."""
    found = settings_of(result, result.whole, but="count")
    compared = [(words, rows) for words, rows in found if rows["count"].nunique() >= FEWEST_COUNTS]
    usual = [_is_usual(rows) for _, rows in compared]
    states = [_states(rows) for _, rows in compared]
    label = compared[0][0]["label"] if compared else ""

    def judged_by(of: Statement, part: str) -> Claim:
        settings = [
            _of_seeds(words["setting"], decides or not any(usual), rows, own[part])
            for (words, rows), decides, own in zip(compared, usual, states, strict=True)
        ]
        needs = f"needs {FEWEST_COUNTS} numbers of training points or more (--count) and --objective plain"
        return judged_over(of.at(label=label), P1["share"], settings, needs=needs)

    if not compared:
        return judged_by(P1, "all")
    parts = [judged_by(P1.at(estimand=f"the part: {words}"), part) for part, words in PARTS.items()]
    return with_beside(judged_by(P1, "all"), parts)


def _states(rows: Rows) -> pd.DataFrame:
    """Of each seed whose networks fit at every number of training points: which parts of P1 hold, and whether all do."""
    limits, counts = P1.limits, sorted(rows["count"].unique())
    fitting = finite_rows(rows[rows.training_loss <= limits["training loss"].number], *SHOWN_STATES)
    at = {
        state: fitting.pivot(index="seed", columns="count", values=state).reindex(columns=counts).dropna()
        for state in SHOWN_STATES
    }
    few, between, many = counts[0], counts[1:-1], counts[-1]
    peak = at["spurious"][between].max(axis=1) - at["spurious"][[few, many]].max(axis=1)
    values = {"memorised": at["memorised"][few], "spurious": peak, "new": at["new"][many]}
    holds = pd.DataFrame({name: value > limits[name].number for name, value in values.items()})
    return holds.assign(all=holds.all(axis=1)).astype(float)


def _of_seeds(words: str, decides: bool, rows: Rows, value: pd.Series[float]) -> Setting:
    """A setting with a row for each seed whose networks fit."""
    judged, trained = value.rename("value").reset_index().assign(status="converged"), rows.seed.nunique()
    limit = P1.limits["training loss"].words
    lacking = (
        f"half of the seeds to fit at every number of images (training loss {limit}; {len(judged)} of {trained} do)"
    )
    return Setting(words, decides, judged, trained, lacking)


def answers_words(rows: Rows) -> str:
    """The number of members by answer: 'copying: 18 does not copy, 2 copies; variety: 20 undecided'."""
    return "; ".join(
        f"{name}: " + ", ".join(f"{number} {answer}" for answer, number in rows[name].value_counts().items())
        for name in ("copying", "variety")
    )
