"""TensorBoard: event files in logs/tensorboard, a folder per run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from landscape.trackers.tracker import Tracker, finite


@final
class TensorBoard(Tracker):
    """A log that `tensorboard --logdir OUT/logs/tensorboard` shows."""

    name: ClassVar[str] = "tensorboard"
    writer: Any

    def start(self) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder = self.logs / self.name / self.folder.name
        self.place = str(self.out / folder.relative_to(self.out.resolve()))
        self.writer = SummaryWriter(str(folder))
        self.writer.add_text("study/parameters", _table(self.settings()))

    def write(self, values: Mapping[str, float], step: int) -> None:
        for name, value in finite(values).items():
            self.writer.add_scalar(name, value, step)
        self.writer.flush()

    def end(self, state: str, texts: Mapping[str, str]) -> None:
        self.writer.add_text("study/end", _table({"state": state, **texts}))
        self.writer.close()


def _table(texts: Mapping[str, str]) -> str:
    """A Markdown table of texts by name."""
    rows = [f"| {_cell(name)} | {_cell(text)} |" for name, text in texts.items()]
    return "\n".join(["| name | value |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
