"""Examine a network of your own: what kind of map it is, where repeating it leads, and a page about it."""

import tempfile

import torch

import landscape

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2), torch.nn.Sigmoid())
data, optimiser = torch.tensor([[0.2, 0.2], [0.8, 0.8], [0.2, 0.8]]), torch.optim.Adam(net.parameters(), 0.01)
for _ in range(600):
    torch.nn.functional.mse_loss(net(data), data).backward()
    optimiser.step(), optimiser.zero_grad()

out = tempfile.mkdtemp()  # without `out`, runs go to reports/
found = landscape.examine(net, data, out=out, iterations=100, starts=12, resolution=24, progress=False)
print(found.answer)
print(found.tables["ends"][["start", "orbits", "at_training", "elsewhere", "moving"]].to_string(index=False))
print("the page:", found.page.name)
