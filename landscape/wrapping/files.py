"""Networks from files: a state dict and the function that makes its module, exported programs, TorchScript, ONNX."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from landscape.notes import note
from landscape.wrapping.copying import takes
from landscape.wrapping.onnx_programs import OnnxProgram

CONTAINERS = ("state_dict", "model_state_dict", "model", "net", "weights", "params", "module", "ema")
PREFIXES = (
    "module.",
    "_orig_mod.",
    "model.",
    "net.",
)  # of data-parallel training, torch.compile and training frameworks
LISTED = 3  # keys that a message lists
INSTEAD = (
    "save the weights alone, by torch.save(model.state_dict(), FILE) or safetensors.torch.save_model(model, FILE), or a "
    "program by torch.export.save"
)


def load_module(path: str | Path, make: Callable[[], nn.Module] | nn.Module | None = None) -> Any:
    """The network in a file, for `landscape.wrap`. Nothing of a file is executed but programs by torch's and ONNX's runtimes.

    - `.safetensors`, `.pt`, `.pth`, `.ckpt`, `.bin` with weights: `make()` makes the module, or `make` is a module, which is
      copied. The weights may be in a container, {"state_dict": …}, or have a prefix such as "module."; a note says so.
    - `.pt2`: a program of torch.export. TorchScript files are told from weights by their content.
    - `.onnx`: run by onnxruntime (pip install 'input-landscape[onnx]'), as a function without gradients.

    Raises ValueError in one line for a file that is missing, damaged, a pickle of more than weights, or does not fit the
    module: the first three keys of each kind are listed."""
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"{path}: there is no such file")
    if file.suffix == ".onnx":
        return OnnxProgram(file)
    if file.suffix == ".pt2" or _is_script(file):
        return _program(file)
    weights = _tensors(_opened(file), file)
    if make is None:
        raise ValueError(
            f"{path} holds {len(weights)} tensors and not the module that they belong to; pass the function that makes it: "
            f"load_module(path, make); on the command line FILE.py:NAME --weights {path}"
        )
    return _with_weights(_made(make), weights, file, make)


def _is_script(file: Path) -> bool:
    """Whether a file is TorchScript: an archive with a folder of code."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any("/code/" in name for name in archive.namelist())


def _program(file: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # torch says that TorchScript is deprecated, which is no matter of who has a file
        try:
            if file.suffix == ".pt2":
                return torch.export.load(file)
            return torch.jit.load(file, map_location="cpu")  # type: ignore[no-untyped-call]
        except Exception as error:
            raise ValueError(f"{file} is no program that this torch can read: {_first_line(error)}") from error


def _opened(file: Path) -> Any:
    """What a file of weights holds. Raises ValueError for a pickle of more than tensors, and for a damaged file."""
    if file.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(file)
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{file} is no safetensors file that can be read: {_first_line(error)}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on the protocol of a pickle, which is refused in a line
            return torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        named = re.search(r"GLOBAL (\S+)", str(error))
        what = f" ({named[1]})" if named else ""
        raise ValueError(
            f"{file} is a pickle of more than weights{what}, which could run any code when it is opened; {INSTEAD}"
        ) from error
    except (OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise ValueError(f"{file} is no file of weights that torch can read: {_first_line(error)}") from error


def _tensors(found: Any, file: Path) -> dict[str, Tensor]:
    """The tensors of a state dict, which may be in a container. Raises ValueError if there are none."""
    place: list[str] = []
    while isinstance(found, Mapping):
        tensors = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
        if tensors:
            if place:
                note(f"{file.name}: the weights are those under {'.'.join(place)!r}")
            return tensors
        inner = next((key for key in CONTAINERS if isinstance(found.get(key), Mapping)), None)
        if inner is None:
            listed = ", ".join(map(repr, list(found)[:LISTED])) or "nothing"
            raise ValueError(
                f"{file} must hold a state dict of tensors; it holds {listed}. {INSTEAD[0].upper()}{INSTEAD[1:]}"
            )
        place.append(inner)
        found = found[inner]
    raise ValueError(f"{file} must hold a state dict, of tensors by name; it holds {type(found).__name__}")


def _made(make: Callable[[], nn.Module] | nn.Module) -> nn.Module:
    if isinstance(make, nn.Module):
        return deepcopy(make)
    name = getattr(make, "__name__", type(make).__name__)
    with torch.random.fork_rng(devices=[]):
        try:
            module = make()
        except Exception as error:
            raise ValueError(f"{name} cannot make its module: {type(error).__name__}: {_first_line(error)}") from error
    if not isinstance(module, nn.Module):
        raise ValueError(f"{name} must return a torch.nn.Module; it returned {type(module).__name__}")
    return module


def _with_weights(module: nn.Module, weights: dict[str, Tensor], file: Path, make: Any) -> nn.Module:
    """The module with these weights. Raises ValueError if they do not fit."""
    maker = type(make) if isinstance(make, nn.Module) else make
    maker = type(module) if not takes(maker) else maker
    asked = [] if str(maker.__module__).startswith("torch.") else takes(maker)
    own = module.state_dict()
    weights, prefix = _without_prefix(weights, set(own))
    filled = {own[name].data_ptr() for name in own.keys() & weights.keys()}  # tied weights may be saved once
    missing = [name for name in own if name not in weights and own[name].data_ptr() not in filled]
    unexpected = [name for name in weights if name not in own]
    shapes = [
        f"{name} {tuple(weights[name].shape)} for {tuple(own[name].shape)}"
        for name in own.keys() & weights.keys()
        if weights[name].shape != own[name].shape
    ]
    wrong = {"missing": missing, "unexpected": unexpected, "of another shape": sorted(shapes)}
    if any(wrong.values()):
        listed = "; ".join(f"{len(names)} {what}: {_few(names)}" for what, names in wrong.items() if names)
        raise ValueError(
            f"{file} does not fit the module {type(module).__name__}: {listed}; {_remedy(asked, weights, own)}"
        )
    if prefix:
        note(f"{file.name}: the prefix {prefix!r} of all names is left out")
    module.load_state_dict(weights, strict=False)
    return module.eval()


def _remedy(asked: Sequence[str], weights: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> str:
    """What to do about weights that do not fit, of another architecture or size; `asked` are its maker's arguments."""
    if not own.keys() & weights.keys():
        return "no name fits, so the weights are another module's: give the function that makes theirs"
    by = f", by the argument{'s' if len(asked) > 1 else ''} {', '.join(asked)}" if asked else ""
    return f"make the module as it was when the weights were saved{by}, or give the file of this one"


def _without_prefix(weights: dict[str, Tensor], own: set[str]) -> tuple[dict[str, Tensor], str]:
    """The weights without the prefixes that all their names have and the module's names have not, and these prefixes."""
    left = ""
    while not own & weights.keys():
        prefix = next((one for one in PREFIXES if all(name.startswith(one) for name in weights)), None)
        if prefix is None:
            break
        weights, left = {name.removeprefix(prefix): value for name, value in weights.items()}, left + prefix
    return weights, left


def _few(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).strip().partition("\n")[0].split()) or type(error).__name__
