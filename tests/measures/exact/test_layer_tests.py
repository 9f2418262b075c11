"""Whether a ReLU layer is one-to-one: closed forms, permuted, rescaled and perturbed; exact against mixed-integer answers."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
import torch

from landscape import measures
from landscape.measures.exact import LAYER_VERDICTS, active_rows, inverse_lipschitz, layer_injectivity
from landscape.measures.exact.cells import EXACT_DIMENSIONS, search_cells
from landscape.measures.exact.hyperplanes import Layer, hyperplanes
from tests.measures.exact.layers import assert_merged, basis_pair, shuffled

EXACT = ("exact", "milp")


def signs(dim: int) -> np.ndarray:
    """Rows e_i and −e_i: (2·dim, dim)."""
    return np.vstack([np.eye(dim), -np.eye(dim)])


def test_the_top_exports_the_verdict_and_the_constant() -> None:
    assert measures.layer_injectivity is layer_injectivity
    assert measures.inverse_lipschitz is inverse_lipschitz


@pytest.mark.parametrize("method", ["auto", *EXACT])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("dim", "more"), [(1, 0), (2, 0), (2, 3), (3, 0), (5, 2)])
def test_a_basis_and_its_negative_are_one_to_one_in_any_order_and_scale(
    dim: int, more: int, seed: int, method: str
) -> None:
    for weight in (basis_pair(dim, seed, more), shuffled(basis_pair(dim, seed, more), seed)):
        assert layer_injectivity(weight, method=method).verdict == "one-to-one"
        assert layer_injectivity(torch.tensor(weight, dtype=torch.float32), method=method).verdict == "one-to-one"


@pytest.mark.parametrize("method", ["auto", *EXACT])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_one_turned_row_breaks_it_and_the_pair_shows_it(dim: int, seed: int, method: str) -> None:
    """If −d·b is turned, there are x at which both b and its former partner are negative."""
    weight = basis_pair(dim, seed)
    weight[-1] += 0.1 * np.random.default_rng(seed).standard_normal(dim)
    for rows in (weight, shuffled(weight, seed)):
        assert_merged(layer_injectivity(rows, method=method), rows)


@pytest.mark.parametrize("method", EXACT)
def test_a_turned_row_that_others_make_up_for_breaks_nothing(method: str) -> None:
    weight = np.vstack([basis_pair(3, 0), basis_pair(3, 1)])
    weight[4] += [0.1, -0.2, 0.1]
    assert layer_injectivity(shuffled(weight, 0), method=method).verdict == "one-to-one"


@pytest.mark.parametrize("method", ["auto", *EXACT])
@pytest.mark.parametrize("dim", [1, 2, 3, 4])
def test_fewer_than_twice_as_many_rows_as_inputs_never_are(dim: int, method: str) -> None:
    for seed in range(3):
        for rows in range(1, 2 * dim):
            weight = np.random.default_rng(seed).standard_normal((rows, dim))
            assert_merged(layer_injectivity(weight, method=method), weight)


@pytest.mark.parametrize("method", ["auto", *EXACT])
def test_identity_rows_need_their_negatives(method: str) -> None:
    assert layer_injectivity(signs(3), method=method).verdict == "one-to-one"
    for missing in range(6):
        weight = np.delete(signs(3), missing, 0)
        assert_merged(layer_injectivity(weight, method=method), weight)
        doubled = np.vstack([weight, weight, np.zeros((2, 3))])
        assert_merged(layer_injectivity(doubled, method=method), doubled)


@pytest.mark.parametrize("method", ["auto", *EXACT])
@pytest.mark.parametrize("weight", [np.zeros((5, 3)), np.outer(np.arange(7) - 3.0, [1.0, 2.0, -1.0])])
def test_rows_of_too_low_rank_merge_points(weight: np.ndarray, method: str) -> None:
    assert_merged(layer_injectivity(weight, method=method), weight)


@pytest.mark.parametrize("method", EXACT)
def test_three_directions_of_the_plane_are_not_enough_but_five_are(method: str) -> None:
    """Of rows at equal angles, ⌊m/2⌋ or more are active everywhere: two are needed."""
    for count, holds in ((3, False), (5, True)):
        angle = 2 * np.pi * np.arange(count) / count
        weight = np.stack([np.cos(angle), np.sin(angle)], 1)
        found = layer_injectivity(shuffled(weight, count), method=method)
        assert (found.verdict == "one-to-one") is holds


@pytest.mark.parametrize("method", EXACT)
def test_two_opposite_ramps_with_a_shared_kink_are_one_to_one(method: str) -> None:
    """ReLU(x − 1) and ReLU(1 − x); with a gap between the kinks the gap is merged."""
    weight, bias = np.array([[1.0], [-1.0]]), np.array([-1.0, 1.0])
    assert layer_injectivity(weight, bias, method=method).verdict == "one-to-one"
    gap = np.array([-1.0, 0.5])
    found = layer_injectivity(weight, gap, method=method)
    assert_merged(found, weight, gap)
    assert found.pair is not None
    assert 0.5 <= float(found.pair.min()) < float(found.pair.max()) <= 1


@pytest.mark.parametrize("method", ["auto", *EXACT])
def test_a_box_decides(method: str) -> None:
    """ReLU(x) for x in [0, 1]² is the identity; on a box that reaches below zero it merges points inside it."""
    weight, bias = np.eye(2), np.zeros(2)
    assert layer_injectivity(weight, bias, method=method, box=(0, 1)).verdict == "one-to-one"
    found = layer_injectivity(weight, bias, method=method, box=([0, -0.25], [1, 3]))
    assert_merged(found, weight)
    assert found.pair is not None
    assert (found.pair >= torch.tensor([0, -0.25])).all()
    assert (found.pair <= torch.tensor([1, 3])).all()
    assert layer_injectivity(np.ones((1, 1)), [-0.5], method=method, box=(0.5, 1)).verdict == "one-to-one"


def layer_of(
    kind: str, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None, tuple[float, float] | None]:
    """A random layer of 1 to 3 inputs: Gaussian or of small integers, which are often dependent; biases; a box."""
    dim = int(random.integers(1, 4))
    rows = int(random.integers(dim, 4 * dim + 3))
    small = "integers" in kind
    weight = random.integers(-1, 2, (rows, dim)).astype(float) if small else random.standard_normal((rows, dim))
    if "bias" not in kind:
        return weight, None, None
    bias = random.integers(-1, 2, rows).astype(float) if small else random.standard_normal(rows)
    return weight, bias, (0.0, 1.0) if "box" in kind else None


def compare(kind: str, count: int, seed: int) -> Counter[str]:
    """The verdicts on `count` layers and as many with a turned row: exact and mixed-integer answers agree, pairs are verified.

    In another order of the rows, each scaled, the verdict is the same."""
    random, verdicts = np.random.default_rng(seed), Counter[str]()
    for _ in range(count):
        weight, bias, box = layer_of(kind, random)
        offset = np.zeros(len(weight)) if bias is None else bias
        turned = weight.copy()
        turned[random.integers(len(weight))] += 0.2 * random.standard_normal(weight.shape[1])
        for rows in (weight, turned):
            exact, solved = (layer_injectivity(rows, offset, method=method, box=box) for method in EXACT)
            assert exact.verdict == solved.verdict
            verdicts[exact.verdict] += 1
            order, scale = random.permutation(len(rows)), random.uniform(0.3, 3, len(rows))
            moved, shifted = (scale[:, None] * rows)[order], (scale * offset)[order]
            again = layer_injectivity(moved, shifted, method="exact", box=box)
            assert again.verdict == exact.verdict
            for found, given, added in ((exact, rows, offset), (solved, rows, offset), (again, moved, shifted)):
                if found.verdict == "not one-to-one":
                    assert_merged(found, given, added)
    return verdicts


KINDS = ("Gaussian", "integers", "Gaussian bias", "integers bias", "Gaussian bias box", "integers bias box")


@pytest.mark.parametrize("kind", KINDS)
def test_exact_and_mixed_integer_answers_agree(kind: str) -> None:
    verdicts = compare(kind, 42, 0)
    assert set(verdicts) == {"one-to-one", "not one-to-one"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_exact_and_mixed_integer_answers_agree_on_many_layers(kind: str) -> None:
    assert min(compare(kind, 250, 1).values()) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_one_to_one_is_never_said_where_active_rows_of_a_sample_do_not_span(kind: str) -> None:
    random = np.random.default_rng(7)
    for _ in range(30):
        weight, bias, box = layer_of(kind, random)
        points = (
            random.uniform(0, 1, (200, weight.shape[1])) if box else 3 * random.standard_normal((200, weight.shape[1]))
        )
        spanning = bool((active_rows(weight, points, bias).rank == weight.shape[1]).all())
        found = layer_injectivity(weight, bias, method="exact", box=box)
        assert found.verdict in ("one-to-one", "not one-to-one")
        assert spanning or found.verdict == "not one-to-one"


def fewest_active(weight: np.ndarray) -> int:
    """The fewest active rows of any point, for rows in general position, by brute force over all rays.

    Each cell has a ray on which n − 1 rows are zero, and next to it there is a cell in which all of these are negative."""
    rows, dim = weight.shape
    zero = np.array(list(combinations(range(rows), dim - 1)))
    rays = np.linalg.svd(weight[zero], full_matrices=True)[2][:, -1]
    values = rays @ weight.T
    np.put_along_axis(values, zero, 0, 1)
    return int(min((values > 0).sum(1).min(), (values < 0).sum(1).min()))


@pytest.mark.parametrize(("dim", "rows"), [(2, 6), (3, 11), (4, 18), (5, 24)])
def test_the_verdict_on_gaussian_rows_is_that_of_all_rays(dim: int, rows: int) -> None:
    """In general position a layer is one-to-one exactly if at least n rows are active everywhere."""
    seen = set()
    for seed in range(20):
        weight = np.random.default_rng(seed).standard_normal((rows, dim))
        holds = fewest_active(weight) >= dim
        assert (layer_injectivity(weight, method="exact").verdict == "one-to-one") is holds
        seen.add(holds)
    assert seen == {False, True}


def test_many_gaussian_rows_are_one_to_one_and_few_are_not() -> None:
    """Five inputs: 15 rows to an input are enough here, 3 are not."""
    random = np.random.default_rng(0)
    assert layer_injectivity(random.standard_normal((75, 5)), method="exact").verdict == "one-to-one"
    few = random.standard_normal((15, 5))
    assert_merged(layer_injectivity(few, method="exact"), few)


def test_a_gap_of_a_tenth_of_a_billionth_is_seen() -> None:
    weight = basis_pair(2, 0)
    weight[-1] = np.array([[1, 1e-10], [-1e-10, 1]]) @ weight[-1]
    assert_merged(layer_injectivity(weight, method="exact"), weight)


def test_a_decision_within_rounding_is_unresolved() -> None:
    """Rows that are sums of two others up to 1e-10: float64 cannot place the rays on which both of these are zero."""
    rows = np.random.default_rng(1).standard_normal((14, 3))
    nearly = rows[:6] + rows[6:12] + 1e-10 * rows[[1, 2, 3, 4, 5, 0]]
    weight = np.vstack([rows, nearly])
    assert layer_injectivity(rows, method="exact").verdict == "one-to-one"
    assert layer_injectivity(weight, method="exact").verdict == "unresolved"


@pytest.mark.parametrize("method", EXACT)
def test_a_time_limit_leaves_a_layer_unresolved(method: str) -> None:
    weight = np.random.default_rng(0).standard_normal((64, 8))
    found = layer_injectivity(weight, method=method, time_limit=1e-3)
    assert found.verdict == "unresolved"
    assert found.pair is None


def test_a_basis_and_its_negative_are_recognised_at_any_size() -> None:
    weight = shuffled(basis_pair(40, 0, 7), 0)
    assert layer_injectivity(weight).verdict == "one-to-one"
    weight[3] += 0.1 * np.random.default_rng(0).standard_normal(40)
    found = layer_injectivity(weight)
    assert found.verdict in ("not one-to-one", "not refuted")
    few = shuffled(basis_pair(40, 0), 0)
    few[3] += 0.1 * np.random.default_rng(0).standard_normal(40)
    assert_merged(layer_injectivity(few), few)


def test_cells_of_a_box_have_all_its_corners() -> None:
    """Without a hyperplane through the box, it is the only cell: one cone is visited."""
    layer = Layer(np.eye(3)[:2], np.ones(2), np.zeros(3), np.ones(3), 2e-16)
    assert search_cells(hyperplanes(layer), time_limit=9).upper == 0
    layer = Layer(np.eye(3), np.ones(3), np.zeros(3), np.ones(3), 2e-16)
    found = search_cells(hyperplanes(layer), time_limit=9, least=True)
    assert (found.cones, found.complete) == (1, True)
    assert found.lower == found.upper == pytest.approx(1)


def test_active_rows_of_a_point() -> None:
    weight = np.array([[1.0, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, -1], [0, 0, 0]])
    found = active_rows(weight, [[1.0, 1, 1], [-1, -1, 1], [0, 0, 0], [1, -1, -1]])
    assert found.count.tolist() == [3, 0, 4, 3]
    assert found.rank.tolist() == [2, 0, 3, 2]
    biased = active_rows(weight, [[-1.0, -1, 1]], [1.0, 1, 1, 1, 1])
    assert (biased.count.tolist(), biased.rank.tolist()) == ([3], [3])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"layer": [[1.0, np.nan]]}, r"^`layer` must hold finite numbers; 1 of 2 are NaN or infinite$"),
        ({"bias": [np.inf, 0]}, r"^`bias` must hold finite numbers; 1 of 2 are NaN or infinite$"),
        ({"bias": [0.0, 0, 0]}, r"^`bias` must be \(2,\), a number per row or kernel; got \(3,\)$"),
        ({"layer": [1.0, 2.0]}, r"^`layer` must be a matrix .*; got an array of shape \(2,\)$"),
        ({"layer": np.empty((0, 3))}, r"^`layer` must be a matrix .*, and not empty; got an array of shape \(0, 3\)$"),
        ({"layer": torch.nn.BatchNorm2d(3)}, r"^`layer` must be a matrix .*; got BatchNorm2d$"),
        ({"layer": torch.nn.Linear(2, 3), "bias": [0.0, 0, 0]}, r"^`bias` must be left out for a module"),
        ({"layer": "rows"}, r"^`layer` must be a tensor or an array of real numbers; got str$"),
        ({"layer": np.ones((30, 11)), "method": "exact"}, r"^the exact method takes layers of at most 10 inputs; got 11\. Use"),
        ({"method": "guess"}, r"^`method` must be one of 'auto', 'exact', 'milp', 'falsify'; got 'guess'$"),
        ({"time_limit": 0}, r"^`time_limit` must be a positive number of seconds; got 0$"),
        ({"box": (0, 0)}, r"^`box` must have finite sides with low < high in each coordinate"),
        ({"box": (0, [1, np.inf])}, r"^`box` must have finite sides with low < high in each coordinate"),
        ({"box": (0, [1, 2, 3])}, r"^`box` must be \(low, high\), numbers or 2 each; got an array of shape \(3,\)$"),
        ({"size": (3,)}, r"^`size` is for convolutions, .*; got size=\(3,\) for a matrix or Linear module$"),
        ({"box": 1}, r"^`box` must be \(low, high\), numbers or one per input; got 1$"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_in_one_line(given: dict[str, object], words: str) -> None:
    arguments: dict[str, object] = {"layer": [[1.0, 2.0], [0.5, 0.25]]} | given
    with pytest.raises(ValueError, match=words) as refused:
        layer_injectivity(arguments.pop("layer"), **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_points_of_other_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^`points` must be \(points, 2\), as the layer has 2 inputs; got \(1, 3\)$"):
        active_rows(np.eye(2), [[1.0, 2, 3]])


def test_a_module_is_read_with_its_bias() -> None:
    module = torch.nn.Linear(2, 3)
    own = layer_injectivity(module.weight, module.bias, method="exact")
    found = layer_injectivity(module, method="exact")
    assert found.verdict == own.verdict == "not one-to-one"
    assert_merged(found, module.weight.detach().double().numpy(), module.bias.detach().double().numpy())


def test_verdicts_and_dimensions_are_as_documented() -> None:
    assert LAYER_VERDICTS == ("one-to-one", "not one-to-one", "unresolved", "not refuted", "not shown")
    assert EXACT_DIMENSIONS == 10
