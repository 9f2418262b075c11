"""Kinds and schedules of noise."""

from __future__ import annotations

import pytest
import torch

from landscape.measures import Noise


def test_schedules_in_closed_form():
    assert Noise("normal", 0.1).amplitudes(3) == pytest.approx([0.1, 0.1, 0.1])
    assert Noise("normal", 0.4, "linear").amplitudes(5) == pytest.approx([0.4, 0.3, 0.2, 0.1, 0.0])
    assert Noise("normal", 0.4, "linear", 0.2).amplitudes(3) == pytest.approx([0.4, 0.3, 0.2])
    assert Noise("normal", 0.8, "geometric", 0.1).amplitudes(4) == pytest.approx([0.8, 0.4, 0.2, 0.1])
    assert Noise("normal", (0.3, 0.1)).amplitudes(2) == [0.3, 0.1]
    assert Noise("normal", 0.4, "linear").amplitudes(1) == [0.4]
    assert Noise("normal", 0.4).amplitudes(0) == []


def test_published_noise_lies_where_the_papers_code_puts_it():
    generator = torch.Generator().manual_seed(0)
    drawn = Noise("published", 1.0).draw((3, 997, 2), 0.5, generator, -1.0, 1.0)
    assert (drawn.min().item(), drawn.max().item()) == pytest.approx((0.5, 1.5), abs=0.002)  # U(1, 3)/2
    drawn = Noise("published", 1.0).draw((3, 997, 2), 0.5, generator, 0.0, 1.0)
    assert (drawn.min().item(), drawn.max().item()) == pytest.approx((0.5, 1.0), abs=0.002)  # U(1, 2)/2


@pytest.mark.parametrize(
    "noise",
    [
        Noise("normal", 0.01),
        Noise("uniform", 0.1, "linear", 0.0),
        Noise("published", 0.1, "geometric", 0.001),
        Noise("normal", (0.3, 0.0, 0.1)),
    ],
    ids=str,
)
def test_noise_is_read_as_it_is_written(noise: Noise):
    assert Noise.parse(str(noise)) == noise


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("normal", r"noise must be KIND:AMPLITUDE.*; got 'normal'"),
        ("normal:loud", r"noise must be KIND:AMPLITUDE.*; got 'normal:loud'"),
        ("normal:1:linear:0:0", r"noise must be KIND:AMPLITUDE.*; got 'normal:1:linear:0:0'"),
        ("pink:0.1", r"must be one of 'normal', 'uniform', 'published'; got 'pink'"),
        ("normal:0.1:cubic", r"must be one of 'constant', 'linear', 'geometric'; got 'cubic'"),
        ("normal:-1", r"must be 0 or more; got -1\.0"),
        ("normal:nan", r"must be 0 or more; got nan"),
        ("normal:0.1:geometric", r"must begin and end above 0; a linear one may end at 0"),
        ("normal:0.1,0.2:linear", r"a linear schedule takes one amplitude; got 2"),
    ],
)
def test_noise_that_makes_no_sense_is_refused(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        Noise.parse(text)
    with pytest.raises(ValueError, match="must be 0 or more; got none"):
        Noise("normal", ())
