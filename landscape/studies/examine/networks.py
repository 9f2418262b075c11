"""The networks of an examination: from code, from files of exported networks, or given in memory; and whether they fit."""

from __future__ import annotations

import glob
import inspect
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from landscape import measures, outside
from landscape.data import Dataset, files
from landscape.ensemble import Ensemble
from landscape.measures import Map
from landscape.names import listed
from landscape.notes import Note
from landscape.studies.examine.answer import MEMORY
from landscape.studies.examine.look import Look
from landscape.studies.examine.parameters import KNOWN_MAPS
from landscape.studies.examine.points import Points
from landscape.wrapping import Wrapped, load_module, wrap

TRIED = 8  # points of the data at which a network is tried
SAME = 1e-4  # of the range: outputs that differ by less are equal up to rounding
NUMBER = re.compile(r"\d+")
EXPORTED = (".pt2", ".onnx", ".pt", ".pth", ".ts")  # files of networks that need no code
_given: dict[str, Any] = {}  # models given in memory, by their text


class DoesNotTake(ValueError):
    """A network does not take points of this shape; another shape may fit."""


def give(text: str, model: Any) -> None:
    """From now on `text`, a value of --model, means this model in this process."""
    _given[text] = model


def combinations(models: Sequence[str], weights: str) -> Iterator[dict[str, str | int]]:
    """The model, weights and time of each cell.

    Several files of weights of a single model are its checkpoints; `time` is the last number in each file's name if these
    differ, else its place. Several models take as many files, in order. Raises ValueError for other numbers of files."""
    found = weight_files(weights)
    if not found:
        yield from ({"model": model} for model in models)
    elif len(models) == 1:
        times = _times(found)
        for place, name in enumerate(found):
            yield {"model": models[0], "weights": name} | ({"time": times[place]} if len(found) > 1 else {})
    elif len(models) == len(found):
        yield from ({"model": model, "weights": name} for model, name in zip(models, found, strict=True))
    else:
        raise ValueError(f"{len(models)} models take {len(models)} files of weights, in their order; got {len(found)}")


def weight_files(weights: str) -> list[str]:
    """The files of weights, patterns such as ckpt-*.safetensors spelt out, in the order of the numbers in their names.

    Raises ValueError for a pattern that no file fits, and for a file that is not there."""
    names: list[str] = []
    for text in filter(None, listed(weights)):
        if glob.has_magic(text) and files.find(text) is None:
            fitting = sorted(
                glob.glob(text), key=lambda name: ([int(n) for n in NUMBER.findall(Path(name).name)], name)
            )
            if not fitting:
                raise ValueError(f"no file fits the pattern --weights {text!r}")
            names += fitting
        elif files.find(text) is None:
            raise ValueError(f"there is no file of weights {text!r}")
        else:
            names.append(text)
    return names


def _times(names: Sequence[str]) -> list[int]:
    numbers = [NUMBER.findall(Path(name).stem) for name in names]
    last = [int(found[-1]) for found in numbers if found]
    return last if len(last) == len(set(last)) == len(names) else list(range(len(names)))


def digests(models: Sequence[str], weights: str) -> list[str]:
    """The digests of the files of networks and weights; code, and models in memory, have theirs in the run's name."""
    paths = [model for model in models if not outside.is_reference(model) and model not in KNOWN_MAPS]
    return [
        files.digest(name) for name in (*[path for path in paths if not MEMORY.search(path)], *weight_files(weights))
    ]


def network_of(model: str, weights: str, form: tuple[int, ...], low: float, high: float, data: Tensor) -> Map:
    """The network that a value of --model names, as a map of points of shape `form`, on the device of `data` (1, N, D).

    Raises DoesNotTake if it does not take this shape, and ValueError, in one line, for what is no network."""
    if model in KNOWN_MAPS:
        still = measures.known_maps.Identity(1, data.shape[-1], data.device)
        return measures.control(model, _dataset(data, low, high, form), still)
    found = _made(model, weights)
    if isinstance(found, Wrapped | Ensemble):
        if found.dim != data.shape[-1]:
            raise ValueError(f"{model} takes points of {found.dim} numbers; the data have {data.shape[-1]}")
        return found.to(data.device)
    if isinstance(found, Map) and not isinstance(found, torch.nn.Module):
        return found.to(data.device)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Note)  # `check` refuses what the note would tell of
            return wrap(found, shape=form, range=(low, high)).to(data.device)
    except ValueError as error:
        raise DoesNotTake(str(error)) from error


def _made(model: str, weights: str) -> Any:
    """The module, function or map that a value of --model names, with its weights."""
    if MEMORY.search(model):
        if model not in _given:
            raise ValueError(
                f"the model {MEMORY.sub('', model)!r} was given in memory, and this process does not have it: call "
                "landscape.examine with it again; landscape.load reads the tables without it"
            )
        given = _given[model]
        return load_module(_found(weights), given) if weights else given
    if outside.is_reference(model) or model in outside.entries(outside.MODELS):
        return _by_code(model, weights)
    path = files.find(model)
    if path is None:
        raise ValueError(
            f"there is no model {model!r}: give FILE.py:NAME, a file ({', '.join(EXPORTED)}), or {', '.join(KNOWN_MAPS)}"
        )
    if path.is_dir() or path.suffix not in EXPORTED:
        raise ValueError(f"a model must be FILE.py:NAME, or a file {', '.join(EXPORTED)}; got {path}")
    return load_module(path)


def _by_code(model: str, weights: str) -> Any:
    """The module that FILE.py:NAME is or makes, with its weights loaded. Raises ValueError, in one line, if it fails."""
    value = outside.function(model, outside.MODELS)
    if isinstance(value, torch.nn.Module) or not _is_factory(value):
        if weights and not isinstance(value, torch.nn.Module):
            raise ValueError(
                f"--weights go with a module, or a function without arguments that makes one; {model} takes a batch"
            )
        return load_module(_found(weights), value) if weights else value
    seed = torch.random.get_rng_state()
    try:
        made = value()
    except Exception as error:
        raise ValueError(f"{model} could not make the network: {outside.described(error)}") from error
    finally:
        torch.random.set_rng_state(seed)
    if not callable(made):
        raise ValueError(
            f"{model} must make a network, a module or a function of a batch; it made {type(made).__name__}"
        )
    return load_module(_found(weights), made) if weights else made


def _found(name: str) -> Path:
    path = files.find(name)
    if path is None:
        raise ValueError(f"there is no file of weights {name!r}")
    return path


def _is_factory(value: Callable[..., Any]) -> bool:
    """Whether a function makes a network: it then needs no argument. A function that needs one is itself the map."""
    try:
        needed = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return isinstance(value, type)
    return all(one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in needed)


def check(network: Map, data: Tensor) -> None:
    """Try a network at a few points of the data (1, N, D). Raises DoesNotTake for outputs of another shape, and ValueError,
    in one line, for outputs that are not finite, or that differ from call to call."""
    some = data[:, :TRIED]
    if isinstance(network, Wrapped) and network.stateful:
        raise ValueError(
            f"the network {network.stateful}: an examination needs a function of each point alone. Put it into evaluation mode"
        )
    with torch.no_grad():
        first, again = network(some), network(some)
    if first.shape != some.shape:
        raise DoesNotTake(f"the network returns {tuple(first.shape[1:])} for points {tuple(some.shape[1:])}")
    if not bool(first.isfinite().all()):
        bad = int((~first.isfinite()).any(-1).sum())
        raise ValueError(
            f"the network returns NaN or infinite numbers for {bad} of the first {some.shape[1]} points of the data"
        )
    apart = float((first - again).abs().max())
    if apart > SAME * max(1.0, float(first.abs().max())):
        raise ValueError(
            f"the network gives two outputs for the same point (they differ by {apart:.2g}), so that its iteration has no one "
            "answer; take its mean path by landscape.wrap(model, call=…), or fix its seed inside the call"
        )


def no_shape(model: str, data: Points, forms: Sequence[tuple[int, ...]], problem: str) -> str:
    """The message for a network that takes the data in none of these shapes; `problem` is that of the last."""
    tried = " nor ".join(map(str, forms))
    why = problem.partition(". `shape` is that")[0]
    gives = "as many numbers; it gave" in why  # it takes them, and what it returns is no image of them
    remedy = (
        "on the command line, give a function that returns that part" if gives else "pass its input's shape= (--shape)"
    )
    return f"{model} does not take points of shape {tried}, as {data.name} has them ({why}); {remedy}"


def as_dataset(look: Look) -> Dataset:
    """The data as a set of training points, for the controls."""
    return _dataset(look.data, look.low, look.high, look.picture)


def _dataset(data: Tensor, low: float, high: float, form: tuple[int, ...]) -> Dataset:
    return Dataset("data", data, low, high, form)
