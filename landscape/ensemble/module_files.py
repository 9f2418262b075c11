"""A module as a file for other programs: an exported program (.pt2), ONNX, or its weights alone (safetensors)."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from landscape import disk

ONNX_PACKAGES = ("onnx", "onnxscript")  # the extra [onnx]
EXAMPLE_POINTS = 2  # in the batch with which a program is recorded: from 2 on torch takes a size for a variable


def check_format(path: Path) -> None:
    """Raise ValueError if the file's name has no suffix of FORMATS, or a library that its format needs is missing."""
    if path.suffix not in FORMATS:
        raise ValueError(f"the file must end in {', '.join(FORMATS)}; got {path.name!r}")
    if path.suffix == ".onnx":
        for name in ONNX_PACKAGES:
            try:
                __import__(name)
            except ImportError:
                raise ValueError(
                    f"ONNX needs {name}, which is not installed: pip install 'input-landscape[onnx]', or write .pt2"
                ) from None


def save_module(
    module: nn.Module, path: str | Path, shape: Sequence[int], notes: Mapping[str, Any] | None = None
) -> Path:
    """Write a module of points (P, *shape), any P, to a file, by its suffix:

    - .pt2: a program of torch.export, for torch.export.load(path).module(), C++ and AOTInductor;
    - .onnx: for onnxruntime and others, with the input `points` and the output `images`;
    - .safetensors: the state_dict, with `notes` as JSON in the metadata's `landscape`.

    An existing file is replaced at once. Raises ValueError for another suffix, or a module that cannot be exported."""
    path = Path(path)
    check_format(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder, and a module is a file; give a name in it")
    path.parent.mkdir(parents=True, exist_ok=True)
    parameter = next(module.parameters())
    example = torch.zeros(EXAMPLE_POINTS, *shape, dtype=parameter.dtype, device=parameter.device)
    training = module.training
    module.eval()
    try:
        with disk.replacing(path.resolve()) as part, _silence():
            written = part.with_name(f"{part.stem}{path.suffix}")  # torch.export insists on the suffix
            try:
                FORMATS[path.suffix](module, example, written, dict(notes or {}))
                written.replace(part)
            finally:
                disk.remove(written)
    except OSError:
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        raise ValueError(
            f"the module cannot be written as {path.suffix} ({type(error).__name__}: {words:.200})"
        ) from error
    finally:
        module.train(training)
    return path


def _save_program(module: nn.Module, example: Tensor, path: Path, notes: dict[str, Any]) -> None:
    program = torch.export.export(module, (example,), dynamic_shapes=_any_number(example))
    torch.export.save(program, path, extra_files={"landscape.json": json.dumps(notes)})


def _save_onnx(module: nn.Module, example: Tensor, path: Path, notes: dict[str, Any]) -> None:
    program = torch.onnx.export(
        module, (example,), dynamo=True, dynamic_shapes=_any_number(example), verbose=False,
        input_names=["points"], output_names=["images"], external_data=False,
    )  # fmt: skip
    assert program is not None
    program.model.metadata_props["landscape"] = json.dumps(notes)
    program.save(str(path))


def _save_weights(module: nn.Module, example: Tensor, path: Path, notes: dict[str, Any]) -> None:
    tensors = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    path.write_bytes(save(tensors, {"landscape": json.dumps(notes)}))


@contextmanager
def _silence() -> Iterator[None]:
    """Within the block nothing is said below an error: torch's exporters warn of their own affairs."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _any_number(example: Tensor) -> tuple[dict[int, Any], ...]:
    return ({0: torch.export.Dim("points")},)


FORMATS: dict[str, Callable[[nn.Module, Tensor, Path, dict[str, Any]], None]] = {
    ".pt2": _save_program,
    ".onnx": _save_onnx,
    ".safetensors": _save_weights,
}
