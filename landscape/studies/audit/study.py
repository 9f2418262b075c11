"""The study `audit`: samples from outside, compared with training points and held-out points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch

from landscape import measures, results
from landscape.claims import Claim
from landscape.findings import Answer
from landscape.measures.memorisation.answers import copied_interval, copying_answer, different, variety_answer
from landscape.measures.memorisation.calibration import Calibration, Distances, calibrated, mixture_rows
from landscape.measures.memorisation.reach import Compared, Standard, cells_of, pairs_compared
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.audit.answer import answer_of
from landscape.studies.audit.parameters import KNOWN_SAMPLERS, AuditParameters
from landscape.studies.audit.sources import Sets, contents, key_of, load_sets, readings
from landscape.studies.parts.courses import levels
from landscape.study import Study
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    from landscape.figures import Panel

COPY_SHARES = tuple(tenth / 10 for tenth in range(11))  # of the mixtures whose statistics are tabled
COPIES_DRAWN = 1000  # copies from which mixtures are made
PAIRS_KEPT, PICTURES_KEPT = 1000, 64  # of samples with their nearest training points: rows of a table, and pictures
CURVE_STEP = 0.02  # of the shares at which the calibration curve is kept
_standards: dict[tuple[str, ...], Standard] = {}  # the last standard, which all sets of samples of a run share


@dataclass(frozen=True)
class Audit(AuditParameters, Study):
    """The study of samples from outside: a cell for each set of samples."""

    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("sklearn",)  # k-means cells, principal components, the classifier
    trains: ClassVar[bool] = False
    counted: ClassVar[str] = "sets of samples"

    def cells(self) -> Sequence[Cell]:
        return [cell(samples=name or self.features, digest=key_of(self)) for name in self.samples]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return []

    def readings(self) -> dict[str, str]:
        return readings(self)

    def folder(self, out: Path) -> Path:
        """The folder of this run. Its name is a hash of the parameters and of the contents of all paths."""
        base = super().folder(out)
        key = results.parameter_key(base.name, self.version, contents(self))
        return base.with_name(f"{self.name}-{key}")

    def measure(self, cell: Cell, site: Site) -> Measured:
        if cell["digest"] != key_of(self):
            raise ValueError("the files have changed since the run began; start a new run with them")
        name = "" if self.from_file and cell["samples"] == self.features else str(cell["samples"])
        sets = load_sets(self, name, site.device)
        standard, compared = self._compared(sets, name in KNOWN_SAMPLERS, site)
        null = Distances(_array(standard.distance), _array(standard.gap), compared.null_cell)
        copies = self._copies(sets, standard, compared)
        found = calibrated(copies, null, round(different(compared.statistics)), seed=self.seed)
        rows = mixture_rows(copies, null, len(compared.distance), COPY_SHARES, seed=self.seed)
        tables = {
            "members": self._row(sets, compared, found),
            "cells": _cells(compared),
            "mixtures": pd.DataFrame(rows).assign(member=0),
            "calibration": _curve(found),
            "pairs": _pairs(compared),
        }
        arrays = {"distance samples": compared.distance, "distance held out": null.distance}
        arrays |= {"relative samples": _relative(compared), "relative held out": null.relative}
        return Measured(
            tables, {key: value.astype(np.float32) for key, value in arrays.items()} | _pictures(sets, compared)
        )

    def _compared(self, sets: Sets, known: bool, site: Site) -> tuple[Standard, Compared]:
        """The standard, which is kept for the next set of samples, and the samples compared with it."""
        key = (key_of(self), self.features, str((self.seed, self.size, self.grey, known)), site.device)
        count = (len(sets.samples), len(sets.training), len(sets.held_out))
        tell = _teller(site, pairs_compared(*count, first=key not in _standards))
        if key not in _standards:
            made = Standard.of(sets.training, sets.held_out, seed=self.seed, tell=tell)
            _standards.clear()
            _standards[key] = made
        return _standards[key], Compared.of(sets.samples, _standards[key], tell=tell)

    def _copies(self, sets: Sets, standard: Standard, compared: Compared) -> Distances:
        """The distances of copies of training points, made here with a little noise."""
        points = sets.copies(min(COPIES_DRAWN, len(sets.training)))[None].to(standard.training)
        distance, index = (one[0] for one in measures.nearest(points, standard.training))
        gap = standard.around.gaps[0, index]
        return Distances(_array(distance), _array(gap), cells_of(points, compared.centres))

    def _row(self, sets: Sets, compared: Compared, found: Calibration) -> pd.DataFrame:
        """The table of members, with its only row: the two answers, and all statistics."""
        known = compared.statistics
        copied = known["copied"]
        low, high = copied_interval(copied, different(known), known["held_out"])
        reads = dict(zip(("reads_like", "reads_low", "reads_high"), found.reads_like(copied), strict=True))
        counts = {"sample_count": len(sets.samples), "training_count": len(sets.training)}
        row = {"member": 0, "seed": self.seed, "copying": copying_answer(known), "variety": variety_answer(known)}
        row |= counts | {"held_out_count": len(sets.held_out), "copied": copied, "copied_low": low, "copied_high": high}
        row |= reads | {key: value for key, value in known.items() if key not in ("copied", "samples", "held_out")}
        return pd.DataFrame([row | {"dimensions": sets.training.shape[1], "features": sets.words}])

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer:
        return answer_of(result)

    def hero(self, result: Result) -> Panel:
        """Both answers of each set of samples, with their intervals."""
        from landscape.studies.audit.panels import hero_of

        return hero_of(result)

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.audit.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)


def _teller(site: Site, total: int) -> Callable[[int], None]:
    """A function that adds up the numbers of compared pairs and reports their sum as progress, out of `total`."""
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if site.progress is not None:
            site.progress(min(done, total), total, 0, float("nan"))

    return tell


def _cells(compared: Compared) -> pd.DataFrame:
    """A row for each k-means cell of the training points."""
    rows = [
        {
            "member": 0, "cell": number, "sample_count": one.samples, "held_out_count": one.held_out,
            "farther": one.farther, "score": one.score,
        }
        for number, one in enumerate(compared.cells)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _curve(found: Calibration) -> pd.DataFrame:
    """The readings on mixtures by their true share of copies: median, and the ends of the middle 95 %."""
    step = round(CURVE_STEP * (len(found.shares) - 1))
    low, middle, high = np.quantile(found.readings[:, ::step], [0.025, 0.5, 0.975], axis=0)
    return pd.DataFrame({"member": 0, "share": found.shares[::step], "reading": middle, "low": low, "high": high})


def _pairs(compared: Compared) -> pd.DataFrame:
    """The samples nearest to a training point, for its gap: a row each, the nearest first.

    `sample` and `nearest` are the places in their files, counted from 0."""
    relative = _relative(compared)
    order = np.argsort(relative, kind="stable")[:PAIRS_KEPT]
    columns = {"sample": order, "nearest": compared.index[order], "distance": compared.distance[order]}
    return pd.DataFrame({"member": 0, **columns, "gap": compared.gap[order], "relative": relative[order]})


def _pictures(sets: Sets, compared: Compared) -> dict[str, np.ndarray]:
    """The samples of the first rows of `_pairs` and their nearest training points, as pictures. Empty if they are no images."""
    if sets.pictures is None:
        return {}
    samples, training = sets.pictures
    low, high = (0.0, 1.0) if training.unit else training.range
    order = np.argsort(_relative(compared), kind="stable")[:PICTURES_KEPT]
    shown = {"samples": samples.points[order], "nearest": training.points[compared.index[order]]}
    pictures = {name: levels(torch.from_numpy(points), low, high) for name, points in shown.items()}
    return {**pictures, "shape": np.array(training.shape)}


def _relative(compared: Compared) -> np.ndarray:
    """The distances over the gaps of the nearest training points."""
    return Distances(compared.distance, compared.gap, compared.cell).relative


def _array(values: torch.Tensor) -> np.ndarray:
    return values.cpu().numpy()
