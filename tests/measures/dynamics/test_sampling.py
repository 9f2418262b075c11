"""Samples: which iterates are kept, where they go, and what is refused."""

from __future__ import annotations

import errno
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

import landscape
from landscape.ensemble import build
from landscape.measures import Noise, orbits, sample, starts
from landscape.measures.dynamics import kept_iterations, known_half, sampling
from landscape.measures.known_maps import Constant, Identity
from landscape.nets import MLP
from tests.measures.dynamics.test_iteration import CONTRACTION, seeded

NET = build(MLP(hidden=2, width=11), 2, range(3))


def test_the_public_name_samples_a_net():
    found = landscape.sample(NET, 5, 7)
    assert found.points.shape == (3, 8, 5, 2)
    assert found.iterations == tuple(range(8))
    assert torch.equal(found.final, found.points[:, -1])


def test_the_same_seed_gives_the_same_samples():
    options = {"noise": "normal:0.1", "start": "normal"}
    first, second, third = (sample(NET, 5, 7, seed=seed, **options).points for seed in (3, 3, 4))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_samples_are_orbits_of_seeded_starts():
    begun = starts("uniform", 3, 5, 2, generator=seeded(3))
    assert torch.equal(sample(NET, 5, 7, seed=3).points, orbits(NET, begun, 7, clip=True))
    assert torch.equal(sample(NET, start=begun, iterations=7).points, orbits(NET, begun, 7, clip=True))


def test_burn_in_and_thinning_slice_the_whole_orbit():
    whole = sample(CONTRACTION, 5, 13, noise=Noise("normal", 0.1), seed=1).points
    thinned = sample(CONTRACTION, 5, 13, noise=Noise("normal", 0.1), seed=1, burn_in=2, thin=3)
    assert thinned.iterations == (2, 5, 8, 11)
    assert torch.equal(thinned.points, whole[:, 2::3])
    listed = sample(CONTRACTION, 5, 13, noise=Noise("normal", 0.1), seed=1, keep=[7, 0, 7])
    assert listed.iterations == (0, 7)
    assert torch.equal(listed.points, whole[:, [0, 7]])


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_descents_return_kept_iterates_in_the_same_form(method):
    found = sample(NET, 5, 30, "standard", method=method, rate=0.05, burn_in=10, thin=10)
    assert (found.points.shape, found.iterations) == ((3, 3, 5, 2), (10, 20, 30))
    losses = [(NET(points) - points).square().mean() for points in found.points.unbind(1)]
    assert losses[2] <= losses[1] <= losses[0]


def test_a_streamed_file_equals_what_memory_holds(tmp_path: Path):
    file = tmp_path / "below" / "points.npy"
    told: list[tuple[int, int]] = []
    options = {"noise": "uniform:0.1", "burn_in": 3, "thin": 2, "seed": 5}
    streamed = sample(NET, 5, 12, out=file, progress=lambda *now: told.append(now), **options)
    assert torch.equal(streamed.points, sample(NET, 5, 12, **options).points)
    assert np.array_equal(np.load(file), streamed.points.numpy())
    assert [entry.name for entry in file.parent.iterdir()] == ["points.npy"]
    assert told[-1] == (10, 12)  # the eleventh is not kept


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path):
    def stop(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(NET, 5, 12, out=tmp_path / "points.npy", progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_gets_full_is_told_before_anything_is_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        sample(NET, 5, 12, out=tmp_path / "points.npy")
    assert not list(tmp_path.iterdir())


def test_noise_is_clipped_and_descents_are_not_unless_asked():
    away = Constant(torch.full((3, 2), 0.99))
    assert sample(away, 50, 3, noise="normal:0.5").final.max() == 1
    assert sample(away, 50, 3, noise="normal:0.5", clip=False).final.max() > 1
    assert sample(away, 50, 3, "standard", method="adam").final.max() > 1


def test_the_range_follows_the_output():
    signed = build(MLP(hidden=1, width=5, output="tanh"), 2, range(3))
    assert (sample(signed, 5, 1).low, sample(NET, 5, 1).low) == (-1, 0)
    assert sample(signed, 99, 0).points.min() < -0.9
    assert sample(signed, 99, 0, low=0.0).points.min() >= 0


def test_inpainting_keeps_the_known_half():
    net = build(MLP(hidden=1, width=7), 12, range(3))
    known = known_half(torch.rand(5, 12, generator=seeded()), (4, 3), "left")
    for method in ("iterate", "adam", "lbfgs"):
        found = sample(net, 5, 7, known=known, method=method).points
        there = ~known.isnan()
        assert torch.equal(found[:, :, there], known[there].expand(3, 8, -1))
        assert not found.isnan().any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "itrate"}, r"`method` must be one of 'adam', 'iterate', 'lbfgs'; got 'itrate'\. Did you mean"),
        (
            {"count": 0},
            "`count` must be at least 1 and `iterations` at least 0, both at most 1,000,000,000,000; got 0 and 9",
        ),
        ({"iterations": 10**400}, "both at most 1,000,000,000,000; got"),
        ({"count": 10**400}, "both at most 1,000,000,000,000; got"),
        ({"keep": [3, 10]}, "`keep` must list iterations from 0 to 9; got 10"),
        ({"keep": []}, "`keep` must list iterations from 0 to 9; got none"),
        ({"keep": [3], "thin": 2}, "`keep` lists the iterations: leave out `burn_in` and `thin`"),
        ({"burn_in": 10}, "`burn_in` must be from 0 to 9, the iterations, and `thin` at least 1; got 10, 1"),
        ({"thin": 0}, "`thin` at least 1; got 0, 0"),
        ({"method": "adam", "noise": "normal:0.1"}, "`noise` goes with method 'iterate'; got normal:0.1 with 'adam'"),
        ({"low": 1.0}, "`low` must be below `high`; got 1 and 1"),
        ({"method": "adam", "rate": float("nan")}, "`rate` must be a positive number .*; got nan and 0"),
        ({"method": "adam", "rate": 0.0}, "`rate` must be a positive number .*; got 0.0 and 0"),
        ({"seed": 2**63}, "`seed` from 0 to 2\\^63 − 1; got 0.01 and 9223372036854775808"),
        ({"known": torch.tensor([math.inf, 0.5])}, "`known` must hold finite numbers, NaN where unknown"),
        ({"known": torch.tensor([math.nan, 1.5])}, "`known` must lie from 0 to 1, the range of the data, or be NaN"),
        ({"start": torch.zeros(2)}, r"`points` must be \(points, 2\) or \(3, points, 2\); got \(2,\)"),
        ({"start": torch.zeros(5, 3)}, r"`points` must be \(points, 2\) or \(3, points, 2\); got \(5, 3\)"),
    ],
)
def test_what_does_not_fit_together_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        sample(NET, **{"iterations": 9, **options})


def test_more_than_memory_or_disk_holds_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sampling, "free_memory", lambda: 10**6)
    message = (
        r"1,000 samples of 3 networks × 2 numbers × 101 iterates take 2\.4 MB, and 1\.0 MB of memory are free; stream them to "
        r"a file \(`out`, or --stream\), or keep fewer"
    )
    with pytest.raises(ValueError, match=message):
        sample(NET, 1000, 100)
    assert sample(NET, 1000, 100, out=tmp_path / "points.npy").points.shape == (3, 101, 1000, 2)
    with pytest.raises(ValueError, match=r"take 96\.0 MB at work, and 1\.0 MB of memory are free; take fewer"):
        sample(NET, 10**6, 100, out=tmp_path / "more.npy")
    monkeypatch.setattr(sampling, "free_memory", lambda: None)
    with pytest.raises(ValueError, match=r"take 2,400\.0 GB, and .* are free on its disk; keep fewer"):
        sample(Identity(3, 2), 1000, 10**9, thin=10, out=tmp_path / "below" / "more.npy")
    assert [entry.name for entry in tmp_path.iterdir()] == ["points.npy"]


def test_free_memory_is_below_what_the_machine_has():
    free = sampling.free_memory()
    assert free is None or 10**7 < free < 10**15


def test_kept_iterations_of_no_iterations_are_the_starts():
    assert list(kept_iterations(0)) == [0]
