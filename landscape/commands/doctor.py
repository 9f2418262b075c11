"""`landscape doctor`: what this machine has for computing and drawing, and what is missing, in one line each."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import torch
from rich.text import Text

from landscape import loading, presets
from landscape.commands import faults, summary
from landscape.commands.faults import Fault, check_writable
from landscape.engine import cores
from landscape.provenance import PIP_NAMES, imports

State = Literal["ok", "note", "bad"]
SIGNS = {"ok": ("✓", "green"), "note": ("–", "yellow"), "bad": ("✗", "red")}
COMPUTING = ("numpy", "pandas", "pyarrow", "scipy", "safetensors", "jaxtyping", "rich")
MEASURING = ("sklearn",)  # some studies measure with these
DRAWING = ("matplotlib", "seaborn", "pyvista", "jinja2")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Finding:
    """The outcome of a check: 'bad' if studies cannot run, 'note' if something is missing that studies can do without."""

    state: State
    what: str
    found: str


def doctor(out: Path, *, as_json: bool = False) -> int:
    """Print the findings. The exit code is 0 if studies can run, else 1."""
    all_findings = list(findings(out))
    if as_json:
        summary.print_as_json([vars(finding) for finding in all_findings])
    else:
        screen = summary.console()
        for finding in all_findings:
            sign, colour = SIGNS[finding.state]
            screen.print(Text.assemble((sign, colour), f" {finding.what:<11} {finding.found}"), soft_wrap=True)
    return faults.UNEXPECTED if any(finding.state == "bad" for finding in all_findings) else faults.OK


def findings(out: Path) -> Iterator[Finding]:
    """The findings, the essential ones first."""
    checks: list[Callable[[], Iterator[Finding]]] = [_python, _packages, _devices, _studies, _drawing, _data]
    for check in checks:
        yield from check()
    yield from _writing(out)


def _python() -> Iterator[Finding]:
    good = sys.version_info >= (3, 11)
    yield Finding("ok" if good else "bad", "python", f"{platform.python_version()} on {platform.machine()}")
    yield Finding("ok", "landscape", _version("input-landscape"))
    yield Finding("ok", "torch", f"{torch.__version__}, {torch.get_num_threads()} threads, {cores()} cores to use")


def _packages() -> Iterator[Finding]:
    for names, state, purpose in (
        (COMPUTING, "bad", "computing"), (MEASURING, "note", "measuring"), (DRAWING, "note", "reports"),
    ):  # fmt: skip
        missing = [PIP_NAMES.get(name, name) for name in names if not imports(name)]
        if missing:
            words = f"{', '.join(missing)} cannot be imported, needed for {purpose}; pip install {' '.join(missing)}"
            yield Finding("bad" if state == "bad" else "note", purpose, words)
        else:
            versions = ", ".join(f"{name} {_version(PIP_NAMES.get(name, name))}" for name in names)
            yield Finding("ok", purpose, versions)


def _devices() -> Iterator[Finding]:
    yield Finding("ok", "cpu", torch.backends.cpu.get_cpu_capability())
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            name = torch.cuda.get_device_name(index)
            yield Finding("ok", f"cuda:{index}", f"{name}, {free / 2**30:.0f} of {total / 2**30:.0f} GiB free")
    elif torch.backends.mps.is_available():
        yield Finding("ok", "mps", "available; float64 work is done on the CPU")
    else:
        yield Finding("note", "gpu", "none that torch can use; studies run on the CPU")


def _studies() -> Iterator[Finding]:
    names = presets.study_names()
    lacking = {name: missing for name in names if (missing := presets.study_class(name).lacking())}
    able = ", ".join(name for name in names if name not in lacking)
    yield Finding("ok" if able else "bad", "studies", able or "none found: the installation is incomplete")
    if lacking:
        needed = " ".join(dict.fromkeys(name for missing in lacking.values() for name in missing))
        yield Finding("note", "studies", f"{', '.join(lacking)} cannot run here; pip install {needed}")


def _drawing() -> Iterator[Finding]:
    if imports("vtkmodules"):
        from landscape.report.gl import working_window

        window = working_window()
        without = (
            "no GL library can draw; posters are drawn with matplotlib instead (apt-get install libosmesa6 libegl1)"
        )
        yield Finding("ok" if window else "note", "posters", f"VTK draws with {window}" if window else without)
    if imports("matplotlib"):
        from matplotlib import font_manager

        sans = font_manager.FontProperties(family=["sans-serif"])
        yield Finding("ok", "font", font_manager.get_font(font_manager.findfont(sans)).family_name)
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    yield Finding("ok" if browser else "note", "browser", browser or "no Chromium: browser tests are skipped")


def _data() -> Iterator[Finding]:
    for root in [place for place in os.environ.get("LANDSCAPE_DATA", "").split(os.pathsep) if place]:
        state: State = "ok" if Path(root).is_dir() else "bad"
        yield Finding(state, "data", root if state == "ok" else f"LANDSCAPE_DATA names {root}, which is no folder")
    if not os.environ.get("LANDSCAPE_DATA"):
        yield Finding("ok", "data", "scikit-learn's digits and drawn points; LANDSCAPE_DATA names no other folder")


def _writing(out: Path) -> Iterator[Finding]:
    there = out.exists()
    try:
        check_writable(out)
    except Fault as fault:
        yield Finding("bad", "runs", str(fault))
        return
    free = shutil.disk_usage(out).free / 1e9
    if not there:
        out.rmdir()
    where = "the folder from LANDSCAPE_OUT" if os.environ.get("LANDSCAPE_OUT") and out == loading.default_out() else out
    yield Finding("ok" if free > 1 else "note", "runs", f"go to {where}: writable, {free:.0f} GB free")


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
