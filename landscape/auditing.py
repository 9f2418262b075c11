"""`landscape.audit`: the audit of arrays in memory, or of files, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape import presets, reporting, results
from landscape.data.in_memory import keep_array, names_for_people
from landscape.loading import default_out
from landscape.results import Result
from landscape.running import run_study
from landscape.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Audited:
    """The outcome of an audit. `answer` says it in words, a paragraph for each finding.

    `table` has a row for each set of samples, with both answers, the numbers, nulls and intervals. `copying` is 'copies',
    'does not copy' or 'undecided', `variety` 'varied', 'collapsed' or 'undecided'; for several sets of samples they are
    dictionaries by name. `page` is the report, `result` the run."""

    result: Result
    answer: str
    page: Path

    @property
    def table(self) -> pd.DataFrame:
        """A row for each set of samples."""
        return self.result.whole

    @property
    def copying(self) -> Any:
        """The answer on copies, or the answers by the names of several sets of samples."""
        return self._column("copying")

    @property
    def variety(self) -> Any:
        """The answer on variety, or the answers by the names of several sets of samples."""
        return self._column("variety")

    def _column(self, name: str) -> Any:
        words = [str(word) for word in self.table[name]]
        names = [Path(path).stem for path in self.table["samples"]]
        return words[0] if len(words) == 1 else dict(zip(names, words, strict=True))

    def _repr_html_(self) -> str:
        from html import escape

        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in self.answer.splitlines())
        return f"{paragraphs}<p>The page: <code>{escape(str(self.page))}</code></p>"


def audit(
    samples: Any,
    training: Any,
    held_out: Any,
    *,
    features: str = "pixels",
    out: str | Path | None = None,
    **options: Any,
) -> Audited:
    """Whether samples are copies of training points, and whether they are as varied as held-out points: one run, one page.

    Each set is an array or tensor, (N, D), (N, h, w), (N, h, w, 3) or (N, 3, h, w), or a path. `samples` may also be a
    dictionary of several sets by name. Floats are taken as they are, bytes as 0 … 255. Arrays are written as .npy under `out`,
    by the digest of their content, so that the same call reads the stored run. `features` are 'pixels', 'pca', or the path of
    an .npz with the arrays samples, training and held_out; 'classifier' needs files with labels. Further options are those of
    `landscape audit`: `size`, `grey`, `seed`.

    Raises ValueError for sets that cannot be compared, and for too few points."""
    with names_for_people():
        return _audit(samples, training, held_out, features, default_out() if out is None else Path(out), options)


def _audit(
    samples: Any, training: Any, held_out: Any, features: str, folder: Path, options: Mapping[str, Any]
) -> Audited:
    several = samples if isinstance(samples, Mapping) else {"samples": samples}
    paths = {"training": _path(training, "training", folder), "held_out": _path(held_out, "held-out", folder)}
    given = {"samples": tuple(_path(values, str(name), folder) for name, values in several.items()), **paths}
    study = presets.make_study("audit", presets.NO_PRESET, overrides={**given, "features": features, **options})
    run = run_study(study, out=folder, command=presets.command(study))
    return _audited(study, run)


def _audited(study: Study, run: Path) -> Audited:
    """The outcome of a run, with its page. Raises ValueError if a set of samples could not be audited."""
    result = results.load(run)
    if failed := result.failed_cells:
        raise ValueError("; ".join(f"{name}: {error}" for name, error in failed.items()))
    page = reporting.drawn(result)
    answer = study.answer(result, ())
    return Audited(result, answer.words if answer else "", page)


def _path(values: Any, name: str, out: Path) -> str:
    """The path of a set: itself, or that of the .npy file to which an array is written. Raises ValueError for no array."""
    if isinstance(values, str | Path):
        return str(values)
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) in ("torch.bfloat16", "torch.float16") else values
    try:
        array = np.ascontiguousarray(np.asarray(values))
    except ValueError as error:
        raise ValueError(f"`{name}` must be an array of numbers or a path; got a {type(values).__name__}") from error
    if array.dtype.hasobject or array.dtype.kind not in "buif" or array.ndim < 2:
        raise ValueError(
            f"`{name}` must be an array of numbers (N, D) or (N, h, w), or a path; got {array.dtype} {array.shape}"
        )
    return keep_array(array, name, out)
