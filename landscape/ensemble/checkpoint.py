"""Checkpoints: the state of a training on disk, so that a killed process loses less than a minute of work."""

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
DIGEST_BYTES = hashlib.sha256().digest_size  # at the beginning of the file: the digest of the rest
STATE_KEY = "state"  # the name of the tensor that holds the training's key and the numbers, as JSON


class Checkpoint:
    """A checkpoint file. It is written at most every `seconds`, replaced atomically, and valid for the training `key` alone.

    It begins with a digest of the rest, so that any altered byte is noticed."""

    def __init__(self, path: Path, key: str, seconds: float = CHECKPOINT_SECONDS) -> None:
        self.path, self.key, self.seconds = path, key, seconds
        self.written = time.monotonic()

    def due(self) -> bool:
        """Whether enough time has passed since the last write."""
        return time.monotonic() - self.written >= self.seconds

    def save(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write the state atomically: a reader sees the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        numbers = bytearray(json.dumps({"key": self.key, "state": state}).encode())
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        content = save({**contiguous, STATE_KEY: torch.frombuffer(numbers, dtype=torch.uint8)})
        with replacing(self.path) as part, part.open("wb") as file:  # save_file would hide a full disk's OSError
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        self.written = time.monotonic()

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The saved state, or None if there is no file. For a damaged file, or one of another training, None and a note."""
        try:
            with open_regular(self.path) as file:
                digest = file.read(DIGEST_BYTES)
                if hashlib.file_digest(file, "sha256").digest() != digest:  # type: ignore[arg-type]
                    raise ValueError("its content was altered")
                file.seek(DIGEST_BYTES)
                tensors = load(file.read())
            content = json.loads(tensors.pop(STATE_KEY).numpy().tobytes())
            if content["key"] != self.key:
                raise ValueError("it belongs to another training")
        except FileNotFoundError:
            return None
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            self.refuse(str(error))
            return None
        return tensors, content["state"]

    def refuse(self, reason: str) -> None:
        """Tell the user that the state cannot be used, and that training starts from the beginning."""
        note(f"the checkpoint {self.path} cannot be used ({reason}): training starts from the beginning")

    def remove(self) -> None:
        """Delete the file, once training is finished."""
        remove(self.path)


def like(expected: Tensor, read: Tensor) -> Tensor:
    """The tensor `read` on the device of `expected`. Raises ValueError if the two differ in shape or type."""
    if read.shape != expected.shape or read.dtype != expected.dtype:
        raise ValueError(f"expected {expected.dtype} {tuple(expected.shape)}, got {read.dtype} {tuple(read.shape)}")
    return read.to(expected.device)
