"""Modules as files: programs, ONNX and weights give the same map when they are read again."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from landscape.ensemble import Ensemble, build
from landscape.ensemble.module_files import save_module
from landscape.nets import NETS
from tests.nets.test_nets import net_of

SHAPE = (5, 7)


def ensemble_of(kind: str) -> Ensemble:
    return build(net_of(kind, SHAPE), 35, range(3))


def expected(ensemble: Ensemble, x: Tensor) -> Tensor:
    return ensemble(x.flatten(1).expand(3, -1, -1))[1].view_as(x)


@pytest.mark.parametrize("kind", NETS)
def test_a_program_takes_any_number_of_points(kind: str, tmp_path: Path) -> None:
    ensemble = ensemble_of(kind)
    path = save_module(ensemble.module(1, SHAPE), tmp_path / "net.pt2", SHAPE)
    program = torch.export.load(path).module()
    for count in (1, 2, 11):
        x = torch.rand(count, *SHAPE)
        assert torch.allclose(program(x), expected(ensemble, x), atol=1e-6, rtol=0)
    assert [file.name for file in tmp_path.iterdir()] == ["net.pt2"]


@pytest.mark.parametrize("kind", ["mlp", "unet"])  # all kinds were compared by hand: each takes about ten seconds
def test_onnx_gives_the_same_images(kind: str, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    ensemble = ensemble_of(kind)
    path = save_module(ensemble.module(1, SHAPE), tmp_path / "net.onnx", SHAPE, {"member": 1})
    session = runtime.InferenceSession(path)
    for count in (1, 11):
        x = torch.rand(count, *SHAPE)
        (found,) = session.run(["images"], {"points": x.numpy()})
        assert torch.allclose(torch.tensor(found), expected(ensemble, x), atol=1e-6, rtol=0)
    assert json.loads(session.get_modelmeta().custom_metadata_map["landscape"]) == {"member": 1}


def test_weights_are_those_of_the_module_with_notes(tmp_path: Path) -> None:
    module = ensemble_of("mlp").module(1, SHAPE)
    path = save_module(module, tmp_path / "new" / "net.safetensors", SHAPE, {"loss": 0.5})
    found = load_file(path)
    assert all(torch.equal(found[name], value) for name, value in module.state_dict().items())
    assert found.keys() == module.state_dict().keys()
    with safe_open(path, "pt") as file:
        assert json.loads(file.metadata()["landscape"]) == {"loss": 0.5}
    assert module.training  # as it was


def test_a_file_of_another_kind_gives_a_line(tmp_path: Path) -> None:
    module = ensemble_of("mlp").module()
    with pytest.raises(ValueError, match=r"the file must end in \.pt2, \.onnx, \.safetensors; got 'net\.pt'"):
        save_module(module, tmp_path / "net.pt", (35,))
    (tmp_path / "net.pt2").mkdir()
    with pytest.raises(ValueError, match=r"net\.pt2 is a folder, and a module is a file"):
        save_module(module, tmp_path / "net.pt2", (35,))


def test_onnx_without_its_libraries_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: Any, **more: Any) -> Any:
        if name == "onnxscript":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(ValueError, match=r"ONNX needs onnxscript, which is not installed: pip install .*\[onnx\]"):
        save_module(ensemble_of("mlp").module(), tmp_path / "net.onnx", (35,))


class Branching(nn.Module):
    """A map that torch.export cannot record."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, points: Tensor) -> Tensor:
        moved: Tensor = self.layer(points)
        return moved if moved.sum() > 0 else -moved


def test_a_module_that_cannot_be_recorded_gives_a_line_and_keeps_the_file(tmp_path: Path) -> None:
    target = tmp_path / "net.pt2"
    target.write_bytes(b"before")
    with pytest.raises(ValueError, match=r"the module cannot be written as \.pt2 \("):
        save_module(Branching(), target, (2,))
    assert target.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["net.pt2"]
