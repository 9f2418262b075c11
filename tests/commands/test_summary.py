"""What a run's claims look like in a terminal."""

from __future__ import annotations

import io

import pandas as pd
from rich.console import Console

from landscape.commands.summary import show_claims


def test_a_claim_that_is_not_tested_says_why() -> None:
    row = {"key": "C1b", "verdict": "untestable", "statement": "Outputs stay near.", "estimate": float("nan")}
    out = io.StringIO()
    show_claims(Console(file=out, width=120), pd.DataFrame([row | {"reason": "the data have one point"}]))
    assert "Outputs stay near. (the data have one point)" in out.getvalue()
