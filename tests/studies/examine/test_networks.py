"""Networks from code, files and memory, and one clear line for those that cannot be examined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import landscape
from landscape import presets
from landscape.studies.examine import memory, networks
from landscape.studies.examine.study import Examine

CODE = """
import torch
from torch import nn

def build():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.Sigmoid())

def fails():
    raise RuntimeError("no such luck")

def halved(batch):
    return batch / 2

def wide(batch):
    return torch.cat([batch, batch], 1)

def broken(batch):
    return batch / 0 * 0

def random(batch):
    return (batch + torch.rand_like(batch)) / 2
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(CODE)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((7, 2), dtype=np.float32))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def study(**settings: object) -> Examine:
    made = presets.make_study("examine", "test", overrides={"data": "x.npy", **settings})
    assert isinstance(made, Examine)
    return made


def tried(**settings: object) -> None:
    made = study(**settings)
    for one in made.cells():
        made.recipes(one)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("mine.py:fails", "mine.py:fails could not make the network: mine.py:10: RuntimeError: no such luck"),
        ("mine.py:wide", r"^mine.py:wide does not return points such as those of x.npy: .* it gave \(5, 4\)"),
        ("mine.py:broken", "mine.py:broken cannot be examined: .* gives NaN or infinite numbers at 5 of 5 points"),
        ("mine.py:random", "two outputs for the same point"),
        ("mine.py:nothing", "must be one of .*'build'.* got 'nothing'"),
        ("missing.pt2", "there is no model 'missing.pt2': give FILE.py:NAME, a file"),
        ("x.npy", "a model must be FILE.py:NAME, or a file .pt2"),
    ],
)
def test_a_network_that_cannot_be_examined_is_refused_in_one_line(file: Path, model: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        tried(model=(model,))
    assert "\n" not in str(raised.value)


def test_functions_and_factories_are_told_apart_and_the_global_stream_is_kept(file: Path) -> None:
    before = torch.random.get_rng_state()
    tried(model=("mine.py:build", "mine.py:halved"))
    assert torch.equal(before, torch.random.get_rng_state())


def test_weights_in_place_of_a_network_are_refused_with_how_to_give_both(file: Path) -> None:
    torch.save({"0.weight": torch.zeros(3, 2)}, file / "w.pt")
    with pytest.raises(
        ValueError, match=r"holds 1 tensors and not the module .* command line FILE.py:NAME --weights w.pt"
    ):
        tried(model=("w.pt",))


def test_weights_that_do_not_fit_are_listed(file: Path) -> None:
    save_file({"0.weight": torch.zeros(3, 2)}, file / "w.safetensors")
    with pytest.raises(ValueError, match=r"does not fit the module Sequential: 3 missing: 0.bias, 2.weight, 2.bias"):
        tried(model=("mine.py:build",), weights="w.safetensors")


def test_several_files_of_weights_are_checkpoints_with_the_time_in_their_names(file: Path) -> None:
    for step in (10, 9, 100):
        save_file({"a": torch.zeros(1)}, file / f"ckpt-{step}.safetensors")
    cells = study(model=("mine.py:build",), weights="ckpt-*.safetensors").cells()
    assert [one["time"] for one in cells] == [9, 10, 100]
    assert len({one["weights"] for one in cells}) == 3
    with pytest.raises(ValueError, match="2 models take 2 files of weights, in their order; got 3"):
        study(model=("mine.py:build", "mine.py:halved"), weights="ckpt-*.safetensors").cells()


def test_changed_data_give_new_cells_and_changed_code_another_folder(file: Path) -> None:
    made = study(model=("mine.py:build",))
    cells, folder = made.cells(), made.folder(file)
    np.save(file / "x.npy", np.zeros((7, 2), np.float32))
    assert study(model=("mine.py:build",)).cells() != cells
    assert study(model=("mine.py:build",)).folder(file) == folder
    (file / "mine.py").write_text(CODE + "\n# changed\n")
    assert study(model=("mine.py:build",)).folder(file) != folder


def test_equal_modules_have_equal_names_and_other_weights_or_code_others() -> None:
    def made(seed: int, activation: nn.Module) -> nn.Module:
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(2, 3), activation, nn.Linear(3, 2))

    with torch.random.fork_rng():
        one, same, other, leaky = made(0, nn.ReLU()), made(0, nn.ReLU()), made(1, nn.ReLU()), made(0, nn.LeakyReLU())
    texts = [memory.text_of("net", model) for model in (one, same, other, leaky)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3
    factor = 2.0
    assert memory.text_of("f", lambda x: x * factor) == memory.text_of("f", lambda x: x * factor)
    first = memory.text_of("f", lambda x: x * factor)
    factor = 3.0
    assert memory.text_of("f", lambda x: x * factor) != first


def test_a_model_in_memory_that_this_process_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="the model 'gone' was given in memory, and this process does not have it"):
        networks.network_of("gone@0123456789ab", "", (2,), 0.0, 1.0, torch.zeros(1, 3, 2))


def test_examine_is_a_name_of_the_package() -> None:
    assert landscape.examine.__name__ == "examine"
