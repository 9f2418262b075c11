"""`landscape watch`: keeps an overview of the runs, index.html, while they run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from landscape.commands.arguments import REPORTS, Code, Out, trust
from landscape.commands.faults import OK, Fault, bad_input, stoppable, writing_to
from landscape.commands.waiting import LOADING, waiting

if TYPE_CHECKING:
    from landscape.overview import Overview


def watch(
    out: Out = REPORTS,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="Seconds between two looks at the runs.")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="Write the page, and stop.")] = False,
    code: Code = None,
) -> int:
    """Keep a page of all runs: what each found, its picture, and how far it is. Ctrl-C stops it."""
    if not 1 <= every <= 86_400:
        raise Fault(f"`every` must be from 1 to 86400 seconds; got {every:g}")
    if not out.exists():
        raise Fault(f"there is no folder {out}, where runs would be; run a study first, or give another --out")
    with waiting(LOADING):
        from landscape.overview import INDEX, Overview

    trust(code)
    overview, kept = Overview(out), f"{out / INDEX} is as it was last written; the runs themselves go on"
    with stoppable(kept), bad_input(), writing_to(out, kept="the runs are kept"):
        try:
            _look(overview, every, all_words=once)
            print(f"index   {overview.page}", flush=True)
            while not once:
                time.sleep(every)
                _look(overview, every)
        except FileExistsError as error:
            raise Fault(f"{error.filename}: {error.strerror}; move it, or choose another --out") from error
    return OK


def _look(overview: Overview, every: float, *, all_words: bool = False) -> None:
    """Write the page, then make the words that finished runs lack, for `every` seconds or until none lacks them."""
    overview.write(every)
    began = time.monotonic()
    lacking = overview.lacking()
    for number, folder in enumerate(lacking, 1):
        with waiting(f"reading {folder.name}, {number} of {len(lacking)}"):
            overview.make(folder)
        if not all_words and time.monotonic() - began > every:
            break
    if lacking:
        overview.write(every)
