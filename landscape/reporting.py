"""Reports from Results: the title, lead, key facts, verdicts and panels of each run, and the page about all runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from landscape import joining, presets
from landscape.claims import UNJUDGED, Claim, claims_table, labelled, with_failures
from landscape.ensemble import STATUSES
from landscape.findings import Answer
from landscape.machine import seldom_collected
from landscape.names import listed, spans
from landscape.page_mark import mark_of, page_mark
from landscape.parameters import docstring, trained_otherwise
from landscape.record import PAGE
from landscape.results import Result
from landscape.study import Study

if TYPE_CHECKING:
    from landscape.figures import Panel
    from landscape.report import RunView

UNCHECKED = "unchecked: the run was made before records had digests, and may have been altered unnoticed"


@dataclass(frozen=True)
class Counts:
    """How many cells ran and failed, and how many members converged. `unconverged` counts the other members by status.

    A cell fails by an error. A member does not fail: it converges or not.

    `has_status` is false if a user's study has no column `status`, so that nothing is known about convergence."""

    cells: int
    done: int
    failed_cells: int
    members: int
    converged: int
    unconverged: dict[str, int]
    has_status: bool = True

    def converged_words(self) -> str:
        """The members in words: '8 of 20 members converged, 12 did not: 8 stalled, 4 diverged'."""
        words = f"{self.converged} of {self.members} members converged"
        rest = self.members - self.converged
        return f"{words}, {rest} did not: {self.unconverged_kinds()}" if self.unconverged else words

    def unconverged_kinds(self) -> str:
        """What became of members that did not converge, in words: '8 stalled, 4 diverged'; empty if all converged."""
        return ", ".join(f"{count} {status}" for status, count in self.unconverged.items())

    def lost_words(self) -> str:
        """The members that are lost whatever loss is asked, in words: '1 collapsed, 4 diverged'; empty if there are none."""
        return ", ".join(f"{count} {status}" for status, count in self.unconverged.items() if status in STATUSES[2:])


def counts(result: Result) -> Counts:
    """The result's cells and members, counted."""
    states = [entry["status"] for entry in result.record["cells"]]
    found = result.whole["status"].value_counts() if "status" in result.whole else pd.Series(dtype=int)
    order = [*STATUSES[1:], *(str(name) for name in found.index if name not in STATUSES)]
    unconverged = {name: int(found[name]) for name in order if name in found}
    done = states.count("done")
    has_status = "status" in result.whole or not len(result.whole)
    members, converged = len(result.whole), int(found.get("converged", 0))
    return Counts(len(states), done, states.count("failed"), members, converged, unconverged, has_status)


def measured(result: Result) -> bool:
    """Whether a cell has finished, and gave a row of some table: a cell need not have networks."""
    return any(len(table) for table in result.tables.values())


def claims_of(study: Study, result: Result) -> list[Claim]:
    """The claims of the study with verdicts, and a label if most networks did not converge. None without a finished cell."""
    result = _current(study, result)
    if not measured(result):
        return []
    asked, otherwise = losses_in_words(study.asked_losses(result.whole)), trained_otherwise(study)
    label = f"of networks trained with {otherwise}, where the claim was set without" if otherwise else ""
    found = (claim if claim.verdict in UNJUDGED else labelled(claim, label) for claim in study.claims(result))
    return [with_failures(claim, asked) for claim in found]


def _current(study: Study, result: Result) -> Result:
    """The result with all parameters in its record: older records lack those that were added later."""
    return replace(result, record=result.record | {"parameters": study.parameters()})


def _finished(study: Study, result: Result) -> Result:
    """The result with all parameters in its record. Raises ValueError if it has no finished cell."""
    if not measured(result):
        raise ValueError(f"{result.path} has no finished cell to report on; run it again: {presets.command(study)}")
    return _current(study, result)


def losses_in_words(losses: Sequence[float]) -> str:
    """The training losses above which networks have not converged, as a claim's label names them; empty if none is asked."""
    words = " or ".join(f"{loss:g}".replace("e-0", "e-") for loss in losses)
    return f"{words}, as its setting asks" if len(losses) > 1 else words


def answer_of(study: Study, result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of the study to its question, from its claims; None if it gives none, or no cell has finished."""
    result = _current(study, result)
    answer = study.answer(result, claims) if measured(result) else None
    if answer and (otherwise := trained_otherwise(study)):
        return replace(answer, not_shown=f"{answer.not_shown} Networks were trained with {otherwise}.".strip())
    return answer


def _pictured(study: Study, result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The study's answer with its picture."""
    answer = answer_of(study, result, claims)
    return replace(answer, hero=study.hero(result)) if answer and answer.hero is None else answer


def write(
    runs: Sequence[Result],
    path: Path,
    title: str | None = None,
    story: str = "",
    judged: Sequence[Sequence[Claim]] | None = None,
) -> Path:
    """Write a single page about all `runs`, with the heading `title` and a `story` in Markdown, and return its path.

    `judged` are the claims of each run, where `claims_of` has found them before. Raises ValueError for a run of another version
    of its study, or with no finished cell, and FileExistsError if `path` is a file that is not such a page."""
    from landscape.report import check_target, painter, write_report  # a GPU box without drawing libraries can compute

    check_target(path)
    with seldom_collected(), painter() as hand:
        return write_report(
            _views(runs, judged), path, title=title, story=story, hand=hand, mark=page_mark(runs, title, story)
        )


def drawn(result: Result, title: str | None = None) -> Path:
    """The path of a run's page, which is written unless it is there as it would be written now."""
    path = result.path / PAGE
    if not is_current(result, title):
        write([result], path, title)
    return path


def is_current(result: Result, title: str | None = None) -> bool:
    """Whether the page in a run's folder was made from the run as it is, by this code, with this heading."""
    mark = page_mark([result], title)
    return bool(mark) and mark_of(result.path / PAGE) == mark


def page(runs: Sequence[Result], title: str | None = None, story: str = "") -> str:
    """The page about `runs` as text. Raises ValueError as `write` does."""
    from landscape.report import painter, render

    with seldom_collected(), painter() as hand:
        return render(_views(runs), title=title, story=story, hand=hand)


def panels_of(result: Result) -> list[Panel]:
    """The panels of a run's page: the picture beside the answer, those of the study, and those of the user's own functions.

    Raises ValueError for a run of another version of its study, or with no finished cell."""
    study = presets.study_of(result.record, result.path)
    result = _finished(study, result)
    hero = study.hero(result)
    beside = [replace(hero, title=hero.title or "Answer")] if hero is not None else []
    return [*beside, *study.panels(result), *_panels_of_user(study, result)]


def panel(result: Result, title: str, section: str = "") -> Panel:
    """The panel of a run's page with this title, in this section if one is given: its `body` is the figure, the surfaces or
    the table, its `downloads` are the tables behind it.

    Raises ValueError, which names the titles, if there is no such panel, and as `panels_of` does."""
    panels = panels_of(result)
    found = [one for one in panels if one.title == title and section in ("", one.section)]
    if not found:
        titles = dict.fromkeys(repr(one.title) for one in panels if one.title)
        where = f" in the section {section!r}" if section else ""
        raise ValueError(f"no panel {title!r}{where}; there are {', '.join(titles)}")
    return found[0]


def _views(runs: Sequence[Result], judged: Sequence[Sequence[Claim]] | None = None) -> list[RunView]:
    from landscape.report import RunView, without_folders

    views = []
    studies = [presets.study_of(result.record, result.path) for result in runs]
    for index, (result, study) in enumerate(zip(runs, studies, strict=True)):
        result = _finished(study, result)
        claims = claims_of(study, result) if judged is None else judged[index]
        view = RunView(
            title=str(result.record.get("title") or title_of(study, studies)),
            lead=lead_of(study, result),
            panels=(*study.panels(result), *_panels_of_user(study, result)),
            facts=facts_of(study, result),
            claims=claims_table(claims) if claims else None,
            tables=result.separate,
            record=result.record,
            command=joining.commands(result) or presets.command(study),
            answer=_pictured(study, result, claims),
            name=result.path.name,
        )
        views.append(without_folders(view))
    return views


def _panels_of_user(study: Study, result: Result) -> Iterator[Panel]:
    """A panel for each function of the user's that measured the networks, but for those of which no network has a number."""
    names = [name for name in (text.rpartition(":")[2] for text in listed(study.measures)) if name in result.whole]
    if names:
        from landscape.figures.user_measures import panel_of

        keys = [name for name, _ in next(iter(result.arrays)).values]
        yield from (panel_of(result.whole, name, keys) for name in names)


def title_of(study: Study, among: Sequence[Study]) -> str:
    """The study's title. If other runs on the page are of the same study, the parameters that differ are appended."""
    title = presets.title(type(study))
    others = [other for other in among if other.name == study.name]
    different = [
        f"{name.replace('_', '-')} {_words(value)}"
        for name, value in study.parameters().items()
        if any(other.parameters().get(name) != value for other in others)
    ]
    return f"{title} · {', '.join(different)}" if different else title


def lead_of(study: Study, result: Result) -> str:
    """The question, which is the docstring of the study or else its title, and the numbers of networks that answer it."""
    kind = presets.parameters_class(type(study))
    asked = (docstring(kind) or presets.title(type(study))).split("\n\n")[0].replace("\n", " ")
    found = counts(result)
    share = f" ({found.converged / found.members:.0%})" if found.members else ""
    parts = [f"{found.converged:,} of {_counted(found.members, 'networks')} converged{share}"]
    if not found.members and measured(result):
        parts = ["No networks in this run"]
    elif not found.has_status:
        parts = [_counted(found.members, study.counted)]
    elif len(result.whole) and not study.asked_losses(result.whole):
        parts = [f"{_counted(found.members, study.counted)}, trained for all their steps"]
        parts += [found.lost_words()] if found.lost_words() else []
    elif found.unconverged:
        parts.append(found.unconverged_kinds())
    if found.done < found.cells:
        parts.append(
            f"{found.cells - found.done} of {found.cells} cells are missing, {found.failed_cells} of them failed"
        )
    words = f"{asked}{'' if asked.endswith(('.', '?')) else '.'} {'; '.join(parts)}."
    if result.left_out:
        words += (
            " Left out, since damaged: " + "; ".join(f"{one} ({why})" for one, why in result.left_out.items()) + "."
        )
    words += joining.words(result)
    return f"{words} {UNCHECKED[0].upper()}{UNCHECKED[1:]}." if result.unchecked else words


def _counted(number: int, what: str) -> str:
    """A number of things: 1 network, 2 networks, 1 set of samples."""
    return f"{number:,} {_of(number, what)}"


def _of(number: int, what: str) -> str:
    """The name of a number of things: network for one, else networks; set of samples, or sets of samples."""
    noun, space, rest = what.partition(" ")
    return f"{noun.removesuffix('s')}{space}{rest}" if number == 1 else what


def facts_of(study: Study, result: Result) -> list[tuple[str, str]]:
    """Key facts as (value, label)."""
    from landscape.report.record import duration

    found, record = counts(result), result.record
    kinds = f" ({found.unconverged_kinds()})" if found.unconverged else ""
    rest = (str(found.members - found.converged if found.unconverged else 0), f"not converged{kinds}")
    trained = [(str(found.converged), "converged"), rest] if found.has_status else []
    if trained and not study.asked_losses(result.whole):
        trained = [(found.lost_words(), "of these")] if found.lost_words() else []
    seeds = joining.seeds(result) or list(study.seeds)
    return [
        (f"{found.done} of {found.cells}" if found.done < found.cells else str(found.cells), _of(found.cells, "cells")),
        (f"{found.members:,}", _of(found.members, study.counted)),
        *trained,
        (spans(seeds), "seeds" if len(seeds) > 1 else "seed"),
        (duration(float(record.get("seconds", 0))), "computing"),
        (str(record.get("device", "")).partition(" ")[0], "device"),
    ]


def _words(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
