"""The table of claims: the verdict and the estimate of each, and a picture of the estimate against its threshold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from landscape.report.tables import MISSING_SIGN, format_number, format_value

VERDICT_ICONS = {
    "supported": "M4 8.5 7 11.5 12.5 5",
    "refuted": "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
    "mixed": "M4 6H12M4 10H12",
    "undecided": "M5.5 6A2.5 2.5 0 1 1 8 8.6V9.6M8 12V12.1",
    "ill-posed": "M8 4V9M8 11.9V12",
    "untestable": "M4 8H12",
}
INTERVAL_WIDTH, INTERVAL_HEIGHT = 150, 22  # pixels
_NUMBER = r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:e[-−+]?\d+)?"
_ONE_BOUND = re.compile(rf"(?:CI)?\s*(?:[<>≤≥=±]|within\s*±)*\s*({_NUMBER})")
_TWO_BOUNDS = re.compile(rf"(?:CI)?\s*(?:within)?\s*\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\]")


@dataclass(frozen=True)
class ClaimView:
    """A row of the table, as text; `interval` is an SVG element or empty. A `part` is a setting of the claim above it."""

    key: str
    setting: str
    part: bool
    label: str
    statement: str
    estimand: str
    threshold: str
    verdict: str
    icon: str
    interval: str
    estimate: str
    details: str
    reason: str


def claim_views(claims: pd.DataFrame) -> list[ClaimView]:
    """The rows of a table of claims, ready for the page.

    The columns estimand, threshold, estimate, low, high, p, clusters, members, failed, reason, setting, label and part_of are
    optional. Raises ValueError if key, statement or verdict is missing."""
    missing = [name for name in ("key", "statement", "verdict") if name not in claims.columns]
    if missing:
        raise ValueError(
            f"a table of claims needs the columns key, statement and verdict; {', '.join(missing)} missing."
        )
    return [_view(row) for row in claims.to_dict("records")]


def _view(row: Mapping[Any, Any]) -> ClaimView:
    verdict = str(row["verdict"]).replace("_", "-").lower()
    estimate, low, high = (_number(row.get(name)) for name in ("estimate", "low", "high"))
    text = ""
    if math.isfinite(estimate):
        text = format_number(estimate)
        if math.isfinite(low) or math.isfinite(high):
            text += f" [{format_number(low)}, {format_number(high)}]"
    return ClaimView(
        key=_text(row["key"]),
        setting=_text(row.get("setting")),
        part=bool(_text(row.get("part_of"))),
        label=_text(row.get("label")),
        statement=_text(row["statement"]),
        estimand=_text(row.get("estimand")),
        threshold=_text(row.get("threshold")),
        verdict=verdict,
        icon=VERDICT_ICONS.get(verdict, VERDICT_ICONS["untestable"]),
        interval=interval(estimate, low, high, bounds(row.get("threshold"))),
        estimate=text,
        details=_details(row),
        reason=_text(row.get("reason")),
    )


def _details(row: Mapping[Any, Any]) -> str:
    parts = []
    if not math.isnan(p := _number(row.get("p"))):
        parts.append(f"p = {format_number(p)}" if p >= 1e-4 else "p < 0.0001")
    counts = ((_text(row.get(name)), name) for name in ("clusters", "members", "failed"))
    parts += [f"{count} {name}" for count, name in counts if count]
    return ", ".join(parts)


def _text(value: Any) -> str:
    text = format_value(value)
    return "" if text == MISSING_SIGN else text


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def bounds(threshold: Any) -> list[float]:
    """The one or two numbers of a threshold such as ≥ .25, ±.25 or CI within [3, 8]; none if it says anything else."""
    if isinstance(threshold, int | float):
        return [float(threshold)] if math.isfinite(threshold) else []
    match = _ONE_BOUND.fullmatch(text := str(threshold).strip()) or _TWO_BOUNDS.fullmatch(text)
    numbers = [float(number.replace("−", "-")) for number in match.groups()] if match else []
    return [-abs(numbers[0]), abs(numbers[0])] if "±" in text and numbers else numbers


def interval(estimate: float, low: float, high: float, thresholds: list[float]) -> str:
    """The interval as a bar, the estimate as a dot and thresholds as dashes, in an SVG element; "" without an estimate."""
    if not math.isfinite(estimate):
        return ""
    low, high = (low if math.isfinite(low) else estimate), (high if math.isfinite(high) else estimate)
    shown = [estimate, low, high, *thresholds]
    left, right = min(shown), max(shown)
    span = (right - left) or max(abs(right), 1.0)

    def at(value: float) -> str:
        return f"{8 + (value - left) / span * (INTERVAL_WIDTH - 16):.1f}"

    dashes = "".join(f'<path class="threshold" d="M{at(value)} 2V{INTERVAL_HEIGHT - 2}"/>' for value in thresholds)
    words = f"estimate {format_number(estimate)}, interval {format_number(low)} to {format_number(high)}" + "".join(
        f", threshold {format_number(value)}" for value in thresholds
    )
    middle = INTERVAL_HEIGHT / 2
    return (
        f'<svg class="interval" viewBox="0 0 {INTERVAL_WIDTH} {INTERVAL_HEIGHT}" width="{INTERVAL_WIDTH}" '
        f'height="{INTERVAL_HEIGHT}" role="img" aria-label="{words}">'
        f'{dashes}<path class="span" d="M{at(low)} {middle}H{at(high)}"/>'
        f'<circle class="estimate" cx="{at(estimate)}" cy="{middle}" r="4"/></svg>'
    )
