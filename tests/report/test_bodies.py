"""Bodies of panels: each kind has its macro, and apart from a macro a new kind needs no change in the package."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2
import pytest

from landscape.figures.panel import Panel
from landscape.report.blocks import Block, block_of
from landscape.report.bodies import Body, body_of
from landscape.report.page import template
from landscape.report.page_data import PageData
from landscape.report.poster import FlatPainter


@dataclass(frozen=True)
class Haiku:
    """What an outside study might put into a panel."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class HaikuBody(Body):
    kind = "haiku"
    text: str


@pytest.fixture
def data() -> PageData:
    return PageData(FlatPainter(), 9)


def test_every_kind_of_body_has_a_macro() -> None:
    environment: jinja2.Environment = template("page.html").environment
    macros = environment.get_template("bodies.html").module
    kinds = [kind.kind for kind in Body.__subclasses__() if kind.__module__.startswith("landscape.")]
    assert len(kinds) == len(set(kinds)) == 7
    assert all(callable(getattr(macros, kind)) for kind in kinds)


def test_a_new_kind_of_body_is_registered(data: PageData) -> None:
    panel = Panel("A haiku", "", Haiku(("old pond", "a frog leaps in")))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'A haiku' has Haiku"):
        block_of(panel, data)

    @dataclass(frozen=True)
    class Shorter(Haiku):
        """A type that only this test registers."""

    @body_of.register(Shorter)
    def _(given: Shorter, title: str, data: PageData, room: str) -> Body:
        return HaikuBody(" / ".join(given.lines), wide=False)

    block = block_of(Panel("A haiku", "", Shorter(("old pond", "a frog leaps in"))), data)  # type: ignore[arg-type]
    assert block == Block("panel-2", "A haiku", "", "", "", HaikuBody("old pond / a frog leaps in", wide=False), [])
