"""ONNX programs, run by onnxruntime."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

KINDS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
}


class OnnxProgram:
    """An ONNX program as a function of tensors or arrays, one per input; further inputs, such as a timestep, by `call`.

    It returns the only output, or a dict of outputs by name. `shape` is that of one point of the first input, () where the
    program leaves it open; `batch` is the number of points that it takes at once, if it takes no other.

    Raises ValueError for a file that onnxruntime cannot read, or if onnxruntime is not installed."""

    def __init__(self, file: Path) -> None:
        try:
            onnxruntime = import_module("onnxruntime")  # an extra, without types
        except ImportError as error:
            raise ValueError(f"{file} needs onnxruntime: pip install 'input-landscape[onnx]'") from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only
        try:
            self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            text = " ".join(str(error).partition("\n")[0].split())
            raise ValueError(f"{file} is no ONNX program that onnxruntime can read: {text}") from error
        self.__name__ = file.name
        batch, *sizes = self.session.get_inputs()[0].shape or [None]
        self.batch: int | None = batch if isinstance(batch, int) else None
        self.shape: tuple[int, ...] = tuple(sizes) if all(isinstance(size, int) for size in sizes) else ()

    def __call__(self, *inputs: Any) -> Any:
        wanted = self.session.get_inputs()
        if len(inputs) != len(wanted):
            names = ", ".join(f"{one.name} {one.shape}" for one in wanted)
            raise TypeError(
                f"{self.__name__} takes {names}; pass the others by call=lambda program, batch: program(batch, …)"
            )
        arrays = {
            one.name: np.asarray(value.detach().cpu() if isinstance(value, Tensor) else value, KINDS.get(one.type))
            for one, value in zip(wanted, inputs, strict=True)
        }
        found = [torch.from_numpy(np.asarray(value)) for value in self.session.run(None, arrays)]
        named = {one.name: value for one, value in zip(self.session.get_outputs(), found, strict=True)}
        return found[0] if len(found) == 1 else named
