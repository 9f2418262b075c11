"""The front of the page 'Globally injective ReLU networks, re-run': its claims, and published thresholds beside ours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from landscape.figures import Panel
from landscape.findings import ci, number
from landscape.report import RunView
from landscape.reproduce.choice import Choice
from landscape.reproduce.ledger import counts
from landscape.reproduce.ledger_html import ledger_html
from landscape.reproduce.paper_answer import answer_of
from landscape.reproduce.pictures import threshold_strip
from landscape.reproduce.rows import FAMILIES, INJECTIVE_FAMILY, family_size
from landscape.studies.injectivity.claims import LOWER, NECESSARY, REPLICA, UPPER

INJECTIVE_TITLE = "Globally injective ReLU networks, re-run"
# The published expansivities m/n of one-to-one layers, with what each says and its source.
THRESHOLDS = {
    NECESSARY: ("no layer with fewer rows; rows in pairs suffice", "Puthawala et al., proof"),
    LOWER: ("no Gaussian layer of many inputs with fewer", "Puthawala et al., proof"),
    REPLICA: ("Gaussian layers of many inputs turn here", "Maillard et al. 2023, replicas"),
    7.65: ("all Gaussian layers of many inputs with more", "Maillard et al. 2023, proof"),
    UPPER: ("the same, proved first", "Puthawala et al., proof"),
}
# What the paper reports of its experiments, by the claim that asks it here, and whether our number is a logarithm.
EXPERIMENTS = {
    "I2": ("layers that give two images one code, at expansivity 2.1", "MNIST digits that share a code", False),
    "I5": ("W₂² of codes, inj. / ordinary", "below 1: better", True),
    "I6": ("Fréchet, inj. / ordinary", "about 1: no worse", True),
}


def injective_front(
    table: pd.DataFrame, anchors: Mapping[str, str], choice: Choice, failed: Mapping[str, str]
) -> RunView:
    """The front of the page: the answer, the ledger's six rows, and what was published beside what was found."""
    own = table[table.family == INJECTIVE_FAMILY]
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts(table, INJECTIVE_FAMILY).items())
    lead = (
        "Puthawala, Kothari, Lassas, Dokmanić and de Hoop, Globally Injective ReLU Networks (JMLR 23, 2022), run again, with "
        f"two questions of ours (I3, I4). Of the {family_size(INJECTIVE_FAMILY)} claims: {words}. Preset {choice.preset}. "
        "Notes on rows say where a threshold or estimand was changed after a look; p is adjusted by Holm's method over the "
        "six, whatever was run. The paper's generators made faces (CelebA, FFHQ); ours make digits."
    )
    return RunView(
        "The ledger",
        lead + outcome_words(choice, failed),
        [Panel("", "", ledger_html(own, anchors), FAMILIES[INJECTIVE_FAMILY]), *_published(own.set_index("key"))],
        tables={"ledger": own},
        command=choice.command,
        answer=answer_of(table, INJECTIVE_FAMILY),
    )


def outcome_words(choice: Choice, failed: Mapping[str, str]) -> str:
    """Sentences, with a space before each, on runs that were left out and on those without a whole result."""
    words = ""
    if choice.left_out:
        words += f" Left out when this was run: {', '.join(run.title for run in choice.left_out)}."
    if failed:
        words += " Without a whole result: " + "; ".join(f"{name} ({error})" for name, error in failed.items()) + "."
    return words


def _published(rows: pd.DataFrame) -> list[Panel]:
    """The published thresholds with our estimate on one axis, and the paper's experiments with ours in a table."""
    half: Any = rows.loc["I1"]
    ours = (float(half.estimate), float(half.low), float(half.high))
    known, found = math.isfinite(ours[0]), _with_interval(half)
    title = "Half of Gaussian layers are one-to-one at expansivity" if known else "Published thresholds of expansivity"
    caption = (
        f"Half of Gaussian layers are one-to-one at expansivity {found}, at the largest number of inputs decided exactly."
        if known
        else "The share of Gaussian layers that are one-to-one was not measured."
    )
    table = pd.DataFrame(
        [
            *(
                _line(f"one-to-one at expansivity {value:g}", what, found if value > NECESSARY else "–", source)
                for value, (what, source) in THRESHOLDS.items()
            ),
            *(
                _line(what, said, _with_interval(rows.loc[key], log) + _of(rows.loc[key]), "Puthawala et al.")
                for key, (what, said, log) in EXPERIMENTS.items()
            ),
        ]
    )  # fmt: skip
    return [
        Panel(
            f"{title} {number(ours[0])}" if known else title,
            caption,
            threshold_strip(list(THRESHOLDS), ours if known else None),
            "Beside what was published",
            how="Published thresholds are of n → ∞, but for 2, which holds for every n. Bar: 95 % CI of ours, of a small n.",
        ),
        Panel(
            "What was published, and what was found here",
            "Their generators made faces: the directions are compared, not the numbers.",
            table,
            "Beside what was published",
            how=(
                "Here, of expansivities (rows per input): where half of Gaussian layers are one-to-one, at the largest "
                "number of inputs decided exactly. Many inputs: n → ∞. The prediction 8.34 (Euler characteristic) was "
                "refuted by the proof of 7.65. The share of layers is that of all images tried. "
                "Ratios below 1 favour injective generators."
            ),
        ),
    ]


def _of(row: Any) -> str:
    """Of which images, at which contrast, a share of layers is; empty for ratios, and for what was not measured."""
    return f", of {row.setting}" if row.name == "I2" and math.isfinite(row.estimate) and row.setting else ""


def _line(what: str, published: str, here: str, source: str) -> dict[str, str]:
    return {"what": what, "published": published, "here": here, "source": source}


def _with_interval(row: Any, log: bool = False) -> str:
    """The estimate of a row with its interval and verdict, its exponential for a logarithm; without one the verdict alone."""
    if not math.isfinite(row.estimate):
        return str(row.verdict)
    value, low, high = (math.exp(value) if log else float(value) for value in (row.estimate, row.low, row.high))
    known = math.isfinite(row.low) or math.isfinite(row.high)
    return f"{number(value)} ({ci(low, high, number) if known else 'no interval'}; {row.verdict})"
