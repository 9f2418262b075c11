"""How long `landscape.examine` takes at the preset quick, and which measurements take it: python -m benchmarks.examine

A dense autoencoder 784-128-32-128-784 and 1,000 images of noise of 28 × 28 pixels, which take as long as digits do. The aim is
less than two minutes on two idle cores, page included."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

import landscape
from landscape.studies.examine import study

AIM = 120.0  # seconds


def autoencoder() -> nn.Module:
    """The network, untrained: speed does not depend on its weights, but for how soon orbits rest."""
    torch.manual_seed(0)
    sizes = (784, 128, 32, 128, 784)
    layers = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *layers[:-1], nn.Sigmoid())


def main() -> None:
    """Time every measurement, then the whole call."""
    spent: dict[str, float] = {}

    def timed(name: str, measurement: study.Measurement) -> study.Measurement:
        def run(network: object, look: object) -> object:
            began = time.perf_counter()
            try:
                return measurement(network, look)  # type: ignore[arg-type]
            finally:
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - began

        return run  # type: ignore[return-value]

    for name, measurement in list(study.MEASUREMENTS.items()):
        study.MEASUREMENTS[name] = timed(name, measurement)
    images = torch.rand(1300, 28, 28)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        landscape.examine(
            autoencoder(), images[:1000], images[1000:], shape=(1, 28, 28), out=Path(folder), progress=False
        )
        whole = time.perf_counter() - began
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{name:<22}{seconds:7.1f} s, with the controls")
    print(f"{'page and the rest':<22}{whole - sum(spent.values()):7.1f} s")
    print(f"{'in all':<22}{whole:7.1f} s; the aim is {AIM:.0f} s, ratio {whole / AIM:.2f}")


if __name__ == "__main__":
    main()
