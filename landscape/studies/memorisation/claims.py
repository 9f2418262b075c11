"""The claim that networks are not purely memorising, with the thresholds registered for it.

The registered estimand was the mean authenticity (≥ .5) and the mean C_T (> −3). Its certificate failed twice
(`tests/certificates/test_memorisation.py` has that of the new one).

- Held-out digits in the samples' place have an authenticity of .32 to .60 (50 training images, 20 seeds), so that the best
  sampler failed. Authenticity is divided by held-out images' here; a sampler of which half are copies has ½.
- The identity passed, whose samples are the noise that they start from. Networks whose samples are no images, by precision,
  are left out like those that do not fit. Each network is decided first, and the share of networks is the estimand."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Statement, Threshold
from landscape.results import Result
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
STATEMENTS = (C14,)
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """C14, networks are not purely memorising, over the settings of MLPs on digits, or over all if the run has no such."""
    samplers = result.tables.get("samplers", result.table[:0].assign(sampler=""))
    copycats = samplers[samplers.sampler == "copycat"]
    found = settings_of(result, result.table)
    usual = [all(rows[name].iloc[0] == value for name, value in DECIDING.items()) for _, rows in found]
    settings = [
        _setting(words["setting"], decides or not any(usual), rows, copycats)
        for (words, rows), decides in zip(found, usual, strict=True)
    ]
    label = found[0][0]["label"] if found else ""
    yield judged_over(C14.at(label=label), C14["share"], settings, needs="needs --objective plain", label=answers_words)


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


def _authentic(rows: Rows) -> pd.Series[bool]:
    return rows.authenticity >= C14.limits["authenticity"].number * rows.authenticity_null


def answers_words(rows: Rows) -> str:
    """The number of members by answer: 'copying: 18 does not copy, 2 copies; variety: 20 undecided'."""
    return "; ".join(
        f"{name}: " + ", ".join(f"{number} {answer}" for answer, number in rows[name].value_counts().items())
        for name in ("copying", "variety")
    )
