"""`landscape examine`: the study `examine` with the networks named first, and its answer printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landscape.commands.faults import bad_input
from landscape.commands.plan import RunOptions, check, pairs
from landscape.commands.waiting import LOADING, waiting
from landscape.names import listed, written
from landscape.studies.examine.sources import is_run

PARAMETERS = ("data", "held_out", "shape", "range")
OPTIONS = ("preset", "set", "device", "data_root", "fresh", "quiet", "json", "out")


def examine(
    model: list[str],
    weights: list[str] | None,
    title: str,
    measure: list[str] | None = None,
    where: list[str] | None = None,
    member: str = "median",
    **given: Any,
) -> int:
    """Run the study `examine` on these networks, and return the exit code."""
    settings: dict[str, Any] = {name: given[name] for name in PARAMETERS if given[name] != ""}
    runs = [one for one in model if is_run(one)]
    settings["model"] = written(model)
    if weights:
        settings["weights"] = written([name for text in weights for name in listed(text)])
    if measure:
        settings["measures"] = written([name for text in measure for name in listed(text)])
    options: dict[str, Any] = {name: given[name] for name in OPTIONS}
    how = RunOptions(**options, engine="here")
    with bad_input():
        if not given["data"] and not (runs and runs == model):
            raise ValueError(
                "--data is missing: the points that the network was trained on, a .npy file, folder, table or name"
            )
        if (where or member != "median") and not runs:
            raise ValueError("--where and --member choose a network of a run; give the folder of a run as the model")
        check("examine", settings, how)
    with waiting(LOADING, quiet=how.quiet):
        from landscape.commands.run import run  # loads torch
        from landscape.studies.examine.answer import label_of

    if runs:
        with bad_input():
            settings |= _of_runs(model, settings, member, pairs(where or []), how.out)
    heading = title or f"Examined: {', '.join(map(label_of, listed(settings['model'])))}"
    return run("examine", settings, how, title=heading)


def _of_runs(
    model: list[str], settings: dict[str, Any], member: str, where: dict[str, str], out: Path
) -> dict[str, Any]:
    """The settings in which trained networks stand in place of the runs; the data of the first run where none are given."""
    from landscape import examining
    from landscape.commands.runs import chosen_values

    found: dict[str, Any] = {}
    texts = []
    for one in model:
        if not is_run(one):
            texts.append(one)
            continue
        text, dataset = examining.of_run(one, member, **chosen_values(one, where))
        texts.append(text)
        if "data" not in settings and "data" not in found:
            found |= examining.data_of(dataset, out)
    return found | {"model": written(texts)}
