"""The overview of a folder's runs, index.html: what each run found, how far it is, and how to get it.

Words and pictures of finished runs are made once. They are kept in the folder index_files, beside the page."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from landscape import disk, presets, reporting, results, sharing
from landscape.claims import Claim
from landscape.page_mark import mark_of
from landscape.parameters import docstring
from landscape.progress import rough
from landscape.record import PAGE, RECORD, RunError, cell_of, read_json, read_record
from landscape.results import Result

INDEX, FILES = "index.html", "index_files"  # the page, and the folder of what is kept for it
WORDS, PICTURE = ".run.json", ".run.svg"  # the ends of the names of files there: the run's name comes first
USUAL = Path("reports")  # the folder in which commands look without --out
MAX_WORDS_BYTES = 1_000_000
FORMAT = 1  # of the kept words
_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')


@dataclass(frozen=True)
class Words:
    """What is kept of a finished run: its title, question and findings, and the size of its picture, (0, 0) without one.

    `record` is the digest of the run's record. `mark` is that of its page: a page made anew may say something else."""

    record: str
    mark: str
    title: str
    asked: str = ""
    found: Sequence[tuple[str, str]] = ()
    note: str = ""
    size: tuple[int, int] = (0, 0)


@dataclass
class Overview:
    """The overview of the runs under `out`. It reads again only what has changed since it was last asked."""

    out: Path
    records: dict[Path, tuple[tuple[int, ...], dict[str, Any] | RunError]] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)
    tried: dict[str, str] = field(
        default_factory=dict
    )  # runs whose words could not be made, with the digest of their record
    shown: str = ""  # the digest of what the page shows

    @property
    def page(self) -> Path:
        return self.out / INDEX

    @property
    def is_in_progress(self) -> bool:
        """Whether a process runs a cell of some run."""
        return any(sharing.in_progress(folder) for folder, _ in self.runs())

    def runs(self) -> list[tuple[Path, dict[str, Any]]]:
        """The runs, newest first, with their records. Raises RunError if `out` is no folder."""
        found = [(folder, record) for folder, record in self._records() if not isinstance(record, RunError)]
        return sorted(found, key=lambda pair: str(pair[1].get("started", "")), reverse=True)

    def lacking(self) -> list[Path]:
        """The finished runs whose words were not made yet, or not since their page was made anew; newest first."""
        return [folder for folder, record in self.runs() if _has_ended(folder, record) and self._lacks(folder, record)]

    def make(self, folder: Path, result: Result | None = None, judged: Sequence[Claim] | None = None) -> None:
        """Make the words and the picture of a finished run, and keep them. A run that has none gets a note instead.

        `result` and the `judged` claims are taken if they are there already."""
        record = read_record(folder)
        try:
            words, picture = _made(folder, record, result, judged)
        except Exception as error:  # one run of another version, or of code that is not here, must not hide the others
            self.tried[folder.name] = _digest(record)
            self.words[folder.name] = _plain(folder, record, f"Its answer cannot be shown: {error}")
            return
        self.words[folder.name] = words
        home = self.out / FILES
        home.mkdir(exist_ok=True)
        with disk.replacing(home / f"{folder.name}{PICTURE}") as part:
            part.write_text(picture, encoding="utf-8")
        with disk.replacing(home / f"{folder.name}{WORDS}") as part:
            part.write_text(json.dumps({"format": FORMAT, **asdict(words)}), encoding="utf-8")

    def write(self, every: float = 0.0) -> bool:
        """Write the page if it would change, and return whether it did. It loads itself again while a run is in progress.

        Raises FileExistsError for an index.html that is not ours, and RunError if `out` is no folder."""
        from landscape.report.overview import RUNNING, digest_of, is_overview, overview
        from landscape.report.target import write_page

        if os.path.lexists(self.page) and not is_overview(self.page):
            raise FileExistsError(
                errno.EEXIST, "it exists, is not of `landscape watch`, and would be lost", str(self.page)
            )
        cards = [self._card(folder, record) for folder, record in self.runs()]
        unreadable = [str(record) for _, record in self._records() if isinstance(record, RunError)]
        digest = digest_of(cards, unreadable)
        running = any(card.state == RUNNING for card in cards)
        if digest == self.shown and not running and self.page.exists():
            return False
        self.shown = digest
        written = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        write_page(overview(cards, unreadable, written=written, seconds=every if running else 0.0), self.page)
        self._forget({card.name for card in cards})
        return True

    def _records(self) -> Iterator[tuple[Path, dict[str, Any] | RunError]]:
        results.check_place(self.out)
        for file in sorted(self.out.glob(f"*/{RECORD}")):
            try:
                status = file.stat()
            except OSError:  # removed meanwhile
                continue
            state = (status.st_mtime_ns, status.st_size, status.st_ino)
            if file.parent not in self.records or self.records[file.parent][0] != state:
                try:
                    self.records[file.parent] = state, read_record(file.parent)
                except RunError as error:
                    self.records[file.parent] = state, error
            yield file.parent, self.records[file.parent][1]

    def _lacks(self, folder: Path, record: Mapping[str, Any]) -> bool:
        if self.tried.get(folder.name) == _digest(record):
            return False
        words = self._words(folder, record)
        return words is None or words.mark != mark_of(folder / PAGE)

    def _words(self, folder: Path, record: Mapping[str, Any]) -> Words | None:
        """The words of a run, if they are of its record as it is."""
        if folder.name not in self.words:
            try:
                self.words[folder.name] = _read(self.out / FILES / f"{folder.name}{WORDS}")
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                return None
        words = self.words.get(folder.name)
        return words if words and words.record == _digest(record) else None

    def _card(self, folder: Path, record: Mapping[str, Any]) -> Any:
        from landscape.report.overview import FINISHED, RUNNING, STOPPED, RunCard

        states = [entry["status"] for entry in record["cells"]]
        state = RUNNING if sharing.in_progress(folder) else STOPPED if "waiting" in states else FINISHED
        words = self._words(folder, record) if state == FINISHED else None
        words = words or _plain(folder, record)
        done, failed = states.count("done"), states.count("failed")
        seconds, left = float(record.get("seconds", 0)), ""
        if state == RUNNING:
            seconds, left = _times(folder, record)
        picture = f"{FILES}/{quote(folder.name)}{PICTURE}" if any(words.size) else ""
        command = str(record.get("command", ""))
        if command and self.out != USUAL:
            command += f" --out {shlex.quote(str(self.out))}"
        return RunCard(
            folder.name,
            words.title,
            state,
            done,
            failed,
            len(states),
            command=command,
            asked=words.asked,
            found=[(short, sentence) for short, sentence in words.found],
            note=words.note,
            started=_local(record),
            took=rough(seconds) if seconds >= 1 else "",
            left=left,
            picture=picture,
            size=words.size,
            page=f"./{quote(folder.name)}/{PAGE}" if (folder / PAGE).exists() else "",
        )

    def _forget(self, names: set[str]) -> None:
        """Delete what is kept of runs that are no longer there."""
        for end in (WORDS, PICTURE):
            for file in (self.out / FILES).glob(f"*{end}"):
                if file.name.removesuffix(end) not in names:
                    disk.remove(file)


def refresh(
    out: Path, result: Result | None = None, judged: Sequence[Claim] | None = None, *, create: bool = False
) -> bool:
    """Write the overview of `out` after a command has changed the run `result`; whether it was written.

    Nothing is written to a folder that has no overview, unless `create`, nor over a page that is not ours. No error is raised:
    the command has done its work."""
    try:
        from landscape.report.overview import is_overview

        if not (is_overview(out / INDEX) or (create and not os.path.lexists(out / INDEX))):
            return False
        found = Overview(out)
        if result is not None and result.path in found.lacking():
            found.make(result.path, result, judged)
        found.write()
    except Exception:  # a bare machine has no drawing libraries, a disk may be full
        return False
    return True


def _made(
    folder: Path, record: dict[str, Any], result: Result | None, judged: Sequence[Claim] | None
) -> tuple[Words, str]:
    """The words of a finished run, and its picture as the text of an SVG file, "" for none."""
    from landscape.report.thumbnail import thumbnail

    result = results.load(folder) if result is None else result
    study = presets.study_of(result.record, folder)
    claims = reporting.claims_of(study, result) if judged is None else judged
    answer = reporting.answer_of(study, result, claims)
    plain = _plain(folder, record)
    hero = ((answer and answer.hero) or study.hero(result)) if reporting.measured(result) else None
    picture = thumbnail(hero) if hero else ""
    size = _SIZE.search(picture)
    found = [(one.short, one.sentence) for one in answer.found] if answer else [("", reporting.lead_of(study, result))]
    words = Words(
        _digest(record),
        mark_of(folder / PAGE),
        (answer and answer.title) or plain.title,
        answer.asked if answer else "",
        found,
        size=(int(size[1]), int(size[2])) if size else (0, 0),
    )
    return words, picture


def _read(file: Path) -> Words:
    """The words in a file. Raises an error for a file that is missing, of another format or altered."""
    content = read_json(file, MAX_WORDS_BYTES)
    if content.pop("format") != FORMAT:
        raise ValueError(f"{file} is of another format")
    found = [(str(short), str(sentence)) for short, sentence in content.pop("found")]
    width, height = map(int, content.pop("size"))
    return Words(**{name: str(text) for name, text in content.items()}, found=found, size=(width, height))


def _plain(folder: Path, record: Mapping[str, Any], note: str = "") -> Words:
    """The words of a run of which nothing was made: its title, and its question if its study is one of ours."""
    name = str(record["study"])
    ours = name in presets.study_names() and not record.get("code", {}).get("study")
    title = str(record.get("title") or (presets.title(name) if ours else name))
    asked = docstring(presets.parameters_class(name)).split("\n\n")[0].replace("\n", " ") if ours else ""
    return Words(_digest(record), mark_of(folder / PAGE), title, asked, note=" ".join(note.split()))


def _digest(record: Mapping[str, Any]) -> str:
    return str(record.get("sha256") or hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest())


def _has_ended(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether a run has no cell left to run, and none in progress."""
    return all(entry["status"] != "waiting" for entry in record["cells"]) and not sharing.in_progress(folder)


def _local(record: Mapping[str, Any]) -> str:
    """When a run was started, to the minute, by the clock of this machine; "" if that is not known."""
    try:
        return datetime.fromisoformat(str(record.get("started"))).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""


def _times(folder: Path, record: Mapping[str, Any]) -> tuple[float, str]:
    """The seconds since a run in progress was started, and the time left in words; "" if no cell has ended since.

    Cells count equally: what each of them costs is not known here."""
    try:
        began = datetime.fromisoformat(str(record.get("started"))).timestamp()
    except ValueError:
        return 0.0, ""
    now = time.time()
    ended = [entry for entry in record["cells"] if entry["status"] == "done"]
    places = [folder / sharing.CELLS / cell_of(entry).key for entry in ended]
    lately = sum(place.exists() and place.stat().st_mtime >= began for place in places)
    waiting = sum(entry["status"] == "waiting" for entry in record["cells"])
    return max(now - began, 0.0), rough((now - began) / lately * waiting) if lately and waiting else ""
