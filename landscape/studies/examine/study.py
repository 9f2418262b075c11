"""The examination of networks from outside: what its cells measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from landscape import outside
from landscape.claims import Claim
from landscape.data import Dataset
from landscape.data.in_memory import name_of
from landscape.findings import Answer
from landscape.measures import Map
from landscape.notes import note
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.examine import networks, points
from landscape.studies.examine.answer import answer_of
from landscape.studies.examine.controls import controls
from landscape.studies.examine.copies import verdict
from landscape.studies.examine.exactly import fixed_points, pieces
from landscape.studies.examine.kinds import kind_of
from landscape.studies.examine.layers import merging
from landscape.studies.examine.look import Look, Part, Skip
from landscape.studies.examine.orbits import ends, player, settling
from landscape.studies.examine.parameters import ExamineParameters
from landscape.studies.examine.sources import MEMORY, combinations, weight_files
from landscape.studies.examine.values import highest_loss, reconstruction, slopes, surface
from landscape.studies.parts.film import film, surfaces
from landscape.study import Study
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    from landscape.figures import Panel

Measurement = Callable[[Map, Look], Part]
# Each may fail alone. The order is that of the page; a control gets those that give columns to compare.
MEASUREMENTS: dict[str, Measurement] = {
    "reconstruction": reconstruction,
    "loss surface": surface,
    "highest loss": highest_loss,
    "slopes": slopes,
    "orbits": player,
    "settling": settling,
    "ends": ends,
    "fixed points": fixed_points,
    "regions and plateaus": pieces,
    "where points merge": merging,
    "verdict": verdict,
}
FILM = "film over training"
OF_CONTROLS = ("reconstruction", "highest loss", "slopes", "ends", "verdict")


@dataclass(frozen=True)
class Examine(ExamineParameters, Study):
    """An examination: its cells are networks from outside, and what each of them shows."""

    version: ClassVar[int] = 3
    trains: ClassVar[bool] = False

    def cells(self) -> Sequence[Cell]:
        """A cell per model, and per checkpoint where several files of weights are given for one model."""
        content = self._content()
        return [cell(**one, **content) for one in combinations(self.model, self.weights)]

    def _content(self) -> dict[str, str]:
        """The digest of the files that are read, so that a changed file gives new cells; empty without files."""
        held = "" if self.held_out.endswith("%") else points.digest(self.held_out)
        key = points.content_key(points.digest(self.data), held, *networks.digests(self.model, self.weights))
        return {"digest": key} if key else {}

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        """None, as nothing is trained. The data are read and the network is tried, so that wrong input is said at once."""
        self.look(cell, "cpu")
        if self._random(cell):
            note(
                f"{cell['model']} makes a network with random weights, and none were given: an untrained network is examined; "
                "pass --weights FILE (checkpoints= in Python)"
            )
        return []

    def _random(self, cell: Cell) -> bool:
        """Whether the cell's network has the random weights with which its code makes it."""
        return networks.random_weights(str(cell["model"]), str(dict(cell.values).get("weights", "")))

    def network(self, cell: Cell, device: str) -> tuple[Map, Dataset]:
        network, look = self.look(cell, device)
        return network, networks.as_dataset(look)

    def command(self, preset: str = "none", base: Study | None = None) -> str:
        """The command line of the examination; of models that were given in Python, the call."""
        if not any(MEMORY.search(model) for model in self.model):
            return super().command(preset, base)
        usual = type(self)()
        rest = {name: value for name, value in self.parameters().items() if value != getattr(usual, name)}
        rest["range"] = self.limits if "range" in rest else None
        given = [f"{{{', '.join(networks.spelt(model) for model in self.model)}}}", repr(self.data)]
        given += [f"checkpoints={weight_files(self.weights)!r}"] if self.weights else []
        left = {name: value for name, value in rest.items() if name not in ("model", "data", "weights")}
        given += [f"{name}={value!r}" for name, value in left.items() if value is not None]
        return f"in Python: landscape.examine({', '.join(given)})"

    def readings(self) -> dict[str, str]:
        """A line for the data and for the held-out points: how each was read."""
        data, held, held_name = self._sources()
        lines = {name_of(self.data): data.summary}
        if held is not None:
            lines[held_name] = held.summary
        return lines

    def look(self, cell: Cell, device: str) -> tuple[Map, Look]:
        """The network of a cell, which was tried on two points, and where it is looked at.

        Raises ValueError, in one line, if the data cannot be read, or the network does not take them."""
        data, held, _ = self._sources()
        low, high = self.limits
        problem, forms = "", points.forms(data, self.form)
        for form in forms:
            flat, picture, layout = points.laid_out(data, form)
            flat = flat[: self.points]
            kept = None
            if held is not None:
                points.check_alike(data, held)
                kept = points.laid_out(held, form)[0][None, : self.held_out_points].to(device)
            look = Look(self, flat[None].to(device), kept, picture, layout, device)
            try:
                network = networks.network_of(
                    cell["model"], str(dict(cell.values).get("weights", "")), form, low, high, look.data
                )
                networks.check(network, look.data)
            except networks.DoesNotTake as error:
                problem = str(error)
                continue
            return network, look
        raise ValueError(networks.no_shape(cell["model"], data, forms, problem))

    def _sources(self) -> tuple[points.Points, points.Points | None, str]:
        """The data; the held-out points, if any; and the latter's name."""
        low, high = self.limits
        data = points.read(self.data, low, high)
        if self.held_out.endswith("%"):
            return *points.split(data, self.held_out), f"held out: {self.held_out}"
        if self.held_out:
            new = self.held_out == self.data
            return data, points.read(self.held_out, low, high, new=new), f"held out: {name_of(self.held_out)}"
        if self.data in points.TESTED:
            return data, points.read(self.data, low, high, new=True), f"held out: test images of {self.data}"
        return data, None, ""

    def measure(self, cell: Cell, site: Site) -> Measured:
        network, look = self.look(cell, site.device)
        about = {"network": _key(cell), "member": 0, "seed": self.seed}
        wanted = dict(MEASUREMENTS)
        if self._checkpoints(cell):
            wanted[FILM] = lambda _, place: self._film(cell, site, place)
        row, tables, arrays, reasons = _measured(network, look, wanted, site, max(1, len(self._checkpoints(cell))))
        row |= {"kind": kind_of(row)} | ({"random_weights": True} if self._random(cell) else {})
        few = {name: MEASUREMENTS[name] for name in OF_CONTROLS}
        quiet = replace(site, progress=None)
        rows = controls(look, lambda control, less: _measured(control, less, few, quiet)[0])
        tables = {name: table.assign(network=_key(cell), member=0) for name, table in tables.items()}
        skipped = pd.DataFrame(reasons, columns=["measurement", "reason"]).astype(str)
        tables |= {
            "members": pd.DataFrame([about | row]),
            "controls": pd.DataFrame([{"network": _key(cell), **one} for one in rows]),
            "skipped": skipped.assign(network=_key(cell), member=0),
        }
        return Measured(tables, arrays)

    def _checkpoints(self, cell: Cell) -> list[Cell]:
        """The cells of a model's checkpoints in the order of time, if this cell is the last of them; else none."""
        own = [one for one in self.cells() if one["model"] == cell["model"] and "time" in dict(one.values)]
        own.sort(key=lambda one: float(one["time"]))
        return own if own and own[-1] == cell else []

    def _film(self, cell: Cell, site: Site, look: Look) -> Part:
        """What becomes of fixed points, attractors and the loss surface from checkpoint to checkpoint."""
        low, high = self.limits
        shots = [(float(one["time"]), self.look(one, site.device)[0]) for one in self._checkpoints(cell)]
        seen = look.data[0, : self.film_points]

        def tell(done: int, total: int) -> None:
            if site.progress is not None:
                site.progress(len(MEASUREMENTS) + done, len(MEASUREMENTS) + total, 0, math.nan)

        found = film(
            shots,
            seen,
            generator=look.generator("film"),
            low=low,
            high=high,
            starts=self.starts,
            iterations=self.iterations,
            progress=tell,
        )
        files = {float(one["time"]): str(one["weights"]) for one in self._checkpoints(cell)}
        tables = {
            name: table.assign(weights=table.time.map(files)) if "time" in table else table
            for name, table in found.tables().items()
        }
        return Part(tables=tables, arrays=surfaces(shots, seen, 0, resolution=self.resolution, low=low, high=high))

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer:
        """What kind of map each network is, where its orbits lead, and whether it copies its data."""
        return answer_of(result.whole, result.tables["skipped"], result.tables.get("moments"))

    def hero(self, result: Result) -> Panel | None:
        """Where repeating the network leads."""
        from landscape.studies.examine.panels import hero_of

        return hero_of(result)

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.examine.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)


def _key(cell: Cell) -> str:
    """A short name of the cell's network among those of the run."""
    values = dict(cell.values)
    return str(values["model"]) + (f" {values['weights']}" if "weights" in values else "")


def _measured(
    network: Map, look: Look, wanted: dict[str, Measurement], site: Site, last: int = 1
) -> tuple[dict[str, Any], dict[str, pd.DataFrame], dict[str, Any], list[tuple[str, str]]]:
    """What the measurements give: a row of columns, tables, arrays; and why some give nothing.

    In the progress the last measurement counts as `last` of the others, as a film takes as long as it has checkpoints."""
    row: dict[str, Any] = {}
    about = {
        "dim": look.dim,
        "count": look.data.shape[1],
        "side": look.side,
        "iterations": look.given.iterations,
    }
    tables: dict[str, pd.DataFrame] = {}
    arrays: dict[str, Any] = {"picture": _shape(look)}
    reasons: list[tuple[str, str]] = []
    for place, (name, measurement) in enumerate(wanted.items()):
        if site.progress is not None:
            site.progress(place, len(wanted) - 1 + last, 0, math.nan)
        try:
            part = measurement(network, look)
        except Skip as skip:
            reasons.append((name, str(skip)))
            continue
        except Exception as error:  # a measurement that fails must not stop the others; the page gives the reason
            reasons.append((name, " ".join(outside.described(error).split())[:300]))
            continue
        row |= part.columns
        tables |= part.tables
        arrays |= part.arrays
    return row | about, tables, arrays, reasons


def _shape(look: Look) -> Any:
    import numpy as np

    return np.array(look.picture)
