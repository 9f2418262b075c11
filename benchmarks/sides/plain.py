"""The same work in plain torch, as people usually write it: one model at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from landscape.nets import MLP


def plain_model(net: MLP, dim: int, seed: int, device: str) -> nn.Sequential:
    """The network as a module; its weights equal those of the ensemble's member with this seed."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for fan_in in [dim, *[net.width] * (net.hidden - 1)]:
        layers += [nn.Linear(fan_in, net.width), nn.ReLU()]
    squash = nn.Tanh() if net.output == "tanh" else nn.Sigmoid()
    return nn.Sequential(*layers, nn.Linear(net.width, dim), squash).to(device)


def plain_fit(model: nn.Module, points: Tensor, steps: int, batch: int | None = None, lr: float = 1e-3) -> float:
    """Train on points (N, D), shuffled in each epoch if `batch` is below N. Returns the loss of the last step."""
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.MSELoss()
    count, cursor = len(points), 0
    whole = batch is None or batch >= count
    for _ in range(steps):
        if whole:
            x = points
        else:
            if cursor == 0:
                order = torch.randperm(count, device=points.device)
            x = points[order[cursor : cursor + batch]]
            cursor = 0 if cursor + 2 * batch > count else cursor + batch
        optimiser.zero_grad()
        loss = criterion(model(x), x)
        loss.backward()
        optimiser.step()
    return loss.item()


@torch.no_grad()
def plain_corner_maximum(model: nn.Module, dim: int, device: str, *, chunk: int, stop: int | None = None) -> float:
    """The largest loss over the first `stop` corners of [0, 1]^dim, evaluated chunk by chunk."""
    largest, bits = 0.0, torch.arange(dim, device=device)
    for start in range(0, stop or 2**dim, chunk):
        numbers = torch.arange(start, min(start + chunk, stop or 2**dim), device=device)
        x = ((numbers[:, None] >> bits) & 1).float()
        largest = max(largest, ((model(x) - x) ** 2).mean(1).max().item())
    return largest


@torch.no_grad()
def plain_samples(
    model: nn.Sequential, starts: Tensor, iterations: int, amplitude: float, low: float, high: float
) -> Tensor:
    """Iterate `starts` (S, D) by the published procedure: apply f, add noise of amplitude·U(high, 2·high−low), clamp."""
    x = starts
    for _ in range(iterations):
        for module in model:
            x = module(x)
        if amplitude:
            x = x + amplitude * ((high - low) * torch.rand(x.shape, device=x.device) + high)
            x = torch.clamp(x, low, high)
    return x
