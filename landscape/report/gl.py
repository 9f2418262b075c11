"""Which of VTK's windows can draw on this machine, found out without risking this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path

VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"  # VTK reads it when a window is made; an empty value would crash it
NATIVE = "native"  # the window VTK takes by itself, on systems that always have one
TIMEOUT = 40.0  # seconds
FORGET_FAILURE = 24 * 3600.0  # seconds: GL libraries may be installed tomorrow
# Draws a red picture and looks whether it is red. Without GL libraries VTK may end the process here, hence a process.
_TRIAL = """
import os
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkCommonCore import vtkObject
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter
vtkObject.GlobalWarningDisplayOff()
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(32, 32)
renderer = vtkRenderer()
renderer.SetBackground(1, 0, 0)
window.AddRenderer(renderer)
window.Render()
reader = vtkWindowToImageFilter()
reader.SetInput(window)
reader.ReadFrontBufferOff()
reader.Update()
pixel = reader.GetOutput().GetPointData().GetScalars().GetTuple3(32 * 16 + 16)
print("red" if pixel == (255, 0, 0) else "wrong", flush=True)
os._exit(0)
"""


@cache
def working_window() -> str | None:
    """The name of a VTK window class that draws here, NATIVE for VTK's own choice, or None; remembered on disk."""
    answer = _remembered()
    if answer is None:
        answer = next((window for window in _candidates() if _draws(window)), "")
        _remember(answer)
    return answer or None


def choose_window() -> bool:
    """Let VTK draw in this process if it can; False where posters must do without it."""
    window = working_window()
    if window is not None and window != NATIVE:
        os.environ[VARIABLE] = window
    return window is not None


def _candidates() -> list[str]:
    forced = os.environ.get(VARIABLE)
    if forced:
        return [forced]
    if not sys.platform.startswith("linux"):
        return [NATIVE]
    glx = ["vtkXOpenGLRenderWindow"] if os.environ.get("DISPLAY") else []
    return [*glx, "vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"]


def _draws(window: str) -> bool:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if window != NATIVE:
        environment[VARIABLE] = window
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    except (subprocess.TimeoutExpired, OSError):
        return False
    return trial.returncode == 0 and trial.stdout.strip() == "red"


def _memory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "landscape" / "gl.json"


def _circumstances() -> str:
    """What the answer depends on: VTK, the interpreter, the display and a window the user forces."""
    return " ".join([version("vtk"), sys.prefix, os.environ.get("DISPLAY", ""), os.environ.get(VARIABLE, "")])


def _remembered() -> str | None:
    """What was found before in these circumstances, "" for nothing that draws, None where nobody has looked of late."""
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
