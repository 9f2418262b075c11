"""The time that --dry-run estimates for each study, beside the time that its command takes on two cores, the page included.

`--quick` asks this of the preset `test` of three studies, otherwise it is the preset `quick` of each."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import Row, Table, on_cores, options, tell

from landscape import loading, presets
from landscape.commands.plan import RunOptions
from landscape.commands.run import plan_of

FEW = ("depth-sweep", "corners", "injectivity")
UNASKED = (loading.EXAMINE, "audit")  # they need a model or samples of the user


def main() -> None:
    """Estimate and run each study in a folder of its own."""
    chosen = options("estimates", __doc__, repeats=1)
    names = FEW if chosen.quick else [name for name in presets.study_names() if name not in UNASKED]
    preset = "test" if chosen.quick else "quick"
    with on_cores(2):
        rows = [estimated_and_taken(name, preset) for name in names]
    tell(
        [Table("Estimated seconds (ours) against those taken, with the page; within a factor of 2 is asked", rows)],
        chosen,
    )


def estimated_and_taken(name: str, preset: str) -> Row:
    """The row of a study: the estimate, and the wall time of its command."""
    with tempfile.TemporaryDirectory() as folder:
        estimated = plan_of(presets.make_study(name, preset), RunOptions(out=Path(folder))).seconds
        began = time.perf_counter()
        words = ("study", name, "--preset", preset, "--out", folder, "--yes", "--quiet")
        subprocess.run([sys.executable, "-m", "landscape", *words], check=True, stdout=subprocess.DEVNULL)
        taken = time.perf_counter() - began
    print(f"{name}: about {estimated:.0f} s, taken {taken:.0f} s", file=sys.stderr, flush=True)
    return Row(f"landscape study {name} --preset {preset}", estimated, taken, "the command")


if __name__ == "__main__":
    main()
