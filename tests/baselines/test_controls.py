"""Controls: samplers for which the verdict is known beforehand."""

from __future__ import annotations

import pytest
import torch

from landscape.baselines import CONTROL_SAMPLERS, control_samples, control_training_loss, mixed_samples
from landscape.measures import nearest


def points(count, seed):
    return torch.rand(count, 13, generator=torch.Generator().manual_seed(seed))


TRAINING, HELD_OUT = points(101, 0), points(97, 1)


def drawn(kind, count=53, seed=0, **range_of):
    return control_samples(kind, TRAINING, HELD_OUT, count, torch.Generator().manual_seed(seed), **range_of)


def distance(samples, data):
    return nearest(samples[None], data[None])[0][0]


@pytest.mark.parametrize("kind", CONTROL_SAMPLERS)
def test_a_control_depends_on_its_generator_alone(kind):
    assert torch.equal(drawn(kind), drawn(kind))
    assert not torch.equal(drawn(kind), drawn(kind, seed=1))
    assert drawn(kind).shape == (53, 13)


def test_controls_are_what_they_are_called():
    assert (distance(drawn("copycat"), TRAINING) < 0.1).all()
    assert (distance(drawn("held-out"), HELD_OUT) == 0).all()
    assert len(drawn("held-out").unique(dim=0)) == 53
    collapsed = drawn("collapsed")
    assert (distance(collapsed, HELD_OUT) < 0.1).all()
    assert len(nearest(collapsed[None], HELD_OUT[None])[1].unique()) == 5
    assert ((collapsed >= 0) & (collapsed <= 1)).all()


def test_the_underfit_control_has_its_stated_loss():
    """Recover the map x ↦ mean + a·(x − mean) from the samples, and measure its loss at the training points."""
    samples, mean = drawn("underfit", 500), TRAINING.mean(0)
    kept = samples.sub(mean).abs().max() / HELD_OUT.sub(mean).abs().max()
    loss = float(((1 - kept) * (TRAINING - mean)).square().mean())
    assert control_training_loss("underfit", TRAINING) == pytest.approx(loss, rel=1e-4)
    assert control_training_loss("underfit", TRAINING) == pytest.approx(0.03)
    assert control_training_loss("underfit", 2 * TRAINING - 1, -1, 1) == pytest.approx(0.12)
    assert control_training_loss("copycat", TRAINING) == 0


def test_a_mixture_has_its_share_of_copies():
    for share in (0, 0.25, 1):
        mixed = mixed_samples(share, TRAINING, HELD_OUT, 40, torch.Generator().manual_seed(0))
        assert int((distance(mixed, TRAINING) < 0.1).sum()) == 40 * share
        assert int((distance(mixed, HELD_OUT) == 0).sum()) == 40 * (1 - share)


def test_bad_controls_are_refused():
    with pytest.raises(ValueError, match=r"`control` must be one of .*; got 'copycats'"):
        drawn("copycats")
    with pytest.raises(ValueError, match="`count` must be at most the number of held-out points, 97; got 98"):
        drawn("held-out", 98)
