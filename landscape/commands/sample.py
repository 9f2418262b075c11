"""`landscape sample`: samples of a trained network of a run, as an .npz file, a picture and an animation."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from landscape import devices, disk, measures
from landscape.commands import faults
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.plan import pairs
from landscape.commands.runs import chosen_model
from landscape.data import Dataset
from landscape.loading import Model
from landscape.measures import Samples

IMAGES = ("training", "held-out")
FILES = ("samples.npz", "samples.npy", "samples.csv", "samples.png", "samples.webp", "samples.gif")
LOCK = ".lock"  # in a temporary folder, held by the process that writes there


@dataclass(frozen=True)
class SampleOptions:
    """The options of `landscape sample`. Those after `rate` do not enter the name of the samples' folder."""

    where: tuple[str, ...] = ()
    member: str = "median"
    recipe: int = 0
    count: int = 64
    iterations: int = 100
    method: str = "iterate"
    start: str = "uniform"
    start_noise: str | None = None
    noise: str | None = None
    images: str = "training"
    known: str | None = None
    keep: str | None = None
    burn_in: int = 0
    thin: int = 1
    clip: bool | None = None
    seed: int = 0
    rate: float = measures.dynamics.RATE
    device: str = "auto"
    data_root: Path | None = None
    out: Path | None = None
    to: Path | None = None
    stream: bool = False
    gif: bool = False
    pictures: bool = True


def sample(run: str | None, options: SampleOptions) -> int:
    """Sample a network of `run`, by default the newest, and write samples and pictures."""
    faults.use_data_root(options.data_root)
    with bad_input():
        model = chosen_model(run, pairs(options.where), options.member, recipe=options.recipe, out=options.out)
        dataset = model.dataset()
        target = options.to or model.run / "samples" / _key(options)
        if options.gif and len(dataset.shape) < 2 and dataset.dim != 2:
            what = f"{dataset.dim} coordinate{'s' if dataset.dim > 1 else ''}"
            raise ValueError(f"--gif plays images and points in the plane; {dataset.name} has points of {what}")
        device = devices.resolve(options.device)
        draw = _drawing() if options.pictures else None
        arguments = _arguments(model, dataset, options)
    kept = "nothing of these samples is kept"
    with stoppable(kept), writing_to(target, option="--to", kept=kept), _folder(target) as part:
        with bad_input(), _progress() as progress:
            out = part / "samples.npy" if options.stream else None
            found = measures.sample(model.ensemble.to(device), **arguments, out=out, progress=progress)
        _write(part, model, dataset, found, options)
        if draw is not None:
            unit = "iteration" if options.method == "iterate" else "step"
            draw(part, dataset, found, unit=unit, gif=options.gif)
        names = [name for name in FILES if (part / name).exists()]
    print(f"samples {target} ({', '.join(names)}): {_described(model, found, options)}")
    return faults.OK


def _arguments(model: Model, dataset: Dataset, options: SampleOptions) -> dict[str, Any]:
    """The arguments for `measures.sample`. Options that do not fit each other raise ValueError here or there."""
    if options.images not in IMAGES:
        raise ValueError(f"`images` must be training or held-out; got {options.images!r}")
    measures.dynamics.check_room(
        (1, 1, min(max(options.count, 1), measures.dynamics.MOST_SAMPLES), dataset.dim)
    )  # before the starts take memory
    used = options.start == "data" or (options.known or "").startswith("half=")
    data = _images(model, dataset, options) if used else None
    start: dict[str, Any] = {"start": options.start, "start_noise": options.start_noise}
    if options.start == "data":
        start["data"] = data
    elif options.start_noise is not None:
        raise ValueError(f"--start-noise goes with --start data; got --start {options.start}")
    if options.images != "training" and not used:
        raise ValueError("--images says which images --start data and --known half=… take; neither was given")
    known = None if options.known is None else _known(options.known, dataset, data, options)
    keep = None if options.keep is None else whole_numbers("keep", options.keep)
    names = ("count", "iterations", "method", "rate", "noise", "burn_in", "thin", "clip", "seed")
    box = {"low": dataset.low, "high": dataset.high}
    return {name: getattr(options, name) for name in names} | start | box | {"known": known, "keep": keep}


def _images(model: Model, dataset: Dataset, options: SampleOptions) -> Tensor:
    """The points from which `--start data` and `--known half=…` draw: (1, N, D)."""
    if options.images == "training":
        return dataset.points
    return model.held_out(options.count).points


def _known(text: str, dataset: Dataset, data: Tensor | None, options: SampleOptions) -> Tensor:
    """The coordinates that --known holds fixed: (D,) or (S, D), NaN where free.

    `text` is half=SIDE, class=NAME, COLUMN=VALUE,… or the path of a .npy file, whose arrays may have the data's shape."""
    if data is not None and text.startswith("half="):
        generator = torch.Generator().manual_seed(options.seed)
        chosen = measures.starts("data", 1, options.count, dataset.dim, generator=generator, data=data)[0]
        return measures.dynamics.known_half(chosen, dataset.shape, text.removeprefix("half="), dataset.strip)
    if "=" in text and not Path(text).exists():
        return measures.dynamics.known_cells(dataset, pairs(text.split(","), "known"))
    try:
        with disk.open_regular(Path(text)) as file:
            values = torch.from_numpy(np.asarray(np.load(file, allow_pickle=False), np.float32))
    except FileNotFoundError:
        raise ValueError(
            f"there is no file {text!r}; --known takes half=left, class=NAME, COLUMN=VALUE or a .npy file"
        ) from None
    except (OSError, ValueError, TypeError, EOFError, MemoryError) as error:
        raise ValueError(f"{text} is no .npy file of numbers ({error}); NaN marks the free coordinates") from None
    point_axes = len(dataset.shape)
    if values.shape[max(values.ndim - point_axes, 0) :] == dataset.shape:
        return values.reshape(*values.shape[: values.ndim - point_axes], dataset.dim)
    return values


def _drawing() -> Callable[..., None]:
    """The function that draws the pictures. Raises ValueError if a drawing library is missing."""
    try:
        from landscape.commands.sample_pictures import draw
    except ImportError as error:
        raise ValueError(
            f"pictures need {error.name}, which is not installed; --no-pictures writes the rest"
        ) from error
    return draw


def _write(part: Path, model: Model, dataset: Dataset, found: Samples, options: SampleOptions) -> None:
    """Write samples.npz, with the points (K, S, D) unless they were streamed, and their source; of a table samples.csv, too."""
    source = {
        "run": str(model.run),
        "cell": dict(model.cell.values),
        "member": model.member,
        "seed of the member": model.recipe.seeds[0] if model.recipe else None,
        "training loss": model.loss,
        "status": model.status,
        "recipe": model.recipe.key if model.recipe else None,
        "data": dataset.name,
        "options": json.loads(json.dumps(asdict(options), default=str)),
        "version": metadata.version("input-landscape"),
    }
    arrays = {} if options.stream else {"points": found.points[0].numpy()}
    arrays |= {"iterations": np.array(found.iterations), "range": np.array([found.low, found.high])}
    arrays |= {"shape": np.array(dataset.shape), "source": np.array(json.dumps(source))}
    np.savez(part / "samples.npz", **arrays)  # type: ignore[arg-type]
    if dataset.table is not None:
        dataset.decode(found.final[0]).to_csv(part / "samples.csv", index=False)


@contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """Write the files of `target` together: all of them or none.

    1. Temporary folders of processes that died, whose locks nobody holds, are removed.
    2. The block writes to a new temporary folder.
    3. When the block ends, the files are moved to `target`, and the other files of an earlier sampling are deleted.
    4. If the block fails, the temporary folder and the folders made for it are removed."""
    part = target / f".samples.{os.getpid()}.part"
    new = [folder for folder in (target, *target.parents) if not folder.exists()]
    try:
        for stale in target.glob(".samples.*.part"):
            if _is_abandoned(stale):
                disk.remove(stale)
        part.mkdir(parents=True)
        with disk.locked(part / LOCK):
            yield part
            written = [name for name in FILES if (part / name).exists()]
            for name in written:
                disk.settle(part / name, target / name)
            for name in set(FILES) - set(written):
                (target / name).unlink(missing_ok=True)
    finally:
        disk.remove(part)
        for folder in new:
            with suppress(OSError):  # not empty: the sampling succeeded
                folder.rmdir()


def _is_abandoned(part: Path) -> bool:
    """Whether the process that wrote to this temporary folder has died: nobody holds the lock."""
    try:
        with disk.locked(part / LOCK, wait=False):
            return True
    except (disk.Busy, FileNotFoundError):
        return False


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A function that moves a progress bar; None if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sampling")
        yield lambda done, total: bar.update(task, completed=done, total=max(total, 1))


def _described(model: Model, found: Samples, options: SampleOptions) -> str:
    unit = "iteration" if options.method == "iterate" else f"{options.method} step"
    return (
        f"{found.points.shape[2]:,} samples at {len(found.iterations):,} {unit}s, {found.iterations[0]:,} to "
        f"{found.iterations[-1]:,}, of {model.cell.name}, {model.choice} (loss {model.loss:.2g}, {model.status})"
    )


def _key(options: SampleOptions) -> str:
    """The name of the samples' folder: eight hexadecimal digits, a hash of the options that precede `device`."""
    names = list(asdict(options))
    content = {name: value for name, value in asdict(options).items() if name in names[: names.index("device")]}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def whole_numbers(flag: str, text: str) -> list[int]:
    """A text of whole numbers with commas between them. Raises ValueError for another text."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"`{flag}` must be whole numbers separated by commas; got {text!r}") from None
