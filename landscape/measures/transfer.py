"""Transfers of many tensors from a GPU to the CPU at once: at each transfer the host waits for all work of the GPU."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def on_cpu(columns: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by name, on the CPU. All tensors of the same device and type take one transfer."""
    moved: dict[str, Tensor] = {}
    alike: dict[tuple[torch.device, torch.dtype], list[str]] = {}
    for name, values in columns.items():
        alike.setdefault((values.device, values.dtype), []).append(name)
    for (device, _), names in alike.items():
        if device.type == "cpu":
            moved |= {name: columns[name] for name in names}
            continue
        joined = torch.cat([columns[name].flatten() for name in names]).cpu()
        parts = torch.split(joined, [columns[name].numel() for name in names])
        moved |= {name: part.view(columns[name].shape) for name, part in zip(names, parts, strict=True)}
    return {name: moved[name] for name in columns}
