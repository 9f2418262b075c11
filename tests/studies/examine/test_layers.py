"""Which layers of an examined network merge points: the table, the pair of inputs, and networks that are no chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

import landscape
from landscape.figures import Panel
from landscape.studies.examine.panels import panels_of
from landscape.studies.examine.view import MERGING

FEW: dict[str, Any] = {"starts": 4, "iterations": 5, "probes": 2, "resolution": 5, "samples": 12, "progress": False}
PLANE = np.array([[0.2, 0.3], [0.8, 0.3], [0.3, 0.7]], np.float32)


def linear(rows: list[list[float]], bias: list[float]) -> nn.Linear:
    layer = nn.Linear(len(rows[0]), len(rows))
    layer.weight.data, layer.bias.data = torch.tensor(rows), torch.tensor(bias)
    return layer


def second_layer_merges() -> nn.Module:
    """[B; −B] keeps both coordinates; the second layer has the sum of both alone; the map to the output keeps what is left."""
    return nn.Sequential(
        linear([[1.0, 0], [0, 1], [-1, 0], [0, -1]], [0.0] * 4), nn.ReLU(),
        linear([[1.0, 1, 0, 0]], [0.5]), nn.ReLU(),
        linear([[1.0], [1]], [0.0, 0]),
    )  # fmt: skip


def panels(found: landscape.Examination) -> dict[str, Panel]:
    return {panel.title: panel for panel in panels_of(found.result) if panel.section == MERGING}


def test_the_layer_that_merges_is_named_with_a_pair_in_coordinates(tmp_path: Path) -> None:
    found = landscape.examine({"mine": second_layer_merges()}, PLANE, out=tmp_path, **FEW)
    table = found.tables["layers"].set_index("layer")
    assert table.verdict.tolist() == ["one-to-one", "not one-to-one", "one-to-one"]
    assert table.merges_data.tolist() == [0, 1, 0]
    assert table.rank_data.tolist() == [2, 1, 1]
    assert table.activation.tolist() == ["relu", "relu", "output"]
    assert found.table.layers_merging.tolist() == [1]
    assert found.table.merged_data.tolist() == [1]
    (arrays,) = found.result.arrays.values()
    assert arrays["merged layers"].tolist() == [2]
    pair = arrays["merged inputs"][0]
    assert np.abs(pair.sum(1) - pair.sum(1)[0]).max() < 1e-12
    assert np.abs(pair[0] - pair[1]).max() > 0.1
    assert ((pair >= 0) & (pair <= 1)).all()
    shown = panels(found)
    assert list(shown) == ["mine merges its data at layer 2", "Two inputs that layer 2 of mine cannot tell apart"]
    layers, coordinates = (panel.body for panel in shown.values())
    assert isinstance(layers, pd.DataFrame)
    assert layers["on all inputs"].tolist() == ["one-to-one", "merges inputs", "one-to-one"]
    assert layers["merges at data"].tolist() == ["0 %", "100 %", "0 %"]
    assert isinstance(coordinates, pd.DataFrame)
    assert coordinates["merged by"].tolist() == ["layer 2"]
    assert "Where points merge" in found.page.read_text()
    assert "1 of 3 layers merges its data. Before the output's map 1 of 2 directions is left" in found.answer


def test_a_network_that_merges_nothing_says_so(tmp_path: Path) -> None:
    keeps = nn.Sequential(linear([[1.0, 0.5], [0, 1]], [0.0, 0]), nn.LeakyReLU(), linear([[1.0, 0], [0, 1]], [0.0, 0]))
    found = landscape.examine({"mine": keeps}, PLANE, out=tmp_path, **FEW)
    assert list(panels(found)) == ["No layer of mine merges points at its data"]
    assert found.table.colliding_pairs.tolist() == [0]
    assert "No layer merges its data." in found.answer
    assert found.table.merged_data.tolist() == [0]


def test_images_are_pictured_with_their_difference(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((7, 4, 5), dtype=np.float32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        narrow = nn.Sequential(nn.Linear(20, 3), nn.ReLU(), nn.Linear(3, 20))
    found = landscape.examine({"mine": narrow}, images, out=tmp_path, **FEW)
    shown = panels(found)["Two inputs that layer 1 of mine cannot tell apart"].body
    assert isinstance(shown, Figure)
    one, other, difference = shown.axes
    step = np.asarray(other.images[0].get_array()) - np.asarray(one.images[0].get_array())
    assert step.shape == (4, 5)
    np.testing.assert_allclose(np.asarray(difference.images[0].get_array()), step, atol=1e-6)
    assert np.abs(step).max() > 0.1
    (arrays,) = found.result.arrays.values()
    values = narrow[:2].double()(torch.from_numpy(arrays["merged inputs"][0])).detach()
    assert float((values[1] - values[0]).abs().max()) < 1e-12


@pytest.mark.parametrize("kind", ["residual", "transformer"])
def test_networks_that_are_no_chain_have_the_reason_in_one_line(kind: str, tmp_path: Path) -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.branch = nn.Linear(4, 4)

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            return batch + self.branch(batch).relu()

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.TransformerEncoderLayer(2, 1, 3, batch_first=True, dropout=0.0)

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            moved: torch.Tensor = self.layer(batch.view(-1, 2, 2)).reshape(-1, 4)
            return moved

    data = np.random.default_rng(0).random((5, 4), dtype=np.float32)
    model = Residual() if kind == "residual" else Attention()
    found = landscape.examine({"mine": model}, data, out=tmp_path, **FEW)
    (reason,) = found.tables["skipped"].set_index("measurement").loc[["where points merge"], "reason"]
    assert reason.endswith("only chains of affine maps and activations are asked by layers")
    assert reason.startswith("layer add" if kind == "residual" else "layer layer (TransformerEncoderLayer)")
    assert "layers" not in found.tables


def test_the_tables_of_a_film_name_the_weights_of_each_time(tmp_path: Path) -> None:
    states = {step: {"weight": 0.5 * torch.eye(2), "bias": torch.full((2,), 0.1 + step / 50)} for step in (0, 3, 7)}
    found = landscape.examine({"mine": nn.Linear(2, 2)}, PLANE, checkpoints=states, out=tmp_path, **FEW)
    files = found.table.set_index("time").weights
    assert files.nunique() == 3
    for name in ("moments", "points", "branches"):
        table = found.tables[name]
        assert len(table)
        assert (table.weights == table.time.map(files)).all()
