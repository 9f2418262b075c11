"""What a page shows of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from landscape.figures.panel import Panel
from landscape.findings import Answer


@dataclass(frozen=True, eq=False)
class RunView:
    """One run on a page.

    `facts` are key facts for the line at the end, each a value and its label. `claims` has the columns that `claim_cards`
    names and may be None. `tables` are the run's tables, for download. `command` reproduces the run. `answer` heads the page
    in place of the lead, which then stands at the end. `name` is that of the run's folder, by which `landscape.load` finds it.

    `record` is the run's provenance. The page has a format for the keys study, parameters, seed, versions, device, commit,
    seconds, started and cells, and shows any other key as it is. A cell is a mapping with at least a status; a failed cell also
    has an error.
    """

    title: str
    lead: str
    panels: Sequence[Panel]
    facts: Sequence[tuple[str, str]] = ()
    claims: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    answer: Answer | None = None
    name: str = ""

    @property
    def short_title(self) -> str:
        """The title without what follows a colon, but with the parameters by which the run differs: 'Basins · seed 1'."""
        study, dot, parameters = self.title.partition(" · ")
        return f"{study.partition(': ')[0]}{dot}{parameters}"

    @property
    def redrawn_as(self) -> str:
        """The name by which `landscape.panel` finds its panels; "" where that needs code of the user's, which it must trust."""
        return "" if self.record.get("code") else self.name
