"""Networks are loaded from the files that people have, and what does not fit is said in a line."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_model
from torch import Tensor, nn

import landscape
from landscape import measures
from landscape.notes import Note
from landscape.wrapping import Differenced

P = 7


class Autoencoder(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(5, width), nn.Linear(width, 5)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.decoder(torch.relu(self.encoder(x))))


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        self.second.weight = self.first.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


@pytest.fixture
def module() -> Autoencoder:
    torch.manual_seed(3)
    return Autoencoder()


def points() -> Tensor:
    return torch.rand(P, 5, generator=torch.Generator().manual_seed(5))


def same(loaded: object, module: nn.Module, atol: float = 1e-6) -> bool:
    return torch.allclose(landscape.wrap(loaded, shape=5)(points()[None])[0], module(points()), atol=atol)


@pytest.mark.parametrize("suffix", ["pt", "pth", "safetensors"])
def test_weights_and_the_function_that_makes_their_module(suffix: str, module: Autoencoder, tmp_path: Path) -> None:
    file = tmp_path / f"ae.{suffix}"
    if suffix == "safetensors":
        save_model(module, file)
    else:
        torch.save(module.state_dict(), file)
    stream = torch.get_rng_state()
    assert same(landscape.load_module(file, Autoencoder), module)
    assert torch.equal(stream, torch.get_rng_state())
    given = Autoencoder()
    before = given.encoder.weight.clone()
    assert same(landscape.load_module(file, given), module)
    assert torch.equal(given.encoder.weight, before)


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        (lambda state: {"epoch": 3, "state_dict": state}, "under 'state_dict'"),
        (lambda state: {"model": {f"module.{name}": value for name, value in state.items()}}, "prefix 'module.'"),
        (lambda state: {f"_orig_mod.module.{name}": value for name, value in state.items()}, "'_orig_mod.module.'"),
    ],
)
def test_containers_and_prefixes_are_said(saved, words: str, module: Autoencoder, tmp_path: Path) -> None:
    torch.save(saved(module.state_dict()), tmp_path / "ae.pt")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert same(landscape.load_module(tmp_path / "ae.pt", Autoencoder), module)
    assert any(words in str(one.message) and issubclass(one.category, Note) for one in said)


def test_tied_weights_are_saved_once(tmp_path: Path) -> None:
    tied = Tied()
    save_model(tied, tmp_path / "tied.safetensors")
    loaded = landscape.load_module(tmp_path / "tied.safetensors", Tied)
    assert torch.equal(loaded.second.weight, tied.first.weight)


@pytest.mark.parametrize("dynamic", [True, False])
def test_a_program_of_torch_export(dynamic: bool, module: Autoencoder, tmp_path: Path) -> None:
    """A program that was exported for two points at a time is given two at a time."""
    sizes = ({0: torch.export.Dim("batch")},) if dynamic else None
    program = torch.export.export(module, (torch.zeros(2, 5),), dynamic_shapes=sizes)
    torch.export.save(program, tmp_path / "ae.pt2")
    loaded = landscape.load_module(tmp_path / "ae.pt2")
    wrapped = landscape.wrap(loaded)
    assert wrapped.shape == (5,)
    assert torch.allclose(wrapped(points()[None])[0], module(points()), atol=1e-6)
    assert torch.allclose(
        measures.jacobian_at(wrapped, points()), measures.jacobian_at(landscape.wrap(module), points())
    )
    assert wrapped.to(dtype=torch.float64)(points()[None].double()).dtype == torch.float64


def test_torchscript(module: Autoencoder, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(module).save(tmp_path / "ae.pt")
    loaded = landscape.load_module(tmp_path / "ae.pt")
    assert same(loaded, module)
    wrapped = landscape.wrap(loaded, shape=5).to(dtype=torch.float64)
    assert torch.allclose(wrapped(points()[None].double())[0].float(), module(points()), atol=1e-6)
    assert torch.allclose(
        measures.jacobian_at(wrapped, points()).float(),
        measures.jacobian_at(landscape.wrap(module), points()),
        atol=1e-6,
    )
    with pytest.raises(ValueError, match="TorchScript, whose layers are not read"):
        wrapped.layers()


@pytest.mark.parametrize("dynamic", [True, False])
def test_onnx(dynamic: bool, module: Autoencoder, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    sizes = {"x": {0: torch.export.Dim("batch")}} if dynamic else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(2, 5),), tmp_path / "ae.onnx", dynamic_shapes=sizes, verbose=False)
    wrapped = landscape.wrap(landscape.load_module(tmp_path / "ae.onnx"))
    assert isinstance(wrapped, Differenced)
    assert (wrapped.shape, wrapped.digits) == ((5,), torch.float32)
    assert torch.allclose(wrapped(points()[None])[0], module(points()), atol=1e-6)
    apart = measures.jacobian_at(wrapped, points()) - measures.jacobian_at(landscape.wrap(module), points())
    assert (apart.abs().amax((-1, -2)) < 1e-3).sum() == P - 1  # one point is beside a kink


@pytest.mark.parametrize(
    ("save", "make", "message"),
    [
        (lambda file: None, Autoencoder, "there is no such file"),
        (lambda file: torch.save(Autoencoder(), file), None, r"pickle of more than weights .*\(model.state_dict\(\), FILE\)"),
        (lambda file: file.write_bytes(pickle.dumps({"a": Path()})), None, "pickle of more than weights|no file of weights"),
        (lambda file: torch.save(Autoencoder().state_dict(), file), None, "4 tensors and not the module"),
        (lambda file: torch.save({"a": 1}, file), Autoencoder, "must hold a state dict of tensors; it holds 'a'"),
        (lambda file: torch.save([1], file), Autoencoder, "it holds list"),
        (lambda file: torch.save(Tied().state_dict(), file), Autoencoder, "decoder.weight, …; 4 unexpected: first"),
        (lambda file: torch.save(Autoencoder(4).state_dict(), file), Autoencoder, r"decoder.weight \(5, 4\) for \(5, 3\)"),
        (lambda file: torch.save(Autoencoder().state_dict(), file), lambda: 1 / 0, "cannot make its module: ZeroDivisionError"),
        (lambda file: torch.save(Autoencoder().state_dict(), file), lambda: 1, "return a torch.nn.Module; it returned int"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(save, make, message: str, tmp_path: Path) -> None:
    save(tmp_path / "ae.pt")
    with pytest.raises(ValueError, match=message) as error:
        landscape.load_module(tmp_path / "ae.pt", make)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["ae.pt2", "ae.onnx", "ae.safetensors", "ae.pth"])
def test_damaged_files_are_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"not a network")
    with pytest.raises(ValueError, match=name) as error:
        landscape.load_module(tmp_path / name, Autoencoder)
    assert "\n" not in str(error.value)
