"""Train a network of networks.py on MNIST, and keep its weights: python train.py convolutional|dncnn|wide FOLDER.

The network `wide` is trained on ten images, which are kept as data.npy, and leaves checkpoints. The other two are trained on
the first 10,000 images, which `landscape examine … --data mnist` reads as well."""

import sys
from pathlib import Path

import networks
import numpy as np
import torch
from safetensors.torch import save_file

from landscape import DataSpec, load_data

COUNT = {"convolutional": 10_000, "dncnn": 10_000, "wide": 10}
STEPS = {"convolutional": 4000, "dncnn": 1500, "wide": 500}
NOISE = {"dncnn": 0.3}  # standard deviation of the noise that is added to its inputs, as a share of the range
KEPT = {"wide": (0, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500)}  # steps of checkpoints


def main(name: str, folder: Path) -> None:
    """Write FOLDER/NAME.safetensors, or a file per checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    images = torch.as_tensor(load_data(DataSpec("mnist", count=COUNT[name]), [0]).points[0]).reshape(-1, 1, 28, 28)
    network = getattr(networks, name)()
    optimiser = torch.optim.Adam(network.parameters(), 1e-4 if name == "wide" else 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS[name])
    if name in KEPT:
        np.save(folder / "data.npy", images.numpy())
    for step in range(STEPS[name] + 1):
        if step in KEPT.get(name, (STEPS[name],)):
            end = f"-{step:05d}" if name in KEPT else ""
            save_file(network.state_dict(), folder / f"{name}{end}.safetensors")
        batch = images[torch.randint(len(images), (64,))] if len(images) > 64 else images
        inputs = batch + NOISE.get(name, 0) * torch.randn(batch.shape)
        loss = torch.nn.functional.mse_loss(network(inputs), batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step in KEPT.get(name, ()):
            print(f"step {step}: loss {loss.item():.3g}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
