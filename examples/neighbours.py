"""Compare two sets of images with held-out ones: exact nearest neighbours, precision and coverage."""

import torch

from landscape import DataSpec, load_data
from landscape.measures import fidelity, nearest
from landscape.measures.neighbours import gaps

images = load_data(DataSpec("digits", count=900), [0]).points  # (1, 900, 64)
training, new = images[:, :500], images[:, 500:]
blurred = training[:, torch.arange(400)] * 0.5 + training[:, torch.arange(400) + 100] * 0.5

print(f"median distance from a training image to its nearest other: {float(gaps(training).median()):.2f}")
print("samples          nearest training image  precision  recall  coverage")
for name, samples in (("new digits", new), ("pairs averaged", blurred), ("uniform noise", torch.rand(new.shape))):
    distance, _ = nearest(samples, training)
    found = fidelity(samples, training)
    print(
        f"{name:15}  {float(distance.median()):22.2f}  {float(found.precision):9.2f}"
        f"  {float(found.recall):6.2f}  {float(found.coverage):8.2f}"
    )
