"""Claims as cards: the statement, its verdict and composition, and estimates on axes, first few and then all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from landscape.report.axis import axis_for, scale, strip
from landscape.report.tables import MISSING_SIGN, format_number, format_value

VERDICT_ICONS = {
    "supported": "M4 8.5 7 11.5 12.5 5",
    "refuted": "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
    "mixed": "M4 6H12M4 10H12",
    "undecided": "M5.5 6A2.5 2.5 0 1 1 8 8.6V9.6M8 12V12.1",
    "ill-posed": "M8 4V9M8 11.9V12",
    "untestable": "M4 8H12",
}
SIGNS = {"supported": "✓", "refuted": "✕", "mixed": "=", "undecided": "?", "ill-posed": "!", "untestable": "–"}
ON_A_CARD = 6  # estimates at most; a claim of more settings shows the one for all of them
OPEN_UP_TO = 8  # tests: the list of a claim with more is folded
SECOND = ", among the converged"  # how the estimand ends that is taken over fewer networks, beside the claim
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Estimate:
    """One test in a list: where, the strip and the number with its interval, what it rests on, and its verdict."""

    where: str
    drawn: Markup
    number: str
    details: str
    verdict: str
    icon: str
    label: str


@dataclass(frozen=True)
class Estimates:
    """Estimates of one estimand on one axis."""

    estimand: str
    threshold: str
    rows: Sequence[Estimate]
    scale: Markup


@dataclass(frozen=True)
class Share:
    """The part of a claim's tests that have a verdict, as a part of the bar: its place and width in per cent."""

    verdict: str
    sign: str
    count: int
    place: str
    width: str
    middle: str


@dataclass(frozen=True)
class ClaimCard:
    """A claim on the page. `composition` counts the verdicts of its parts or settings; it is empty for one test alone.

    `shown` are the estimates on the card, `every` all of them; `tests` is their number. A claim that was not tested has no
    estimates, and `reason` says why."""

    id: str
    key: str
    statement: str
    verdict: str
    icon: str
    label: str
    reason: str
    threshold: str
    networks: str
    composition: Sequence[Share]
    shown: Sequence[Estimates]
    every: Sequence[Estimates]
    tests: int

    @property
    def tested(self) -> bool:
        """Whether the run tests the claim."""
        return bool(self.every)

    @property
    def composed(self) -> str:
        """The composition in words: '3 supported · 4 refuted'."""
        return " · ".join(f"{share.count} {share.verdict}" for share in self.composition)

    @property
    def open(self) -> bool:
        """Whether the list of all tests is short enough to stand open."""
        return self.tests <= OPEN_UP_TO


def claim_cards(claims: pd.DataFrame, part: str) -> list[ClaimCard]:
    """The cards of a table of claims, whose ids begin with `part`.

    The columns estimand, threshold, estimate, low, high, asked_low, asked_high, p, clusters, members, failed, reason, setting,
    label, primary, part_of and level are optional. Raises ValueError if key, statement or verdict is missing."""
    missing = [name for name in ("key", "statement", "verdict") if name not in claims.columns]
    if missing:
        raise ValueError(
            f"a table of claims needs the columns key, statement and verdict; {', '.join(missing)} missing."
        )
    grouped: list[list[Row]] = []
    for row in claims.to_dict("records"):
        if not _text(row.get("part_of")):
            grouped.append([])
        grouped[-1].append(row)
    return [_card(rows, f"{part}-{_text(rows[0]['key'])}") for rows in grouped]


def _verdict(row: Row) -> str:
    """The verdict in the words of the page."""
    return str(row["verdict"]).replace("_", "-").lower()


def _card(rows: list[Row], name: str) -> ClaimCard:
    whole, parts = rows[0], [row for row in rows[1:] if _level(row) == 1 and _counts(row, rows[0])]
    drawn = [row for row in rows if math.isfinite(_number(row.get("estimate")))]
    own = [whole] if math.isfinite(_number(whole.get("estimate"))) else []
    few = own if own and len(parts) > ON_A_CARD else [*own, *(row for row in parts if row in drawn)][: ON_A_CARD + 1]
    verdict = _verdict(whole)
    return ClaimCard(
        id=name,
        key=_text(whole["key"]),
        statement=_text(whole["statement"]),
        verdict=verdict,
        icon=_icon(verdict),
        label=_text(whole.get("label")),
        reason=_text(whole.get("reason")),
        threshold=_text(whole.get("threshold")),
        networks=_networks(whole),
        composition=_composition([_verdict(row) for row in parts]) if len(parts) > 1 else [],
        shown=_by_estimand(few, whole),
        every=_by_estimand(drawn, whole),
        tests=len(drawn),
    )


def _icon(verdict: str) -> str:
    """The path of a verdict's sign."""
    return VERDICT_ICONS.get(verdict, VERDICT_ICONS["untestable"])


def _level(row: Row) -> int:
    level = _number(row.get("level"))
    return int(bool(_text(row.get("part_of")))) if math.isnan(level) else int(level)


def _counts(row: Row, whole: Row) -> bool:
    """Whether the claim is judged by this row. Second estimands and other settings are shown, and decide nothing."""
    beside = whole.get("primary", True) and not row.get("primary", True)
    return not beside and not _text(row.get("estimand")).endswith(SECOND)


def _composition(verdicts: Sequence[str]) -> list[Share]:
    counts = Counter(verdicts)
    found, left = [], 0.0
    for verdict in (name for name in VERDICT_ICONS if name in counts):
        width = 100 * counts[verdict] / len(verdicts)
        found.append(
            Share(verdict, SIGNS[verdict], counts[verdict], f"{left:.2f}%", f"{width:.2f}%", f"{left + width / 2:.2f}%")
        )
        left += width
    return found


def _by_estimand(rows: Iterable[Row], whole: Row) -> list[Estimates]:
    """The rows in lists of an estimand and threshold each, which share an axis."""
    lists: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        lists.setdefault((_text(row.get("estimand")), _text(row.get("threshold"))), []).append(row)
    found = []
    for (estimand, threshold), own in lists.items():
        ends = [
            _number(row.get(name)) for row in own for name in ("estimate", "low", "high", "asked_low", "asked_high")
        ]
        axis = axis_for(ends)
        estimates = []
        for row in own:
            estimate, low, high = (_number(row.get(name)) for name in ("estimate", "low", "high"))
            asked, verdict = (_number(row.get("asked_low")), _number(row.get("asked_high"))), _verdict(row)
            estimates.append(
                Estimate(
                    where=_where(row, whole),
                    drawn=Markup(strip(axis, estimate, low, high, asked, verdict)),
                    number=number_with_interval(estimate, low, high),
                    details=_details(row),
                    verdict=verdict,
                    icon=_icon(verdict),
                    label=_own_label(row, whole),
                )
            )
        found.append(Estimates(estimand, threshold, estimates, Markup(scale(axis))))
    return found


def _own_label(row: Row, whole: Row) -> str:
    """What limits the verdict of a setting and not that of the whole claim, beside whose verdict it stands already."""
    if row is whole:
        return ""
    told = _text(whole.get("label")).split("; ")
    return "; ".join(part for part in _text(row.get("label")).split("; ") if part not in told)


def _where(row: Row, whole: Row) -> str:
    return "all together" if row is whole else _text(row.get("setting")) or _text(row["key"])


def number_with_interval(estimate: float, low: float, high: float) -> str:
    """'0.57 [0.24, 0.72]': as many decimals as the width of the interval calls for, the same for all three numbers."""
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        ends = f" [{format_number(low)}, {format_number(high)}]" if math.isfinite(low) or math.isfinite(high) else ""
        return f"{format_number(float(f'{estimate:.3g}'))}{ends}"
    if max(abs(low), abs(high)) >= 1e5 or high - low < 1e-4:
        return f"{estimate:.2g} [{low:.2g}, {high:.2g}]".replace("-", "−")
    decimals = min(max(1 - math.floor(math.log10(high - low)), 0), 5)
    text = [f"{value + 0.0:.{decimals}f}" for value in (estimate, low, high)]
    first, second, third = (one.removeprefix("-") if float(one) == 0 else one for one in text)
    return f"{first} [{second}, {third}]".replace("-", "−")


def _networks(row: Row) -> str:
    members, failed = _number(row.get("members")), _number(row.get("failed"))
    if not members > 0:
        return ""
    return f"{members:,.0f} networks" + (f", {failed:,.0f} not converged" if failed > 0 else "")


def p_in_words(p: float) -> str:
    """'p = 0.02', or 'p < 0.0001' for less."""
    return f"p = {format_number(p)}" if p >= 1e-4 else "p < 0.0001"


def _details(row: Row) -> str:
    parts = []
    if not math.isnan(p := _number(row.get("p"))):
        parts.append(p_in_words(p))
    if (clusters := _number(row.get("clusters"))) > 0:
        parts.append(f"{clusters:.0f} clusters")
    return ", ".join([*parts, *filter(None, [_networks(row)])])


def _text(value: Any) -> str:
    text = format_value(value)
    return "" if text == MISSING_SIGN else text


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
