"""The page of the paper on injective networks: six claims on top, then published thresholds beside ours."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape.report import RunView
from landscape.reproduce.choice import Choice
from landscape.reproduce.injective_page import INJECTIVE_TITLE, injective_front
from landscape.reproduce.ledger import ledger
from landscape.reproduce.paper_page import write_page
from landscape.reproduce.runs import PaperRun

ALONE = Choice(("injective",), "test", (), ())


def judged(**rows: tuple[str, float, float, float]) -> pd.DataFrame:
    """The ledger with verdicts, estimates and intervals of some rows."""
    table = ledger({}).set_index("key", drop=False)
    for key, values in rows.items():
        table.loc[key, ["verdict", "estimate", "low", "high"]] = list(values)
        table.loc[key, "clusters"] = 23
    return table.reset_index(drop=True)


def front(table: pd.DataFrame, choice: Choice = ALONE, **failed: str) -> RunView:
    return injective_front(table, {}, choice, failed)


def test_the_answer_counts_the_six_claims_and_no_other() -> None:
    found = front(judged(I1=("supported", 5.1, 4.6, 5.8), I5=("refuted", 0.2, 0.1, 0.3), C3=("supported", 1, 0.9, 1.1)))
    assert found.answer is not None
    assert [one.short for one in found.answer.found] == ["Hold: 1 of 6.", "Do not hold: 1 of 6.", "Open: 4 of 6."]
    assert found.answer.found[0].sentence.startswith("Gaussian layers of few inputs turn one-to-one from 3.4 to 10.5.")
    assert found.answer.title == "Of 6 claims on injective networks 1 hold, 1 do not, 4 are open"
    assert list(found.tables["ledger"].key) == ["I1", "I2", "I3", "I4", "I5", "I6"]
    assert front(ledger({})).answer.title == "No claim on injective networks was tested"  # type: ignore[union-attr]


def test_published_thresholds_stand_beside_ours() -> None:
    panels = front(judged(I1=("supported", 5.1, 4.6, 5.8), I5=("undecided", math.log(0.5), math.log(0.25), 0.0))).panels
    strip, table = panels[1], panels[2]
    assert strip.title == "Half of Gaussian layers are one-to-one at expansivity 5.1"
    assert isinstance(strip.body, Figure)
    (axis,) = strip.body.axes
    assert [text.get_text() for text in axis.texts] == ["2", "3.4", "6.7", "7.65", "10.5", "here"]
    assert isinstance(table.body, pd.DataFrame)
    here = table.body.set_index("what").here
    assert here["one-to-one at expansivity 6.7"] == "5.1 (95 % CI 4.6 to 5.8; supported)"
    assert here["one-to-one at expansivity 2"] == "–"
    assert here["W₂² of codes, inj. / ordinary"] == "0.5 (95 % CI 0.25 to 1; undecided)"
    assert here["Fréchet, inj. / ordinary"] == "not yet run"


def test_the_share_of_layers_says_of_which_images_it_is() -> None:
    table = judged(I2=("supported", 0.95, 0.86, 0.99)).set_index("key", drop=False)
    table.loc["I2", "setting"] = "MNIST at 90 % contrast"
    body = front(table.reset_index(drop=True)).panels[2].body
    assert isinstance(body, pd.DataFrame)
    (here,) = body[body.what.str.startswith("layers that give two images")].here
    assert here == "0.95 (95 % CI 0.86 to 0.99; supported), of MNIST at 90 % contrast"


def test_an_estimate_without_an_interval_says_so() -> None:
    panels = front(
        judged(I1=("undecided", 5.1, -math.inf, math.inf), I6=("untestable", math.nan, math.nan, math.nan))
    ).panels
    assert "5.1 (no interval; undecided)" in panels[1].caption
    assert isinstance(panels[2].body, pd.DataFrame)
    assert panels[2].body.set_index("what").here["Fréchet, inj. / ordinary"] == "untestable"


def test_without_a_run_nothing_is_measured() -> None:
    strip = front(ledger({})).panels[1]
    assert strip.title == "Published thresholds of expansivity"
    assert isinstance(strip.body, Figure)
    assert "here" not in [text.get_text() for text in strip.body.axes[0].texts]


def test_the_page_has_its_own_title_and_no_claims_of_the_other_paper(tmp_path: Path) -> None:
    table = judged(I2=("supported", 1.0, 0.9, 1.0))
    page = write_page(table, {}, tmp_path / "report.html", choice=ALONE, failed={"injectivity": "no luck"})
    text = page.read_text(encoding="utf-8")
    assert f"<h1>{INJECTIVE_TITLE}</h1>" in text
    assert text.count('<tr id="claim-') == 6
    assert "Without a whole result: injectivity (no luck)." in text
    assert "Ten questions" not in text


@pytest.mark.parametrize(("study", "own"), [("injectivity", True), ("corners", False)])
def test_a_choice_is_injective_if_all_its_runs_are(study: str, own: bool) -> None:
    run = PaperRun("one", "One", study, (), {"test": ("test", {})})
    other = PaperRun("two", "Two", "injective-gan", (), {"test": ("test", {})})
    assert Choice(("injective",), "test", (other, run), ()).is_injective is own
    assert Choice(("injective",), "test", (other,), (run,)).is_injective is own
