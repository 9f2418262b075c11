"""What a command asks of the paper: words, a preset, and runs to leave out; with the folder of its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landscape.presets import did_you_mean
from landscape.reproduce.runs import ALL, RUNS, PaperRun, chosen


@dataclass(frozen=True)
class Choice:
    """What to run: the `runs`, without those `left_out`, as the `words` of the command and its preset choose them."""

    words: tuple[str, ...]
    preset: str
    runs: tuple[PaperRun, ...]
    left_out: tuple[PaperRun, ...]

    @property
    def folder(self) -> str:
        """The name of the folder of the page: a part of the paper does not replace the page of the whole."""
        without = ["without", *(run.name for run in self.left_out)] if self.left_out else []
        return "-".join(["reproduce", self.preset, *self.words, *without])

    @property
    def is_injective(self) -> bool:
        """Whether all that is asked for is of the paper on injective networks."""
        return all(run.is_injective for run in (*self.runs, *self.left_out))

    @property
    def command(self) -> str:
        """The command that asks for it."""
        without = [f"--without {','.join(run.name for run in self.left_out)}"] if self.left_out else []
        return " ".join(["landscape reproduce", *(self.words or [ALL]), f"--preset {self.preset}", *without])


def choose(words: Sequence[str], preset: str, without: Sequence[str] = ()) -> Choice:
    """What the words ask for at a preset, less the runs that `without` names. A run that is not asked for is not left out.

    Raises ValueError for an unknown word, preset or run, and where no run is left."""
    names = [run.name for run in RUNS]
    for name in without:
        if name not in names:
            near = did_you_mean(name, names)
            raise ValueError(f"`without` must be one of {', '.join(map(repr, names))}; got {name!r}{near}")
    asked = chosen(words, preset)
    runs = tuple(run for run in asked if run.name not in without)
    if not runs:
        raise ValueError(f"`without` leaves no run of {', '.join(repr(run.name) for run in asked)}: leave out fewer")
    part = () if not words or ALL in words else tuple(dict.fromkeys(words))
    return Choice(part, preset, runs, tuple(run for run in asked if run.name in without))
