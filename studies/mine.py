"""Do wider networks have more fixed points between their training points?

A worked example of a study that is not part of the package. Copy it, and run it:

    landscape study studies/mine.py
    landscape study studies/mine.py --help

A network f that is trained to return its training points has a fixed point at each of them, f(x) = x. It may have more in
between. On the line they are easy to count: f(x) − x changes its sign there. This study trains networks of several widths on
four points of the line, counts the changes of sign on a grid, and draws the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from landscape import (
    Cell,
    DataSpec,
    FitSpec,
    Measured,
    Panel,
    Recipe,
    Result,
    Site,
    Study,
    cell,
    make_net,
    members_table,
    option,
    trained,
)

GRID = 2001  # points of the line at which the sign of f(x) − x is determined


@dataclass(frozen=True)
class Mine(Study):
    """Whether wider networks have more fixed points than training points."""

    # Each field is an option of the command line (--width 16,64) and a key of a TOML file. A tuple is swept.
    width: tuple[int, ...] = option((16, 32, 64), "Units per hidden layer.", low=1, high=1000)
    hidden: int = option(4, "Hidden layers.", low=1, high=20)
    steps: int = option(4000, "Adam steps.", low=1)

    def cells(self) -> Sequence[Cell]:
        """The combinations to run: here a cell for each width. Every cell is saved as soon as it is finished."""
        return [cell(width=width) for width in self.width]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        """What a cell trains: a network per seed, of one architecture, on the points −.8, −.2, .2 and .8."""
        net = make_net("mlp", (1,), hidden=self.hidden, width=cell["width"], output="tanh")
        return [Recipe(net, DataSpec("tanh-four"), FitSpec(self.steps, lr=0.005), self.seeds)]

    def measure(self, cell: Cell, site: Site) -> Measured:
        """A row per network in the table 'members', and arrays for pictures. E networks map points (E, P, 1) to (E, P, 1)."""
        (recipe,) = self.recipes(cell)
        fitted = trained(recipe, site)  # from the model store, if it was trained before
        x = torch.linspace(-1, 1, GRID)[:, None]
        with torch.no_grad():
            y = fitted.ensemble(x.expand(self.members, GRID, 1).to(site.device)).cpu()
        above = (y > x)[..., 0]
        changes = (above[:, 1:] != above[:, :-1]).sum(1)
        table = members_table(recipe, fitted).assign(fixed_points=changes.numpy())
        return Measured({"members": table}, {"x": x[:, 0].numpy(), "y": y[0, :, 0].numpy()})

    def panels(self, result: Result) -> Iterator[Panel]:
        """What the report shows, from the tables and arrays alone."""
        # Imported here, because it loads matplotlib, which a machine that only trains may lack.
        from landscape import new_figure

        figure, axes = new_figure()
        for (name, arrays), place in zip(result.arrays.items(), range(9), strict=False):
            axes.plot(arrays["x"], arrays["y"] - arrays["x"], label=f"width {name['width']}", color=f"C{place}")
        axes.axhline(0, color="black", lw=0.6)
        axes.set(xlabel="x", ylabel="f(x) − x of the first network")
        axes.legend()
        words = "Each crossing of zero is a fixed point. One curve per width: the first network's."
        yield Panel("Where f(x) = x", words, figure)
        good = result.table[result.table["status"] == "converged"]
        counts = good.groupby("width")["fixed_points"].agg(networks="size", mean="mean", min="min", max="max")
        yield Panel("How many", "Fixed points of the networks that fit their four points.", counts.reset_index())
