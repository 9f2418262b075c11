"""What a page shows of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from landscape.figures.panel import Panel


@dataclass(frozen=True, eq=False)
class RunView:
    """One run on a page.

    `facts` is the row of key facts, each a value and its label. `claims` has the columns that `report.verdicts` names and may
    be None. `tables` are the run's tables, for download. `record` is its provenance; the page knows the keys study,
    parameters, seed, versions, device, commit, seconds, started and cells (mappings with at least a status, and an error for
    a failed one) and shows any other as it is. `command` reproduces the run.
    """

    title: str
    lead: str
    panels: Sequence[Panel]
    facts: Sequence[tuple[str, str]] = ()
    claims: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
