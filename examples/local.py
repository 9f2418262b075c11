"""How high the reconstruction loss is away from the training points, and how contractive the map is at them."""

import torch

from landscape import MLP, DataSpec, build, fit, load_data
from landscape.measures import corner_loss, jacobian_at, loss_at, spectral_radius
from landscape.measures.local import cube_mean

seeds = range(8)
points = load_data(DataSpec("four-points"), seeds).points  # the corners of a square, {.2, .8}²
net = fit(build(MLP(hidden=4, width=50), 2, seeds), points, seeds=seeds, steps=1500, lr=5e-3).ensemble

at_data = loss_at(net, points).mean(1)
mean, _ = cube_mean(net, 4096, generator=torch.Generator().manual_seed(0))
corners = corner_loss(net).maximum
radius = spectral_radius(jacobian_at(net, points))  # < 1 where iterating the map attracts
print("network  loss at data  mean over the square  largest at a corner  attracting training points")
for member in range(len(seeds)):
    print(
        f"{member:7}  {at_data[member]:12.1e}  {mean[member]:20.4f}  {corners[member]:19.4f}"
        f"  {int((radius[member] < 1).sum()):17} of 4"
    )
