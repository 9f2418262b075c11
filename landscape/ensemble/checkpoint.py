"""A training run's state on disk, so that a kill loses minutes and not hours."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from landscape.disk import open_regular, remove, replacing
from landscape.notes import note

CHECKPOINT_SECONDS = 30.0
DIGEST = hashlib.sha256().digest_size  # bytes at the beginning of the file: the digest of all that follows
STATE = "state"  # the tensor that holds the key and the numbers, as JSON


class Checkpoint:
    """A file written at most every CHECKPOINT_SECONDS, replaced atomically, valid only for the training it names.

    It begins with a digest of the rest, so that a file with any changed byte is recognised."""

    def __init__(self, path: Path, key: str, seconds: float = CHECKPOINT_SECONDS) -> None:
        self.path, self.key, self.seconds = path, key, seconds
        self.written = time.monotonic()

    def due(self) -> bool:
        """Whether enough time has passed since the last write."""
        return time.monotonic() - self.written >= self.seconds

    def save(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write atomically: a reader sees the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        numbers = bytearray(json.dumps({"key": self.key, "state": state}).encode())
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        content = save({**contiguous, STATE: torch.frombuffer(numbers, dtype=torch.uint8)})
        with replacing(self.path) as part, part.open("wb") as file:  # save_file would hide a full disk's OSError
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        self.written = time.monotonic()

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The last state. None if there is none; None with a note if it is damaged or belongs to another training."""
        try:
            with open_regular(self.path) as file:
                digest = file.read(DIGEST)
                if hashlib.file_digest(file, "sha256").digest() != digest:  # type: ignore[arg-type]
                    raise ValueError("its content was altered")
                file.seek(DIGEST)
                tensors = load(file.read())
            content = json.loads(tensors.pop(STATE).numpy().tobytes())
            if content["key"] != self.key:
                raise ValueError("it belongs to another training")
        except FileNotFoundError:
            return None
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            self.refuse(str(error))
            return None
        return tensors, content["state"]

    def refuse(self, reason: str) -> None:
        """Give the note that the state cannot be used and training starts from the beginning."""
        note(f"the checkpoint {self.path} cannot be used ({reason}): training starts from the beginning")

    def remove(self) -> None:
        """Forget the state: the training is finished."""
        remove(self.path)


def like(own: Tensor, read: Tensor) -> Tensor:
    """The tensor that was read, on the device of `own`. Raises ValueError if it differs from it in shape or type."""
    if read.shape != own.shape or read.dtype != own.dtype:
        raise ValueError(f"expected {own.dtype} {tuple(own.shape)}, got {read.dtype} {tuple(read.shape)}")
    return read.to(own.device)
