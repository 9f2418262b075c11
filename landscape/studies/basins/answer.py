"""What a run on basins found, in words: how many starts lead to training points, and whether borders of basins are smooth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim, Interval, mean_interval
from landscape.findings import Answer, Finding, number, percent, told
from landscape.results import Result
from landscape.studies.basins.claims import S4
from landscape.studies.parts.claim_words import counted, estimated, part, remarks, tested, too_few
from landscape.studies.parts.judging import finite_rows
from landscape.studies.parts.words import data_sets, layers, ranged, spanned

BORDERS = {
    "supported": ", with smooth borders between",
    "refuted": ", with ragged borders between",
    "mixed": ", with borders smooth only in part",
}
SMOOTHER = {"refuted": " Finer grids look no smoother.", "undecided": " Finer grids may look smoother."}
NEARLY_ALL, HALF, ALMOST_NONE = 0.95, 0.5, 0.05  # shares of starts, with which intervals are compared


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer: the measured share of starts that lead to training points, and the claim on borders where it is tested."""
    table = finite_rows(result.whole, "training")
    if table.empty:
        return None
    share, borders = mean_interval(table.training, table.seed, bounds=(0, 1)), tested(claims).get("S4")
    starts = f"{_how_many(share)} inputs"
    found = [Finding(f"{starts} end at training points.", _share_words(table, share, result))]
    if borders:
        found.append(_borders(borders, result))
    return Answer(
        "Applied again and again, a network carries inputs (starts) to attractors. How many end at training points, and "
        "are the borders between their basins smooth?",
        found,
        why="A start in the basin of a training point becomes that point. Near ragged (fractal) borders no precision tells "
        "where a start ends.",
        not_shown=_limits(result, table, borders),
        title=f"{starts} lead to training points{BORDERS.get(borders.verdict, '') if borders else ''}",
    )


def _how_many(share: Interval) -> str:
    """How many starts a share is, in a word that its interval allows; all if it is so in every network."""
    low, high = (end if math.isfinite(end) else share.estimate for end in (share.low, share.high))
    if share.estimate == 1:
        return "All"
    if share.estimate == 0 or high <= ALMOST_NONE:
        return "Almost no"
    if low > HALF:
        return "Nearly all" if low >= NEARLY_ALL else "Most"
    return "Few" if high < HALF else "Some"


def _share_words(table: pd.DataFrame, share: Interval, result: Result) -> str:
    """The share of starts that lead to training points, with the fewest and the most layers, and before training."""
    by_depth = table.groupby("hidden").training.mean()
    few, many = ((int(by_depth.index[place]), percent(float(by_depth.iloc[place]))) for place in (0, -1))
    depths = f"; {few[1]} with {layers(few[0])}, {many[1]} with {many[0]}" if few[0] != many[0] else ""
    ends = ranged(table.training, percent)
    span = f", {ends} in {'single networks' if ' to ' in ends else 'every network'}" if len(table) > 1 else ""
    controls = result.tables.get("controls", pd.DataFrame(columns=["control", "training"]))
    before = controls[controls.control == "untrained"].training.mean()
    compared = "" if pd.isna(before) else f"; {percent(float(before))} before training"
    return f"{estimated(share, percent)} on average over {counted(len(table), 'network')}{span}{depths}{compared}."


def _borders(claim: Claim, result: Result) -> Finding:
    """On how many fewer starts change their end if moved less; and on finer grids, where these do not look smoother."""
    finest, trend = part(claim, "finest"), part(claim, "trend")
    few = too_few(finest or trend or claim)
    sentence = few
    if finest:
        needs = "" if finest.verdict == "supported" or few else f"; the test needs {_tenfold(S4['finest'].number)}"
        sentence = (
            f"If starts move a tenth as far, {estimated(finest, _tenfold)} times fewer change their end; smooth borders "
            f"give 10{_fractal(result)}{needs}.{few}"
        )
    if trend and not few:
        sentence += SMOOTHER.get(trend.verdict, "")
    return told("Smooth borders", {"": claim.verdict}, sentence.strip())


def _tenfold(exponent: float) -> str:
    """How many times fewer starts change their end if all are moved a tenth as far, for an uncertainty exponent."""
    return number(10.0 ** min(exponent, 10.0))


def _fractal(result: Result) -> str:
    """The same of the known map with the roughest border, for comparison; empty without one."""
    known = result.tables.get("references", pd.DataFrame(columns=["map", "published", "exponent"])).dropna(
        subset=["exponent"]
    )
    rough = known[known.published > 1].sort_values("published")
    return "" if rough.empty else f", a known fractal {_tenfold(float(rough.exponent.iloc[-1]))}"


def _limits(result: Result, table: pd.DataFrame, borders: Claim | None) -> str:
    """What the run does not show: other networks and data, and what a plane through many dimensions leaves out."""
    names = data_sets(table.data)
    plane = any(arrays["attractors"].shape[1] > 2 for arrays in result.arrays.values())
    seen = " Borders are seen on one plane through three training points alone." if plane else ""
    finest = part(borders, "finest") if borders else None
    judged = remarks(finest).removesuffix(too_few(finest)) if finest else ""
    ours = f" The test of borders is exploratory, and no claim of the paper.{judged}" if borders else ""
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {names}, and starts within the range of the "
        f"data.{seen}{ours}"
    )
