"""Texts of a page that a thread computes while the rest of the page is made."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec

Given = ParamSpec("Given")


class Later:
    """Computes texts in a thread beside: another process draws posters, and pictures are encoded, while figures are drawn.

    1. `text` starts a computation, and returns a mark that stands for its text.
    2. `filled` puts the texts where the marks stand in the page."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(8)  # no page holds it by chance
        self._thread = ThreadPoolExecutor(1)
        self._texts: list[Callable[[], str]] = []

    def text(self, function: Callable[Given, str], *given: Given.args, **named: Given.kwargs) -> str:
        """A mark for the text that `function` returns."""
        return self._marked(self._thread.submit(function, *given, **named).result)

    def attempt(self, function: Callable[[], str | None], otherwise: Callable[[], str]) -> str:
        """A mark for the text that `function` returns; where it is None, for that of `otherwise`, which `filled` calls."""
        found: Future[str | None] = self._thread.submit(function)

        def text() -> str:
            made = found.result()
            return otherwise() if made is None else made

        return self._marked(text)

    def _marked(self, text: Callable[[], str]) -> str:
        self._texts.append(text)
        return f"{self._mark}-{len(self._texts) - 1}."

    def filled(self, page: str) -> str:
        """The page with the texts in place of their marks. Raises what a function raised."""
        return re.sub(rf"{self._mark}-(\d+)\.", lambda mark: self._texts[int(mark[1])](), page)
