"""A side in another Python interpreter: a script that reads a line, does the work, and answers in JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Server:
    """The running process of a script of sides/. It reads its jobs from `file`."""

    process: subprocess.Popen[str]
    file: Path

    def go(self) -> float:
        """Let the process do the job again. Returns the seconds that it measured."""
        return float(self.ask("go"))

    def ask(self, line: str) -> Any:
        """Send a line, and return the answer. Raises RuntimeError if the process has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{' '.join(map(str, self.process.args))} died; its error is above")
        return json.loads(answer)


@contextmanager
def serve(
    library: str, script: str, clock: str, environment: Mapping[str, str]
) -> Iterator[tuple[tuple[subprocess.Popen[str], Path] | None, str]]:
    """The process of sides/`script` with a file for its jobs, and the library's version; or None and the reason.

    The Python interpreter is LANDSCAPE_<LIBRARY>_PYTHON, by default this interpreter."""
    variable = f"LANDSCAPE_{library.upper()}_PYTHON"
    python, environment = os.environ.get(variable, sys.executable), {**os.environ, **environment}
    if subprocess.run([python, "-c", f"import {library}"], capture_output=True, env=environment).returncode:
        yield None, f"{library} does not import here; {variable} may name an interpreter where it does"
        return
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([python, Path(__file__).parent / script, clock], env=environment, **pipes) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        version = json.loads(process.stdout.readline())
        try:
            yield (process, Path(folder) / "job.npz"), version
        finally:
            process.stdin.close()
