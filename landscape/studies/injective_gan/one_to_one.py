"""Whether a generator is one-to-one: layer by layer, and as a whole as far as a search can tell."""

from __future__ import annotations

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d

from landscape.ensemble.optimisers import Adam
from landscape.measures import layer_injectivity
from landscape.nets.adversarial import Generator, TransposedLayer

RANK_CODES = 32  # codes at which the rank of the generator's Jacobian is counted
PAIRS, STEPS, RATE = 32, 200, 0.05  # of the search for a pair of codes with the same image
RANGE_CODES = 1_000  # codes whose values bound the domain of an ordinary layer
SMALLEST_BOX = 1e-6  # side of the domain of a layer whose inputs are all 0
LARGEST_LAYER = 10_000_000  # entries of a layer's matrix, above which kernels alone are tested, if paired, or nothing


def layer_tests(generator: Generator, codes: Float[Tensor, "points latent"]) -> pd.DataFrame:
    """A row per layer: whether it is one-to-one, on all inputs (injective) or on the box of the values of codes (ordinary).

    Computed in float64. Batch normalisation is folded into the layer before it. The last layer is affine, without ReLU: it
    merges inputs exactly where they differ by a vector of its null space, whose dimension is at least inputs less outputs."""
    generator = double(generator)
    values, rows = codes.cpu().double()[:RANGE_CODES, :, None, None], []
    for index, layer in enumerate(generator.layers):
        assert isinstance(layer, TransposedLayer)
        folded = _folded(generator, index)
        size = (values.shape[2], values.shape[3])
        with torch.no_grad():
            after = folded(values).relu()
        inputs, outputs = values[0].numel(), after[0].numel()
        rows.append(
            {"layer": f"{index + 1}", "inputs": inputs, "outputs": outputs}
            | _tested(folded, size, inputs * outputs, layer.paired, float(values.max()) if index else None)
        )
        values = after
    outputs = generator.form.channels * generator.form.side**2
    inputs = values[0].numel()
    verdict = "merges by dimension" if inputs > outputs else "affine, not tested"
    last = {"layer": "last", "inputs": inputs, "outputs": outputs, "verdict": verdict, "method": "dimension"}
    table = pd.DataFrame([*rows, last])
    return table.assign(expansivity=table.outputs / table.inputs)


def _tested(
    layer: nn.ConvTranspose2d, size: tuple[int, int], entries: int, paired: bool, highest: float | None
) -> dict[str, object]:
    """What the test of a hidden layer says. `highest` is the largest of its inputs, where these are not negative."""
    options: dict[str, object] = {"size": size}
    if entries > LARGEST_LAYER:
        if not paired:
            return {"verdict": "not tested", "method": "too large"}
        options = {}
    elif not paired:
        options["method"] = "falsify"
        if highest is not None:
            options["box"] = (0.0, max(highest, SMALLEST_BOX))
    found = layer_injectivity(layer, generator=torch.Generator().manual_seed(0), **options)  # type: ignore[arg-type]
    return {"verdict": found.verdict, "method": found.method, "active": found.active, "residual": found.residual}


def ranks(generator: Generator, codes: Float[Tensor, "points latent"]) -> tuple[float, float]:
    """The share of codes where the Jacobian of the image before sigmoid has full rank, and its least relative singular value.

    Where it has, the generator is one-to-one nearby. Computed in float64; the tolerance of the rank is the usual one."""
    with torch.no_grad():
        net, chosen = double(generator), codes.cpu().double()[:RANK_CODES]
        jacobians = torch.cat([_jacobians(net, one) for one in torch.split(chosen, 1)])
        values = torch.linalg.svdvals(jacobians)
    relative = values[:, -1] / values[:, 0]
    tolerance = max(jacobians.shape[1:]) * torch.finfo(torch.float64).eps
    return float((relative > tolerance).double().mean()), float(relative.min())


def least_stretch(generator: Generator, codes: Float[Tensor, "points latent"]) -> float:
    """The least ‖G(z) − G(z′)‖ / ‖z − z′‖, before sigmoid, that a search over pairs of codes found, over the first median.

    Adam descends on the logarithm of the ratio from PAIRS pairs. 0 would be a pair with the same image; what is larger is
    no proof that there is none."""
    net = double(generator)
    ends = torch.stack([codes[:PAIRS], codes[PAIRS : 2 * PAIRS]]).cpu().double().requires_grad_()
    adam, start, least = Adam([ends], RATE), None, None
    for _ in range(STEPS):
        change = (net.before_sigmoid(ends[0]) - net.before_sigmoid(ends[1])).flatten(1).norm(dim=1)
        ratio = change / (ends[0] - ends[1]).norm(dim=1)
        start = ratio.detach() if start is None else start
        least = ratio.detach() if least is None else torch.minimum(least, ratio.detach())
        adam.descend(ratio.clamp(min=1e-30).log().sum())
    assert start is not None
    assert least is not None
    return float(least.min() / start.median())


def double(generator: Generator) -> Generator:
    """A copy of the generator in float64 on the CPU, in evaluation mode."""
    copy = Generator(generator.form, generator.kind).double()
    copy.load_state_dict({name: value.cpu() for name, value in generator.state_dict().items()})
    return copy.eval()


def _jacobians(net: Generator, codes: Float[Tensor, "points latent"]) -> Float[Tensor, "points latent dim"]:
    """The derivative of the image before sigmoid by each coordinate of the code: the product of the layers' linear parts."""
    count, latent = codes.shape
    value = codes[:, :, None, None]
    slopes = torch.eye(latent, dtype=codes.dtype).repeat(count, 1)[:, :, None, None]
    for index in range(len(net.layers)):
        layer = _folded(net, index)
        value = layer(value)
        active = (value > 0).repeat_interleave(latent, 0)
        slopes = conv_transpose2d(slopes, layer.weight, None, layer.stride, layer.padding) * active  # type: ignore[arg-type]
        value = value.relu()
    jacobians: Tensor = net.last(slopes).flatten(1).reshape(count, latent, -1)
    return jacobians


def _folded(generator: Generator, index: int) -> nn.ConvTranspose2d:
    """A hidden layer as a module, with its normalisation as part of weights and bias."""
    layer = generator.layers[index]
    assert isinstance(layer, TransposedLayer)
    weight = layer.weight.detach()
    before, after, kernel, _ = weight.shape
    module = nn.ConvTranspose2d(
        before, after, kernel, layer.stride, layer.padding, bias=not layer.paired, dtype=torch.float64, device="meta"
    )
    if generator.norms:
        norm = generator.norms[index]
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_var is not None
        assert norm.running_mean is not None
        gain = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
        weight = weight * gain[:, None, None]
        module.bias = nn.Parameter(norm.bias.detach() - gain * norm.running_mean)
    module.weight = nn.Parameter(weight)
    return module
