"""Studies from presets, files and settings; the tests run over every study."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from landscape import presets, registry, results
from landscape.commands.run import memory_parameters
from landscape.disk import read_regular
from landscape.parameters import hints
from landscape.reporting import lead_of
from landscape.results import Result
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine
from tests.training_studies import TRAINING

EVERY = presets.study_names()
ANSWERED = [  # the studies whose preset for tests has an answer
    "architectures",
    "basins",
    "corners",
    "depth-sweep",
    "injective-gan",
    "injectivity",
    "kaleidoscope",
    "memorisation",
    "regions",
    "step-flatness",
    "training-film",
]
EVERY_PRESET = [(name, preset) for name in EVERY for preset in presets.preset_names(name)]


@pytest.mark.parametrize("name", TRAINING)
def test_every_study_has_the_presets_that_all_have(name: str) -> None:
    assert {"test", "quick", "paper", "full"} <= set(presets.preset_names(name))


@pytest.mark.parametrize("name", EVERY)
def test_memory_is_said_to_grow_with_numbers_alone(name: str) -> None:
    made = presets.make_study(name, "test")
    grows = memory_parameters(made)
    assert {"seed", "members", "steps", "data"}.isdisjoint(grows)
    for parameter in grows:
        assert hints(type(made))[parameter] in (int, tuple[int, ...])


def test_starts_need_memory_where_they_are_a_number_and_not_where_they_are_a_word() -> None:
    assert "starts" in memory_parameters(presets.make_study("fixed-points", "test"))
    assert memory_parameters(presets.make_study("depth-sweep", "test")) == ["width", "samples", "resolution"]


@pytest.mark.parametrize("name", EVERY)
def test_parameters_module_holds_every_field_of_its_study(name: str) -> None:
    own, study = presets.parameters_class(name), presets.study_class(name)
    assert own is not study
    assert [one.name for one in dataclasses.fields(own)] == [one.name for one in dataclasses.fields(study)]


@pytest.mark.parametrize("name", EVERY)
def test_page_begins_with_the_question_that_the_help_states(name: str) -> None:
    study = presets.make_study(name, "test")
    nothing = Result(Path(), {"cells": [], "study": name}, {"members": pd.DataFrame()}, {}, {})
    question = (inspect.getdoc(presets.parameters_class(name)) or "").split("\n\n")[0].replace("\n", " ")
    assert presets.parameters_class(type(study)) is presets.parameters_class(name)
    assert question.endswith((".", "?"))
    assert lead_of(study, nothing).startswith(f"{question} ")


@pytest.mark.parametrize(("name", "preset"), EVERY_PRESET)
def test_every_preset_makes_a_study_with_cells(name: str, preset: str) -> None:
    study = presets.make_study(name, preset)
    cells = study.cells()
    assert study.name == name
    assert cells
    assert len(set(cells)) == len(cells)
    trains = [bool(study.recipes(cell)) for cell in cells]
    assert any(trains) == (name in TRAINING)
    assert all(trains) == (name in TRAINING) or name == "injectivity"  # whose other parts train nothing


@pytest.mark.parametrize("name", TRAINING)
def test_every_study_can_keep_the_last_weights(name: str, tmp_path: Path) -> None:
    best, last = (presets.make_study(name, "test", overrides={"keep": keep}) for keep in ("best", "last"))
    assert best.folder(tmp_path) == presets.make_study(name, "test").folder(tmp_path) != last.folder(tmp_path)
    for study, keep in ((best, "best"), (last, "last")):
        assert {recipe.fit.keep for cell in study.cells() for recipe in study.recipes(cell)} == {keep}


@pytest.mark.parametrize("name", EVERY)
def test_every_study_has_a_title_and_help_for_each_field(name: str) -> None:
    study = presets.study_class(name)
    assert presets.title(name) != name
    assert study.__doc__
    assert all(field.metadata["help"].endswith(".") for field in dataclasses.fields(study))


@pytest.fixture
def run_once(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path]:
    """The run of a study's preset for tests: shared if the study's tests use it as well, else shortened."""

    def run(name: str) -> Path:
        if name in ("architectures", "fixed-points", "step-flatness"):
            return request.getfixturevalue("run_of_test_preset")(name)
        request.getfixturevalue("brief")
        return run_study(presets.make_study(name, "test"), out=tmp_path)

    return run


@pytest.mark.parametrize("name", TRAINING)
def test_test_preset_runs_and_its_claims_and_panels_are_made(name: str, run_once: Callable[[str], Path]) -> None:
    study = presets.make_study(name, "test")
    result = results.load(run_once(name))
    assert not result.failed_cells
    assert {"member", "seed"} <= set(result.table)
    assert ("status" in result.table) == (name in TRAINING)
    assert len(result.arrays) == len(study.cells())
    claims = list(study.claims(result))
    assert bool(claims) == (name in TRAINING)
    assert bool(study.answer(result, claims)) == (name in ANSWERED)
    assert list(study.panels(result))


@pytest.mark.parametrize("name", EVERY)
def test_printed_config_gives_the_same_study(name: str, tmp_path: Path) -> None:
    study = presets.make_study(name, "paper" if name in TRAINING else "test")
    (tmp_path / "study.toml").write_text(presets.to_toml(study))
    assert presets.make_study(name, config=tmp_path / "study.toml") == study


@pytest.mark.parametrize(("name", "preset"), EVERY_PRESET)
def test_command_is_the_shortest_that_gives_the_same_study(name: str, preset: str) -> None:
    words = f"landscape study {name}" if preset == "quick" else f"landscape study {name} --preset {preset}"
    assert presets.command(presets.make_study(name, preset)) == words
    assert presets.command(presets.make_study(name, preset, overrides={"seed": 7})) == f"{words} --seed 7"


@pytest.mark.parametrize("name", EVERY)
def test_study_is_rebuilt_from_its_record(name: str) -> None:
    study = presets.make_study(name, "quick" if name in TRAINING else "test")
    record = {"study": name, "version": study.version, "parameters": study.parameters()}
    assert presets.study_of(record) == study


def test_settings_beat_the_file_which_beats_the_preset_which_beats_the_default(toy: None, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("steps = 7\nmembers = 5\n")
    assert presets.make_study("toy-line").parameters()["steps"] == 50
    assert presets.make_study("toy-line", "quick").parameters()["steps"] == 200
    assert presets.make_study("toy-line", "quick", file).parameters()["steps"] == 7
    study = presets.make_study("toy-line", "quick", file, {"steps": "3", "hidden": "2,3,5"})
    assert study == ToyLine(hidden=(2, 3, 5), steps=3, members=5)


def test_values_are_read_from_text() -> None:
    assert presets.parse(ToyLine, "hidden", " 2, 3") == (2, 3)
    assert presets.parse(ToyLine, "lr", "1e-3") == 1e-3
    assert presets.parse(ToyLine, "data", "digits") == "digits"
    assert presets.parse(ToyLine, "stop", "False") is False


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("hidden", "2,,3", "`hidden` must list values separated by commas, none of them empty; got '2,,3'"),
        ("hidden", "two", "`hidden` must be a whole number; got 'two'"),
        ("lr", "fast", "`lr` must be a number; got 'fast'"),
        ("stop", "yes", "`stop` must be true or false; got 'yes'"),
    ],
)
def test_text_that_is_no_value_is_refused(key: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match="must") as error:
        presets.parse(ToyLine, key, text)
    assert str(error.value) == message


def test_unknown_names_come_with_the_nearest(toy: None) -> None:
    with pytest.raises(ValueError, match=r"got 'toy-lime'\. Did you mean 'toy-line'"):
        presets.make_study("toy-lime")
    with pytest.raises(ValueError, match=r"got 'quik'\. Did you mean 'quick'"):
        presets.make_study("toy-line", "quik")
    with pytest.raises(ValueError, match=r"`config`: no parameter 'hiden'\. Did you mean 'hidden'"):
        presets.make_study("toy-line", config={"hiden": 3})


def test_run_of_another_version_is_refused(toy: None) -> None:
    with pytest.raises(ValueError, match="of version 9 of toy-line, and this is version 1: run it again"):
        presets.study_of({"study": "toy-line", "version": 9, "parameters": {}})


def test_toml_values_survive() -> None:
    for value in (1, 1e-6, 0.1, True, 'a "b" ü', (1, 2), ("x", "y"), float("inf")):
        text = f"value = {presets.toml_value(value)}"
        read = tomllib.loads(text)["value"]
        assert read == (list(value) if isinstance(value, tuple) else value)


def test_module_with_two_studies_is_refused(toy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.toy.toy_line import study as toy_line

    second = dataclasses.make_dataclass(
        "Second", [], bases=(ToyLine,), frozen=True, namespace={"__module__": ToyLine.__module__}
    )
    monkeypatch.setattr(toy_line, "Second", second, raising=False)
    with pytest.raises(TypeError, match="exactly one study; it has 2"):
        presets.study_class("toy-line")


def test_names_with_commas_stand_in_quotes_or_are_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b $x.csv").write_text("length,class\n" + "1,u\n2,v\n3,u\n" * 9)
    study = presets.make_study("kaleidoscope", "test", overrides={"data": "a,b $x.csv", "classes": '"oak, red",elm'})
    assert study.parameters()["data"] == ["a,b $x.csv"]
    assert study.parameters()["classes"] == ["oak, red", "elm"]
    words = shlex.split(presets.command(study))
    given = {name: words[words.index(f"--{name}") + 1] for name in ("data", "classes")}
    assert presets.make_study("kaleidoscope", "test", overrides=given) == study
    with pytest.raises(ValueError, match=r"`data` must be text in UTF-8; got 'caf\\udce9.csv'"):
        presets.make_study("kaleidoscope", "test", overrides={"data": "caf\udce9.csv"})


def test_a_toml_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xef\xbb\xbfmembers = 2\n")
    assert presets.make_study("corners", "test", tmp_path / "own.toml").members == 2


def test_presets_are_read_once_and_again_when_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []

    def counted(file: Path, limit: int) -> bytes:
        reads.append(file)
        return read_regular(file, limit)

    monkeypatch.setattr(registry, "_folder", lambda: tmp_path)
    monkeypatch.setattr(registry, "read_regular", counted)
    file = tmp_path / "mine" / registry.PRESETS
    file.parent.mkdir()
    (file.parent / "study.py").touch()  # the folder is that of a study
    file.write_text('title = "Mine"\n[test]\nsteps = 3\n')
    presets.preset_settings("mine", "test")["steps"] = 9  # the caller's to change
    assert presets.preset_settings("mine", "test") == {"steps": 3}
    assert (presets.title("mine"), presets.preset_names("mine")) == ("Mine", ["test"])
    assert reads == [file]
    file.write_text('title = "Mine"\n[test]\nsteps = 30\n')
    assert presets.preset_settings("mine", "test") == {"steps": 30}
    assert reads == [file, file]
