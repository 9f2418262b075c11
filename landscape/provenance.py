"""The provenance of a run: machine, package versions, commit."""

from __future__ import annotations

import importlib
import platform
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import torch

PIP_NAMES = {"sklearn": "scikit-learn"}  # import name → distribution name, if they differ
DISTRIBUTIONS = ("input-landscape", "torch", "numpy", "pandas", "pyvista")


def versions(names: Sequence[str] = ()) -> dict[str, str]:
    """The versions, by name, of Python, of the packages on which results may depend, and of those of `names`."""
    return {name: _version(name) for name in (*DISTRIBUTIONS, *names)} | {"python": platform.python_version()}


def imports(name: str) -> bool:
    """Whether a module can be imported here."""
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def device_name(device: str) -> str:
    """The device in words: a GPU's product name, or the CPU's architecture and vector instructions.

    A GPU that only the machines of a cluster have is 'cuda'."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        return device
    if device.startswith("cuda"):
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device == "mps":
        return f"{device} ({platform.machine()})"
    return f"{device} ({platform.machine()}, {torch.backends.cpu.get_cpu_capability()})"


def commit() -> str:
    """The commit of the checkout, with '+' if files differ from it; "" outside a checkout."""
    here = Path(__file__).parent
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return described.stdout.strip()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
