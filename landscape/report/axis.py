"""Estimates on an axis: a strip with the interval, the estimate and the part that passes, and the axis with its ticks.

Positions are percentages of the width, so that a strip has any width and its text keeps its size."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from landscape.report.tables import format_number

LEFT, RIGHT = 4.0, 96.0  # per cent of the width: the ends of the axis, so that a dot at an end is whole
STRIP_HEIGHT, SCALE_HEIGHT = 18, 20  # pixels
MOST_TICKS, MOST_NUMBERS = 4, 3  # a number at every tick would run into the next where the strip is narrow


@dataclass(frozen=True)
class Axis:
    """A linear axis from `low` to `high` with ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """The position of a value in per cent of the width. Values beyond the axis are at its end."""
        share = (value - self.low) / (self.high - self.low)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


def axis_for(values: Iterable[float]) -> Axis:
    """The axis that shows all finite values, from a tick to a tick."""
    shown = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(shown), max(shown)
    if low == high:
        low, high = low - max(abs(low), 1.0) / 2, high + max(abs(high), 1.0) / 2
    ticks = [float(tick) for tick in MaxNLocator(MOST_TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    return Axis(ticks[0], ticks[-1], tuple(ticks))


def strip(axis: Axis, estimate: float, low: float, high: float, asked: tuple[float, float], verdict: str) -> str:
    """The interval as a bar, the estimate as a dot, and the part that passes shaded, in an SVG element.

    `asked` are the ends of the part that passes, infinite where it is open, NaN if it is not known. "" without an estimate."""
    if not math.isfinite(estimate):
        return ""
    low, high = (end if math.isfinite(end) else estimate for end in (low, high))
    return (
        f'<svg class="strip {verdict}" width="100%" height="{STRIP_HEIGHT}" role="img" aria-label="'
        f'{_words(estimate, low, high, asked)}">{_passing(axis, asked)}'
        f'<line class="span" x1="{axis.at(low):.2f}%" x2="{axis.at(high):.2f}%" y1="9" y2="9"/>'
        f'<circle class="dot" cx="{axis.at(estimate):.2f}%" cy="9" r="4"/></svg>'
    )


def scale(axis: Axis) -> str:
    """The axis itself, with ticks and their numbers, in an SVG element."""
    numbered = axis.ticks if len(axis.ticks) <= MOST_NUMBERS else (axis.ticks[0], axis.ticks[-1])
    lines = "".join(f'<line x1="{axis.at(tick):.2f}%" x2="{axis.at(tick):.2f}%" y1="0" y2="4"/>' for tick in axis.ticks)
    ticks = lines + "".join(
        f'<text x="{axis.at(tick):.2f}%" y="16" text-anchor="middle">{format_number(tick)}</text>' for tick in numbered
    )
    return (
        f'<svg class="scale" width="100%" height="{SCALE_HEIGHT}" aria-hidden="true">'
        f'<line x1="{LEFT}%" x2="{RIGHT}%" y1=".5" y2=".5"/>{ticks}</svg>'
    )


def _passing(axis: Axis, asked: tuple[float, float]) -> str:
    if any(map(math.isnan, asked)):
        return ""
    left, right = (axis.at(end) for end in asked)
    dashes = "".join(
        f'<line class="threshold" x1="{axis.at(end):.2f}%" x2="{axis.at(end):.2f}%" y1="0" y2="{STRIP_HEIGHT}"/>'
        for end in asked
        if math.isfinite(end)
    )
    return f'<rect class="pass" x="{left:.2f}%" width="{right - left:.2f}%" height="{STRIP_HEIGHT}"/>{dashes}'


def _words(estimate: float, low: float, high: float, asked: tuple[float, float]) -> str:
    ends = [end for end in asked if math.isfinite(end)]
    passing = (
        f", passes {'from' if asked[0] in ends else 'up to'} {' to '.join(map(format_number, ends))}" if ends else ""
    )
    return f"estimate {format_number(estimate)}, interval {format_number(low)} to {format_number(high)}{passing}"
