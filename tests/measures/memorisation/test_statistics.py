"""The verdict: its rule, its order, and the controls that must come out right."""

from __future__ import annotations

from functools import cache

import pytest
import torch

from landscape.baselines import CONTROL_SAMPLERS, control_samples, control_training_loss, mixed_samples
from landscape.data import DataSpec, load_data
from landscape.measures.memorisation.statistics import (
    THRESHOLDS,
    VERDICTS,
    memorisation_statistics,
    memorisation_verdict,
    verdicts,
)
from landscape.measures.neighbours.distances import surroundings

COUNT, SAMPLES, NULL = 1000, 300, 400
FINE = {
    "training_loss": 0.001,
    "distinct_share": 1.0,
    "modes": 100.0,
    "modes_null": 100.0,
    "copied": 0.0,
    "authenticity": 0.5,
    "authenticity_null": 0.52,
    "c_t": 0.0,
    "distance_ratio": 1.0,
    "precision": 0.9,
    "precision_null": 0.9,
    "recall": 0.9,
    "recall_null": 0.9,
    "coverage": 0.9,
    "coverage_null": 0.9,
    "sliced": 0.1,
    "sliced_null": 0.1,
    "spread": 0.3,
    "samples": 300.0,
    "held_out": 400.0,
}
NAN = float("nan")


@cache
def split(seed):
    """Training points, held-out points for the null, and others for the controls, each (1, …, 64)."""
    digits = load_data(DataSpec("digits"), [0]).points
    order = torch.randperm(digits.shape[1], generator=torch.Generator().manual_seed(seed))
    return digits[:, order].split([COUNT, NULL, digits.shape[1] - COUNT - NULL], 1)


def found(samples, seed, loss=0.0):
    training, held_out, _ = split(seed)
    return memorisation_statistics(samples[None], training, held_out, training_loss=torch.tensor([loss]), seed=seed)


def control(kind, seed):
    training, _, others = split(seed)
    generator = torch.Generator().manual_seed(seed)
    samples = control_samples(kind, training[0], others[0], SAMPLES, generator)
    return found(samples, seed, control_training_loss(kind, training[0]))


@pytest.mark.parametrize(
    ("verdict", "changed"),
    [
        ("generalises", {}),
        ("generalises", {"authenticity": 0.46}),  # .5 is within its interval
        ("mixed", {"authenticity": 0.42}),
        ("generalises", {"authenticity": 0.42, "authenticity_null": 0.45}),  # the training set's own doing
        ("underfit", {"training_loss": 0.021}),
        ("underfit", {"training_loss": NAN}),
        ("underfit", {"training_loss": 0.021, "copied": 1.0, "distinct_share": 0.0}),
        ("collapsed", {"distinct_share": 0.24, "copied": 1.0}),
        ("collapsed", {"modes": 24.0}),
        ("mixed", {"modes": 24.0, "precision": 0.1}),  # noise, to which a few training points are nearest
        ("copies", {"copied": 0.5}),
        ("copies", {"authenticity": 0.2, "c_t": -4.0}),
        ("mixed", {"authenticity": 0.2}),
        ("mixed", {"c_t": -3.0}),
        ("mixed", {"copied": 0.1}),
        ("mixed", {"distance_ratio": 0.7}),
        ("mixed", {"distance_ratio": 1.3}),
        ("mixed", {"precision": 0.7}),
        ("mixed", {"recall": 0.7}),
        ("mixed", {"coverage": 0.7}),
        ("mixed", {"sliced": 0.14}),
        ("mixed", {"samples": 99.0}),
        ("mixed", {"held_out": 99.0}),
        *(
            ("mixed", {name: NAN})
            for name in FINE
            if name not in ("training_loss", "modes", "modes_null", "distinct_share")
        ),
    ],
)
def test_the_rule(verdict, changed):
    assert memorisation_verdict({**FINE, **changed}) == verdict


def test_a_sampler_that_is_no_network_has_no_training_loss():
    without = {name: value for name, value in FINE.items() if name != "training_loss"}
    assert memorisation_verdict(without) == "generalises"
    assert set(CONTROL_SAMPLERS.values()) == set(VERDICTS) - {"mixed"}


@pytest.mark.parametrize("kind", CONTROL_SAMPLERS)
@pytest.mark.parametrize("seed", [0, 1])
def test_controls_come_out_right(kind, seed):
    assert verdicts(control(kind, seed)) == (CONTROL_SAMPLERS[kind],)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CONTROL_SAMPLERS)
def test_controls_come_out_right_over_twenty_seeds(kind):
    assert {verdicts(control(kind, seed))[0] for seed in range(100, 120)} == {CONTROL_SAMPLERS[kind]}


def test_the_share_of_copies_found_rises_with_that_mixed_in():
    training, _, others = split(0)
    shares = (0, 0.1, 0.3, 0.6, 0.9)
    rows = [
        found(mixed_samples(share, training[0], others[0], SAMPLES, torch.Generator().manual_seed(3)), 0)
        for share in shares
    ]
    copied = [float(row["copied"]) for row in rows]
    assert copied == sorted(copied)
    assert copied == pytest.approx(shares, abs=0.03)
    words = [verdicts(row)[0] for row in rows]
    assert words[0] == "generalises"
    assert "generalises" not in words[1:]
    assert words[-2:] == ["copies", "copies"]


def test_an_underfit_network_is_no_generaliser_whatever_its_samples():
    _, _, others = split(0)
    assert verdicts(found(others[0, :SAMPLES], 0, 0.0201)) == ("underfit",)
    ghosts = control("underfit", 0)
    assert verdicts({name: value for name, value in ghosts.items() if name != "training_loss"}) == ("mixed",)


def test_members_are_told_apart_and_one_that_diverged_has_no_numbers():
    training, held_out, others = split(0)
    generator = torch.Generator().manual_seed(0)
    kinds = ("copycat", "held-out", "collapsed")
    samples = torch.stack([control_samples(kind, training[0], others[0], SAMPLES, generator) for kind in kinds])
    samples = torch.cat([samples, samples[1:2]])
    samples[3, 5, 7] = torch.inf
    loss = torch.tensor([0.0, 0.0, 0.0, 0.0])
    several = memorisation_statistics(
        samples, training.expand(4, -1, -1), held_out.expand(4, -1, -1), training_loss=loss
    )
    assert verdicts(several) == ("copies", "generalises", "collapsed", "mixed")
    assert several["copied"][3].isnan()
    alone = memorisation_statistics(samples[1:2], training, held_out, training_loss=loss[1:2])
    assert all(float(several[name][1]) == pytest.approx(float(alone[name][0]), rel=1e-4) for name in several)
    assert all(value.shape == (4,) for value in several.values())


def test_statistics_of_signed_data_are_those_of_unsigned():
    training, held_out, others = split(0)
    samples = others[:, :SAMPLES]
    plain = memorisation_statistics(samples, training, held_out, training_loss=torch.tensor([0.01]))
    signed = memorisation_statistics(
        *(2 * points - 1 for points in (samples, training, held_out)),
        training_loss=torch.tensor([0.04]),
        low=-1.0,
        high=1.0,
    )
    scaled = ("distance_q05", "distance_median", "distance_q95", "sliced", "spread")
    for name, value in plain.items():
        factor = 2 if name.removesuffix("_null") in scaled else 1
        assert float(signed[name]) == pytest.approx(factor * float(value), rel=0.02), name


def test_known_surroundings_change_nothing():
    training, held_out, others = split(0)
    samples, around = others[:, :SAMPLES], surroundings(training, 5)
    plain, known = (
        memorisation_statistics(samples, training, held_out),
        memorisation_statistics(samples, training, held_out, around=around),
    )
    assert all(torch.equal(plain[name], known[name]) for name in plain)


def test_too_few_points_are_refused():
    training, held_out, others = split(0)
    with pytest.raises(ValueError, match="`samples`, `training` and `held_out` must be more than 5 points each; got 4"):
        memorisation_statistics(others[:, :300], training[:, :4], held_out)


def test_the_thresholds_are_frozen():
    """They were set on digits and apply everywhere. A change must raise the version of the studies that use them."""
    assert sorted(THRESHOLDS.values()) == [-3, -3, 0.02, 0.05, 0.1, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.8, 0.8, 1.2, 100]


@pytest.mark.parametrize(("samples", "verdict"), [("like held-out points", "mixed"), ("copies", "copies")])
def test_one_repeated_training_point_cannot_show_that_a_network_generalises(samples: str, verdict: str):
    draw = torch.Generator().manual_seed(0)
    training = torch.rand(1, 1, 8, generator=draw).repeat(1, 200, 1)
    held_out, new = torch.rand(1, 300, 8, generator=draw), torch.rand(1, 300, 8, generator=draw)
    given = new if samples != "copies" else training[:, :1].repeat(1, 300, 1)
    found = memorisation_statistics(given, training, held_out)
    assert found["authenticity"].isnan().all()
    assert verdicts(found) == (verdict,)
    assert found["distinct_share"].tolist() == [1]


def test_repeated_training_points_count_once_among_the_images_expected():
    draw = torch.Generator().manual_seed(0)
    training = torch.rand(1, 20, 8, generator=draw).repeat(1, 30, 1)
    found = memorisation_statistics(training[:, :300], training, torch.rand(1, 300, 8, generator=draw))
    assert found["distinct_share"].tolist() == pytest.approx([1], abs=0.01)
