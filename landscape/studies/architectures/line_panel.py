"""What the report shows of architectures on the line: intervals on which they have no slope."""

from __future__ import annotations

import pandas as pd

from landscape.figures import Panel
from landscape.figures.by_size import zero_slopes
from landscape.findings import listed
from landscape.studies.architectures.ranking import named
from landscape.studies.parts.summaries import fitted_words
from landscape.studies.parts.words import layers


def line_panel(table: pd.DataFrame) -> Panel:
    """The share of the line on which nets have no slope at all."""
    flat = table.assign(flat=table.zero_slope > 0)
    fits = flat[flat.status == "converged"]
    return Panel(
        title=f"Without any slope: {_most_words(flat)}",
        caption=f"Intervals of exactly no slope have {_flat_words(flat)}; of those that converged {_flat_words(fits)}.",
        body=zero_slopes(table),
        section="The line",
        downloads={
            "zero_slopes": table[["net", "width", "member", "seed", "status", "loss", "zero_slope", "intervals"]]
        },
        how=(
            f"Nets of {layers(table.hidden.iloc[0])} on the line, trained on .2 and .8: the share of [0, 1] at which the slope "
            "before the output's squash is exactly zero, a dot a network, lines the means. A ReLU layer that is off there "
            f"passes nothing on; the hidden map of an injective net never repeats a value. {fitted_words(table)}"
        ),
    )


def _flat_words(rows: pd.DataFrame) -> str:
    """'20 of 20 MLPs and 0 of 20 injective nets'; 'none' without rows."""
    return listed(
        [f"{own.flat.sum()} of {len(own)} {named(str(net))}" for net, own in rows.groupby("net", sort=False)]
        or ["none"]
    )


def _most_words(rows: pd.DataFrame) -> str:
    """'most MLPs, no injective nets somewhere'."""
    shares = rows.groupby("net", sort=False).flat.mean()
    words = [
        f"{'all' if share == 1 else 'most' if share > 0.5 else 'some' if share > 0 else 'no'} {named(str(net))}"
        for net, share in shares.items()
    ]
    return f"{listed(words)} have intervals"
