"""What the report shows of the borders of basins, beside those of maps whose dimension is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import listed, number, percent
from landscape.results import Result
from landscape.studies.basins.claims import S4, in_plane
from landscape.studies.basins.figures import raggedness
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.grids import COUNTED_KEYS

MEASURED = ["entropy", "boundary_entropy", "exponent", "trend", "dimension"]
RAGGED = "How ragged borders are"  # the reproduction of the paper picks the panel by these words


def borders_panel(table: pd.DataFrame, result: Result) -> Panel:
    """The uncertainty exponents of all networks beside those of known maps."""
    reference = result.tables.get("references", pd.DataFrame(columns=["map", "exponent", "published"]))
    named = table.assign(setting=table.data + ": " + table.setting)
    planes = in_plane(result)
    planes = planes[planes.data.isin(table.data.unique())]
    fractal = int((planes.boundary_entropy > np.log(2)).sum())
    limit = S4.limits["unsettled"].number
    hidden = int((table.unsettled_grid > limit).sum())
    middle = float(table.exponent.median())
    title, caption = "no border can be told", "No network has two basins whose border can be told."
    if middle == middle:
        title = f"the median border is {'near to smooth' if S4['finest'].holds(middle) else 'not near to smooth'}"
        caption = f"The median exponent α is {number(middle)}; smooth borders have 1{_range_words(reference)}. {_trend(planes)}"
    return Panel(
        title=f"{RAGGED}: {title}",
        caption=caption.strip(),
        body=raggedness(named, reference),
        section="Borders",
        downloads={
            "borders": table[[*COUNTED_KEYS, "member", "seed", "status", *MEASURED, *_slopes(table)]],
            "references": reference,
        },
        how=(
            "The uncertainty exponent α of every network: of starts ε apart a share ε^α ends at different attractors. "
            "Smooth borders have 1 (dimension 2 − α in the plane). Unsettled and slow starts count with the nearest basin; "
            f"where they are more than {percent(limit)}, as in {counted(hidden, 'network')}, they hide the borders, and no α "
            f"is told. In {fractal} of {counted(len(planes), 'network')} in the plane the boundary entropy is above log 2, as "
            "that of fractal borders is, or of many boxes with three basins and more. The download has α from each distance to "
            "the next, which is alike where the grid resolves the border."
        ),
    )


def _range_words(reference: pd.DataFrame) -> str:
    """', and known maps 0.19 (Grebogi's map) to 1 (a wave)'; empty without known maps."""
    if reference.empty:
        return ""
    rows = reference.sort_values("exponent")
    low, high = (f"{number(rows.exponent.iloc[place])} ({rows['map'].iloc[place]})" for place in (0, -1))
    return f", known maps {low} to {high}"


def known_maps(reference: pd.DataFrame) -> Panel:
    """The dimensions of known borders by both measures with their intervals, beside the published."""
    inside = {
        "α": (2 - reference.exponent_high <= reference.published) & (reference.published <= 2 - reference.exponent_low),
        "counting boxes": reference.published.between(reference.dimension_low, reference.dimension_high),
    }
    counts = [f"{int(holds.sum())} of {len(reference)} by {name}" for name, holds in inside.items()]
    right = all(holds.all() for holds in inside.values())
    alpha, boxes = (
        [f"{value:.2f} [{low:.2f}, {high:.2f}]" for value, low, high in zip(*columns, strict=True)]
        for columns in (
            (2 - reference.exponent, 2 - reference.exponent_high, 2 - reference.exponent_low),
            (reference.dimension, reference.dimension_low, reference.dimension_high),
        )
    )
    published = reference.published.map("{:g}".format)
    table = pd.DataFrame(
        {
            "map": reference["map"],
            "by α": alpha,
            "by counting boxes": boxes,
            "published": published,
            "source": reference.source,
        }
    )
    return Panel(
        title=f"{'All' if right else 'Not all'} known borders have their published dimension by the same measures",
        caption=f"The published dimension lies in the interval for {listed(counts)}.",
        body=table,
        section="Borders",
        how=(
            "Dimensions of the borders of maps whose dimension is known, as the networks are measured; in brackets intervals "
            "over parts of one picture (α) and over scales (boxes)."
        ),
    )


def _trend(planes: pd.DataFrame) -> str:
    """A sentence on how α changes with resolution, in how many networks in the plane; empty if it is not known."""
    rows = planes.trend.dropna()
    if rows.empty:
        return ""
    return f"In {int((rows < 0).sum())} of {counted(len(rows), 'network')} α comes nearer to 1 on finer grids."


def _slopes(table: pd.DataFrame) -> list[str]:
    """The columns with the slope between neighbouring scales, of α and of the boundary's dimension."""
    return [
        name for name in map(str, table) if name.rpartition("_")[0] in ("exponent", "dimension") and name[-1].isdigit()
    ]
