"""`landscape export`: the file holds the run's network, and says where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

import landscape
from landscape.study import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def run(out: Path) -> Path:
    return run_study(ToyLine(steps=5, hidden=(1, 2)), out=out)


def test_the_file_holds_the_member_that_was_asked_for(run: Path, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "net.pt2"
    answer = command("export", run.name, "--to", target, "--where", "hidden=2", "--member", "1")
    assert answer.code == 0, answer.err
    assert answer.out.startswith(f"network {target} (")
    assert "points (any number, " in answer.out
    assert "hidden=2, member 1 of 3" in answer.out
    ensemble = landscape.load_model(run, member=1, hidden=2)
    x = torch.rand(4, ensemble.dim)
    assert torch.allclose(torch.export.load(target).module()(x), ensemble(x[None])[0], atol=1e-6)


def test_weights_say_where_they_come_from(run: Path, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "net.safetensors"
    assert command("export", run.name, "--to", target, "--where", "hidden=1").code == 0
    with safe_open(target, "pt") as file:
        notes = json.loads(file.metadata()["landscape"])
    assert notes["run"] == run.name
    assert notes["cell"] == {"hidden": 1}
    assert notes["recipe"]["net"]["kind"] == "mlp"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--to", "net.pt"), "the file must end in .pt2, .onnx, .safetensors; got 'net.pt'"),
        (("--to", "net.pt2"), "the run has 2 cells; choose one by --where KEY=VALUE"),
        (
            ("--to", "net.pt2", "--where", "hidden=1", "--member", "9"),
            "`member` must be median, best or from 0 to 2; got 9",
        ),
        (("--to", "net.pt2", "--where", "hidden=1", "--shape", "5,5"), "`shape` must have"),
        (("--to", "net.pt2", "--where", "hidden=1", "--shape", "a"), "`shape` must be whole numbers"),
    ],
)
def test_bad_input_gives_a_line(
    run: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = command("export", run.name, *words)
    assert answer.code == 2
    assert answer.err.startswith(f"landscape: {line}")
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.glob("net*"))
