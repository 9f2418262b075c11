"""Few transfers from a GPU to the CPU: at each the host waits until the GPU has finished all its work."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def on_cpu(columns: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by name on the CPU: one transfer for all tensors of the same device and type."""
    found: dict[str, Tensor] = {}
    alike: dict[tuple[torch.device, torch.dtype], list[str]] = {}
    for name, values in columns.items():
        alike.setdefault((values.device, values.dtype), []).append(name)
    for (device, _), names in alike.items():
        if device.type == "cpu":
            found |= {name: columns[name] for name in names}
            continue
        moved = torch.cat([columns[name].flatten() for name in names]).cpu()
        parts = torch.split(moved, [columns[name].numel() for name in names])
        found |= {name: part.view(columns[name].shape) for name, part in zip(names, parts, strict=True)}
    return {name: found[name] for name in columns}
