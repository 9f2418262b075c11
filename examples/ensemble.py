"""Train 20 networks on two points at once and count how many learned them."""

import torch

from landscape import MLP, DataSpec, build, fit, load_data

seeds = range(20)
points = load_data(DataSpec("two-points"), seeds).points  # (20 members, 2 points, 1 coordinate): .2 and .8
ensemble = build(MLP(hidden=2, width=10), 1, seeds)
fitted = fit(ensemble, points, seeds=seeds, steps=2000, lr=5e-3)

print(f"{fitted.status.count('converged')} of {len(seeds)} networks converged to a loss of 1e-6 or less")
print(f"median training loss {fitted.losses.median():.1e}, reached after {fitted.kept_at.median()} steps")
outputs = fitted.ensemble(torch.tensor([[0.2], [0.5], [0.8]]).expand(20, 3, 1))[..., 0]
print("the first network maps .2, .5, .8 to", [round(value, 3) for value in outputs[0].tolist()])
