"""Measure a torch module of your own: a map is anything that takes (members, points, coordinates) to the same shape."""

from copy import deepcopy

import torch

from landscape import cube
from landscape.measures import basins, jacobian_at, loss_at, spectral_radius


class Own:
    """One module as a map of one member."""

    members, dim, device = 1, 2, torch.device("cpu")

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        return self.module(points)

    def select(self, members: object) -> "Own":
        return self

    def to(self, device: object = None, dtype: torch.dtype | None = None) -> "Own":
        return Own(deepcopy(self.module).to(device, dtype))


torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 2), torch.nn.Sigmoid())
data, optimiser = torch.tensor([[0.2, 0.2], [0.8, 0.8]]), torch.optim.Adam(net.parameters(), 0.01)
for _ in range(600):
    torch.nn.functional.mse_loss(net(data), data).backward()
    optimiser.step(), optimiser.zero_grad()
own = Own(net.requires_grad_(False))
print("loss at the data:", [f"{loss:.1e}" for loss in loss_at(own, data)[0].tolist()])
print("spectral radius there:", spectral_radius(jacobian_at(own, data))[0].tolist())
where = basins(own, cube.whole(2).grid(21).float(), 300)
for point, share in zip(where.points.tolist(), where.shares.tolist(), strict=False):
    print(f"attractor ({point[0]:.3f}, {point[1]:.3f}): {share:.0%} of the starts")
