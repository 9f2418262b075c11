"""What an examination is asked to read: models, weights and data by name, looked up before torch is loaded."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from landscape import outside, unexecuted
from landscape.choices import DRAWN_SETS, FIXED_SETS, IMAGE_SETS
from landscape.data_root import find
from landscape.names import listed, unknown

KNOWN_MAPS = ("identity", "constant", "memoriser")  # the controls, which may be examined as any model
NAMED = (*FIXED_SETS, "digits", *IMAGE_SETS)
EXPORTED = (".pt2", ".onnx", ".pt", ".pth", ".ts")  # files of networks that need no code
MEMORY = re.compile(r"@[0-9a-f]{12}$")  # ends the name of a model that was given in Python
RECORD = "run.json"  # in the folder of a run
NUMBER = re.compile(r"\d+")


def check_model(model: str) -> None:
    """Raise ValueError for a value of --model that names nothing: no file, or no such name in it. No code is executed."""
    if model in KNOWN_MAPS or MEMORY.search(model) or model in outside.entries(outside.MODELS):
        return
    if outside.is_reference(model):
        unexecuted.check_name(model)
    elif not is_run(model):
        exported(model)


def is_run(model: str) -> bool:
    """Whether a value of --model is the folder of a run, whose trained network is meant."""
    return (Path(model) / RECORD).is_file()


def exported(model: str) -> Path:
    """The file of an exported network. Raises ValueError where there is none, and for another file."""
    path = find(model)
    if path is None:
        raise ValueError(
            f"there is no model {model!r}: give FILE.py:NAME, a file ({', '.join(EXPORTED)}), the folder of a run, or "
            f"{', '.join(KNOWN_MAPS)}"
        )
    if path.suffix == ".py":
        there = unexecuted.defined(path)
        raise ValueError(
            f"give the network's name in the file, {model}:NAME; the file defines {', '.join(there) or 'no function'}"
        )
    if path.is_dir() or path.suffix not in EXPORTED:
        raise ValueError(f"a model must be FILE.py:NAME, or a file {', '.join(EXPORTED)}; got {path}")
    return path


def data_path(name: str) -> Path:
    """The file or folder of data. Raises ValueError where there is none, and for sets that are drawn for every network."""
    if name in DRAWN_SETS:
        raise ValueError(
            f"{name!r} data are drawn anew for every network; give those that yours was trained on as a file"
        )
    path = find(name)
    if path is None:
        hint = "" if "." in name or "/" in name else f" ({unknown('data', name, NAMED)})"
        raise ValueError(f"there is no file or folder {name!r}{hint}; give a .npy file, a folder of images or a table")
    return path


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
        if glob.has_magic(text) and find(text) is None:
            fitting = sorted(
                glob.glob(text), key=lambda name: ([int(n) for n in NUMBER.findall(Path(name).name)], name)
            )
            if not fitting:
                raise ValueError(f"no file fits the pattern --weights {text!r}")
            names += fitting
        elif find(text) is None:
            raise ValueError(f"there is no file of weights {text!r}")
        else:
            names.append(text)
    return names


def _times(names: Sequence[str]) -> list[int]:
    numbers = [NUMBER.findall(Path(name).stem) for name in names]
    last = [int(found[-1]) for found in numbers if found]
    return last if len(last) == len(set(last)) == len(names) else list(range(len(names)))
