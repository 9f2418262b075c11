"""`landscape examine`: the study `examine` with the networks named first, and its answer printed."""

from __future__ import annotations

from typing import Any

from landscape.commands.faults import bad_input
from landscape.commands.plan import RunOptions, check
from landscape.names import listed, written

PARAMETERS = ("data", "held_out", "shape", "range")
OPTIONS = ("preset", "set", "device", "data_root", "fresh", "quiet", "json", "out")


def examine(model: list[str], weights: list[str] | None, title: str, **given: Any) -> int:
    """Run the study `examine` on these networks, and return the exit code."""
    settings: dict[str, Any] = {name: given[name] for name in PARAMETERS if given[name] != ""}
    settings["model"] = written(model)
    if weights:
        settings["weights"] = written([name for text in weights for name in listed(text)])
    options: dict[str, Any] = {name: given[name] for name in OPTIONS}
    how = RunOptions(**options, engine="here")
    with bad_input():
        check("examine", settings, how)
    from landscape.commands.run import run  # loads torch
    from landscape.studies.examine.answer import label_of

    heading = title or f"Examined: {', '.join(map(label_of, model))}"
    return run("examine", settings, how, title=heading)
