"""The study of training as a film: its snapshots, its tables, its claim and its panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape import measures, presets
from landscape.figures.panel import Scene
from landscape.figures.training_film import at_time, bifurcations, film_strip, telling_frames
from landscape.results import Result
from landscape.studies.parts.film import Film
from landscape.studies.training_film.claims import claims_of
from landscape.studies.training_film.study import TrainingFilmStudy, _columns
from landscape.training import Site


@pytest.fixture(scope="module")
def study() -> TrainingFilmStudy:
    made = presets.make_study("training-film", "test")
    assert isinstance(made, TrainingFilmStudy)
    return made


def test_only_points_that_begin_to_attract_in_between_count() -> None:
    attracts = {0: [1, 1, 1, 1], 1: [0, 1, 1, 1], 2: [0, 1, 0, 0], 3: [0, 0, 0, 1], 4: [0, 1, 0, 1], 5: [0, 0, 0, 0]}
    rows = [
        {"member": member, "point": point, "time": time, "attracting": bool(one)}
        for point, course in attracts.items()
        for time, one in enumerate(course)
        for member in ((0, 1) if point in (0, 3, 5) else (0,))
    ]
    moments = pd.DataFrame({"member": [0, 1], "time": 3})
    events = pd.DataFrame({"member": [], "event": []})
    found = _columns(Film(moments, pd.DataFrame(), events, pd.DataFrame(rows), events))
    assert found.kept.tolist() == pytest.approx([2 / 3, np.nan], nan_ok=True)  # of points 1, 2 and 4
    assert found.attracting_at.tolist() == [(0 + 1 + 1 + 3 + 1) / 5, (0 + 3) / 2]


@pytest.mark.parametrize("kind", ["memoriser", "constant", "identity"])
def test_a_map_that_never_changes_keeps_nothing_that_it_began(study: TrainingFilmStudy, kind: str) -> None:
    dataset = study.recipe(study.cells()[1]).dataset()
    map = measures.control(kind, dataset, study.recipe(study.cells()[1]).untrained("cpu"))
    still = _columns(study._film([(0.0, map), (1.0, map), (2.0, map)], dataset))
    assert still.kept.isna().all()
    if kind == "memoriser":
        assert (still.attracting_data == 1).all()


def test_a_recipe_keeps_the_snapshots_asked_for(study: TrainingFilmStudy) -> None:
    (first, *_) = study.cells()
    assert study.recipe(first).fit.snapshots == (0, 3, 30)
    assert replace(study, snapshots="log:4").recipe(first).fit.snapshots == (0, 1, 3, 10, 30)


@pytest.mark.parametrize("snapshots", ["sometimes", "31"])
def test_snapshots_that_no_training_has_are_refused_at_once(study: TrainingFilmStudy, snapshots: str) -> None:
    with pytest.raises(ValueError, match="`snapshots` must be steps"):
        replace(study, snapshots=snapshots)


def test_tables_have_a_row_per_member_and_snapshot(result: Result) -> None:
    moments = result.tables["moments"]
    assert moments.groupby(["data", "member"]).time.apply(list).tolist() == [[0, 3, 30]] * 6
    assert len(result.table) == 6
    assert result.table.groupby("data").shown.sum().tolist() == [1, 1, 1]
    assert (moments[moments.data != "digits"].proven == 1).all()
    assert moments[moments.data == "digits"].proven.isna().all()
    assert set(result.tables["controls"].control) == {"memoriser", "constant", "identity"}
    memoriser = result.tables["controls"].query("control == 'memoriser'")
    assert (memoriser.attracting_data == 1).all()
    last = moments[moments.time == 30].set_index(["data", "member"]).fixed
    assert (result.table.set_index(["data", "member"]).fixed == last).all()


def test_the_first_moment_is_that_of_the_untrained_network(study: TrainingFilmStudy) -> None:
    plane = study.cells()[1]
    short = replace(study, data=("four-points",), snapshots="1", steps=1)
    first = short.measure(plane, Site()).tables["moments"].query("time == 0")
    longer = study.measure(plane, Site()).tables["moments"].query("time == 0")
    pd.testing.assert_frame_equal(first.reset_index(drop=True), longer.reset_index(drop=True))


def members(kept: list[float], loss: float = 1e-5) -> Result:
    table = pd.DataFrame({"kept": kept, "seed": range(len(kept))})
    table = table.assign(data="four-points", count=4, hidden=2, width=50, status="converged", loss=loss)
    return Result(None, {}, {"members": table}, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        ([1.0] * 20, "supported"),
        ([1.0] * 19, "undecided"),
        ([1.0] * 17 + [0.8] * 3, "undecided"),
        ([0.8] * 20, "refuted"),
    ],
)
def test_the_claim_is_on_points_that_go_on_attracting(kept: list[float], verdict: str) -> None:
    (claim,) = claims_of(members(kept))
    assert claim.verdict == verdict


def test_the_claim_is_untestable_where_nothing_begins_to_attract_or_fits() -> None:
    (claim,) = claims_of(members([np.nan] * 23))
    assert claim.verdict == "untestable"
    assert "23 of 23 fit, and in 0 of these points begin to attract" in claim.reason
    (unfit,) = claims_of(members([1.0] * 23, loss=1e-3))
    assert unfit.verdict == "untestable"


def test_panels_have_a_film_where_there_is_a_plane(study: TrainingFilmStudy, result: Result) -> None:
    panels = list(study.panels(result))
    scenes = [panel for panel in panels if isinstance(panel.body, Scene)]
    assert [panel.section for panel in scenes] == ["four-points", "digits"]
    assert scenes[0].body.first.fixed is not None  # type: ignore[union-attr]
    assert scenes[1].body.first.fixed is None  # type: ignore[union-attr]
    assert max(len(panel.caption.split()) for panel in panels) <= 40


def test_frames_are_chosen_by_how_much_changes_between_them() -> None:
    heights = np.ones((10, 3, 3))
    heights[7:] = 1e-3
    heights[9] = 1e-6
    assert telling_frames(heights, 3) == [0, 7, 9]
    assert telling_frames(heights[:2], 8)[-1] == 1


def test_time_zero_stands_left_of_the_first_time() -> None:
    places = at_time([0, 10, 100], 10)
    assert places[0] < 10
    assert places[1:].tolist() == [10, 100]


def test_a_branch_is_solid_where_it_attracts_at_both_times() -> None:
    branches = pd.DataFrame(
        {
            "branch": [0, 0, 0],
            "time": [0, 10, 100],
            "along": [0.0, 0.1, 0.2],
            "stability": ["stable", "stable", "saddle"],
        }
    )
    points = pd.DataFrame({"point": [0, 0, 0], "time": [0, 10, 100], "along": [0.1] * 3})
    events = pd.DataFrame({"event": ["birth"], "branch": [0], "before": [0], "after": [10]})
    figure = bifurcations({"one": (branches, points, events)})
    assert isinstance(figure, Figure)
    lines = [
        line
        for line in figure.axes[0].lines
        if len(line.get_xdata()) == 2 and line.get_transform() == figure.axes[0].transData
    ]
    assert [line.get_linestyle() for line in lines if line.get_marker() == "None"] == ["-", "--"]


def test_a_strip_of_surfaces_that_are_nowhere_finite_is_drawn() -> None:
    heights = np.full((2, 3, 3), np.nan)
    none = pd.DataFrame({"time": [], "x1": [], "x2": [], "stability": []})
    assert film_strip(heights, np.array([0.0, 1.0]), np.array([0, 1, 0, 1]), none, np.zeros((1, 2))).axes
