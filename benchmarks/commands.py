"""The seconds that whole commands take on two cores: the smallest preset of each study, and the report of a depth sweep.

`--clock cpu` counts the computing of all their processes instead, which on two cores is up to twice the wall time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from timing import Row, Table, interleave, on_cores, options, tell

from landscape import loading, presets, results

SMALLEST = "test"  # the preset that every study has
STUDY = "depth-sweep"


def main() -> None:
    """Run each command in a process and a folder of its own."""
    chosen = options("commands", __doc__, repeats=3)
    names = [STUDY] if chosen.quick else [name for name in presets.study_names() if name != loading.EXAMINE]
    with tempfile.TemporaryDirectory() as folder, on_cores(2):
        sides: dict[str, Callable[[], None]] = {name: partial(study, name, Path(folder)) for name in names}
        sides["report"] = partial(report, newest(Path(folder)), Path(folder))
        timings = interleave(sides, repeats=chosen.repeats, warm=False)
    limit = 10.0 if chosen.clock == "wall" else None
    rows = [Row(f"landscape study {name} --preset test", timings.median(name), at_most=limit) for name in names]
    rows.append(Row("landscape report, the newest depth sweep", timings.median("report")))
    tell([Table("Whole commands on two cores, files in the page cache", rows)], chosen)


def newest(folder: Path) -> Path:
    """The newest finished run of a depth sweep, or one of the smallest preset that is made here."""
    for path, record in results.runs(loading.default_out()):
        if record["study"] == STUDY and all(cell["status"] == "done" for cell in record["cells"]):
            return path
    run("study", STUDY, "--preset", SMALLEST, "--out", str(folder), "--yes", "--quiet")
    return next(path for path, _ in results.runs(folder))


def study(name: str, folder: Path) -> None:
    """Run the smallest preset of a study anew, with its page."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        run("study", name, "--preset", SMALLEST, "--out", out, "--yes", "--quiet")


def report(path: Path, folder: Path) -> None:
    """Write the page of a run anew."""
    run("report", str(path), "--to", str(folder / "page.html"))


def run(*words: str) -> None:
    """Run `landscape` with these words to its end."""
    subprocess.run([sys.executable, "-m", "landscape", *words], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
