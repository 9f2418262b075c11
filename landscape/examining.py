"""`examine`: what kind of map a model of your own is, where repeating it leads, and whether it memorises, in one call."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor, nn

from landscape import presets, reporting, results
from landscape.data import Dataset
from landscape.data.in_memory import keep, keep_array, names_for_people
from landscape.loading import default_out, find_model
from landscape.names import written
from landscape.progress import RunProgress
from landscape.results import Result, RunError
from landscape.running import run_study
from landscape.studies.examine import memory, networks, points
from landscape.studies.examine.answer import label_of
from landscape.studies.examine.sources import is_run
from landscape.study import Study

SHOWN_ROWS = ("network", "kind", "loss_data", "loss_noise", "attractors", "verdict")


@dataclass(frozen=True, eq=False)
class Examination:
    """The outcome of `examine`: a finished run.

    - `answer`: what was found, a paragraph in plain words. `page`: the path of the HTML page.
    - `table`: a row per network. `tables`: this and the others, by name, among them 'skipped', the reasons for what is missing.
    - `result`: the run as `landscape.load` reads it."""

    answer: str
    page: Path
    result: Result

    @property
    def table(self) -> pd.DataFrame:
        """The measurements, a row per network."""
        return self.result.whole

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return self.result.tables

    def __repr__(self) -> str:
        return f"{self.answer}\npage: {self.page}"

    def _repr_html_(self) -> str:
        from html import escape

        shown = self.table[[name for name in SHOWN_ROWS if name in self.table]]
        link = f'<a href="{escape(self.page.resolve().as_uri())}">{escape(str(self.page))}</a>'
        return f"<p>{escape(self.answer)}</p>{shown.to_html(index=False)}<p>The whole page: {link}</p>"


def examine(
    model: Any,
    data: Any = None,
    held_out: Any = None,
    *,
    checkpoints: Sequence[Any] | Mapping[int, Any] | None = None,
    shape: int | Sequence[int] | None = None,
    range: tuple[float, float] = (0.0, 1.0),
    preset: str = "quick",
    out: str | Path | None = None,
    title: str | None = None,
    progress: bool = True,
    device: str = "cpu",
    **settings: Any,
) -> Examination:
    """What kind of map a model is, where repeating it leads, and whether it memorises: a page, tables and a paragraph.

    - `model`: a torch module, a function of a batch, what `landscape.wrap` or `landscape.build` gives, or a text: FILE.py:NAME
      or the path of an exported network, or the folder of a run of ours, of which the median network is taken. A dict
      {name: model} or a list compares several. What `landscape.load_model` gives is a model, too.
    - `data`: what it was trained on, (N, *shape) or (N, D): an array, a tensor, a DataFrame, or a text as for --data (a set's
      name, a file or folder). Numbers are taken as they are, and must lie in `range`. A run of ours has its own.
    - `held_out`: points that it was not trained on, as `data`; or a text such as '20%', the share at the end of `data` that was
      not trained on. Without it no verdict on memorisation is given.
    - `checkpoints`: files of weights, modules or state dicts of one model in the order of training, or a dict of them by their
      times, whole numbers. The page then shows a film: the loss surface and the fixed points over training.
    - `shape`: of one point of the model's input; by default the data's own, or with a channel in front, or flat.
    - `settings`: parameters of the study `examine`, such as iterations=1000.

    Models in memory are copied by `landscape.wrap` and never changed. The run is a folder under `out` (by default reports/):
    a second call with the same model and data reads it back. Raises ValueError, in one line, for input that does not fit."""
    with names_for_people():
        folder = Path(out) if out is not None else default_out()
        asked = _Asked(model, data, held_out, checkpoints, shape, range)
        study = presets.make_study("examine", preset, overrides=asked.parameters(folder) | settings)
        return _examined(study, folder, title, progress, device)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is examined, as it was given to `examine`."""

    model: Any
    data: Any
    held_out: Any
    checkpoints: Sequence[Any] | Mapping[int, Any] | None
    shape: int | Sequence[int] | None
    range: tuple[float, float]

    def parameters(self, folder: Path) -> dict[str, Any]:
        """The parameters of the study, as texts; arrays and weights are written to files under `folder`."""
        data, ends = self._data(folder)
        low, high = map(float, ends)
        found = {
            "model": written(_texts(self.model)),
            "data": _data_text(data, "data", low, high, folder),
            "range": f"{low:g},{high:g}",
        }
        if self.held_out is not None:
            found["held_out"] = _data_text(self.held_out, "held_out", low, high, folder)
        if self.shape is not None:
            sides = [self.shape] if isinstance(self.shape, int) else self.shape
            found["shape"] = ",".join(map(str, sides))
        if self.checkpoints:
            found["weights"] = written([_weights(one, folder, time) for time, one in _timed(self.checkpoints)])
        return found

    def _data(self, folder: Path) -> tuple[Any, Sequence[Any]]:
        """The data and the ends of their range: as given, or those of the run that is the model."""
        if self.data is not None:
            return self.data, self.range
        if not (isinstance(self.model, str | Path) and is_run(str(self.model))):
            raise ValueError(
                "examine needs `data`, the points that the model was trained on; only a run of ours has its own"
            )
        own = data_of(of_run(self.model)[1], folder)
        return own["data"], own["range"].split(",")


def _examined(study: Study, folder: Path, title: str | None, progress: bool, device: str) -> Examination:
    """The outcome of the study, which runs into a folder under `folder`."""
    for cell in study.cells():
        study.recipes(cell)  # reads the data and tries the network: raises ValueError before a folder is made
    heading = title or f"Examined: {', '.join(map(label_of, study.parameters()['model']))}"
    show = _Progress() if progress else None
    try:
        run = run_study(study, out=folder, device=device, command=presets.command(study), progress=show, title=heading)
    finally:
        if show is not None:
            show.end()
    result = results.load(run)
    if result.failed_cells:
        name, error = next(iter(result.failed_cells.items()))
        raise RunError(f"{name}: {error}")
    page = reporting.drawn(result, heading)
    answer = reporting.answer_of(study, result, reporting.claims_of(study, result))
    return Examination(answer.words if answer else "", page, result)


def of_run(run: str | Path, member: int | str = "median", **where: Any) -> tuple[str, Dataset]:
    """The value of --model for the trained network of a run of ours, and the data that it was trained on.

    `member` and `where` are as for `landscape.load_model`. Raises RunError as it does."""
    found = find_model(run, member, **where)
    text = memory.text_of(found.run.name, found.ensemble)
    given = "".join(f", {name}={value!r}" for name, value in where.items())
    networks.give(text, found.ensemble, f"landscape.load_model({str(run)!r}, {member!r}{given})")
    return text, found.dataset()


def data_of(dataset: Dataset, out: Path) -> dict[str, str]:
    """The parameters `data` and `range` for the data of a run, which are written to a file under `out`."""
    low, high = dataset.low, dataset.high
    values = dataset.points[0].reshape(-1, *dataset.shape)
    return {"data": _data_text(values, "data", low, high, out), "range": f"{low:g},{high:g}"}


class _Progress:
    """Says on stderr which network is being measured: on a terminal how far it is, elsewhere a line for each network."""

    def __init__(self) -> None:
        self.cell, self.width, self.live = "", 0, sys.stderr.isatty()

    def __call__(self, state: RunProgress) -> None:
        if not state.total:
            return
        name = label_of(state.cell.partition(" ")[0].removeprefix("model="))
        if not self.live:
            if state.cell != self.cell:
                print(f"examining {name}", file=sys.stderr, flush=True)
            self.cell = state.cell
            return
        words = f"examining {name}: measurement {state.done + 1} of {state.total}"
        print(f"\r{words:<{self.width}}", end="", file=sys.stderr, flush=True)
        self.width = len(words)

    def end(self) -> None:
        """Erase the line on a terminal."""
        if self.width:
            print(f"\r{'':<{self.width}}\r", end="", file=sys.stderr, flush=True)


def _texts(model: Any) -> list[str]:
    """The values of --model for what was given: texts as they are, models in memory by name and digest."""
    if isinstance(model, Mapping):
        named = list(model.items())
    elif isinstance(model, list | tuple):
        named = [(memory.name_of(one), one) for one in model]
    else:
        named = [(memory.name_of(model), model)]
    if not named:
        raise ValueError("examine needs at least one model; got none")
    found: list[str] = []
    for name, one in named:
        if isinstance(one, str | Path):
            found.append(of_run(one)[0] if is_run(str(one)) else str(one))
            continue
        if isinstance(one, type) or not (callable(one) or isinstance(one, nn.Module)):
            raise ValueError(f"a model must be a module, a function of a batch or a text; got {name}: {_kind(one)}")
        text = memory.text_of(str(name), one)
        networks.give(text, one)
        found.append(text)
    return found


def _kind(value: Any) -> str:
    return (
        f"the class {value.__name__}; make one: {value.__name__}(…)"
        if isinstance(value, type)
        else type(value).__name__
    )


def _data_text(data: Any, name: str, low: float, high: float, out: Path) -> str:
    """The value of --data for what was given: a text as it is; an array is written to a file by the digest of its content."""
    if isinstance(data, str | Path):
        return str(data)
    array = data.detach().cpu().numpy() if isinstance(data, Tensor) else np.asarray(data)
    points.as_given(array, f"`{name}`", low, high)  # raises ValueError for what cannot be used
    return keep_array(np.asarray(array, np.float32), name, out)


def _timed(checkpoints: Sequence[Any] | Mapping[int, Any]) -> Iterable[tuple[int, Any]]:
    """Checkpoints with their times, or else their places. Raises ValueError for times that are no whole numbers."""
    if not isinstance(checkpoints, Mapping):
        return enumerate(checkpoints)
    if wrong := [time for time in checkpoints if not isinstance(time, int) or time < 0]:
        raise ValueError(f"the times of `checkpoints` must be whole numbers from 0, such as steps; got {wrong[0]!r}")
    return sorted(checkpoints.items())


def _weights(checkpoint: Any, out: Path, place: int) -> str:
    """The value of --weights for a checkpoint: a path as it is; a module or state dict is written to a file by its digest."""
    if isinstance(checkpoint, str | Path):
        return str(checkpoint)
    state = checkpoint.state_dict() if isinstance(checkpoint, nn.Module) else checkpoint
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"`checkpoints` must be files, modules or state dicts; got {type(checkpoint).__name__}")
    from safetensors.torch import save

    content = save({key: value.detach().cpu().contiguous().clone() for key, value in state.items()})
    return keep(content, f"checkpoint-{place}.safetensors", out)
