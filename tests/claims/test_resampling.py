import numpy as np
import pytest
from scipy import stats

from landscape.claims.resampling import cluster_ids, cluster_means, permutation_p, sign_flip_p


def test_sign_flips_of_five_equal_scores_leave_two_of_thirty_two():
    assert sign_flip_p(np.ones(5)) == 2 / 32


def test_sign_flip_p_is_scipys_exact_one():
    scores = np.random.default_rng(0).normal(0.4, 1, 11)
    exact = stats.permutation_test((scores,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(scores) == pytest.approx(exact.pvalue)


def test_random_sign_flips_approach_the_exact_p_and_never_give_zero():
    scores = np.random.default_rng(1).normal(0.5, 1, 13)
    assert sign_flip_p(scores, draws=4_000) == pytest.approx(sign_flip_p(scores, draws=5_000), abs=0.02)
    assert sign_flip_p(np.ones(60), draws=999) == 1 / 1000
    assert sign_flip_p(np.zeros(7)) == 1


def test_permuting_separated_groups_leaves_the_two_extreme_divisions():
    assert permutation_p(np.array([1.0, 2, 3]), np.array([8.0, 9, 10])) == 2 / 20
    assert permutation_p(np.ones(3), np.full(4, 2.0)) == pytest.approx(1 / 35)
    assert permutation_p(np.ones(3), np.ones(5)) == 1


def test_random_permutations_approach_the_exact_p():
    generator = np.random.default_rng(2)
    a, b = generator.normal(0, 1, 7), generator.normal(1, 2, 6)
    assert permutation_p(a, b, draws=1_500) == pytest.approx(permutation_p(a, b), abs=0.03)


def test_permutation_p_is_uniform_where_groups_differ_in_spread_alone():
    generator = np.random.default_rng(3)
    rejected = [
        permutation_p(generator.normal(0, 3, 5), generator.normal(0, 1, 13), draws=199) <= 0.05 for _ in range(400)
    ]
    assert np.mean(rejected) < 0.1


def test_cluster_means_follow_sorted_labels():
    assert cluster_means([1.0, 2.0, 6.0], ["b", "a", "b"]).tolist() == [2.0, 3.5]
    assert cluster_ids(["b", "a", "b"], 3).tolist() == [1, 0, 1]


def test_missing_numbers_and_labels_are_refused():
    with pytest.raises(ValueError, match=r"`values` must be finite numbers; 1 of 3 are not. Drop failed members"):
        cluster_means([1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="one label for each of the 3 rows"):
        cluster_means([1.0, 2.0, 3.0], [1, 2])
    with pytest.raises(ValueError, match="label in every row; got a missing one"):
        cluster_means([1.0, 2.0], [1, np.nan])
    with pytest.raises(ValueError, match=r"one number per row; got shape \(2, 1\)"):
        cluster_means([[1.0], [2.0]])
