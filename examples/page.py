"""A page of your own from arrays: a surface that rotates, and samples that play beside their nearest training images."""

import tempfile
from pathlib import Path

import numpy as np
import torch

import landscape
from landscape.measures import iterate, loss_at

seeds = (0,)
points = landscape.load_data(landscape.DataSpec("four-points"), seeds).points
net = landscape.fit(
    landscape.build(landscape.MLP(hidden=4), 2, seeds), points, seeds=seeds, steps=800, lr=5e-3
).ensemble
square = landscape.grid(80)  # 80 × 80 points of [0, 1]²
starts = torch.rand(1, 50, 2, generator=torch.Generator().manual_seed(0))
orbits = np.stack([step[0].detach().numpy() for step in iterate(net, starts, 30)])  # (31, 50, 2)

digits = landscape.load_data(landscape.DataSpec("digits", 100), seeds).points[0].view(-1, 8, 8).numpy()
noise = np.random.default_rng(0).random((16, 8, 8))
fading = np.stack([digits[:16] + 0.8**t * (noise - digits[:16]) for t in range(30)])  # (30, 16, 8, 8)

page = landscape.page(
    [
        "A network that returns four points, and its loss elsewhere in the square.",
        landscape.surface(
            loss_at(net, square).view(80, 80), title="Loss", log=True, points=points[0], orbits=orbits,
            labels=("x₁", "x₂", "loss"),
        ),
        landscape.player(fading, digits, title="Noise that fades"),
    ],
    title="A page of my own",
)  # fmt: skip
path = page.save(Path(tempfile.gettempdir()) / "landscape-page.html")
print(f"a page of 3 panels, {len(page.html) / 1e3:.0f} KB: {path}")
