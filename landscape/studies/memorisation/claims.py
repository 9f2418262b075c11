"""The claim that a study of memorisation tests, C14, with the thresholds registered for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from landscape.claims import Claim, mean_interval
from landscape.results import Result
from landscape.studies.parts.image_claims import over_data
from landscape.studies.parts.judging import judged, known, untestable

THRESHOLDS: dict[str, Any] = {"C14": {"authenticity above": 0.5, "C_T above": -3.0, "training loss at most": 0.02}}
WANTED = "authenticity ≥ .5 and C_T > −3, the copycat failing both"


def claims_of(result: Result) -> Iterator[Claim]:
    """C14 over every setting of the plain objective."""
    words: dict[str, Any] = {
        "key": "C14",
        "statement": "Networks are not purely memorising",
        "estimand": "authenticity and C_T of samples",
        "quote_setting": "the distance to the closest training image, no numbers given",
    }

    def parts(setting: dict[str, Any], rows: pd.DataFrame) -> list[Claim]:
        samplers, first = (
            result.tables.get("samplers", pd.DataFrame(columns=["data", "count", "sampler"])),
            rows.iloc[0],
        )
        same = (samplers.data == first.data) & (samplers["count"] == first["count"])
        return _setting({**words, **setting}, rows, samplers[same & (samplers.sampler == "copycat")])

    yield over_data(words, result, result.table, parts, WANTED)


def _setting(words: dict[str, Any], rows: pd.DataFrame, copycat: pd.DataFrame) -> list[Claim]:
    """Both estimands of one setting, labelled with its verdicts: samples that are no images are not memorised either."""
    limits, loss = THRESHOLDS["C14"], float(rows.training_loss.median())
    words = {**words, "label": "; ".join([*filter(None, [words.get("label")]), verdict_words(rows)])}
    if not loss <= limits["training loss at most"]:
        reason = f"networks that fit (the median training loss is {loss:.2g} of the range's square, above .02)"
        return [untestable(words, WANTED, reason)]
    if copycat.empty:
        return [untestable(words, WANTED, "the cell that has the copycats of these data")]
    caught = (copycat.authenticity < limits["authenticity above"]) & (copycat.c_t <= limits["C_T above"])
    if not caught.all():
        reason = (
            f"enough points to tell copies from new images ({int((~caught).sum())} of {len(copycat)} copycats pass)"
        )
        return [untestable(words, WANTED, reason)]
    found = []
    for column, name, threshold in (("authenticity", "authenticity", "≥ .5"), ("c_t", "C_T", "> −3")):
        part = {**words, "setting": f"{words['setting']}: {name}", "estimand": f"{name} of samples"}
        interval = mean_interval(known(rows, column)[column])
        found.append(judged(part, interval, rows, above=limits[f"{name} above"], threshold=threshold))
    return found


def verdict_words(rows: pd.DataFrame) -> str:
    """'verdicts: 18 mixed, 2 copies'."""
    counts = rows.verdict.value_counts()
    return "verdicts: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
