"""When Gaussian layers become one-to-one: closed forms, a count over all signs, and layers whose answer is known."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy import stats

from landscape.measures.exact import LayerInjectivity, layer_injectivity
from landscape.studies.injectivity.closed_forms import half_of, share_one_to_one
from landscape.studies.injectivity.curves import curve, half
from landscape.studies.injectivity.gaussian import FirstRows, first_rows, matrices, residual_of
from landscape.studies.injectivity.parameters import EXACT, SEARCH


def exactly(weight: np.ndarray) -> LayerInjectivity:
    return layer_injectivity(weight, method="exact")


def found(rows: np.ndarray) -> FirstRows:
    return first_rows(rows, range(2 * rows.shape[1], len(rows) + 1), search=None, decide=exactly)


def counted(inputs: int, rows: int) -> float:
    """The share of all signs of fixed lines with which every open half-space holds `inputs` rows: counted one by one."""
    angles = np.pi * (np.arange(rows) + 0.5) / rows
    lines = np.ones((rows, 1)) if inputs == 1 else np.stack([np.cos(angles), np.sin(angles)], 1)
    turned = np.pi * np.arange(2 * rows) / rows
    aims = np.array([[1.0], [-1.0]]) if inputs == 1 else np.stack([np.cos(turned + 0.01), np.sin(turned + 0.01)], 1)
    inside = aims @ lines.T > 0
    good = 0
    for signs in product((True, False), repeat=rows):
        held = (inside == np.array(signs)).sum(1)
        good += bool((held >= inputs).all())
    return good / 2**rows


@pytest.mark.parametrize(("inputs", "rows"), [(1, 1), (1, 2), (1, 5), *((2, rows) for rows in range(3, 11))])
def test_the_closed_forms_are_those_of_a_count_over_all_signs(inputs: int, rows: int) -> None:
    assert share_one_to_one(inputs, rows) == pytest.approx(counted(inputs, rows), abs=1e-15)


def test_half_of_the_layers_are_one_to_one_from_the_least_rows_at_which_the_closed_form_reaches_half() -> None:
    assert [half_of(inputs) for inputs in (1, 2)] == [2, 8]
    assert share_one_to_one(2, 7) < 0.5 < share_one_to_one(2, 8)


def test_the_closed_forms_begin_at_two_rows_per_input() -> None:
    assert [share_one_to_one(1, rows) for rows in (1, 2, 3)] == [0, 0.5, 0.75]
    assert [share_one_to_one(2, rows) for rows in (3, 4, 5, 6)] == [0, 0, 1 - 15 / 16, 0.25]
    with pytest.raises(ValueError, match="must be 1 or 2, where a closed form is known; got 3"):
        share_one_to_one(3, 7)


@pytest.mark.parametrize(("inputs", "sizes"), [(1, (2, 3, 5)), (2, (5, 7, 9))])
def test_random_layers_are_one_to_one_as_often_as_the_closed_forms_say(inputs: int, sizes: tuple[int, ...]) -> None:
    table = matrices(inputs, range(100, 300), highest=12, time_limit=9, exact=True)
    assert (table["least"] == table["most"]).mean() > 0.99
    for size in sizes:
        count = int((table["most"] <= size).sum())
        assert stats.binomtest(count, len(table), share_one_to_one(inputs, size)).pvalue > 1e-4


def test_the_first_number_of_rows_is_that_of_a_scan() -> None:
    for seed in range(5):
        rows = np.random.default_rng([seed, 7]).standard_normal((31, 3))
        scan = [size for size in range(6, 32) if exactly(rows[:size]).verdict == "one-to-one"]
        one = found(rows)
        assert (one.least, one.most) == ((scan[0], scan[0]) if scan else (32, math.inf))
        assert one.unresolved == 0
        assert 0 <= one.residual < 1e-10


def test_search_and_proof_together_find_the_same_number_of_rows() -> None:
    def searched(weight: np.ndarray) -> LayerInjectivity:
        return layer_injectivity(weight, method="falsify")

    for seed in range(3):
        rows = np.random.default_rng([seed, 11]).standard_normal((33, 4))
        both = first_rows(rows, range(8, 34), search=searched, decide=exactly)
        assert (both.least, both.most) == (found(rows).least, found(rows).most)
        alone = first_rows(rows, range(8, 34), search=searched, decide=None)
        assert alone.most == math.inf
        assert alone.least <= both.least
        assert alone.unresolved == 0


def test_rows_in_pairs_are_enough_whatever_their_scale_and_a_broken_pair_is_not() -> None:
    rng = np.random.default_rng(3)
    basis, scale = rng.standard_normal((3, 3)), np.array([[0.2], [1.0], [5.0]])
    pairs = np.concatenate([basis, -scale * basis])
    assert (found(pairs).least, found(pairs).most) == (6, 6)
    for _ in range(5):
        order = rng.permutation(6)
        mixed = pairs[order] * rng.uniform(0.1, 9, (6, 1))
        assert found(mixed).most == 6
        broken = mixed.copy()
        broken[int(rng.integers(6))] *= -1
        assert found(broken).most == math.inf
        assert found(broken).least == 7
        turned = mixed.copy()
        turned[0] += 0.01 * rng.standard_normal(3)
        assert found(turned).most == math.inf


def test_every_pair_is_put_through_its_layer_again() -> None:
    weight, pair = np.eye(2), np.array([[-1.0, 0.0], [-2.0, 0.0]])
    assert residual_of(weight, pair) == 0
    with pytest.raises(ValueError, match="different values: residual"):
        residual_of(weight, -pair)
    wrong = LayerInjectivity("not one-to-one", "exact", "", torch.tensor([[1.0, 0.0], [2.0, 0.0]]))
    with pytest.raises(ValueError, match="different values"):
        first_rows(np.ones((5, 2)), range(4, 6), search=None, decide=lambda weight: wrong)


@pytest.mark.parametrize("unresolved", [range(9, 14), range(20), range(6, 12), range(12, 20)])
def test_what_gives_no_answer_counts_at_both_bounds(unresolved: range) -> None:
    truth = 12

    def decide(weight: np.ndarray) -> LayerInjectivity:
        size = len(weight)
        words = "one-to-one" if size >= truth else "not one-to-one"
        return LayerInjectivity("unresolved" if size in unresolved else words, "exact", "")

    one = first_rows(np.ones((19, 3)), range(6, 20), search=None, decide=decide)
    assert one.least <= truth <= one.most
    assert one.unresolved > 0
    sizes = range(6, 20)
    merged = [size for size in sizes if size < truth and size not in unresolved]
    proven = [size for size in sizes if size >= truth and size not in unresolved]
    assert one.least == max([6, *(size + 1 for size in merged)])
    assert one.most == min(proven, default=math.inf)


def test_many_inputs_have_lower_bounds_alone() -> None:
    table = matrices(23, range(3), highest=12, time_limit=9, exact=False)
    assert set(table.method) == {SEARCH}
    assert np.isinf(table["most"]).all()
    assert (table["least"] > 3 * 23).all()
    assert (table.residual < 1e-10).all()
    assert (table.residual > 0).all()


def test_the_curve_lies_between_both_bounds() -> None:
    table = matrices(2, range(5), highest=12, time_limit=9, exact=True).assign(inputs=2)
    table["least"], table["most"] = [4, 5, 6, 7, 8], [4, 7, 6, 9, math.inf]
    shares = curve(table, 5.0).set_index("ratio")
    assert shares.index.tolist() == [size / 2 for size in range(3, 11)]
    assert shares.low_of_sample[[1.5, 2.0, 3.0, 4.5, 5.0]].tolist() == pytest.approx([0, 0.2, 0.4, 0.8, 0.8])
    assert shares.high_of_sample[[1.5, 2.0, 3.0, 4.5, 5.0]].tolist() == pytest.approx([0, 0.2, 0.6, 1, 1])
    assert (shares.low <= shares.low_of_sample).all()
    assert (shares.high >= shares.high_of_sample).all()
    (row,) = half(table).to_dict("records")
    assert (row["method"], row["matrices"], row["unresolved"]) == (EXACT, 5, 3)
    assert row["estimate"] == (6 + 7) / 2 / 2
