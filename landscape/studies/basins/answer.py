"""What a run on basins found, in words: how many starts lead to training points, and whether borders of basins are smooth."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim, Interval, mean_interval
from landscape.findings import Answer, Finding, ci, listed, number, percent, told
from landscape.results import Result
from landscape.studies.basins.claims import S4
from landscape.studies.parts.claim_words import estimated, part, remarks, tested
from landscape.studies.parts.judging import finite_rows
from landscape.studies.parts.words import data_words, layers, spanned

BORDERS = {
    "supported": "and the borders between are smooth",
    "refuted": "but the borders between are not smooth",
    "mixed": "and the borders between are smooth in part",
    "undecided": "and whether the borders between are smooth is undecided",
}
WHOLE, NONE = 0.995, 0.005  # shares that are called all and none


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer: the measured share of starts that lead to training points, and the claim on borders where it is tested."""
    table = finite_rows(result.table, "training")
    if table.empty:
        return None
    at_data, borders = mean_interval(table.training, table.seed, bounds=(0, 1)), tested(claims).get("S4")
    found = [_at_data(table, at_data, result)]
    if borders:
        found.append(_borders(borders, result))
    return Answer(
        "Repeating a network leads every start to an attractor; the starts that it draws in are its basin. How many starts "
        "lead to training points, and are the borders between basins smooth or fractal?",
        found,
        why="A start in the basin of a training point becomes that point. Near fractal borders no precision tells where a "
        "start ends.",
        not_shown=_limits(result, table),
        title=f"{_all(at_data.estimate)} lead to training points{', ' + BORDERS[borders.verdict] if borders else ''}",
    )


def _all(share: float) -> str:
    """How many starts a share is, as the subject of a sentence."""
    if share >= WHOLE:
        return "Nearly all starts" if share < 1 else "All starts"
    return "Almost no starts" if share <= NONE else f"{percent(share)} of starts"


def _at_data(table: pd.DataFrame, share: Interval, result: Result) -> Finding:
    """On the share of starts that lead to training points, in each setting, beside networks before training."""
    several = table[["data", "count"]].drop_duplicates()
    where = f" on {_data(str(table.data.iloc[0]), int(table['count'].iloc[0]))}" if len(several) == 1 else ""
    parts = []
    for _, rows in table.groupby(["data", "count", "hidden"], sort=False):
        first = rows.iloc[0]
        on = "" if where else f" on {_data(str(first['data']), int(first['count']))}"
        parts.append(f"{percent(rows.training.mean())} with {layers(int(first.hidden))}{on}")
    each = f": {listed(parts)}" if 2 <= len(parts) <= 4 else ""
    controls = result.tables.get("controls", pd.DataFrame(columns=["control", "training"]))
    before = controls[controls.control == "untrained"].training.mean()
    compared = "" if pd.isna(before) else f" Before training it was {percent(float(before))}."
    seeds = table.seed.nunique()
    within = ci(share.low, share.high, percent) if seeds > 1 else "one seed has no interval"
    how_many = f"{len(table)} network{'' if len(table) == 1 else 's'}"
    return Finding(
        f"At the training points: {percent(share.estimate)} of starts.",
        f"This is the mean of {how_many} ({within}){where}{each}.{compared}",
    )


def _data(name: str, count: int) -> str:
    return f"{count} {data_words(name)}" if name in ("uniform", "digits") else data_words(name)


def _borders(claim: Claim, result: Result) -> Finding:
    """On the uncertainty exponent at the finest resolution, and how it changes with resolution."""
    sentences, remark = [], ""
    if finest := part(claim, "finest"):
        least, words = S4["finest"].number, estimated(finest, _tenfold)
        sentences.append(
            f"Knowing a start ten times more exactly leaves its end uncertain {words} times less often; smooth borders have "
            f"10, and at least {_tenfold(least)} was asked{_fractal(result)}."
        )
        remark = remarks(finest)
    if trend := part(claim, "trend"):
        nearer = {"supported": "comes nearer to 10", "refuted": "does not come nearer to 10"}
        change = nearer.get(trend.verdict, "may or may not come nearer to 10")
        sentences.append(
            f"On finer grids it {change}: the distance of its exponent from 1 goes as resolution to the power "
            f"{estimated(trend, number)}."
        )
        remark = remark or remarks(trend)
    words = " This test is exploratory, and no claim of the paper."
    return told("Smooth borders", {"": claim.verdict}, " ".join(sentences) + remark + words)


def _tenfold(exponent: float) -> str:
    """How many times less often ends are uncertain where starts are known ten times more exactly."""
    return number(10.0 ** min(exponent, 10.0))


def _fractal(result: Result) -> str:
    """The same of the known map with the roughest border, for comparison; empty without one."""
    known = result.tables.get("references", pd.DataFrame(columns=["map", "published", "exponent"])).dropna(
        subset=["exponent"]
    )
    rough = known[known.published > 1].sort_values("published")
    if rough.empty:
        return ""
    row = rough.iloc[-1]
    return f"; the fractal border of {row['map']} has {_tenfold(float(row.exponent))} here"


def _limits(result: Result, table: pd.DataFrame) -> str:
    """What the run does not show: other networks and data, and what a plane through many dimensions leaves out."""
    names = listed([data_words(str(name)) for name in table.data.unique()])
    plane = any(arrays["attractors"].shape[1] > 2 for arrays in result.arrays.values())
    seen = " Borders are seen on one plane through three training points alone." if plane else ""
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {names}, and starts within the range of the "
        f"data.{seen}"
    )
