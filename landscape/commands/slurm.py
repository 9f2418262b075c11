"""`landscape slurm`: a job script that runs a study as an array of tasks, each with its share of the cells."""

from __future__ import annotations

import math
import shlex

from landscape import presets
from landscape.commands.plan import Plan
from landscape.progress import rough

MARGIN = 2.0  # of time and memory: nodes are slower than the machine on which the estimate was made
STEP_MINUTES = 10


def script(plan: Plan, tasks: int) -> str:
    """The job script of a plan for `tasks` tasks. Raises ValueError for more tasks than cells, and for none."""
    cells = plan.estimate.cells
    if not 1 <= tasks <= len(cells):
        raise ValueError(
            f"`shards` must be from 1 to {len(cells)}, the number of cells that are still to run; got {tasks}"
        )
    longest = max(sum(cell.seconds for cell in cells[task::tasks]) for task in range(tasks))
    minutes = STEP_MINUTES * math.ceil(max(longest * MARGIN / 60, 1) / STEP_MINUTES)
    gigabytes = math.ceil(plan.estimate.bytes(1) * MARGIN / 1e9)
    options = plan.options
    words = [*shlex.split(presets.command(plan.study)), "--out", str(options.out), "--device", options.device]
    if options.data_root:
        words += ["--data-root", str(options.data_root)]
    words += [word for name in options.log or () for word in ("--log", name)]
    gpu = "#SBATCH --gpus-per-task=1\n" if plan.device.startswith("cuda") else ""
    return f"""#!/bin/bash
#SBATCH --job-name={plan.study.name}
#SBATCH --array=1-{tasks}
#SBATCH --cpus-per-task=1
#SBATCH --mem={gigabytes}G
#SBATCH --time={minutes // 60}:{minutes % 60:02}:00
{gpu}# {len(cells)} cells in {tasks} tasks; the longest task takes about {rough(longest)} on the machine that wrote this script.
# Submit it in the folder below which the runs are to go: sbatch job.sh. Options given to sbatch, such as --partition, replace
# those above. A task that is submitted again goes on where it was; the task that ends last writes the report.
set -euo pipefail
# Activate your environment here, if `landscape` is not on the path of a job.
{shlex.join(words)} --engine here --yes --quiet --shard "$SLURM_ARRAY_TASK_ID/{tasks}"
"""
