"""`landscape export --figures`: the figures of a run's page as files for print."""

from __future__ import annotations

from pathlib import Path

from landscape import loading
from landscape.commands import faults
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.runs import named_or_newest
from landscape.publishing import figures_of
from landscape.publishing.figures import save

FORMATS = ("pdf", "svg", "png")


def export_figures(
    run: str | None,
    form: str,
    to: Path | None,
    *,
    only: tuple[str, ...] = (),
    style: str | None = None,
    out: Path | None = None,
) -> int:
    """Write the figures of a run's page to the folder `to`, by default `figures` in the run's folder: a file each.

    The run is by default the newest. `only` are titles or parts of them.
    Surfaces, players and tables of the page are no figures, and are left out."""
    with bad_input():
        if form not in FORMATS:
            raise ValueError(f"`figures` must be one of {', '.join(FORMATS)}; got {form!r}")
        result = loading.load(named_or_newest(run, out), out)
        folder = to or result.path / "figures"
        figures = figures_of(result, only=only, style=style)
        with stoppable("the figures so far are kept"), writing_to(folder, option="--to"):
            folder.mkdir(parents=True, exist_ok=True)
            for name, figure in figures.items():
                file = folder / f"{name}.{form}"
                save(figure, file)
                print(f"figure  {file}")
    return faults.OK
