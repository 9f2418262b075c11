"""The time until the command line answers, beside that of `import torch`, which it avoids."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from timing import Row, Table, interleave, options, tell


def main() -> None:
    """Measure the wall time of whole processes."""
    chosen = options("startup", __doc__, repeats=9)
    script = Path(sys.executable).parent / "landscape"
    landscape = [str(script)] if script.exists() else [sys.executable, "-m", "landscape"]
    commands = {
        "landscape --help": [*landscape, "--help"],
        "landscape study list": [*landscape, "study", "list"],
        "landscape study depth-sweep --help": [*landscape, "study", "depth-sweep", "--help"],
        "import torch": [sys.executable, "-c", "import torch"],
        "python": [sys.executable, "-c", "pass"],
    }
    timings = interleave(
        {name: lambda words=words: run(words) for name, words in commands.items()}, repeats=chosen.repeats
    )
    limits = {"landscape --help": 0.3}
    rows = [
        Row(
            name,
            timings.median(name),
            timings.median("import torch"),
            'python -c "import torch"',
            at_most=limits.get(name),
        )
        for name in list(commands)[:3]
    ]
    rows.append(Row('python -c "pass"', timings.median("python")))
    tell([Table("Wall time of a process, files in the page cache", rows)], chosen)


def run(words: list[str]) -> None:
    """Run a command to its end. Compiled modules are kept, as Python does by default."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    main()
