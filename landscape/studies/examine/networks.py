"""The networks of an examination: from code, from files of exported networks, or given in memory; and whether they fit."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from landscape import measures, outside
from landscape.data import Dataset, files
from landscape.ensemble import Ensemble
from landscape.measures import Map
from landscape.notes import Note
from landscape.studies.examine.look import Look
from landscape.studies.examine.points import Points
from landscape.studies.examine.sources import KNOWN_MAPS, MEMORY, exported, weight_files
from landscape.wrapping import NotAMap, Wrapped, load_module, takes, wrap

TRIED = 8  # points of the data at which a network is tried
SAME = 1e-4  # of the range: outputs that differ by less are equal up to rounding
_given: dict[str, Any] = {}  # models given in memory, by their text
_origins: dict[str, str] = {}  # the Python that makes them again, where it is known


class DoesNotTake(ValueError):
    """A network does not take points of this shape; another shape may fit."""


def give(text: str, model: Any, origin: str = "") -> None:
    """From now on `text`, a value of --model, means this model in this process. `origin` is the Python that makes it."""
    _given[text] = model
    _origins[text] = origin


def spelt(model: str) -> str:
    """A value of --model as an item of a dict in Python; a model in memory by its name, as its variable is called there."""
    name = MEMORY.sub("", model)
    variable = name if name.isidentifier() else "model"
    return f"{name!r}: {_origins.get(model) or (variable if MEMORY.search(model) else repr(model))}"


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
    except NotAMap as error:
        raise ValueError(_needing(model, found) if outside.is_reference(model) else str(error)) from error
    except ValueError as error:
        raise DoesNotTake(str(error)) from error


def _made(model: str, weights: str) -> Any:
    """The module, function or map that a value of --model names, with its weights."""
    if MEMORY.search(model):
        if model not in _given:
            raise ValueError(
                f"the model {MEMORY.sub('', model)!r} was given in memory, and this process does not have it. In Python: call "
                "landscape.examine with it again, then landscape.load_model(run); landscape.load reads the tables without it"
            )
        given = _given[model]
        return load_module(_found(weights), given) if weights else given
    if outside.is_reference(model) or model in outside.entries(outside.MODELS):
        return _by_code(model, weights)
    return load_module(exported(model))


def _by_code(model: str, weights: str) -> Any:
    """The module that FILE.py:NAME is or makes, with its weights loaded. Raises ValueError, in one line, if it fails."""
    value = outside.function(model, outside.MODELS)
    if isinstance(value, torch.nn.Module) or not _is_factory(value):
        if weights and not isinstance(value, torch.nn.Module):
            raise ValueError(_needing(model, value))
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


def _needing(model: str, function: Callable[..., Any]) -> str:
    """The message for a function with arguments where one without is needed, which makes a network."""
    name = model.rpartition(":")[2]
    needed = takes(function, needed=True)
    given = ", ".join(f"{one}=…" for one in needed)
    return (
        f"{model} needs {', '.join(needed)}, and only functions without arguments make networks here: give the argument a "
        f"default, or add to the file `def build(): return {name}({given})` and name that"
    )


def random_weights(model: str, weights: str) -> bool:
    """Whether FILE.py:NAME makes a module whose weights differ from call to call: they are random, and none were loaded."""
    if weights or not outside.is_reference(model):
        return False
    source, _ = outside.code_of(model)
    return _random_weights(model, source.digest if source else "")


@cache
def _random_weights(model: str, digest: str) -> bool:
    """As `random_weights`, made once for each state of the code."""
    make = outside.function(model, outside.MODELS)
    if isinstance(make, torch.nn.Module) or not _is_factory(make):
        return False
    with torch.random.fork_rng(devices=[]):
        made = []
        for seed in (0, 1):
            torch.manual_seed(seed)
            made.append(make())
    if not all(isinstance(one, torch.nn.Module) for one in made):
        return False
    pairs = zip(*(one.state_dict().values() for one in made), strict=False)
    return any(one.shape != other.shape or not torch.equal(one, other) for one, other in pairs)


def _found(name: str) -> Path:
    path = files.find(name)
    if path is None:
        raise ValueError(f"there is no file of weights {name!r}")
    return path


def _is_factory(value: Callable[..., Any]) -> bool:
    """Whether a function makes a network: it then needs no argument. A function that needs one is itself the map."""
    try:
        inspect.signature(value)
    except (TypeError, ValueError):
        return isinstance(value, type)
    return not takes(value, needed=True)


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
    if "gives NaN or infinite numbers" in problem:  # it takes the last shape
        return f"{model} cannot be examined: {problem}; on the command line --range"
    tried = " nor ".join(map(str, forms))
    why = problem.partition(". `shape` is that")[0]
    gives = "as many numbers; it gave" in why  # it takes them, and what it returns is no image of them
    if gives:
        remedy = "on the command line, give a function that returns that part"
        return f"{model} does not return points such as those of {data.name}: {why}; {remedy}"
    return f"{model} does not take points of shape {tried}, as {data.name} has them ({why}); pass its input's shape= (--shape)"


def as_dataset(look: Look) -> Dataset:
    """The data as a set of training points, for the controls."""
    return _dataset(look.data, look.low, look.high, look.picture)


def _dataset(data: Tensor, low: float, high: float, form: tuple[int, ...]) -> Dataset:
    return Dataset("data", data, low, high, form)
