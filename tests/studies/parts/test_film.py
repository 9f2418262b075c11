"""Films: a family of maps of the plane whose course is known in closed form, and the steps that are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from landscape import measures
from landscape.measures.known_maps.references import Formula
from landscape.studies.parts.film import Film, film, separating_axis, surfaces
from landscape.studies.parts.film_events import event_table
from landscape.studies.parts.film_panels import film_panels, film_scene
from landscape.studies.parts.shown_film import ShownFilm
from landscape.studies.parts.snapshot_steps import snapshot_steps

DATA = torch.tensor([[0.5, 0.0], [-0.5, 0.0], [0.0, 0.9]])
TIMES = (0.0, 1.0, 4.0)
STRENGTHS = (-0.2, 0.1, 0.25)  # ±√μ are fixed for μ > 0: at the last time they are at two training points


def pitchfork(mu: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    return lambda x, y: (x + 0.5 * (mu * x - x**3), y / 2)


SNAPSHOTS = [(time, Formula(pitchfork(mu))) for time, mu in zip(TIMES, STRENGTHS, strict=True)]


@pytest.fixture(scope="module")
def made() -> Film:
    generator = torch.Generator().manual_seed(3)
    return film(SNAPSHOTS, DATA, generator=generator, low=-1.0, high=1.0, starts=40, iterations=120)


def test_moments_of_a_pitchfork_are_those_of_its_formula(made: Film) -> None:
    table = made.moments
    assert table.fixed.tolist() == [1, 3, 3]
    assert table.stable.tolist() == [1, 2, 2]
    assert table.copies.tolist() == [0, 0, 1]
    assert table.spurious.tolist() == [1, 1, 0]
    assert table.unsettled.tolist() == [0, 0, 0]
    assert table.attracting_data.tolist() == pytest.approx([0, 0, 2 / 3])
    loss = [float(measures.loss_at(map, DATA).mean()) for _, map in SNAPSHOTS]
    assert table.loss.tolist() == pytest.approx(loss)
    shares = made.branches[made.branches.time == 4].share
    assert shares.sum() == pytest.approx(1)
    assert table.largest_basin.iloc[-1] == pytest.approx(shares.max())


def test_its_training_points_begin_to_attract_when_the_branches_reach_them(made: Film) -> None:
    assert made.point_events[["point", "before", "after", "event"]].to_numpy().tolist() == [
        [0, 1.0, 4.0, "becomes fixed"],
        [0, 1.0, 4.0, "becomes attracting"],
        [1, 1.0, 4.0, "becomes fixed"],
        [1, 1.0, 4.0, "becomes attracting"],
    ]
    assert sorted(made.events.event) == ["birth", "birth", "stops attracting"]
    assert set(made.branches[made.branches.training].nearest) == {0, 1}


def test_members_are_filmed_one_by_one_and_a_map_that_is_not_finite_has_no_numbers() -> None:
    two = [(time, Formula(pitchfork(mu), members=2)) for time, mu in zip(TIMES, STRENGTHS, strict=True)]
    lost = (9.0, Formula(lambda x, y: (x * torch.nan, y), members=2))
    generator = torch.Generator().manual_seed(3)
    found = film([*two, lost], DATA, generator=generator, low=-1.0, high=1.0, starts=10, iterations=50)
    assert (
        found.moments.groupby("member").fixed.apply(list).tolist()
        == [[1, 3, 3, pytest.approx(np.nan, nan_ok=True)]] * 2
    )
    assert (
        found.moments[found.moments.time == 9.0][["loss", "fixed", "copies", "attracting_data"]].isna().all(axis=None)
    )
    assert (found.events.query("after == 9").event == "death").sum() == 2 * 3


def test_attractors_are_filmed_in_many_dimensions() -> None:
    data = torch.rand(3, 150, generator=torch.Generator().manual_seed(0))
    maps = [
        (0.0, measures.known_maps.Constant(torch.full((1, 150), 0.5))),
        (1.0, measures.known_maps.Constant(data[None, 1])),
    ]
    told: list[tuple[int, int]] = []
    found = film(
        maps,
        data,
        generator=torch.Generator().manual_seed(1),
        starts=12,
        iterations=5,
        progress=lambda done, total: told.append((done, total)),
    )
    total = len(maps) * maps[0][1].members
    assert told == [(done, total) for done in range(1, total + 1)]
    assert found.moments.stable.tolist() == [1, 1]
    assert found.moments.copies.tolist() == [0, 1]
    assert found.point_events.event.tolist() == ["becomes fixed", "becomes attracting"]
    assert set(found.point_events.point) == {1}


def test_the_axis_tells_the_corners_of_a_square_apart() -> None:
    square = torch.tensor([[0.2, 0.2], [0.2, 0.8], [0.8, 0.2], [0.8, 0.8]])
    axis = separating_axis(square)
    assert float(axis.norm()) == pytest.approx(1)
    assert float((square.double() @ axis).sort().values.diff().min()) > 0.2  # along x₁ two of them would coincide
    assert separating_axis(torch.tensor([[0.3, 0.4]])).tolist() == [1, 0]


def test_a_surface_is_the_loss_over_the_plane_at_each_time() -> None:
    found = surfaces(SNAPSHOTS, DATA, 0, resolution=5, low=-1.0, high=1.0)
    assert found["heights"].shape == (3, 5, 5)
    place = torch.tensor([[-0.5, 1.0]])
    expected = [float(measures.loss_at(map, place)[0, 0]) for _, map in SNAPSHOTS]
    assert found["heights"][:, 4, 1].tolist() == pytest.approx(expected)
    assert found["extent"].tolist() == [-1, 1, -1, 1]
    assert surfaces(SNAPSHOTS, DATA[:, :1], 0, resolution=5) == {}


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("10,100", 300, (0, 10, 100, 300)),
        ("0,300", 300, (0, 300)),
        ("log:3", 100, (0, 1, 10, 100)),
        ("log:1", 100, (0, 1, 100)),
        (" log: 2", 50, (0, 1, 50)),
    ],
)
def test_steps_are_read_from_words(text: str, steps: int, expected: tuple[int, ...]) -> None:
    assert snapshot_steps(text, steps) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("often", "must be steps such as 10,100,1000, or log:20 for 20 steps; got 'often'"),
        ("lin:4", "got 'lin:4'"),
        ("", "got ''"),
        ("-1", "got '-1'"),
        ("log:0", "from 1 to 200 steps; got 'log:0'"),
        ("400", "must be steps from 0 to 300, the last of the training; got 400"),
    ],
)
def test_other_words_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        snapshot_steps(text, 300)


def shown(made: Film) -> ShownFilm:
    return ShownFilm.of(made.tables(), 0, surfaces(SNAPSHOTS, DATA, 0, resolution=9, low=-1.0, high=1.0))


def test_events_are_told_in_words(made: Film) -> None:
    table = event_table({"the map": shown(made)}, "epoch")
    assert list(table) == ["after epoch", "by epoch", "event", "where", "how", "proven"]
    assert table.event.tolist()[-2:] == [f"training point {n} becomes fixed and attracting" for n in (0, 1)]
    assert table["where"].tolist()[-2:] == ["(0.5, 0)", "(-0.5, 0)"]
    assert (
        sorted(table.event[:3])
        == ["a fixed point stops attracting, now a saddle"] + ["an attracting point is born"] * 2
    )
    assert table.how.tolist().count("an eigenvalue passes 1") == 1
    assert set(table.proven) == {"no"}


def test_a_scene_plays_the_surfaces_with_their_fixed_points(made: Film) -> None:
    scene = film_scene("the map", shown(made), (1e-6, 1.0), "epoch")
    assert scene.film == "epoch"
    assert [surface.label for surface in scene.surfaces] == ["0", "1", "4"]
    assert scene.first.label == "4"
    assert scene.first.fixed is not None
    assert sorted(scene.first.fixed.attracts.tolist()) == [False, True, True]


def test_the_captions_begin_with_the_finding_and_are_short(made: Film) -> None:
    panels = list(film_panels({"a": shown(made), "b": shown(made)}, time="epoch", note="All converged."))
    assert [panel.title for panel in panels] == [
        "The landscape while it is learned: in the networks shown most training points attract in the end",
        "The loss at training points falls (a)",
        "The networks shown end with more fixed points than at first",
        "What is measured over time: most random starts come to a training point",
        "More fixed points are born than vanish",
    ]
    assert panels[0].caption.startswith(
        "Training points that attract in the end: a: 2 of 3, the first from epoch 4; b: 2 of 3"
    )
    assert panels[2].caption.startswith("a: 1 fixed point at first, 3 at last; most births at once by epoch 1.")
    assert panels[3].caption.startswith(
        "In the end 67 % of the training points attract, and 100 % of the random starts"
    )
    assert panels[4].caption == "4 fixed points are born, 0 vanish, and 4 times a training point begins to attract."
    assert [panel.how.count("All converged.") for panel in panels] == [1, 0, 0, 0, 0]
    assert max(len(panel.caption.split()) for panel in panels) <= 40


def test_the_titles_follow_the_tables(made: Film) -> None:
    film, none = shown(made), {"attracting": False}
    dull = replace(
        film, points=film.points.assign(**none), moments=film.moments.assign(copies=0.0, loss=[0.1, 0.2, 0.3])
    )
    gone = replace(dull, branches=film.branches[film.branches.time < TIMES[-1]], events=film.events[:0])
    titles = [panel.title for panel in film_panels({"a": gone}, time="epoch")]
    assert titles[0].endswith("in the network shown no training points attract in the end")
    assert titles[1] == "The loss at training points does not fall"
    assert titles[2] == "The network shown ends with fewer fixed points than at first"
    assert titles[3].endswith("most random starts do not come to a training point")
    assert titles[4] == "As many fixed points are born as vanish"
    twice = replace(film, moments=pd.concat([film.moments, film.moments.assign(member=1)]))
    panels = list(film_panels({"a": twice}))
    assert panels[0].caption.startswith("Training points that attract in the end, one of 2 seeds: 2 of 3")
    assert panels[3].caption.endswith("(mean of 2 networks).")


def test_a_film_without_any_fixed_point_has_its_panels() -> None:
    moved = [(time, Formula(lambda x, y: (x + 3, y + 3))) for time in TIMES]
    generator = torch.Generator().manual_seed(3)
    found = film(moved, DATA, generator=generator, low=-1.0, high=1.0, starts=5, iterations=5)
    assert found.branches.empty
    lone = ShownFilm.of(found.tables(), 0, surfaces(moved, DATA, 0, resolution=9, low=-1.0, high=1.0))
    panels = list(film_panels({"a": lone}, time="epoch"))
    assert panels[2].caption.startswith("0 fixed points at first, 0 at last.")
