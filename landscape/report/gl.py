"""The process that draws with VTK: which of its windows can draw on this machine, found out without risking ours."""

from __future__ import annotations

import json
import os
import pickle
import platform
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"  # VTK reads it when a window is made; an empty value would crash it
NATIVE = "native"  # the window VTK takes by itself, on systems that always have one
TIMEOUT = 60.0  # seconds until an answer: a first import from a network's disk is slow
FORGET_FAILURE = 24 * 3600.0  # seconds: GL libraries may be installed tomorrow
COMMAND = (sys.executable, "-m", "landscape.report.mesh")


class Lost(Exception):
    """The process that draws has ended, or does not answer."""


class Process:
    """A process that draws with VTK's window class `window`. Whatever its libraries do, this process goes on."""

    def __init__(self, window: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
        if window != NATIVE:
            environment[VARIABLE] = window
        self.window = window
        self._answers: queue.Queue[Any] = queue.Queue()
        self._process = subprocess.Popen(
            COMMAND, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.silent = False  # it gave no answer in time
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def draws(self) -> bool:
        """Whether it can draw: its first answer."""
        try:
            return self._answer() is True
        except Lost:
            return False

    def ask(self, request: Any) -> Any:
        """The picture of a sheet. Raises Lost."""
        assert self._process.stdin is not None
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        except OSError as error:
            raise Lost(str(error)) from None
        return self._answer()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        with suppress(OSError):  # a request that was not read
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()
        self._listener.join()

    def _answer(self) -> Any:
        try:
            answer = self._answers.get(timeout=TIMEOUT)
        except queue.Empty:
            answer, self.silent = None, True
        if answer is None:
            raise Lost("no answer")
        return answer

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as answers:
            try:
                while True:
                    self._answers.put(pickle.load(answers))
            except (EOFError, OSError, pickle.UnpicklingError):
                self._answers.put(None)


def begin() -> Process | None:
    """A process of the window that is likeliest to draw, which `settled` waits for; None where nothing drew of late."""
    before = _remembered()
    return None if before == "" else _begun(_in_order(before)[0])


def settled(process: Process) -> Process | None:
    """The process, or one of another window, once it draws; None where none does. Windows are remembered as the first to try,
    and that none draws for a day."""
    before, failed = _remembered(), process.window
    found: Process | None = process
    for window in [failed, *(window for window in _in_order(before) if window != failed)]:
        found = found if window == failed else _begun(window)
        drawing = False
        try:
            drawing = found is not None and found.draws()
        finally:
            if found is not None and not drawing:  # interrupted, too
                found.close()
        if drawing:
            if window != before:
                _remember(window)
            return found
        if found is not None and found.silent:
            return None  # another window would be waited for as long; the next page tries again
    _remember("")
    return None


def working_window() -> str | None:
    """The name of a VTK window class that draws here, NATIVE for VTK's own choice, or None."""
    process = begin()
    process = process and settled(process)
    if process is None:
        return None
    process.close()
    return process.window


def _begun(window: str) -> Process | None:
    try:
        return Process(window)
    except OSError:  # no more processes, or no memory for one
        return None


def _in_order(before: str | None) -> list[str]:
    return sorted(_candidates(), key=lambda window: window != before)


def _candidates() -> list[str]:
    forced = os.environ.get(VARIABLE)
    if forced:
        return [forced]
    if not sys.platform.startswith("linux"):
        return [NATIVE]
    glx = ["vtkXOpenGLRenderWindow"] if os.environ.get("DISPLAY") else []
    return [*glx, "vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"]


def _memory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "landscape" / "gl.json"


def _circumstances() -> str:
    """What the answer depends on: the machine, VTK, the interpreter, the display and a window that the user forces."""
    try:
        vtk = version("vtk")
    except PackageNotFoundError:
        vtk = "none"
    return " ".join([platform.node(), vtk, sys.prefix, os.environ.get("DISPLAY", ""), os.environ.get(VARIABLE, "")])


def _remembered() -> str | None:
    """What was found before in these circumstances, "" for nothing that draws, None where nobody has looked of late.

    A window is only the first to be tried: what drew before may end the process now."""
    try:
        answer = json.loads(_memory().read_text(encoding="utf-8"))[_circumstances()]
        window, found = str(answer["window"]), float(answer["found"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return window if window or time.time() - found < FORGET_FAILURE else None


def _remember(window: str) -> None:
    """A cache that cannot be written is no fault: the next report looks again."""
    path = _memory()
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({_circumstances(): {"window": window, "found": time.time()}}), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
