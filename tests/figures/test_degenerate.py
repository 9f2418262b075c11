"""Every function that draws a table returns a figure whatever its numbers are: NaN, infinite, constant, or no rows at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape.figures import samples
from landscape.figures.by_size import zero_slopes
from landscape.figures.theme import pixels
from landscape.studies.architectures import figures as architectures
from landscape.studies.basins import figures as basins
from landscape.studies.corners import by_count
from landscape.studies.corners import figures as corners
from landscape.studies.depth_sweep import figures as depth_sweep
from landscape.studies.fixed_points import figures as fixed_points
from landscape.studies.kaleidoscope import figures as kaleidoscope
from landscape.studies.memorisation import figures as memorisation
from landscape.studies.regions import figures as regions
from landscape.studies.step_flatness import figures as step_flatness

ROWS = 12
MEMBERS = pd.DataFrame(
    {
        "member": np.arange(ROWS) % 3,
        "hidden": np.arange(ROWS) % 2 * 4 + 2,
        "width": np.repeat([5, 50], ROWS // 2),
        "dim": np.arange(ROWS) // 3 % 2 + 1,
        "count": np.arange(ROWS) % 3 + 1,
        "budget": np.repeat([0, 200], ROWS // 2),
        "net": ["mlp", "cnn"] * (ROWS // 2),
        "band": np.repeat([1e-6, 1e-4], ROWS // 2),
        "status": ["converged"] * (ROWS - 1) + ["stalled"],
        "setting": ["one"] * (ROWS // 2) + ["two"] * (ROWS // 2),
        "rule": ["one"] * ROWS,
        "source": ["samples"] * (ROWS // 2) + ["held out"] * (ROWS // 2),
        "verdict": ["copies"] * ROWS,
        "iteration": np.repeat(np.arange(4), 3),
        "step": np.repeat([1, 10, 100, 1000], 3),
        "stability": ["stable"] * ROWS,
        "training": np.arange(ROWS) % 2 == 0,
        "taken": np.arange(ROWS) % 2 == 0,
        "untrained": np.arange(ROWS) % 3 == 0,
        "burn_in_censored": np.arange(ROWS) % 3 == 0,
        "censored": np.arange(ROWS) % 3 == 0,
        "visits": np.arange(ROWS) + 1,
        "basin": np.arange(ROWS),
        "parameters": np.arange(ROWS) * 10 + 50,
        "control": ["identity"] * ROWS,
        "reading": ["read"] * ROWS,
    }
)
NUMBERS = [
    name
    for names in (
        "loss residual distance rate low high amplitude share_near share_early burn_in trace spread relative",
        "growth identity_share zero_slope corner_maximum value share exponent radius training_loss",
        "distance_ratio copied authenticity c_t agreement chance at_training attracted_spurious neutral",
        "cycling moving spurious stopped outside jump_rate statistic pieces radii",
    )
    for name in names.split()
]
CONTROLS = MEMBERS[["member", "hidden", "dim", "count"]].assign(control="identity")
Drawn = Callable[[pd.DataFrame], Figure]
PAINTERS: dict[str, Drawn] = {
    "where_orbits_end": architectures.where_orbits_end,
    "losses_by_net": lambda table: architectures.losses_by_net(table, [1e-6]),
    "rates_tried": architectures.rates_tried,
    "identity_or_constant": architectures.identity_or_constant,
    "attractor_census": architectures.attractor_census,
    "identity_by_depth": architectures.identity_by_depth,
    "zero_slopes": zero_slopes,
    "basin_sizes": basins.basin_sizes,
    "shares_of_starts": lambda table: basins.shares_of_starts(
        table.drop(columns="training").assign(
            training=table.share, circling=table.share, chaotic=table.share, slow=table.share
        )
    ),
    "burn_in_by_dim": lambda table: kaleidoscope.burn_in_by_dim(table, 100),
    "training_losses": lambda table: by_count.training_losses(table, 1e-6),
    "stacked_shares": lambda table: by_count.stacked_shares(table, "status", ["converged", "stalled"], ["red", "blue"]),
    "corner_maxima": lambda table: corners.corner_maxima(table, table, table),
    "share_curves": lambda table: depth_sweep.share_curves(table, 5),
    "depth_or_capacity": lambda table: depth_sweep.depth_or_capacity(table, 5),
    "burn_in_scatter": lambda table: depth_sweep.burn_in_scatter(table, 100),
    "spectrum": fixed_points.spectrum,
    "by_points": lambda table: fixed_points.by_points(table.assign(longer=1), "loss", "loss"),
    "by_depth_and_width": lambda table: step_flatness.by_depth_and_width(table, "share", "share", {"identity": 0.5}),
    "shares_by_member": lambda table: step_flatness.shares_by_member(table, "share", "share"),
    "statistics_by": lambda table: memorisation.statistics_by(
        table, x="count", line="net", statistics={"loss": "loss", "c_t": "C_T"}, references={}
    ),
    "loss_and_distance": lambda table: memorisation.loss_and_distance(table, limit=1e-4),
    "mixture_curves": lambda table: memorisation.mixture_curves(table, limits={"c_t": 3}),
    "twin_figure": lambda table: memorisation.twin_figure(table, setting="setting"),
    "by_neurons": lambda table: regions.by_neurons(table, "pieces", "pieces"),
    "burn_in_curves": samples.burn_in_curves,
    "distance_distributions": samples.distance_distributions,
    "verdict_shares": lambda table: samples.verdict_shares(table, setting="setting"),
    "training_curve": lambda table: samples.training_curve(table, table[["step", "loss"]]),
}


def filled(make: Callable[[], np.ndarray]) -> pd.DataFrame:
    return MEMBERS.assign(**{name: make() for name in NUMBERS})


CHANCE = np.random.default_rng(0)
KINDS: dict[str, pd.DataFrame] = {
    "numbers": filled(lambda: CHANCE.random(ROWS)),
    "nan": filled(lambda: np.full(ROWS, np.nan)),
    "inf": filled(lambda: np.full(ROWS, np.inf)),
    "mixed": filled(lambda: np.where(np.arange(ROWS) % 3, [-np.inf, np.inf, np.nan] * (ROWS // 3), 0.5)),
    "huge": filled(lambda: np.full(ROWS, 1e300)),
    "constant": filled(lambda: np.full(ROWS, 0.5)),
    "zero": filled(lambda: np.zeros(ROWS)),
    "one row": filled(lambda: np.full(ROWS, 0.5)).iloc[:1],
    "empty": filled(lambda: np.zeros(ROWS)).iloc[:0],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PAINTERS)
def test_a_table_of_any_numbers_is_drawn(name: str, kind: str) -> None:
    drawn: Any = pixels(PAINTERS[name](KINDS[kind]))
    assert drawn[..., :3].min() < 255  # more than blank paper
