"""A training run's state on disk, so that a kill loses minutes and not hours."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from landscape.disk import settle

CHECKPOINT_SECONDS = 30.0


class Checkpoint:
    """A file written at most every CHECKPOINT_SECONDS, replaced atomically, valid only for the training it names."""

    def __init__(self, path: Path, key: str, seconds: float = CHECKPOINT_SECONDS) -> None:
        self.path, self.key, self.seconds = path, key, seconds
        self.written = time.monotonic()

    def due(self) -> bool:
        """Whether enough time has passed since the last write."""
        return time.monotonic() - self.written >= self.seconds

    def save(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write atomically: a reader sees the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        try:  # save_file would hide a full disk's OSError
            part.write_bytes(save(contiguous, {"key": self.key, "state": json.dumps(state)}))
            settle(part, self.path)
        finally:
            part.unlink(missing_ok=True)
        self.written = time.monotonic()

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The last state, or None where there is none, it is damaged, or it belongs to another training."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, framework="pt") as file:
                metadata = file.metadata() or {}
                if metadata.get("key") != self.key:
                    return None
                return {name: file.get_tensor(name) for name in file.keys()}, json.loads(metadata["state"])  # noqa: SIM118
        except (SafetensorError, OSError, ValueError):
            return None

    def remove(self) -> None:
        """Forget the state: the training is finished."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
