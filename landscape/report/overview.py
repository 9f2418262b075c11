"""The overview of runs as one HTML file: a card per run, with its answer, picture, command and state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from landscape.disk import open_regular
from landscape.report.bundle import VIEWER
from landscape.report.page import policy, template

MARK = "landscape-overview"  # the name of the meta element by which we know our own page
BYTES_READ = 4096  # of the beginning of a page, where that element is
RUNNING, FINISHED, STOPPED = "running", "finished", "stopped"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class RunCard:
    """What the overview shows of a run.

    - `name` is its folder, `title` what it found or asks. `asked`, `found` (pairs of a short answer and a sentence) and
      `note`, a sentence about the card itself, may be empty.
    - `state` is running, finished or stopped. `done`, `failed` and `cells` count its cells. `took` and `left` are times in
      words.
    - `picture` and `page` are addresses relative to the overview; empty for none. `size` is that of the picture in pixels."""

    name: str
    title: str
    state: str
    done: int
    failed: int
    cells: int
    command: str = ""
    asked: str = ""
    found: Sequence[tuple[str, str]] = ()
    note: str = ""
    started: str = ""
    took: str = ""
    left: str = ""
    picture: str = ""
    size: tuple[int, int] = (0, 0)
    page: str = ""

    @property
    def ended(self) -> int:
        """The cells that are finished or have failed."""
        return self.done + self.failed


def overview(cards: Sequence[RunCard], unreadable: Sequence[str], *, written: str, seconds: float = 0.0) -> str:
    """The page about the runs `cards`, in their order; `unreadable` says which runs cannot be read, and why.

    With `seconds` the page loads itself again after so many. Its script does so, keeps the place, and waits while the reader
    marks text; where scripts are off, an element of its head does. `written` is the time that the page gives."""
    style = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "overview.css"))
    script = overview_script()
    states = [card.state for card in cards]
    text = template("overview.html").render(
        cards=cards,
        unreadable=unreadable,
        counts=[(state, states.count(state)) for state in (RUNNING, FINISHED, STOPPED) if state in states],
        written=written,
        seconds=f"{seconds:g}" if seconds else "",
        mark=MARK,
        style=Markup(style),
        script=Markup(script),
        policy=Markup(policy(style, script, files=True)),
    )
    return text.strip() + "\n"


def overview_script() -> str:
    """The page's script: the viewer's module that copies commands, and the page's own."""
    copying = (VIEWER / "copying.js").read_text(encoding="utf-8").replace("export function", "function")
    return f"{copying}\n{(_HERE / 'overview.js').read_text(encoding='utf-8')}"


def is_overview(path: Path) -> bool:
    """Whether a file is an overview that we wrote."""
    try:
        with open_regular(path) as file:
            return f'<meta name="{MARK}"'.encode() in file.read(BYTES_READ)
    except (OSError, ValueError):
        return False


def digest_of(cards: Sequence[RunCard], unreadable: Sequence[str]) -> str:
    """A digest of what a page shows, but for the time at which it is written."""
    content = json.dumps([[vars(card) for card in cards], list(unreadable)], default=list)
    return hashlib.sha256(content.encode()).hexdigest()
