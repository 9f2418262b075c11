"""The claim that networks are not purely memorising, with the thresholds registered for it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import NO_BOUNDS, Claim, Statement, Threshold, mean_interval
from landscape.results import Result
from landscape.studies.parts.image_claims import over_data
from landscape.studies.parts.judging import finite_rows, judged, untestable

C14 = Statement(
    "C14",
    "Networks are not purely memorising",
    "the distance to the closest training image, no numbers given",
    "authenticity and C_T of samples",
    {"authenticity": Threshold(at_least=0.5), "C_T": Threshold(above=-3.0)},
    {"training loss": Threshold(at_most=0.02)},
    quote="“Not purely memorizing”",
    whole="authenticity {authenticity.words} and C_T {C_T.words}, the copycat failing both",
)
STATEMENTS = (C14,)


def claims_of(result: Result) -> Iterator[Claim]:
    """C14, networks are not purely memorising, over every setting of the plain objective."""

    def parts(of: Statement, rows: pd.DataFrame) -> list[Claim]:
        samplers, first = (
            result.tables.get("samplers", pd.DataFrame(columns=["data", "count", "sampler"])),
            rows.iloc[0],
        )
        same = (samplers.data == first.data) & (samplers["count"] == first["count"])
        return _setting(of, rows, samplers[same & (samplers.sampler == "copycat")])

    yield over_data(C14, result, result.table, parts)


def _setting(of: Statement, rows: pd.DataFrame, copycat: pd.DataFrame) -> list[Claim]:
    """Both estimands of C14 in a setting, with the verdicts on its members as a label.

    The label matters because samples that are not images at all are not memorised either. Untestable if the networks underfit,
    if the cell has no copycats, or if the rule does not catch every copycat."""
    loss, limit = float(rows.training_loss.median()), C14.limits["training loss"]
    of = of.at(label="; ".join([*filter(None, [of.label]), verdict_words(rows)]))
    if not limit.holds(loss):
        reason = (
            f"networks that fit (the median training loss is {loss:.2g} of the range's square, above {limit.short})"
        )
        return [untestable(of, reason)]
    if copycat.empty:
        return [untestable(of, "the cell that has the copycats of these data")]
    caught = (copycat.authenticity < C14["authenticity"].number) & (copycat.c_t <= C14["C_T"].number)
    if not caught.all():
        reason = (
            f"enough points to tell copies from new images ({int((~caught).sum())} of {len(copycat)} copycats pass)"
        )
        return [untestable(of, reason)]
    parts = []
    for column, (name, threshold) in zip(("authenticity", "c_t"), C14.thresholds.items(), strict=True):
        part = of.at(setting=f"{of.setting}: {name}", estimand=f"{name} of samples")
        bounds = (0, 1) if column == "authenticity" else NO_BOUNDS
        interval = mean_interval(finite_rows(rows, column)[column], bounds=bounds)
        parts.append(judged(part, interval, rows, threshold))
    return parts


def verdict_words(rows: pd.DataFrame) -> str:
    """The number of members per verdict as text: 'verdicts: 18 mixed, 2 copies'."""
    counts = rows.verdict.value_counts()
    return "verdicts: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
