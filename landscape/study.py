"""A study: its parameters, the cells that they span, and `run_study`, which runs the cells into a folder."""

from __future__ import annotations

import dataclasses
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from landscape import contents, outside, own_data, results
from landscape.claims import Claim
from landscape.data import summary_of
from landscape.ensemble import TOL
from landscape.findings import Answer
from landscape.names import written
from landscape.parameters import Parameters, outside_texts
from landscape.parameters import option as option
from landscape.provenance import PIP_NAMES, imports
from landscape.results import Cell, Measured, Result
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    import pandas as pd

    from landscape.data import Dataset
    from landscape.figures import Panel
    from landscape.measures import Map


@dataclass(frozen=True)
class Study(Parameters, ABC):
    """A question about networks: a frozen dataclass whose fields are its parameters, options, TOML keys and columns.

    A study must bring

    1. `@dataclass(frozen=True)`, and fields made by `option(default, help)`. Their types are int, float, str, bool, or a tuple
       of values of one such type. Tuples are swept. A value outside its field's type, range or choices raises ValueError.
    2. `cells`: the combinations to run, at least one. `cell(name=value, …)` makes a cell.
    3. `recipes`: the recipes that a cell trains, for the estimates of the dry run. The list may be empty.
    4. `measure`: a cell's tables and arrays. The table "members" is compulsory and has a row per network. It is empty in a cell
       without networks, which then gives rows of other tables.

    It may bring

    - `panels`, which the report shows, and `claims`, statements with verdicts. Both are empty by default.
    - `answer`, which heads the page: what was asked and what was found.
    - a docstring. The report quotes its first paragraph as the question.
    - columns `member`, `seed`, `status` and `loss` in "members", as `members_table` makes them. The report then counts
      the networks that did not converge.
    - presets: tables of parameters in mine.toml beside mine.py, or in presets.toml of a folder, with a `title` above them. The
      preset `quick` runs by default; if there is none, the fields' defaults run.
    - `version`, to be raised when the study's numbers change. The name of a run of the user's study also depends on the digest
      of its code.

    The command line, resume, dry run, worker processes and the report then work unchanged: `landscape study ./mine.py`. A study
    is a file, or a folder with study.py (and `from . import …`), or the entry point of an installed package in the group
    `landscape.studies`. The digest does not cover data files that the study reads."""

    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ()  # modules that `measure` imports and a machine for training alone may lack
    trains: ClassVar[bool] = True  # whether it trains networks by recipes, which the model store holds
    counted: ClassVar[str] = "networks"  # what a row of "members" is, in the plural

    @classmethod
    def lacking(cls) -> list[str]:
        """The packages in `needs` that cannot be imported here, by pip's names."""
        return [PIP_NAMES.get(name, name) for name in cls.needs if not imports(name)]

    @classmethod
    def check_needs(cls) -> None:
        """Raise ValueError if a package that measuring needs cannot be imported here."""
        if lacking := cls.lacking():
            raise ValueError(
                f"{cls.__name__} measures with {', '.join(lacking)}, which cannot be imported here; "
                f"pip install {' '.join(lacking)}"
            )

    @abstractmethod
    def cells(self) -> Sequence[Cell]:
        """Every combination of the swept parameters."""

    @abstractmethod
    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        """The recipes that `measure` trains for this cell. The dry run estimates time and memory from them."""

    @abstractmethod
    def measure(self, cell: Cell, site: Site) -> Measured:
        """The cell's tables and arrays. They must depend on the cell alone, never on the site."""

    def panels(self, result: Result) -> Iterator[Panel]:
        """The panels of the report, made from the result alone: nothing is trained here."""
        return iter(())

    def claims(self, result: Result) -> Iterator[Claim]:
        """The claims that this study tests, with their verdicts."""
        return iter(())

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        """What was asked and found, from the result and its `claims`. None: the page begins with the question alone."""
        return None

    def hero(self, result: Result) -> Panel | None:
        """The picture beside the answer on the page; None for none. It is drawn where the answer has no picture of its own."""
        return None

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """The training losses above which a network counts as failed, ascending: TOL, unless cells set other losses.

        None if the study asks no loss of its networks: they train for all their steps, and claims say themselves which fit."""
        return [TOL]

    def network(self, cell: Cell, device: str) -> tuple[Map, Dataset] | None:
        """The network of a cell and its data, where it comes from outside; None where the cell trains its networks."""
        return None

    def networks(self, cell: Cell) -> int:
        """The number of networks that a cell trains, for the dry run: those of its recipes, unless a study trains others."""
        return sum(len(recipe.seeds) for recipe in self.recipes(cell))

    def evaluations(self, cell: Cell) -> int:
        """The number of points at which `measure` evaluates each member, for the estimate of time; 0 if they are few."""
        return 0

    def operations(self, cell: Cell) -> float:
        """The floating-point operations of a cell beside recipes and evaluations, for the estimate of time: training of its
        own, or solvers; 0 if none."""
        return 0.0

    def main(self) -> dict[str, Any]:
        """The values, by name, that the cells of the main grid have, where a study has cells beside it that do not cross with
        the rest: `Result.table` holds that grid alone, `Result.separate` the others too. Empty for a single grid."""
        return {}

    def held(self, cell: Cell) -> int:
        """How many numbers `measure` holds at once beside the networks, for the estimate of memory; 0 if they are few."""
        return 0

    @classmethod
    def named(cls) -> str:
        """The study's name: for our studies the folder's name with hyphens, else that of the file, folder or entry point."""
        if source := outside.source_of(cls):
            return source.name
        parts = cls.__module__.split(".")
        return parts[-2].replace("_", "-") if len(parts) > 1 else cls.__name__.lower()

    @property
    def name(self) -> str:
        """The study's name. The names of its runs begin with it."""
        return self.named()

    @property
    def word(self) -> str:
        """The word for the study on the command line: its name, or the path of its file."""
        return source.word if (source := outside.source_of(type(self))) else self.name

    def code(self) -> dict[str, dict[str, str]]:
        """The paths and digests of the user's code: the study's under 'study', that of parameters under their values.

        A parameter names code by a value such as mine.py:make. Raises ValueError if there is no such file."""
        found = {"study": source} if (source := outside.source_of(type(self))) else {}
        found |= {text: code for text, group in outside_texts(self) if (code := outside.code_of(text, group)[0])}
        return {text: code.record() for text, code in found.items()}

    @property
    def seeds(self) -> tuple[int, ...]:
        """One seed per member."""
        return tuple(range(self.seed, self.seed + self.members))

    def parameters(self) -> dict[str, Any]:
        """The fields by name, JSON-able; data of the user's own by their plain names."""
        return contents.plainly(self, self._given())

    def _given(self) -> dict[str, Any]:
        values = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}

    def command(self, preset: str = "none", base: Study | None = None) -> str:
        """The command line that runs exactly this study: a `preset`, and an option for each field that differs from it.

        `base` is the study that the preset alone makes. Without `base`, the options are those that differ from the fields'
        defaults. `presets.command` chooses the preset that gives the shortest command line."""
        words = ["landscape", "study", self.word, *(["--preset", preset] if preset else [])]
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value == (getattr(base, field.name) if base else field.default):
                continue
            flag = field.name.replace("_", "-")
            if isinstance(value, bool):
                words.append(f"--{flag}" if value else f"--no-{flag}")
            else:
                words += [f"--{flag}", written(list(map(str, value))) if isinstance(value, tuple) else str(value)]
        return shlex.join(words)

    def readings(self) -> dict[str, str]:
        """A line for each file or folder of data, by its path: how its content became points."""
        first = {dict(cell.values).get("data"): cell for cell in reversed(self.cells())}
        specs = {recipe.data.name: recipe.data for cell in reversed(first.values()) for recipe in self.recipes(cell)}
        return {name: summary for name, spec in specs.items() if (summary := summary_of(spec))}

    def folder(self, out: Path) -> Path:
        """The folder of this study's run under `out`. Its name is a hash of the study, its parameters and the user's data."""
        own = contents.own_texts(self)
        earlier = self._folder(out, self._given())
        if not own or earlier.exists():  # of an earlier version, whose names of data are the paths as they were given
            own_data.keep_as_given(*own)
            return earlier
        return self._folder(out, self.parameters(), contents.digests(self))

    def _folder(self, out: Path, parameters: dict[str, Any], digests: Mapping[str, str] | None = None) -> Path:
        usual = self.usual()
        hashed = {name: value for name, value in parameters.items() if name not in usual or value != usual[name]}
        if code := self.code():
            hashed["code of others"] = sorted((text, about["sha256"]) for text, about in code.items())
        if digests:
            hashed["content of data"] = sorted(digests.items())
        return out / f"{self.name}-{results.parameter_key(self.name, self.version, hashed)}"
