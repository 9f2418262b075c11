"""Every study runs on a GPU that --device auto finds, and more members do not make the host wait more often."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape import devices, measures, presets
from landscape.ensemble import build, fit, members_per_block
from landscape.estimate import measure_speed
from landscape.nets import MLP
from landscape.provenance import device_name
from landscape.studies.architectures import study as architectures
from landscape.studies.basins import study as basins
from landscape.training import Site
from tests.conftest import Command
from tests.devices.fake import FREE, Device, fake_device

# As little as takes every line of a study's measurements.
SMALL = {
    "architectures": "--net mlp --tuned 1 --rate 1e-2 --members 2 --steps 2 --iterations 3 --resolution 5 --probes 3",
    "audit": "--samples copycat",
    "basins": "--data two-points --width 4 --members 2 --steps 2 --iterations 16 --resolution 33 --portrait 33 --samples 10",
    "corners": "--count 2 --spread 1 --dim 2 --members 2 --steps 2 --search-points 8 --probes 8 --resolution 3",
    "depth-sweep": "--data four-points --hidden 1 --budget 0 --members 2 --steps 2 --samples 3 --probes 8 --resolution 3",
    "examine": "--model memoriser --starts 3 --iterations 3 --probes 2 --resolution 3",
    "fixed-points": "--data uniform --count 2 --members 2 --steps 2 --samples 10 --iterations 2 --starts 3 --resolution 5",
    "injective-kaleidoscope": "--data two-points --members 2 --steps 2 --samples 6 --iterations 2 --probes 8",
    "injective-gan": "--members 1 --steps 2 --codes 8 --samples 8 --classifier-steps 2",
    "injectivity": "--part layers --hidden 1 --members 2 --steps 2 --snapshots 1 --probes 8",
    "kaleidoscope": "--amplitude 0,0.1 --dim 2 --dim-ratio 2 --members 2 --steps 2 --iterations 5 --held-out 8 --samples 2",
    "memorisation": "--hidden 1 --steps 2 --iterations 2 --baseline-steps 2",
    "regions": "--data four-points --hidden 1 --width 3 --members 2 --steps 2 --resolution 3",
    "step-flatness": "--data digits --hidden 1 --members 2 --steps 2 --positions 11",
    "training-film": "--data four-points --members 2 --steps 2 --snapshots 1 --starts 10 --iterations 2 --resolution 5",
}

ON_THE_CPU = {"initialisation"}  # trains nothing, and finds fixed points on the CPU whatever the device


def test_every_study_is_here() -> None:
    assert set(SMALL) | ON_THE_CPU == set(presets.study_names())


@pytest.mark.parametrize("study", SMALL)
def test_a_study_runs_on_the_gpu_that_auto_finds(
    study: str, cuda: Device, command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(architectures, "LINE_STEPS", 2)
    monkeypatch.setattr(
        basins, "references", lambda resolution: pd.DataFrame({"map": []})
    )  # formulas, on the CPU always
    words = ["study", study, "--preset", "test", *SMALL[study].split(), "--no-report", "--engine", "here"]
    answer = command(*words, "--device", "auto")
    assert answer.code == 0, answer.err
    (run,) = out.glob(f"{study}-*")
    assert json.loads((run / "run.json").read_text())["device"] == "cuda (a fake)"
    assert cuda.operations > 100


@pytest.mark.parametrize("study", ["depth-sweep", "memorisation"])
def test_a_study_needs_no_float64_of_mps(study: str, command: Command) -> None:
    with fake_device("mps") as device:
        answer = command("study", study, "--preset", "test", *SMALL[study].split(), "--no-report", "--engine", "here")
    assert answer.code == 0, answer.err
    assert device.faults == []
    assert device.operations > 100


def _waits(study: str, members: int) -> Counter[str]:
    """Where the host waits while a study measures what is trained, by line."""
    made = presets.make_study(study, "test", overrides={"members": members, "steps": 2})
    with fake_device("cuda") as device:
        made.measure(made.cells()[0], Site(device="cuda"))
    return Counter({line: count for line, count in device.syncs.items() if not line.startswith("ensemble/")})


@pytest.mark.parametrize("study", ["depth-sweep", "step-flatness"])
def test_the_host_waits_as_often_for_seven_members_as_for_three(study: str) -> None:
    assert _waits(study, 3) == _waits(study, 7)


def test_auto_takes_cuda_then_mps_then_the_cpu() -> None:
    assert devices.resolve("auto") == "cpu"
    with fake_device("mps"):
        assert devices.resolve("auto") == devices.resolve("mps") == "mps"
    with fake_device("cuda"):
        assert devices.resolve("auto") == "cuda"
        assert devices.resolve("cuda:0") == "cuda:0"
        with pytest.raises(ValueError, match="must be below cuda:1, as there are 1; got cuda:1"):
            devices.resolve("cuda:1")
        with pytest.raises(ValueError, match="device` is mps, but this machine has none"):
            devices.resolve("mps")


def test_a_gpu_trains_as_many_members_at_a_time_as_its_memory_holds(cuda: Device) -> None:
    net = MLP(hidden=2, width=50)
    here, there = (members_per_block(build(net, 2, range(1), device), 256) for device in ("cpu", "cuda"))
    assert there > 100 * here
    assert there * 4 * 2 * 256 * net.activations_per_point(2) < FREE


def test_speed_is_measured_once_the_gpu_is_done(cuda: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[None] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device=None: waits.append(None))
    assert measure_speed("cuda").layer > 0
    assert len(waits) == 3


def test_a_gpu_is_named_in_the_record(cuda: Device) -> None:
    assert device_name("cuda:0") == "cuda:0 (a fake)"


def test_noise_on_a_gpu_comes_from_a_generator_of_the_gpu(cuda: Device) -> None:
    net = build(MLP(hidden=1, width=4), 2, range(3), "cuda")
    first, again = (measures.sample(net, 5, 3, noise="normal:0.1", seed=4).points for _ in range(2))
    assert torch.equal(first, again)
    assert set(cuda.generators.values()) >= {"cpu", "cuda"}


def test_members_alone_on_a_cpu_are_trained_together_on_a_gpu(cuda: Device) -> None:
    net = MLP(hidden=1, width=4)
    found = fit(build(net, 2, range(3), "cuda"), torch.rand(3, 5, 2), seeds=range(3), steps=2, stop=False)
    assert found.ensemble.device == torch.device("cuda:0")
