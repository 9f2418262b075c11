"""Pictures of samples and of how near they are to the training data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.figures import samples as pictures
from landscape.figures.orbit_map import CLASS_COLOURS, orbit_map, spread_out
from landscape.figures.samples import MEMORISATION_COLOURS
from landscape.figures.theme import BLACK, BLUE, ORANGE, pixels


def curves() -> pd.DataFrame:
    """Three members at two depths. The residual halves at each iteration; the distance falls faster for more layers."""
    rows = [
        {
            "hidden": hidden,
            "member": member,
            "iteration": t,
            "residual": 2.0**-t,
            "distance": 10 - hidden * t / 10 + member,
        }
        for hidden in (2, 7)
        for member in range(3)
        for t in (0, 1, 2, 5, 11)
    ]
    return pd.DataFrame(rows)


def test_burn_in_is_the_median_over_members_with_its_middle_half():
    figure = pictures.burn_in_curves(curves(), by="hidden", references={"held out": 6.5})
    residual, distance = figure.axes
    assert [line.get_label() for line in residual.lines] == ["2", "7"]
    assert np.allclose(residual.lines[0].get_ydata(), 2.0 ** -np.array([0, 1, 2, 5, 11]))
    assert np.allclose(distance.lines[1].get_ydata(), 11 - 0.7 * np.array([0, 1, 2, 5, 11]))
    band = distance.collections[1].get_paths()[0].vertices
    assert {10.5, 11.5} <= set(band[band[:, 0] == 0, 1].round(6))
    assert [text.get_text() for text in distance.texts] == ["held out"]
    assert np.allclose(distance.lines[-1].get_ydata(), 6.5)


def test_without_a_column_to_part_by_there_is_one_line_and_no_legend():
    figure = pictures.burn_in_curves(curves())
    assert len(figure.axes[0].lines) == 1
    assert not figure.legends


def jumps() -> pd.DataFrame:
    rows = [
        {"jump": jump, "noise": noise, "amplitude": amplitude, "rate": rate, "low": rate - 0.1, "high": rate + 0.4}
        for jump in ("to another image", "long")
        for noise, factor in (("normal", 1), ("biased", 3))
        for amplitude, rate in ((0.0, 0.1), (0.001, 0.2 * factor), (0.01, 2 * factor), (0.1, 9 * factor))
    ]
    return pd.DataFrame(rows)


def test_no_noise_stands_left_of_the_break_with_its_own_tick():
    ax, other = pictures.jumps_by_noise(jumps(), marked=0.01).axes
    assert (ax.get_title(loc="left") or ax.get_title(), other.get_ylim()) == ("to another image", ax.get_ylim())
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "0.001", "0.01", "0.1"]
    curve = next(line for line in ax.lines if line.get_label() == "biased")
    assert np.allclose(curve.get_xydata(), [[0.001, 0.6], [0.01, 6], [0.1, 27]])
    bars = ax.containers
    assert len(bars) == 2
    for bar in bars:
        x, y = bar.lines[0].get_xydata()[0]
        assert ax.get_xlim()[0] < x < 0.0003
        assert y == pytest.approx(0.1)
    low, high = ax.get_ylim()
    assert low < 0
    assert high > 27.4
    alone = pictures.jumps_by_noise(jumps().assign(low=np.nan, high=np.nan)).axes[0]  # of one network
    assert alone.get_ylim()[1] > 27


def test_jumps_without_noise_alone_are_refused():
    with pytest.raises(ValueError, match="at least one amplitude above 0; got none"):
        pictures.jumps_by_noise(jumps().query("amplitude == 0"))


def test_pairs_run_from_the_nearest_to_the_farthest():
    rng = np.random.default_rng(0)
    samples, neighbours = rng.uniform(-1, 1, (11, 5, 3)), rng.uniform(-1, 1, (11, 5, 3))
    distance = np.arange(11)[::-1] * 1.0
    figure = pictures.nearest_pairs(samples, neighbours, distance, pairs=3, limits=(-1, 1))
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.texts] == ["0", "5", "10"]
    sheet = ax.images[0].get_array()
    assert np.allclose(sheet[:5, :3, 0], (samples[10] + 1) / 2)
    assert np.allclose(sheet[6:, 8:, 1], (neighbours[0] + 1) / 2)
    assert (sheet[5, :, 3] == 0).all()  # the gaps show the ground, white or dark
    assert (sheet[:5, :3, 3] == 1).all()


def test_pairs_break_into_panels_of_four_two_in_a_row_and_colours_stay():
    samples = np.zeros((13, 4, 4, 3), np.uint8)
    samples[..., 0] = 255
    figure = pictures.nearest_pairs(samples, samples, np.arange(13.0), limits=(0, 255))
    assert [len(ax.texts) for ax in figure.axes] == [4, 4, 4, 1]
    assert [ax.get_subplotspec().rowspan.start for ax in figure.axes] == [0, 0, 1, 1]
    assert figure.axes[1].images[0].get_array()[0, 0].tolist() == [1, 0, 0, 1]


def test_the_map_shows_training_points_and_orbits_on_the_principal_axes():
    rng = np.random.default_rng(1)
    training = np.zeros((60, 5))
    training[:, 3], training[:, 1] = rng.normal(0, 5, 60), rng.normal(0, 1, 60)
    labels = (training[:, 3] > 0).astype(int)
    orbits = np.linspace(1, 0, 7)[:, None, None] * training[:11]
    figure = orbit_map(training, labels, orbits, classes=("left", "right", "absent"))
    ax = figure.axes[0]
    dots = np.asarray(ax.collections[0].get_offsets())
    assert np.allclose(np.ptp(dots, axis=0), [np.ptp(training[:, 3]), np.ptp(training[:, 1])], rtol=0.1)
    assert len(ax.collections[1].get_segments()) == 11
    ends = ax.lines[1].get_xydata()
    assert np.allclose(ends, ends[0])  # every orbit ends at the origin
    assert [text.get_text() for text in ax.texts] == ["left", "right"]
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["left", "right", "absent", "start", "orbit", "end"]


def test_ten_classes_have_ten_colours():
    assert len(set(CLASS_COLOURS)) == 10


def test_names_that_lie_upon_each_other_are_pushed_apart_and_others_stay():
    places = np.array([[0.2, 0.2], [0.2, 0.2], [0.21, 0.2], [0.9, 0.5]])
    moved = spread_out(places, 0.1)
    gaps = np.linalg.norm(moved[:, None] - moved, axis=-1) + np.eye(4)
    assert gaps.min() > 0.099
    assert np.allclose(moved[3], places[3], atol=1e-4)


def test_distributions_are_shares_within_a_distance():
    table = pd.DataFrame(
        {"source": ["samples"] * 4 + ["held out"] * 2 + ["copycat"] * 3, "distance": [1, 2, 3, np.nan, 4, 6, 0, 0, 0]}
    )
    ax = pictures.distance_distributions(table).axes[0]
    samples, held_out, copycat = ax.lines
    assert samples.get_label() == "samples (3)"
    assert (samples.get_color(), held_out.get_color()) == (BLUE, BLACK)
    assert samples.get_xdata()[1:].tolist() == [1, 2, 3]
    assert np.allclose(samples.get_ydata()[1:], [1 / 3, 2 / 3, 1])
    assert set(copycat.get_xdata()) == {0}
    assert ax.get_xlim()[0] < 0  # so that the curve of exact copies, a step at 0, is visible


def verdicts() -> pd.DataFrame:
    words = {10: ["copies"] * 3 + ["mixed"], 2: ["generalises"] * 5}
    return pd.DataFrame([{"hidden": hidden, "verdict": word} for hidden, rest in words.items() for word in rest])


def test_verdicts_fill_their_bars_in_one_order():
    ax = pictures.verdict_shares(verdicts(), setting="hidden").axes[0]
    widths = {bar.get_label(): [patch.get_width() for patch in bar.patches] for bar in ax.containers}
    assert list(widths) == list(MEMORISATION_COLOURS)
    assert widths["copies"] == [0.75, 0]
    assert widths["mixed"] == [0.25, 0]
    assert widths["generalises"] == [0, 1]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["10", "2"]
    assert sorted(text.get_text() for text in ax.texts if text.get_text()) == ["1", "3", "5"]


def test_a_verdict_without_a_colour_is_refused():
    with pytest.raises(ValueError, match=r"must be one of copies, generalises, .*; got copied"):
        pictures.verdict_shares(verdicts().replace("mixed", "copied"), setting="hidden")


def test_the_training_curve_has_the_published_points_beside_it():
    steps = np.arange(0, 900, 100)
    table = pd.concat(
        [pd.DataFrame({"step": steps, "member": member, "loss": 0.9 / (1 + steps)}) for member in range(3)]
    )
    published = pd.DataFrame({"step": [0, 500], "loss": [0.93, 0.01]})
    ax = pictures.training_curve(table, published, references={"mean image": 0.27}).axes[0]
    dots = next(line for line in ax.lines if line.get_label() == "published")
    assert dots.get_xydata().tolist() == [[0, 0.93], [500, 0.01]]
    assert dots.get_color() == ORANGE
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["here (3 members)", "published"]
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize("name", ["jumps", "verdicts", "pairs"])
def test_nothing_is_drawn_at_the_edge(name: str):
    rng = np.random.default_rng(2)
    tiles = rng.uniform(0, 1, (8, 6, 6))
    figure = {
        "jumps": lambda: pictures.jumps_by_noise(jumps()),
        "verdicts": lambda: pictures.verdict_shares(verdicts(), setting="hidden"),
        "pairs": lambda: pictures.nearest_pairs(tiles, tiles, rng.uniform(0, 1, 8), limits=(0, 1)),
    }[name]()
    shown = pixels(figure)[..., :3]
    edges = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert (edges == 255).all()
