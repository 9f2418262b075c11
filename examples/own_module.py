"""Measure a torch module of your own: `landscape.wrap` makes it a map, which every measure takes."""

import torch

import landscape
from landscape import cube
from landscape.measures import basins, fixed_points, jacobian_at, loss_at, spectral_radius

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2), torch.nn.Sigmoid())
data, optimiser = torch.tensor([[0.2, 0.2], [0.8, 0.8]]), torch.optim.Adam(net.parameters(), 0.01)
for _ in range(600):
    torch.nn.functional.mse_loss(net(data), data).backward()
    optimiser.step(), optimiser.zero_grad()
own = landscape.wrap(net)  # for other modules: landscape.wrap(net, shape=(1, 28, 28), range=(0, 1))
print("loss at the data:", [f"{loss:.1e}" for loss in loss_at(own, data)[0].tolist()])
print("spectral radius there:", spectral_radius(jacobian_at(own, data))[0].tolist())
where = basins(own, cube.whole(2).grid(21).float(), 300)
for point, share in zip(where.points.tolist(), where.shares.tolist(), strict=False):
    print(f"attractor ({point[0]:.3f}, {point[1]:.3f}): {share:.0%} of the starts")
found = fixed_points(own)  # exact, as the module's layers are affine maps and ReLU
print(f"{len(found.points)} fixed points, proven complete: {bool(found.proven.all())}")
