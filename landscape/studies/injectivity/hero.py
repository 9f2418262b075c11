"""The picture beside the answer of a run on injectivity."""

from __future__ import annotations

from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.injectivity.merging_panels import merging_panels
from landscape.studies.injectivity.panels import curves_panel, twins_panels


def hero_of(result: Result) -> Panel | None:
    """The curves of Gaussian layers; else images with the same code, else where networks merge points."""
    if "matrices" in result.tables:
        return curves_panel(result.tables["matrices"])
    if "images" in result.tables:
        return next(twins_panels(result), None)
    return next(merging_panels(result), None)
