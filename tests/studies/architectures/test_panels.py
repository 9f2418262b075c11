"""The panels on architectures: what their captions say was found follows the tables."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from landscape import presets
from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.architectures.line_panel import line_panel
from landscape.studies.architectures.one_example import _kinds, _shares_words
from landscape.studies.architectures.ranking import beside, extremes, named, ranked
from landscape.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return presets.make_study("architectures", "test")


def panel_of(study: Study, result: Result, topic: str, **tables: pd.DataFrame) -> Panel:
    """The panel whose title begins with the topic, with `tables` in the place of the result's."""
    changed = replace(result, tables=dict(result.tables) | tables)
    return next(one for one in study.panels(changed) if one.title.startswith(topic))


def by_net(table: pd.DataFrame, column: str, **values: float) -> pd.DataFrame:
    """A table of members with a value for each net in a column."""
    return table.assign(**{column: table.net.map(values).fillna(table[column])})


def test_words_name_the_nets_with_the_smallest_and_the_largest_number() -> None:
    table = pd.DataFrame({"net": ["mlp", "mlp", "cnn", "unet"], "loss": [0.1, 0.3, 0.4, 0.1]})
    low, high = extremes(table, "loss")
    assert (low, high) == (("unet", 0.1), ("cnn", 0.4))
    assert ranked(low, high, "the least", "the most", "the same") == "U-Nets come to the least, CNNs the most"
    assert beside(low, high, str) == "0.1 for U-Nets and 0.4 for CNNs"
    assert ranked(low, ("cnn", 0.1), "the least", "the most", "the same") == "all come to the same"
    assert ranked(low, low, "the least", "the most", "the same") == "U-Nets alone"
    assert beside(low, low, str) == "0.1 for U-Nets"
    assert (named("mlp, he init"), named("own")) == ("MLPs, he init", "own")


@pytest.mark.parametrize(("mlp", "first", "last"), [(1e-9, "MLPs", "CNNs"), (0.9, "Transformers", "MLPs")])
def test_the_title_names_the_net_of_the_lowest_loss(
    study: Study, result: Result, mlp: float, first: str, last: str
) -> None:
    table = by_net(result.table, "loss", mlp=mlp, transformer=0.02, cnn=0.05)
    panel = panel_of(study, result, "What each net reached", members=table)
    assert panel.title == f"What each net reached: {first} come to the lowest loss, {last} the highest"
    assert f"for {first} and" in panel.caption
    assert "converge" not in panel.caption + panel.how


@pytest.mark.parametrize(
    ("mlp", "cnn", "title"),
    [
        (0.9, 0.1, "MLPs end at training images most often, Transformers least"),
        (0.1, 0.9, "CNNs end at training images most often, Transformers least"),
        (0.0, 0.0, "none at a training image"),
    ],
)
def test_the_title_names_the_net_that_ends_at_images_most(
    study: Study, result: Result, mlp: float, cnn: float, title: str
) -> None:
    table = by_net(
        by_net(result.table, "loss", mlp=0.1, cnn=0.1, transformer=0.1), "at_training", mlp=mlp, cnn=cnn, transformer=0
    )
    assert panel_of(study, result, "Where orbits end", members=table).title == f"Where orbits end: {title}"


def test_the_title_names_the_net_closest_to_the_identity(study: Study, result: Result) -> None:
    losses = by_net(result.table, "loss", mlp=0.1, cnn=0.1, transformer=0.1)
    for trace, words in (
        (0.9, "CNNs come closest to the identity, MLPs"),
        (-0.9, "Transformers come closest to the identity, CNNs"),
    ):
        table = losses.assign(trace=losses.net.map({"mlp": 0.0, "cnn": trace, "transformer": 0.1}))
        panel = panel_of(study, result, "Identity or constant", members=table)
        assert panel.title == f"Identity or constant: {words} closest to a constant"


def test_words_on_one_example_place_each_net_between_constant_and_identity() -> None:
    shares = pd.Series({"mlp": 0.1, "cnn": 0.9})
    assert _kinds(shares) == "MLPs nearer to a constant, CNNs nearer to the identity"
    assert _kinds(1 - shares) == "CNNs nearer to a constant, MLPs nearer to the identity"
    assert _kinds(shares[:0]) == "no network fits its image"
    assert _shares_words(shares).startswith("On unseen images MLPs are at 0.1 and CNNs at 0.9, on a scale")


def test_the_line_counts_nets_without_a_slope_and_says_once_how_many_converged() -> None:
    rows = {
        "net": ["mlp", "mlp", "injective"],
        "width": 3,
        "member": [0, 1, 0],
        "seed": [0, 1, 0],
        "intervals": 1,
        "hidden": 2,
    }
    table = pd.DataFrame(
        rows | {"status": ["converged", "stalled", "converged"], "loss": 1e-7, "zero_slope": [0.5, 0, 0]}
    )
    panel = line_panel(table)
    assert panel.title == "Without any slope: some MLPs and no injective networks have intervals"
    assert panel.caption.endswith("of those that converged 1 of 1 MLPs and 0 of 1 injective networks.")
    assert panel.how.count("converged") == 1
    assert line_panel(table.assign(zero_slope=0.5)).title.startswith("Without any slope: all MLPs and all injective")
