"""Regions by relucent's search from cell to cell, served over a pipe to regions.py.

It runs in an interpreter of its own that has relucent, torch and numpy. A line names an .npz with the layers of a net and how
many regions to look for at most; the answer is how many it found. Each line "go" after it searches again and answers with its
seconds."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import relucent
import torch
from torch import nn


def network(layers: list[tuple[np.ndarray, np.ndarray]]) -> nn.Sequential:
    """The net, moved to the square [−½, ½]², which relucent searches."""
    modules: list[nn.Module] = []
    for place, (weight, bias) in enumerate(layers):
        one = nn.Linear(*weight.shape, dtype=torch.float64)
        with torch.no_grad():
            one.weight.copy_(torch.from_numpy(weight.T))
            one.bias.copy_(torch.from_numpy(bias + (weight.sum(0) / 2 if place == 0 else 0)))
        modules += [one] if place == len(layers) - 1 else [one, nn.ReLU()]
    return nn.Sequential(*modules)


def search(net: nn.Sequential, most: int) -> int:
    """The number of regions that relucent has found."""
    found = relucent.Complex(net)
    start = torch.tensor([[0.0123, 0.0271]], dtype=torch.float64)
    found.bfs(start=start, cube_radius=0.5, cube_mode="clipped", max_polys=most, nworkers=1, verify=False, verbose=0)
    return len(found)


def serve() -> None:
    """Answer each line of standard input until its end."""
    torch.set_num_threads(1)
    clock = time.process_time if "cpu" in sys.argv else time.perf_counter
    net, most = nn.Sequential(), 0
    for line in sys.stdin:
        if line.strip() == "go":
            began = clock()
            search(net, most)
            answer: float = clock() - began
        else:
            with np.load(line.strip()) as job:
                count = int(job["count"])
                net, most = network([(job[f"weight{k}"], job[f"bias{k}"]) for k in range(count)]), int(job["most"])
            answer = search(net, most)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps(f"relucent {getattr(relucent, '__version__', '')}"), flush=True)
    serve()
