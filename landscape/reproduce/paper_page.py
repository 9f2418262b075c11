"""The page 'The paper, re-run': the ledger on top, then the questions, then each figure and each study that decides a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from landscape import reporting
from landscape.claims import claims_table
from landscape.figures import Panel
from landscape.findings import listed, number
from landscape.report import RunView, painter, write_report
from landscape.reproduce.choice import Choice
from landscape.reproduce.figure_panels import figure_panels, schematic_panel
from landscape.reproduce.injective_page import INJECTIVE_TITLE, injective_front, outcome_words
from landscape.reproduce.ledger import TESTED, counts
from landscape.reproduce.ledger_html import ledger_html
from landscape.reproduce.made import Made
from landscape.reproduce.paper_answer import answer_of
from landscape.reproduce.questions import Tables, answer, questions
from landscape.reproduce.quirks import CHANGES
from landscape.reproduce.rows import FAMILIES, family_size
from landscape.studies.parts.claim_words import counted

TITLE = "The paper, re-run"
TABLES = ("members",)  # of each run, for readers to save; the others are in its folder
MOST_ROWS = 1000  # of such a table; a longer one stays in the folder
MOST_BESIDE = 12  # settings of a claim that stand beside its verdict; more of them stay in the folder, too


def write_page(
    table: pd.DataFrame,
    made: Mapping[str, Made],
    path: Path,
    *,
    choice: Choice,
    failed: Mapping[str, str] | None = None,
    quirks: pd.DataFrame | None = None,
) -> Path:
    """Write the page of a ledger and its runs, and return its path. `choice` is what was asked. `failed` says which runs
    have no result, and why. `quirks` compares the published code with the text.

    Raises FileExistsError for a file that is no HTML page."""
    anchors = {name: f"run-{number}" for number, name in enumerate(made, 2)}
    tables = {name: one.result.tables for name, one in made.items()}
    front = (
        injective_front(table, anchors, choice, failed or {})
        if choice.is_injective
        else _front(table, tables, anchors, choice, failed or {})
    )
    if quirks is not None:
        front = replace(front, panels=[*front.panels, _quirks(quirks)])
    verdicts = dict(zip(table.key, table.verdict, strict=True))
    views = [front, *(_view(one, choice.preset, verdicts) for one in made.values())]
    with painter() as hand:
        return write_report(views, path, title=INJECTIVE_TITLE if choice.is_injective else TITLE, hand=hand)


def _front(
    table: pd.DataFrame, tables: Tables, anchors: Mapping[str, str], choice: Choice, failed: Mapping[str, str]
) -> RunView:
    words = ", ".join(f"{number} {verdict}" for verdict, number in counts(table).items())
    outside = listed(list(table[(table.family == "paper") & ~table.key.isin(TESTED)].key))
    lead = (
        "Shrivastava, Generative Kaleidoscopic Networks (arXiv 2402.11793, version 1), run again. Of the "
        f"{family_size('paper')} claims: {words}. Preset {choice.preset}. Each row has a threshold that stood in the code "
        "before the run; p is adjusted by Holm's method over the whole family, whatever was "
        f"run. Rows outside the family, such as {outside}, are not counted among the claims."
    )
    lead += outcome_words(choice, failed)
    panels = [
        Panel("", "", ledger_html(table[table.family == family], anchors), words) for family, words in FAMILIES.items()
    ]
    return RunView(
        "The ledger",
        lead,
        [*panels, _asked(table, tables), schematic_panel()],
        tables={"ledger": table},
        command=choice.command,
        answer=answer_of(table),
    )


def _asked(table: pd.DataFrame, tables: Tables) -> Panel:
    """The ten questions with their answers."""
    parts = []
    for place, question in enumerate(questions(), 1):
        first, *rest = answer(question, table, tables)
        parts.append(Markup("<h4>{}. {}</h4><p><b>{}</b> {}</p>").format(place, question.asked, first, " ".join(rest)))
    return Panel("", "", Markup("").join(parts), "Ten questions")


def _quirks(table: pd.DataFrame) -> Panel:
    """The quirks of the published code, and whether they change a verdict."""
    verdicts = table[CHANGES].value_counts()
    changed, same, open_ = (int(verdicts.get(word, 0)) for word in ("yes", "no", "undecided"))
    told = "changes some verdicts" if changed else "changes no verdict" if same else "is not shown to change a verdict"
    return Panel(
        f"The published code {told}",
        (
            f"Of {counted(changed + same + open_, 'verdict')} {changed} change{'s' * (changed == 1)} where the published code "
            f"differs from the text, {same} {'does' if same == 1 else 'do'} not, and {open_} {'is' if open_ == 1 else 'are'} "
            f"undecided ({counted(table.quirk.nunique(), 'difference')})."
        ),
        table,
        "As published",
        how=(
            "Intervals are over seeds; the difference is that of each seed's two values, of which the mean or, if the claim "
            "asks for a median, the median is taken. The other rows say why no verdict can tell."
        ),
    )


def _view(made: Made, preset: str, verdicts: Mapping[str, str]) -> RunView:
    """The section of a run. `verdicts` are those of the ledger, by key."""
    claims = claims_table(reporting.claims_of(made.study, made.result))
    kept, apart = _few_beside(claims[claims.key.isin(made.run.claims)])
    tables = {name: made.result.tables[name] for name in TABLES}
    kept_apart = {name: table for name, table in tables.items() if len(table) > MOST_ROWS}
    facts = reporting.facts_of(made.study, made.result)
    facts += [
        (f"table {name} of {len(table):,} rows", "in the folder of the run") for name, table in kept_apart.items()
    ]
    facts += [(f"{number} settings beside {key}", "in the folder of the run") for key, number in apart.items()]
    lead = reporting.lead_of(made.study, made.result)
    return RunView(
        title=made.run.title,
        lead=f"{made.run.note.get(preset, '')} {lead}{_otherwise(claims, made, verdicts)}".strip(),
        panels=list(_panels(made)),
        facts=facts,
        claims=kept if len(kept) else None,
        tables={name: table for name, table in tables.items() if name not in kept_apart},
        record=made.result.record,
        command=made.command,
    )


def _otherwise(claims: pd.DataFrame, made: Made, verdicts: Mapping[str, str]) -> str:
    """A sentence, with a space before it, on claims that another run decides and of which this one says otherwise; or empty.

    Both of the verdicts are yes or no: a run that cannot tell contradicts nothing."""
    decided = ("supported", "refuted")
    whole = claims[(claims.level == 0) & ~claims.key.isin(made.run.claims) & claims.verdict.isin(decided)]
    said = []
    for row in whole.to_dict("records"):
        deciding = verdicts[row["key"]]
        if deciding in decided and deciding != row["verdict"]:
            estimate, low, high = (number(float(row[name])) for name in ("estimate", "low", "high"))
            said.append(
                f" In this run “{row['statement']}” ({row['key']}) is {row['verdict']}, {estimate} (95 % CI {low} to {high}); "
                f"the run that decides it says {deciding}."
            )
    return "".join(said)


def _few_beside(claims: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The claims without settings that decide nothing, of the claims with more than MOST_BESIDE of these, and how many.

    The settings are the deepest rows of a claim: what it consists of stays, and so does its only estimate."""
    deepest = claims.level == claims.groupby("key")["level"].transform("max")
    beside = claims[~claims.primary & (claims.level > 0) & deepest]
    measured = claims.drop(beside.index).dropna(subset=["estimate"]).key
    counts = beside.key[beside.key.isin(measured)].value_counts(sort=False)
    many = counts[counts > MOST_BESIDE]
    return claims.drop(beside.index[beside.key.isin(many.index)]), {str(key): int(count) for key, count in many.items()}


def _panels(made: Made) -> Iterator[Panel]:
    """The paper's layout first, then the study's panels that the run names; without either the picture beside its answer, which
    injective runs have in any case."""
    own = list(figure_panels(made))
    yield from own
    bare = not own and not made.run.pictures
    if (bare or made.run.is_injective) and (hero := made.study.hero(made.result)):
        answer = reporting.answer_of(made.study, made.result, reporting.claims_of(made.study, made.result))
        yield replace(hero, title=answer.title if answer else made.run.title)
    if made.run.pictures:  # without them nothing need be drawn
        yield from (one for one in made.study.panels(made.result) if _topic(one.title) in made.run.pictures)


def _topic(title: str) -> str:
    """What stands before the colon of a title that goes on with what was found; else the title."""
    return title.partition(": ")[0]
