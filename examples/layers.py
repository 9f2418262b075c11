"""At which layer a network of your own merges points, with two inputs that the layer cannot tell apart."""

import tempfile

import torch

import landscape

torch.manual_seed(0)
net = torch.nn.Sequential(
    torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 16), torch.nn.LeakyReLU(), torch.nn.Linear(16, 3)
)
data = torch.rand(50, 3)

out = tempfile.mkdtemp()  # without `out`, runs go to reports/
found = landscape.examine(
    {"mine": net}, data, out=out, iterations=20, starts=6, samples=20, resolution=9, progress=False
)
layers = found.tables["layers"]
merging = layers[layers.merges_data > 0].layer.tolist()
print(f"mine merges its data at layer {', '.join(map(str, merging))}; the page, {found.page.name}, shows where")
print(
    layers.assign(verdict=layers.verdict.replace("not one-to-one", "merges inputs"))[
        ["layer", "width", "verdict", "rank_data"]
    ].to_string(index=False)
)

(arrays,) = found.result.arrays.values()
x, y = torch.from_numpy(arrays["merged inputs"][0])
print(f"({', '.join(f'{v:.3f}' for v in x)}) and ({', '.join(f'{v:.3f}' for v in y)})")
first = net[:2].double()
print("the same after layer 1:", bool(torch.allclose(first(x), first(y), rtol=0, atol=1e-12)))
