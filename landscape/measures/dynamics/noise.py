"""Noise that is added after every iteration: its kind, and an amplitude that may change as iterations go by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from landscape.choices import NOISE_KINDS

SCHEDULES = ("constant", "linear", "geometric")


@dataclass(frozen=True)
class Noise:
    """Noise of amplitude a, drawn for every coordinate at every iteration.

    `kind`: 'normal', N(0, a²); 'uniform', U(−a, a); or 'published', a·U(high, 2·high − low), which is what the paper's code
    adds. Its mean is above 0, so that it moves every coordinate upwards.

    `amplitude`: a number for every iteration, or a single one, which the `schedule` changes to `end` at the last iteration:
    'constant' does not change it, 'linear' and 'geometric' say how it changes. A geometric schedule must end above 0. Raises
    ValueError for other kinds and schedules, and for amplitudes that are negative or not finite."""

    kind: str
    amplitude: float | tuple[float, ...]
    schedule: str = "constant"
    end: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in NOISE_KINDS:
            raise ValueError(f"the kind of noise must be one of {_listed(NOISE_KINDS)}; got {self.kind!r}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"the schedule of noise must be one of {_listed(SCHEDULES)}; got {self.schedule!r}")
        given = self.amplitude if isinstance(self.amplitude, tuple) else (self.amplitude,)
        wrong = [value for value in (*given, self.end) if not (math.isfinite(value) and value >= 0)]
        if wrong or not given:
            raise ValueError(f"amplitudes of noise must be 0 or more; got {wrong[0] if wrong else 'none'}")
        if self.schedule != "constant" and isinstance(self.amplitude, tuple):
            raise ValueError(
                f"a {self.schedule} schedule takes one amplitude; got {len(given)}. Leave one of the two out"
            )
        if self.schedule == "geometric" and not (given[0] > 0 and self.end > 0):
            raise ValueError("a geometric schedule must begin and end above 0; a linear one may end at 0")

    @classmethod
    def parse(cls, text: str) -> Noise:
        """The noise that a text describes: 'KIND:AMPLITUDE', 'KIND:AMPLITUDE:SCHEDULE[:END]', or 'KIND:A,B,…' with an amplitude
        for every iteration."""
        kind, *rest = (part.strip() for part in text.split(":"))
        try:
            amplitudes = tuple(float(one) for one in rest[0].split(","))
            end = float(rest[2]) if len(rest) > 2 else 0.0
            if len(rest) > 3:
                raise ValueError
        except (IndexError, ValueError):
            raise ValueError(
                f"noise must be KIND:AMPLITUDE[:SCHEDULE[:END]], as in normal:0.01 or uniform:0.1:linear; got {text!r}"
            ) from None
        amplitude = amplitudes[0] if len(amplitudes) == 1 else amplitudes
        return cls(kind, amplitude, rest[1] if len(rest) > 1 else "constant", end)

    def __str__(self) -> str:
        given = self.amplitude if isinstance(self.amplitude, tuple) else (self.amplitude,)
        tail = "" if self.schedule == "constant" else f":{self.schedule}:{self.end:g}"
        return f"{self.kind}:{','.join(f'{value:g}' for value in given)}{tail}"

    def amplitudes(self, iterations: int) -> list[float]:
        """The amplitude at iterations 1 … T. Raises ValueError where amplitudes were listed, but not T of them."""
        if isinstance(self.amplitude, tuple):
            if len(self.amplitude) != iterations:
                raise ValueError(f"noise has {len(self.amplitude)} amplitudes, and there are {iterations} iterations")
            return list(self.amplitude)
        first, last = self.amplitude, self.amplitude if self.schedule == "constant" else self.end
        shares = [step / max(iterations - 1, 1) for step in range(iterations)]
        if self.schedule == "geometric":
            return [first ** (1 - share) * last**share for share in shares]
        return [first + (last - first) * share for share in shares]

    def draw(
        self, shape: tuple[int, ...], amplitude: float, generator: torch.Generator, low: float = 0.0, high: float = 1.0
    ) -> Tensor:
        """Noise of this kind for a data range of [low, high], on the generator's device."""
        drawn = torch.empty(shape, device=generator.device)
        if self.kind == "normal":
            return drawn.normal_(0, amplitude, generator=generator)
        begin, end = (-1.0, 1.0) if self.kind == "uniform" else (high, 2 * high - low)
        return drawn.uniform_(amplitude * begin, amplitude * end, generator=generator)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)
