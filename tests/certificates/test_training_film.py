"""The claim on training as a film is supported where points go on attracting, and not where they do not.

Controls are not trained: no point begins to attract (tests/studies/training_film/test_study.py)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.training_film.claims import claims_of
from tests.certificates import problems
from tests.certificates.training_film import MAKERS, films


def judged(table: pd.DataFrame) -> Claim:
    (claim,) = claims_of(Result(Path(), {}, {"members": table}, {}))
    return claim


def test_the_claim_has_a_certificate() -> None:
    assert problems("F1", judged, MAKERS, 10) == []


@pytest.mark.slow
def test_the_claim_has_a_certificate_of_many_draws() -> None:
    assert problems("F1", judged, MAKERS, 400) == []


@pytest.mark.parametrize(("share", "verdict"), [(0.97, "supported"), (0.8, "undecided"), (0.4, "refuted")])
def test_the_claim_can_be_supported_undecided_and_refuted(share: float, verdict: str) -> None:
    assert judged(partial(films, share=share)(np.random.default_rng(0))).verdict == verdict


def test_nineteen_seeds_decide_nothing() -> None:
    assert judged(films(np.random.default_rng(0)).query("seed < 19")).verdict == "undecided"
