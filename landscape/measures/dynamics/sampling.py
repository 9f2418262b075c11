"""Samples of a trained model: random starts, followed by iteration or by gradient descent; chosen iterates are kept."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape import disk
from landscape.ensemble import Ensemble, threads
from landscape.facts import Shown
from landscape.machine import free_memory
from landscape.measures.dynamics.descent import DESCENTS, RATE, descend
from landscape.measures.dynamics.iteration import iterate
from landscape.measures.dynamics.noise import Noise
from landscape.measures.dynamics.starting_points import starts
from landscape.measures.dynamics.steps import Dynamics, DynamicsFields, dynamics_of
from landscape.measures.gate import gated
from landscape.measures.maps import Map, per_member, precision
from landscape.names import unknown

METHODS = ("iterate", *DESCENTS)
ONE_THREAD_WORK = (
    2**26
)  # multiplications of an iteration: up to so many, a second thread does not help, and may cost 20 ×
MOST_SAMPLES = 10**12  # the largest number of samples, and of iterations
TENSORS_AT_WORK = 4  # of the size of one iterate, that a step holds beside the iterates that are kept


@dataclass(frozen=True, eq=False, repr=False)
class Samples(Shown):
    """The iterates that were kept: points (E, K, S, D) on the CPU, of which points[:, k] are those after iterations[k].

    Iteration 0 is the starts. [low, high] is the range of the data; points may lie outside it. Points that were streamed to a
    file are read from it when they are used."""

    points: Float[Tensor, "members kept samples dim"]
    iterations: tuple[int, ...]
    low: float
    high: float

    @property
    def final(self) -> Float[Tensor, "members samples dim"]:
        """The last iterates kept: (E, S, D)."""
        return self.points[:, -1]


@gated("start", "data", positional_once=("noise",))
def sample(
    model: Map,
    count: int = 64,
    iterations: int = 100,
    start: str | Tensor = "uniform",
    *,
    dynamics: Dynamics | None = None,
    method: str = "iterate",
    rate: float = RATE,
    data: Tensor | None = None,
    start_noise: Noise | str | None = None,
    keep: Sequence[int] | None = None,
    burn_in: int = 0,
    thin: int = 1,
    seed: int = 0,
    out: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    **fields: Unpack[DynamicsFields],
) -> Samples:
    """`count` samples of every member: points (E, K, S, D) at the iterations kept.

    - `start`: a kind of `starts`, of which 'data' takes `data` and `start_noise`; or the starts themselves, (S, D) or
      (E, S, D).
    - `method`: 'iterate' applies the model (Shrivastava 2024, Eqs. 2 and 3); 'adam', at `rate`, and 'lbfgs' descend the
      reconstruction loss over the input.
    - `dynamics`: noise, clipping, known coordinates and the range. Its fields may be passed as keywords, as in
      sample(model, noise="normal:0.01"). By default iterates are clipped to the range, as in the paper's code; points of a
      descent are not.
    - All iterates from `burn_in` on are kept, or every `thin`-th, or those listed in `keep`.
    - `out`: an .npy file that the iterates are written to. The file appears under this name when it is complete.
    - `progress(done, total)` is called after every iteration.

    The same seed gives the same samples on the same kind of device. Raises ValueError for arguments that do not fit together,
    and, before any work, where memory or the disk cannot hold the result."""
    _check_numbers(method, count, iterations, rate, seed)
    rule = dynamics_of(dynamics, fields).within(model, clip=method == "iterate")
    box = rule.box
    _check_known(rule.known, *box)
    kept = kept_iterations(iterations, keep, burn_in=burn_in, thin=thin)
    count = count if isinstance(start, str) else per_member(model, start).shape[-2]
    check_room((model.members, len(kept), count, model.dim), precision(model), None if out is None else Path(out))
    generator = torch.Generator().manual_seed(seed)
    if isinstance(start, str):
        around = Noise.parse(start_noise) if isinstance(start_noise, str) else start_noise
        begun = starts(
            start,
            model.members,
            count,
            model.dim,
            generator=generator,
            low=box[0],
            high=box[1],
            data=data,
            noise=around,
        )
    else:
        begun = per_member(model, start)
    if method == "iterate":
        drawing = torch.Generator(model.device).manual_seed(seed) if model.device.type == "cuda" else generator
        steps = iterate(model, begun, iterations, dynamics=rule, generator=drawing)
    else:
        steps = descend(model, begun, iterations, method=method, rate=rate, dynamics=rule)
    with threads(1 if _is_small(model, count) else torch.get_num_threads(), model.device):
        points = collect(_reporting(steps, iterations, progress), kept, out)
    return Samples(points, tuple(kept), *box)


def _check_numbers(method: str, count: int, iterations: int, rate: float, seed: int) -> None:
    """Raise ValueError for an unknown method and for numbers out of range."""
    if method not in METHODS:
        raise ValueError(unknown("method", method, METHODS))
    if not (1 <= count <= MOST_SAMPLES and 0 <= iterations <= MOST_SAMPLES):
        raise ValueError(
            f"`count` must be at least 1 and `iterations` at least 0, both at most {MOST_SAMPLES:,}; "
            f"got {count} and {iterations}"
        )
    if not (0 < rate < math.inf and 0 <= seed < 2**63):
        raise ValueError(f"`rate` must be a positive number and `seed` from 0 to 2^63 − 1; got {rate} and {seed}")


def kept_iterations(
    iterations: int, keep: Sequence[int] | None = None, *, burn_in: int = 0, thin: int = 1
) -> Sequence[int]:
    """Which of the iterations 0 … T are kept, ascending: those in `keep`, or every `thin`-th from the `burn_in` on.

    Raises ValueError if that is none, or if `keep` lists one beyond T."""
    if keep is None:
        if not 0 <= burn_in <= iterations or thin < 1:
            raise ValueError(
                f"`burn_in` must be from 0 to {iterations}, the iterations, and `thin` at least 1; got {burn_in}, {thin}"
            )
        return range(burn_in, iterations + 1, thin)
    wrong = [one for one in keep if not 0 <= one <= iterations]
    if wrong or not len(keep):
        raise ValueError(f"`keep` must list iterations from 0 to {iterations}; got {wrong[0] if wrong else 'none'}")
    if (burn_in, thin) != (0, 1):
        raise ValueError("`keep` lists the iterations: leave out `burn_in` and `thin`")
    return tuple(sorted(set(keep)))


def collect(
    steps: Iterable[Float[Tensor, "members samples dim"]], kept: Sequence[int], out: str | Path | None = None
) -> Float[Tensor, "members kept samples dim"]:
    """The iterates whose number, counted from 0, is in `kept` (ascending), on the CPU: (E, K, S, D).

    With `out` they are written to that .npy file, and the returned tensor reads from it. The file has a temporary name until it
    is complete. No iterate after the last one in `kept` is computed."""
    target, filled = None, 0
    with nullcontext() if out is None else disk.replacing(Path(out)) as part:
        for number, points in enumerate(steps):
            if number != kept[filled]:
                continue
            here = points.cpu().numpy()
            if target is None:
                target = _new(part, (here.shape[0], len(kept), *here.shape[1:]), here.dtype)
            target[:, filled] = here
            filled += 1
            if filled == len(kept):
                break
        assert target is not None
        if part is None or out is None:
            return torch.from_numpy(target)
        assert isinstance(target, np.memmap)
        target.flush()
        del target  # Windows renames no mapped file
    return torch.from_numpy(np.load(out, mmap_mode="c"))


def _check_known(known: Tensor | None, low: float, high: float) -> None:
    """Raise ValueError for numbers outside the range of the data. `Dynamics` has refused infinite ones."""
    beyond = None if known is None else known[known.isfinite() & ((known < low) | (known > high))]
    if beyond is not None and len(beyond):
        raise ValueError(
            f"`known` must lie from {low:g} to {high:g}, the range of the data, or be NaN where unknown; got {beyond[0]:g}"
        )


def _is_small(model: Map, count: int) -> bool:
    """Whether an iteration is so little work that one thread is faster than several; unknown maps count as small."""
    own = getattr(model, "operations_per_point", 0)
    work = model.net.parameter_count(model.dim) if isinstance(model, Ensemble) else own
    return bool(model.members * count * work <= ONE_THREAD_WORK)


def _reporting(
    steps: Iterable[Tensor], iterations: int, progress: Callable[[int, int], None] | None
) -> Iterable[Tensor]:
    for number, points in enumerate(steps):
        yield points
        if progress is not None:
            progress(number, iterations)


def _new(part: Path | None, shape: tuple[int, ...], kind: np.dtype) -> np.ndarray:
    if part is None:
        return np.empty(shape, kind)
    part.parent.mkdir(parents=True, exist_ok=True)
    file: np.ndarray = np.lib.format.open_memmap(part, mode="w+", dtype=kind, shape=shape)
    if hasattr(os, "posix_fallocate"):  # a full disk raises OSError now; later, mapped memory would crash the process
        with part.open("r+b") as whole:
            os.posix_fallocate(whole.fileno(), 0, part.stat().st_size)
    return file


def check_room(shape: tuple[int, int, int, int], kind: torch.dtype = torch.float32, out: Path | None = None) -> None:
    """Raise ValueError if samples of this shape (members, iterations kept, samples, D) do not fit in memory or on the disk."""
    members, kept, count, dim = shape
    one = members * count * dim * kind.itemsize
    free = free_memory()
    whose = f"{count:,} samples of {members} network{'s' if members > 1 else ''} × {dim:,} numbers"
    if free is not None and TENSORS_AT_WORK * one > free:
        raise ValueError(
            f"{whose} take {_size(TENSORS_AT_WORK * one)} at work, and {_size(free)} of memory are free; take fewer"
        )
    if out is None and free is not None and (kept + TENSORS_AT_WORK) * one > free:
        raise ValueError(
            f"{whose} × {kept:,} iterates take {_size(kept * one)}, and {_size(free)} of memory are free; stream them to a "
            "file (`out`, or --stream), or keep fewer (`keep`, `thin`)"
        )
    if out is not None:
        place = next((folder for folder in out.absolute().parents if folder.is_dir()), Path("/"))
        room = shutil.disk_usage(place).free
        if kept * one > room:
            raise ValueError(
                f"{whose} × {kept:,} iterates take {_size(kept * one)}, and {_size(room)} are free on its disk; keep fewer "
                "(`keep`, `thin`)"
            )


def _size(bytes: int) -> str:
    return f"{bytes / 1e9:,.1f} GB" if bytes >= 1e9 else f"{bytes / 1e6:,.1f} MB"
