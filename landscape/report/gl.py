"""A process that draws with VTK, and the search for a VTK window class that draws on this machine.

Broken GL libraries crash the process that uses them, so VTK is only used in a separate process."""

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

WINDOW_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"  # VTK reads it when a window is made; an empty value would crash it
NATIVE_WINDOW = "native"  # VTK's own choice of a window class, on systems that always have one
ANSWER_TIMEOUT = 60.0  # seconds to wait for an answer: the first import from a network disk is slow
FAILURE_REMEMBERED = 24 * 3600.0  # seconds until a failed search is repeated: GL libraries may be installed
DRAWING_COMMAND = (sys.executable, "-m", "landscape.report.mesh")


class Lost(Exception):
    """The drawing process has ended or does not answer."""


class Process:
    """A process that draws with VTK's window class `window`. GL libraries may crash it without harm to this process."""

    def __init__(self, window: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != WINDOW_VARIABLE}
        if window != NATIVE_WINDOW:
            environment[WINDOW_VARIABLE] = window
        self.window = window
        self._answers: queue.Queue[Any] = queue.Queue()
        self._process = subprocess.Popen(
            DRAWING_COMMAND, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.silent = False  # becomes True if an answer does not come in time
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def draws(self) -> bool:
        """Whether the process can draw. Waits for its first answer, which says so."""
        try:
            return self._answer() is True
        except Lost:
            return False

    def ask(self, request: Any) -> Any:
        """The picture of the sheet in `request`. Raises Lost if the process has ended or does not answer."""
        assert self._process.stdin is not None
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        except OSError as error:
            raise Lost(str(error)) from None
        return self._answer()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        with suppress(OSError):  # a request may not have been read
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()
        self._listener.join()

    def _answer(self) -> Any:
        try:
            answer = self._answers.get(timeout=ANSWER_TIMEOUT)
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
    """A new process with the window class that is most likely to draw; None if lately none drew.

    Whether it draws is not certain before `settled`, which waits for its first answer."""
    before = _remembered()
    return None if before == "" else _begun(_in_order(before)[0])


def settled(process: Process) -> Process | None:
    """A process that draws: `process`, or a new process with another window class; None if none draws.

    1. The window classes are tried in turn, that of `process` first. A process that does not draw is closed.
    2. The window class that draws is remembered, and tried first next time. If none draws, that is remembered for a day.
    3. If a process does not answer in time, the search ends, because the others would take as long. Nothing is remembered, so
       the next page searches again."""
    before, first = _remembered(), process.window
    candidate: Process | None = process
    for window in [first, *(window for window in _in_order(before) if window != first)]:
        candidate = candidate if window == first else _begun(window)
        drawing = False
        try:
            drawing = candidate is not None and candidate.draws()
        finally:
            if candidate is not None and not drawing:  # also when interrupted
                candidate.close()
        if drawing:
            if window != before:
                _remember(window)
            return candidate
        if candidate is not None and candidate.silent:
            return None
    _remember("")
    return None


def working_window() -> str | None:
    """The name of a VTK window class that draws on this machine (NATIVE_WINDOW for VTK's own choice), or None."""
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
    forced = os.environ.get(WINDOW_VARIABLE)
    if forced:
        return [forced]
    if not sys.platform.startswith("linux"):
        return [NATIVE_WINDOW]
    glx = ["vtkXOpenGLRenderWindow"] if os.environ.get("DISPLAY") else []
    return [*glx, "vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"]


def _memory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "landscape" / "gl.json"


def _circumstances() -> str:
    """What the result of the search depends on: machine, VTK, interpreter, display, and a window class forced by the user."""
    try:
        vtk = version("vtk")
    except PackageNotFoundError:
        vtk = "none"
    return " ".join(
        [platform.node(), vtk, sys.prefix, os.environ.get("DISPLAY", ""), os.environ.get(WINDOW_VARIABLE, "")]
    )


def _remembered() -> str | None:
    """The window class that drew last time in these circumstances; "" if none drew within the last day; else None.

    A remembered window class is tried first, but it may have stopped drawing since."""
    try:
        answer = json.loads(_memory().read_text(encoding="utf-8"))[_circumstances()]
        window, time_of_search = str(answer["window"]), float(answer["found"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return window if window or time.time() - time_of_search < FAILURE_REMEMBERED else None


def _remember(window: str) -> None:
    """Remember the window class that draws, "" for none. If the cache cannot be written, the next page searches again."""
    path = _memory()
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({_circumstances(): {"window": window, "found": time.time()}}), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
