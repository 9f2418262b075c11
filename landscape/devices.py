"""The device to compute on: the user's choice, checked against this machine."""

from __future__ import annotations

import re

import torch

CHOICES = "auto, cpu, cuda, cuda:n or mps"


def resolve(asked: str) -> str:
    """The torch device for the name `asked`. 'auto' takes CUDA if available, else Apple's MPS, else the CPU.

    Raises ValueError for an unknown name, and for a device that this machine does not have."""
    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if asked == "cpu":
        return asked
    if asked == "mps":
        if not torch.backends.mps.is_available():
            raise ValueError("`device` is mps, but this machine has none; use --device cpu")
        return asked
    match = re.fullmatch(r"cuda(?::(\d+))?", asked)
    if not match:
        raise ValueError(f"`device` must be {CHOICES}; got {asked!r}")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        raise ValueError(f"`device` is {asked}, but torch finds no CUDA device here; use --device cpu, or auto")
    if int(match[1] or 0) >= count:
        raise ValueError(f"`device` must be below cuda:{count}, as there are {count}; got {asked}")
    return asked


def here(device: str) -> str:
    """The device if this machine has it, else 'cpu': work on a cluster may be for a GPU that only its machines have."""
    return "cpu" if device.startswith("cuda") and not torch.cuda.is_available() else device
