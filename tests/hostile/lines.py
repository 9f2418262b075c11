"""Command lines drawn at random: right words beside wrong ones, for every command, study and option."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from landscape import presets
from landscape.parameters import element_type, hints

NUMBERS = [
    "0", "1", "2", "3", "7", "-1", "-0", "+1", "1_000", "١", "1.5", "1e3", "1e308", "1e999", "-1e999", "nan", "inf", "-inf",
    "0x10", "4096", "100000", str(2**31), str(2**63 - 1), str(2**63), str(2**64), "1" + "0" * 400, "1" + "0" * 5000,
    "-" + str(2**63), "1e-320", "1e-12", "", " ", ",", "1,,2", "1,1", "0,1", "1,2,3", "true", "None", "1;2", "1,5",
]  # fmt: skip
WORDS = [
    "", " ", "[/]", "[bold]", "[/red]x", ":smile:", "é☃", "\udcff", "a\nb", "\x1b[31m", "x" * 300, "x" * 5000, "-", "--", "--x",
    "%s", "{0}", "$HOME", "~", "~nobody/x", "*", "?", "=", "a=b", "a,b", "'", '"', "\\", "none", "auto", "all", "../..",
    "http://127.0.0.1:9/x", "null", "\u202e", "\U0001f600",
]  # fmt: skip
PLACES = [
    "/dev/zero",
    "/dev/null",
    "/proc",
    "/proc/self/mem",
    "/proc/self/fd",
    "/proc/1/root",
    "/nowhere/at/all",
    ".",
    "x" * 300,
    "x" * 5000,
]
OWN = {  # values for parameters that every study has
    "preset": ["test", "quick", "paper", "full", "none", "quik"],
    "set": ["hidden=1", "members=2", "hidden", "=", "hidden=", "x=1", "[/]=1", "members=1e9", "data=é"],
    "device": ["cpu", "auto", "cuda", "cuda:99", "mps", "gpu", "cuda:" + "9" * 400, "cuda:١"],
    "engine": ["here", "auto", "rays", "proceses"],
    "address": ["auto", "nowhere", ""],
    "gpus-per-cell": ["0.25", "-1", "nan", "two"],
    "workers": ["1", "2", "0", "-1", "1" + "0" * 400, "two", ""],
}
FLAGS = ["--no-report", "--json", "--quiet", "-v", "--fresh", "--help", "-h", "--version"]
SAMPLE = {
    "where": ["hidden=1", "hidden=2", "hidden=[/]", "hidden=nan", "x=1", "=", "hidden="],
    "member": ["median", "best", "0", "1", "9", "²", "1" + "0" * 5000],
    "recipe": NUMBERS, "count": NUMBERS, "iterations": NUMBERS, "burn-in": NUMBERS, "thin": NUMBERS, "rate": NUMBERS,
    "seed": NUMBERS, "method": ["iterate", "adam", "lbfgs"],
    "start": ["uniform", "normal", "normal-clipped", "standard", "data"],
    "start-noise": ["normal:0.1", "normal:", ":", "normal:1e999", "uniform:nan"],
    "noise": ["normal:0.01", "uniform:0.1:linear", "published:0.01", "normal:1e308", "a:b:c:d"],
    "images": ["training", "held-out"], "known": ["half=left", "class=3", "0=0.5", "x0=nan", "99=1", "half=", "PLACE"],
    "keep": ["0", "1,2", "100", "1,,2", "9" * 30, "-1"], "device": OWN["device"],
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """An option that is a parameter of a study: its name, allowed values, and whether it is a number."""

    name: str
    good: tuple[str, ...]
    number: bool


@dataclass
class Drawn:
    """Draws command lines; equal seeds give equal lines.

    `places` are hostile paths, `runs` those of good and damaged runs. `trains` says whether a study may really run: only where
    all there are are tiny. Otherwise a study's first word is one that stops before training."""

    chance: random.Random
    places: Sequence[str]
    runs: Sequence[str]
    trains: bool = False

    def line(self) -> list[str]:
        """A command line, without the program's name."""
        command = self.chance.choices(list(MAKERS), [shape[1] for shape in MAKERS.values()])[0]
        words = MAKERS[command][0](self)
        if self.chance.random() < 0.1:
            words.insert(self.chance.randrange(1, len(words) + 1), self.word())
        if self.chance.random() < 0.04 and not self.trains:
            words.pop()
        return words

    def study(self) -> list[str]:
        name = self.chance.choice(presets.study_names())
        words = [name] if name == "corners" and self.chance.random() < 0.5 else ["study", name]
        quick = ["--preset", "test"]
        if not self.trains or self.chance.random() < 0.2:
            words.append(self.chance.choices(["--dry-run", "--print-config", "--help"], [8, 3, 1])[0])
            quick = quick if self.chance.random() < 0.7 else []
        else:
            words.append(self.chance.choice(["--no-report", "-q"]))
        return [*words, *quick, *self.own(name), *self.common()]

    def own(self, name: str) -> list[str]:
        """Options that are the study's parameters."""
        words = []
        for one in self.chance.sample(options(name), k=self.chance.choice((0, 1, 1, 2, 3))):
            good = self.chance.random() < 0.5
            value = self.chance.choice(one.good) if good and one.good else self.value(one.number)
            value = self.place() if one.name == "data" and not good else value
            words += [f"--{one.name}={value}"] if self.chance.random() < 0.3 else [f"--{one.name}", value]
        return words

    def common(self) -> list[str]:
        """Options that every study has."""
        words = []
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            draw = self.chance.random()
            if draw < 0.3:
                words += ["--config", self.place()]
            elif draw < 0.5:
                words += [self.chance.choice(("--out", "--data-root")), self.place()]
            elif draw < 0.6:
                words.append(self.chance.choice(FLAGS))
            else:
                flag = self.chance.choice(list(OWN))
                words += [f"--{flag}", self.chance.choice(OWN[flag]) if self.chance.random() < 0.8 else self.word()]
        return words

    def report(self) -> list[str]:
        words = ["report", *(self.run() for _ in range(self.chance.choice((0, 1, 1, 1, 2))))]
        words += ["--to", self.place()] if self.chance.random() < 0.4 else []
        words += ["--title", self.word()] if self.chance.random() < 0.3 else []
        return [*words, *self.out()]

    def show(self) -> list[str]:
        return ["show", self.run(), *self.out(), *self.json()]

    def list_runs(self) -> list[str]:
        return ["runs", *self.out(), *self.json()]

    def doctor(self) -> list[str]:
        return ["doctor", *self.out(), *self.json()]

    def names(self) -> list[str]:
        return [
            *self.chance.choice(
                (["study"], ["study", "list"], ["--help"], ["--version"], [self.word()], ["study", self.word()])
            )
        ]

    def sample(self) -> list[str]:
        words = [
            "sample",
            self.run(),
            "--count",
            "3",
            "--iterations",
            "4",
            *self.chance.choice(([], ["--no-pictures"])),
        ]
        words += self.chance.choice((["--where", "hidden=1"], ["--where", "hidden=1"], []))
        for flag in self.chance.sample(list(SAMPLE), k=self.chance.choice((0, 1, 1, 2, 3))):
            value = self.chance.choice(SAMPLE[flag]) if self.chance.random() < 0.8 else self.word()
            words += [f"--{flag}", self.place() if value == "PLACE" else value]
        words += [self.chance.choice(("--to", "--data-root")), self.place()] if self.chance.random() < 0.3 else []
        words += self.chance.sample(["--stream", "--gif", "--clip", "--no-clip"], k=self.chance.choice((0, 0, 1)))
        return [*words, *self.out()]

    def run(self) -> str:
        return self.chance.choice(self.runs) if self.chance.random() < 0.7 else self.place()

    def out(self) -> list[str]:
        return ["--out", self.place()] if self.chance.random() < 0.25 else []

    def json(self) -> list[str]:
        return ["--json"] if self.chance.random() < 0.4 else []

    def place(self) -> str:
        draw = self.chance.random()
        return self.chance.choice(self.places if draw < 0.7 else PLACES) if draw < 0.85 else self.word()

    def word(self) -> str:
        return self.chance.choice(WORDS)

    def value(self, number: bool) -> str:
        draw = self.chance.random()
        if draw < 0.1:
            return self.place()
        return self.chance.choice(NUMBERS if (draw < 0.8) == number else WORDS)


MAKERS: dict[str, Any] = {
    "study": (Drawn.study, 10), "report": (Drawn.report, 2), "show": (Drawn.show, 2), "runs": (Drawn.list_runs, 1),
    "doctor": (Drawn.doctor, 0.3), "sample": (Drawn.sample, 3), "names": (Drawn.names, 0.7),
}  # fmt: skip


def options(name: str) -> list[Option]:
    """The options that are parameters of a study, without those whose values only take time."""
    study, found = presets.study_class(name), []
    for field in dataclasses.fields(study):
        if field.name == "pause":
            continue
        kind, swept = element_type(hints(study)[field.name])
        limits = field.metadata
        ends = [str(limits[end]) for end in ("low", "high") if limits[end] is not None]
        own = field.default if isinstance(field.default, tuple) else (field.default,)
        good = [*map(str, own), *(limits["choices"] or ()), *ends]
        good += [",".join(map(str, good))] if swept else []
        flags = [field.name, f"no-{field.name}"] if kind is bool and not swept else [field.name]
        values = () if kind is bool and not swept else tuple(good)
        found += [Option(flag.replace("_", "-"), values, kind in (int, float)) for flag in flags]
    return found
