"""Runs as one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jinja2
from markupsafe import Markup

from landscape.figures.panel import Panel, scenes_of
from landscape.figures.scene import colour_table
from landscape.findings import Answer, listed
from landscape.names import file_stem
from landscape.report.blocks import Block, block_of
from landscape.report.bundle import viewer_script
from landscape.report.citation import citation
from landscape.report.claim_cards import ClaimCard, claim_cards
from landscape.report.dark import rules
from landscape.report.equations import prose
from landscape.report.letters import font_faces
from landscape.report.live import side_for
from landscape.report.pack import script_json
from landscape.report.page_data import Download, PageData
from landscape.report.poster import Painter, painter
from landscape.report.record import Provenance, provenance
from landscape.report.run_view import RunView
from landscape.report.snippets import run_snippet
from landscape.report.still import gradient
from landscape.report.story import story_html
from landscape.report.target import check_target, write_page
from landscape.report.terms import Terms

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """Blocks under one heading, in groups; the blocks of a group may share a row."""

    id: str
    name: str
    groups: Sequence[Sequence[Block]]


@dataclass(frozen=True)
class Chapter:
    """A section, or several that are tabs under one heading."""

    id: str
    name: str
    sections: Sequence[Section]

    @property
    def is_tabs(self) -> bool:
        """Whether the reader opens one of several sections."""
        return len(self.sections) > 1


@dataclass(frozen=True)
class Said:
    """The words of an answer as HTML, in which words of the glossary open their meanings."""

    asked: Markup
    found: Sequence[tuple[Markup, Markup]]
    why: Markup
    not_shown: Markup

    @classmethod
    def of(cls, answer: Answer, terms: Terms) -> Said:
        """The words of `answer`; the glossary's words among them are added to `terms`."""
        findings = [text for one in answer.found for text in (one.short, one.sentence)]
        asked, *found, why, not_shown = terms.marked(answer.asked, *findings, answer.why, answer.not_shown)
        return cls(asked, list(zip(found[::2], found[1::2], strict=True)), why, not_shown)


@dataclass(frozen=True)
class Part:
    """A run, ready for the template."""

    id: str
    run: RunView
    chapters: Sequence[Chapter]
    claims: Sequence[ClaimCard]
    said: Said | None
    hero: Block | None
    tables: Sequence[Download]
    provenance: Provenance
    snippet: str

    @property
    def has_data(self) -> bool:
        """Whether there is anything to say of its data: tables, a command, a record, facts, or a lead not yet said."""
        return bool(self.tables or self.run.command or self.run.record or self.run.answer or self.run.facts)


def write_report(
    sections: Sequence[RunView],
    path: Path,
    *,
    title: str | None = None,
    story: str = "",
    hand: Painter | None = None,
    mark: str = "",
) -> Path:
    """Write a page about the runs in `sections` to `path`, and return `path`.

    The page needs no network and no other file, and shows pictures and tables even without scripts. `title` heads it, by
    default what the answer of the run states, or the titles of several runs. `story` is Markdown, which stands below. `hand`
    draws the posters: by default the best painter that works on this machine. `mark` stands in its head (landscape.page_mark).
    Raises ValueError if there is no run or a panel cannot be shown, and FileExistsError if `path` is no HTML page."""
    path = Path(path)
    check_target(path)
    text = render(sections, title=title, story=story, hand=hand, mark=mark)
    write_page(text, path)
    return path


def render(
    sections: Sequence[RunView],
    *,
    title: str | None = None,
    story: str = "",
    hand: Painter | None = None,
    mark: str = "",
) -> str:
    """The page as text; see `write_report`. Raises ValueError if there is no run or a panel cannot be shown."""
    if not sections:
        raise ValueError("a report needs at least one run; got none.")
    heroes = [run.answer.hero for run in sections if run.answer and run.answer.hero]
    panels = [panel for run in sections for panel in run.panels] + heroes
    surfaces = sum(len(scene.surfaces) for panel in panels for scene in scenes_of(panel.body))
    with painter() if hand is None else nullcontext(hand) as hand:
        data, terms = PageData(hand, side_for(surfaces)), Terms()
        parts = [_part(index, run, data, terms) for index, run in enumerate(sections)]
        names = ("page.css", "viewer.css", "kaleidoscope.css", "figures.css")
        sheets = [(_HERE / name).read_text(encoding="utf-8") for name in names]
        style = "\n".join([*sheets, rules(data.used.colours), font_faces(data.used.letters)])
        script = viewer_script()
        text = template("page.html").render(
            title=title or (_heading(sections[0]) if len(sections) == 1 else _heading_of_all(sections)),
            story=story_html(story) if story else "",
            parts=parts,
            mark=mark,
            style=Markup(style),
            script=Markup(script),
            policy=Markup(policy(style, script)),
            in_folder=any(run.record for run in sections),
            gradients=Markup("".join(gradient(name) for name in sorted(data.colours))),
            colour_tables=script_json({name: _base64(colour_table(name).tobytes()) for name in sorted(data.colours)}),
            payloads=data.payloads.content,
            terms=terms.found,
            version=_own_version(),
            citation=_citation(sections),
        )
        return data.later.filled(text.strip()) + "\n"


def _heading(run: RunView) -> str:
    """The heading of a run: what its answer states, or else its title."""
    return (run.answer and run.answer.title) or run.title


def _heading_of_all(sections: Sequence[RunView]) -> str:
    """The titles of all runs, each once, without what follows a colon or tells their parameters: 'Basins and Corners'."""
    titles = list(dict.fromkeys(run.short_title.partition(" · ")[0] for run in sections))
    return listed(titles)


def _citation(sections: Sequence[RunView]) -> str:
    """BibTeX for the page. It names the run of a page about one."""
    one = sections[0] if len(sections) == 1 else RunView("", "", [])
    names = ", ".join(filter(None, (run.name for run in sections)))
    return citation(_own_version(), names, one.record)


def _part(index: int, run: RunView, data: PageData, terms: Terms) -> Part:
    name = f"run-{index + 1}"
    data.tables = []
    claims = claim_cards(run.claims, name) if run.claims is not None and len(run.claims) else []
    tables = [data.download(name, frame) for name, frame in run.tables.items()]
    if run.claims is not None and len(run.claims):
        tables.append(data.download("claims", run.claims))
    said = Said.of(run.answer, terms) if run.answer else None
    hero = block_of(run.answer.hero, data, run.redrawn_as, "beside") if run.answer and run.answer.hero else None
    snippet = run_snippet(run.name) if run.name else ""
    return Part(name, run, _chapters(name, run, data), claims, said, hero, tables, provenance(run.record), snippet)


def _chapters(part: str, run: RunView, data: PageData) -> list[Chapter]:
    """Panels by their section, and sections by their group, in the order in which they first appear."""
    by_name: dict[tuple[str, str], dict[str, list[Panel]]] = {}
    for panel in run.panels:
        chapter = ("group", panel.group) if panel.group else ("section", panel.section)
        by_name.setdefault(chapter, {}).setdefault(panel.section, []).append(panel)
    chapters = []
    for (kind, name), sections in by_name.items():
        made = [
            Section(
                f"{part}-{file_stem(title, 'section')}",
                title,
                _groups([block_of(panel, data, run.redrawn_as) for panel in panels]),
            )
            for title, panels in sections.items()
        ]
        alone = kind == "section" or len(made) == 1
        chapters.append(
            Chapter(
                made[0].id if alone else f"{part}-{file_stem(name, 'section')}", made[0].name if alone else name, made
            )
        )
    return chapters


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Groups of blocks: each wide block alone, consecutive narrow blocks together."""
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and not block.body.wide and not groups[-1][-1].body.wide:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def policy(style: str, script: str, *, files: bool = False) -> str:
    """The Content-Security-Policy: the page's script, style, pictures and fonts are allowed, nothing else.

    With `files`, pictures may be files beside the page."""
    rules = {
        "default-src": "'none'",
        "script-src": _digest(script),
        "style-src": _digest(style),
        "img-src": "data: blob:" if not files else "data: file: 'self'",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def template(name: str) -> jinja2.Template:
    """A template beside this file, whose values are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["script_json"] = script_json
    environment.filters["prose"] = prose
    return environment.get_template(name)


def _own_version() -> str:
    try:
        return version("input-landscape")
    except PackageNotFoundError:
        return ""
