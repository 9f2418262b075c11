"""What a page carries besides its text: the tables behind its pictures, each once, and the colour maps of its scenes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pandas as pd

from landscape.names import file_stem
from landscape.report.later import Later
from landscape.report.matching import Table
from landscape.report.pack import pack_bytes
from landscape.report.poster import Painter
from landscape.report.tables import flat, to_csv
from landscape.report.vector import Used

MAX_TABLE_CHARACTERS = 400_000  # compressed; a larger table stays in the run's folder


@dataclass(frozen=True)
class Download:
    """A table that a reader may save: its file's name, its number of rows, and its id in the page ("" if it is too large)."""

    file: str
    rows: int
    payload: str


@dataclass
class Payloads:
    """The tables a page carries, each once: id → compressed CSV, and id → table."""

    content: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def add(self, frame: pd.DataFrame) -> str:
        """The id under which the page holds `frame`; "" if it takes more than MAX_TABLE_CHARACTERS."""
        text = to_csv(frame)
        name = "t" + hashlib.sha256(text.encode()).hexdigest()[:12]
        if name not in self.content:
            packed = pack_bytes(text.encode())
            if len(packed) > MAX_TABLE_CHARACTERS:
                return ""
            self.content[name], self.tables[name] = packed, Table(name, flat(frame))
        return name


@dataclass
class PageData:
    """Collects what the page must carry while its blocks are made.

    `painter` draws posters. Live surfaces have at most side × side points. `used` is what figures use, and `tables` are the ids
    of the tables of the run at hand, whose rows its figures may show. `later` computes texts for which the page has marks until
    it is written."""

    painter: Painter
    side: int
    payloads: Payloads = field(default_factory=Payloads)
    colours: set[str] = field(default_factory=set)
    used: Used = field(default_factory=Used)
    tables: list[str] = field(default_factory=list)
    later: Later = field(default_factory=Later)
    count: int = 0

    def download(self, name: str, frame: pd.DataFrame) -> Download:
        """The table as a file that a reader may save."""
        file = file_stem(name.removesuffix(".csv"), "table")
        made = Download(f"{file}.csv", len(frame), self.payloads.add(frame))
        if made.payload and made.payload not in self.tables:
            self.tables.append(made.payload)
        return made

    def next_id(self, kind: str) -> str:
        """An id that no other element of the page has."""
        self.count += 1
        return f"{kind}-{self.count}"
