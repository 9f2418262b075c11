"""`landscape sample`: the files that it writes, and the bad input that it refuses in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import landscape
from landscape import disk, measures
from landscape.commands import faults
from landscape.running import run_study
from tests.conftest import Answer, Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
DIGITS = ToyLine(steps=5, hidden=(1, 2), data="digits")
LINE = ToyLine(steps=5, hidden=(1,))
FEW = ("--count", "6", "--iterations", "4")


@pytest.fixture
def digits(out: Path) -> Path:
    return run_study(DIGITS, out=out)


@pytest.fixture
def line(out: Path) -> Path:
    return run_study(LINE, out=out)


def training() -> torch.Tensor:
    """The images that the networks learned: (N, 64)."""
    return DIGITS.recipes(DIGITS.cells()[0])[0].dataset().points[0]


def written(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "samples.npz") as stored:
        return {name: stored[name] for name in stored.files}


def test_images_become_points_a_sheet_and_an_animation(command: Command, digits: Path) -> None:
    answer = command("sample", digits.name, "--where", "hidden=2", *FEW, "--gif")
    assert answer.code == 0, answer
    folder = next((digits / "samples").iterdir())
    assert answer.out.startswith(
        f"samples {folder} (samples.npz, samples.png, samples.webp, samples.gif): 6 samples at 5 "
    )
    assert len(answer.out.splitlines()) == 1
    found = written(folder)
    assert found["points"].shape == (5, 6, 64)
    assert found["iterations"].tolist() == [0, 1, 2, 3, 4]
    assert (found["range"].tolist(), found["shape"].tolist()) == ([0, 1], [8, 8])
    source = json.loads(str(found["source"]))
    assert (source["run"], source["cell"], source["data"]) == (str(digits), {"hidden": 2}, "digits")
    assert source["options"]["count"] == 6
    for name in ("samples.webp", "samples.gif"):
        with Image.open(folder / name) as picture:
            assert picture.n_frames == 5
    with Image.open(folder / "samples.png") as sheet:
        assert sheet.width > 500
    assert sorted(file.name for file in folder.iterdir()) == [
        "samples.gif",
        "samples.npz",
        "samples.png",
        "samples.webp",
    ]


def test_the_points_are_those_of_the_public_function(command: Command, digits: Path, tmp_path: Path) -> None:
    words = ("--where", "hidden=1", "--member", "2", *FEW, "--noise", "normal:0.1", "--seed", "3", "--no-pictures")
    assert command("sample", str(digits), *words, "--to", str(tmp_path / "to")).code == 0
    model = landscape.load_model(digits, 2, hidden=1)
    expected = landscape.sample(model, 6, 4, noise="normal:0.1", seed=3)
    assert np.array_equal(written(tmp_path / "to")["points"], expected.points[0].numpy())
    assert [file.name for file in (tmp_path / "to").iterdir()] == ["samples.npz"]


def test_equal_options_have_one_folder_and_streams_one_more_file(command: Command, line: Path) -> None:
    for _ in range(2):
        assert command("sample", "toy", *FEW, "--burn-in", "1", "--thin", "2", "--no-pictures").code == 0
    assert command("sample", "toy", *FEW, "--keep", "1,3", "--stream", "--no-pictures").code == 0
    first, second = sorted((line / "samples").iterdir(), key=lambda folder: len(list(folder.iterdir())))
    assert written(first)["iterations"].tolist() == written(second)["iterations"].tolist() == [1, 3]
    assert np.array_equal(np.load(second / "samples.npy")[0], written(first)["points"])
    assert "points" not in written(second)


def test_another_sampling_in_the_same_place_leaves_nothing_of_the_first(
    command: Command, digits: Path, tmp_path: Path
) -> None:
    place = ("--where", "hidden=1", *FEW, "--to", str(tmp_path / "to"))
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "thesis.tex").write_text("years of work")
    command("sample", "toy", *place, "--gif")
    command("sample", "toy", *place, "--no-pictures")
    assert sorted(file.name for file in (tmp_path / "to").iterdir()) == ["samples.npz", "thesis.tex"]


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_descents_on_the_line_are_saved_and_drawn(command: Command, line: Path, tmp_path: Path, method: str) -> None:
    answer = command("sample", "toy", *FEW, "--method", method, "--start", "standard", "--to", str(tmp_path / "to"))
    assert answer.code == 0, answer
    assert f"5 {method} steps" in answer.out
    assert sorted(file.name for file in (tmp_path / "to").iterdir()) == ["samples.npz", "samples.png"]


def test_points_in_the_plane_are_animated(command: Command, out: Path, tmp_path: Path) -> None:
    run_study(ToyLine(steps=5, hidden=(1,), data="four-points"), out=out)
    answer = command("sample", "toy", *FEW, "--gif", "--to", str(tmp_path / "to"))
    assert "(samples.npz, samples.png, samples.webp, samples.gif): 6 samples" in answer.out, answer
    for name in ("samples.webp", "samples.gif"):
        with Image.open(tmp_path / "to" / name) as picture:
            assert picture.n_frames == 5
            assert min(picture.size) > 300


def test_the_known_half_of_images_is_kept(command: Command, digits: Path, tmp_path: Path) -> None:
    words = ("--where", "hidden=1", *FEW, "--known", "half=left", "--to", str(tmp_path / "to"), "--no-pictures")
    assert command("sample", "toy", *words).code == 0
    points = written(tmp_path / "to")["points"].reshape(5, 6, 8, 8)
    assert (points[..., :4] == points[0, ..., :4]).all()
    assert (points[4, ..., 4:] != points[0, ..., 4:]).any()
    halves = training().view(-1, 8, 8)[..., :4].flatten(1)
    assert (torch.cdist(torch.from_numpy(points[0, ..., :4]).flatten(1), halves).amin(1) < 1e-3).all()


def test_a_class_is_sampled_from_images_with_a_class_strip(command: Command, out: Path, tmp_path: Path) -> None:
    run = run_study(ToyLine(steps=5, hidden=(1,), data="digits", tag=True), out=out)
    assert command("sample", run.name, *FEW, "--known", "class=3", "--to", str(tmp_path)).code == 0
    strip = written(tmp_path)["points"][..., 64:]
    assert strip.shape == (5, 6, 16)
    assert np.array_equal(strip, np.broadcast_to(np.eye(16)[3], strip.shape))


def test_known_numbers_come_from_a_file_or_the_command_line(command: Command, digits: Path, tmp_path: Path) -> None:
    known = np.full((8, 8), np.nan)
    known[2, 3] = 0.75
    np.save(tmp_path / "known.npy", known)
    for words in (str(tmp_path / "known.npy"), "20=0.75"):
        place = ("--where", "hidden=1", *FEW, "--to", str(tmp_path / "to"), "--no-pictures")
        assert command("sample", "toy", *place, "--known", words).code == 0
        assert (written(tmp_path / "to")["points"][:, :, 19] == np.float32(0.75)).all()


def test_data_starts_are_training_images_with_noise(command: Command, digits: Path, tmp_path: Path) -> None:
    words = ("--where", "hidden=1", "--count", "6", "--iterations", "0", "--to", str(tmp_path / "to"), "--no-pictures")
    assert command("sample", "toy", *words, "--start", "data").code == 0
    points = torch.from_numpy(written(tmp_path / "to")["points"])
    assert (measures.nearest(points, training()[None])[0] == 0).all()
    assert command("sample", "toy", *words, "--start", "data", "--start-noise", "uniform:0.01").code == 0
    noisy = torch.from_numpy(written(tmp_path / "to")["points"])
    assert 0 < (noisy - points).abs().max() <= 0.0101


BAD = [
    ("nothing", "no run named 'nothing' in "),
    ("model.pt", "may be a pickle, and to open one can run any code"),
    ("toy --where hidden=3", "no cell has hidden='3'; hidden is 1, 2"),
    ("toy --where hiden=1", "toy-line has no 'hiden'. Did you mean 'hidden'?"),
    ("toy --where hidden", "`where` must be KEY=VALUE; got 'hidden'"),
    ("toy --where hidden=1 --member 3", "`member` must be median, best or from 0 to 2; got 3"),
    ("toy --where hidden=1 --member worst", "`member` must be median, best or from 0 to 2; got worst"),
    ("toy --where hidden=1 --recipe 1", "trains 1 ensembles; got `recipe` 1"),
    ("toy --where hidden=1 --count 0", "`count` must be at least 1"),
    ("toy --where hidden=1 --count many", "Invalid value for '--count'"),
    ("toy --where hidden=1 --method adm", "`method` must be one of 'adam', 'iterate', 'lbfgs'; got 'adm'"),
    ("toy --where hidden=1 --start unform", "got 'unform'. Did you mean 'uniform'?"),
    ("toy --where hidden=1 --noise loud", "noise must be KIND:AMPLITUDE"),
    ("toy --where hidden=1 --noise normal:0.1 --method adam", "`noise` goes with method 'iterate'"),
    ("toy --where hidden=1 --start-noise normal:0.1", "--start-noise goes with --start data"),
    ("toy --where hidden=1 --images held-out", "neither was given"),
    ("toy --where hidden=1 --images test --start data", "`images` must be training or held-out; got 'test'"),
    ("toy --where hidden=1 --keep 1,a", "`keep` must be whole numbers separated by commas; got '1,a'"),
    ("toy --where hidden=1 --keep 101", "`keep` must list iterations from 0 to 100; got 101"),
    ("toy --where hidden=1 --known half=up", "`half` must be one of 'bottom', 'left', 'right', 'top'; got 'up'"),
    ("toy --where hidden=1 --known 65=1", "digits has coordinates 1 to 64; got '65'"),
    ("toy --where hidden=1 --known class=3", "got 'class'. Images show their class only where a study is run with"),
    ("toy --where hidden=1 --known 3=2", "3 must lie from 0 to 1, the range of the data; got 2"),
    ("toy --where hidden=1 --known nowhere.npy", "there is no file 'nowhere.npy'"),
    ("toy --where hidden=1 --known README.md", "README.md is no .npy file of numbers"),
    ("toy --where hidden=1 --known 3=1,3=0", "`known` gives '3' twice: 1 and 0"),
    ("toy --where hidden=1 --where hidden=2", "`where` gives 'hidden' twice: 1 and 2"),
    ("toy --where hidden=1 --seed 9223372036854775808", "`seed` from 0 to 2^63 − 1; got 0.01 and 9223372036854775808"),
    ("toy --where hidden=1 --method adam --rate -1", "`rate` must be a positive number"),
    ("toy --where hidden=1 --device gpu", "`device` must be auto, cpu, cuda, cuda:n or mps; got 'gpu'"),
    ("toy --where hidden=1 --start data --images held-out", "to hold out"),
]


def refused(answer: Answer, message: str) -> None:
    assert answer.code == 2, answer
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1, answer.err
    assert message in answer.err


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    run_study(DIGITS, out=folder)
    return folder


@pytest.mark.parametrize(("words", "message"), BAD, ids=[words for words, _ in BAD])
def test_bad_input_is_one_line_and_writes_nothing(command: Command, shared: Path, words: str, message: str) -> None:
    refused(command("sample", *words.split(), "--out", str(shared)), message)
    assert not list(shared.glob("*/samples"))


def test_options_for_images_are_refused_for_points_of_a_line(command: Command, line: Path) -> None:
    refused(
        command("sample", "toy", "--gif"),
        "--gif plays images and points in the plane; two-points has points of 1 coordinate",
    )
    refused(command("sample", "toy", "--known", "half=left"), "halves are of images")


def test_a_place_that_cannot_be_written_is_refused(command: Command, line: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(command("sample", "toy", "--to", str(tmp_path / "file" / "below")), "; choose another --to")


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (faults.Terminated, 143)])
def test_a_stop_is_one_line_and_leaves_the_earlier_files(
    command: Command, line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException], code: int
) -> None:
    words = ("sample", "toy", *FEW, "--no-pictures", "--stream", "--to", str(tmp_path / "to"))
    assert command(*words).code == 0
    before = {file.name: file.read_bytes() for file in (tmp_path / "to").iterdir()}

    def stopped(*_: object) -> None:
        raise stop

    monkeypatch.setattr("landscape.commands.sample._write", stopped)
    answer = command(*words, "--seed", "1")
    assert (answer.code, answer.err) == (code, "landscape: stopped: nothing of these samples is kept\n")
    assert {file.name: file.read_bytes() for file in (tmp_path / "to").iterdir()} == before


def test_the_folder_of_a_killed_sampling_is_removed_and_of_a_running_one_kept(
    command: Command, line: Path, tmp_path: Path
) -> None:
    dead, alive = tmp_path / ".samples.1.part", tmp_path / ".samples.2.part"
    dead.mkdir()
    (dead / "samples.npy.1.part").write_bytes(b"half")
    alive.mkdir()
    with disk.locked(alive / ".lock"):
        assert command("sample", "toy", *FEW, "--no-pictures", "--to", str(tmp_path)).code == 0
    assert (dead.exists(), alive.exists()) == (False, True)


def test_a_damaged_network_is_refused_and_not_trained_again(command: Command, line: Path) -> None:
    weights = next((line.parent / "models").glob("*/weights.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-4] + b"evil")
    refused(
        command("sample", "toy"),
        "does not have the networks of cell hidden=1 as they were written (altered, or of another architecture); run again: "
        "landscape study toy-line",
    )


def test_more_than_memory_holds_is_refused_and_streaming_offered(
    command: Command, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landscape.measures.dynamics.sampling.free_memory", lambda: 10**5)
    refused(command("sample", "toy", "--count", "1000"), "stream them to a file")
    assert not (line / "samples").exists()
