"""Burn-in against the dimension of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landscape.figures.rows import stand_for
from landscape.figures.theme import BLUE, INK, ORANGE, drawn, new_grid


@drawn
def burn_in_by_dim(table: pd.DataFrame, iterations: int) -> Figure:
    """Burn-in against the dimension: a dot per member (jittered), and a picture per value of the column `rule`.

    `table` has the columns rule, dim, burn_in and censored. Open triangles are members that had not settled by the end. The
    line joins the medians; a median is drawn at the end if half of the members or more had not settled."""
    rules = list(table.rule.unique())
    figure, axes = new_grid(1, len(rules), width=1.0 + 3.6 * len(rules), height=3.5, sharex=True, sharey=True)
    dims = sorted(table.dim.unique())
    jitter = np.exp(np.random.default_rng(0).normal(0, 0.06, len(table)))
    for ax, rule in zip(axes[0], rules, strict=True):
        chosen = (table.rule == rule).to_numpy()
        rows, spread = table[chosen], jitter[chosen]
        late, y = rows.censored.to_numpy(bool), rows.burn_in.clip(lower=1).to_numpy(float)
        x = rows.dim.to_numpy(float) * spread
        settled = ax.scatter(x[~late], y[~late], s=14, color=BLUE, alpha=0.6, lw=0, label="a member")
        style = {"marker": "^", "facecolor": "none", "edgecolor": ORANGE}
        others = ax.scatter(x[late], y[late], s=18, lw=0.8, label="not settled", **style)
        stand_for(settled, rows[~late])
        stand_for(others, rows[late])
        middle = pd.Series(y).groupby(rows.dim.to_numpy()).median()
        ax.plot(middle.index, middle, color=INK, lw=1.4, marker="_", ms=12, label="median")
        ax.set(title=rule, xscale="log", yscale="log", xlabel="dimension D", ylim=(0.85, iterations * 1.35))
        ax.set_xticks(dims, [f"{dim:g}" for dim in dims])
        ax.minorticks_off()
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes[0, 0].set_ylabel("burn-in (iterations)")
    axes[0, -1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
