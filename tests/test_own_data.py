"""Data of the user's own: plain names, unknown names, and modules that register data."""

from __future__ import annotations

from pathlib import Path

import pytest

from landscape import outside, own_data

MODULE = "import landscape\nlandscape.register_data('spiral', lambda: [[0.1, 0.2], [0.3, 0.4], [0.9, 0.8]])\n"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("_registered", "_sources", "_files", "_places"):
        monkeypatch.setattr(own_data, name, {})
    monkeypatch.setattr(own_data, "_as_given", set())
    monkeypatch.setattr(outside, "_known", {})
    monkeypatch.chdir(tmp_path)


def test_a_plain_name_is_the_last_name_of_a_path_or_as_many_as_tell_it_apart(tmp_path: Path) -> None:
    kept = "reports/arrays/0123456789abcdef/points.npz"
    texts = ["a/x.csv", "a/y.csv", "b/y.csv", "digits", "c/digits", kept]
    assert list(own_data.plain_names(texts).values()) == ["x.csv", "a/y.csv", "b/y.csv", "digits", "c/digits", "points"]
    assert own_data.plain_names([str(tmp_path / "x.csv")]) == {str(tmp_path / "x.csv"): "x.csv"}


def test_in_runs_of_earlier_versions_the_whole_text_is_the_name() -> None:
    own_data.keep_as_given("a/x.csv")
    assert own_data.plain_names(["a/x.csv"]) == {"a/x.csv": "a/x.csv"}


def test_an_unknown_name_comes_with_the_nearest_and_a_path_with_where_it_was_looked_for() -> None:
    own_data.register_data("spiral", [[0.1], [0.2]])
    own_data.check("data", "spiral")
    own_data.check("data", "mnist")
    with pytest.raises(
        ValueError, match=r"`data` must be one of .*; got 'spirall'\. Did you mean 'spiral'\?; or give a path"
    ):
        own_data.check("data", "spirall")
    with pytest.raises(
        ValueError, match=r"there is no 'x\.csv' here, and no data root is given .*; give the path of a fold"
    ):
        own_data.check("data", "x.csv")


@pytest.mark.parametrize("word", ["mine.py", "mine", "./mine.py"])
def test_a_module_is_executed_and_its_code_is_noted(word: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    own_data.import_module(word)
    assert own_data.registered() == ["spiral"]
    source = own_data.code_of("spiral")
    assert source is not None
    assert source.path == tmp_path / "mine.py"
    assert len(source.digest) == 64


@pytest.mark.parametrize(
    ("word", "content", "message"),
    [
        ("gone.py", "", r"there is no file gone\.py"),
        ("gone", "", r"there is no module 'gone', and no file gone\.py here"),
        (
            "no-word",
            "",
            "there is no file 'no-word'; --import takes the path of a Python file, or the name of a module",
        ),
        ("mine.py", "def :", r"mine\.py, line 1, is not valid Python"),
        ("mine.py", "1 / 0", r"mine\.py, line 1 cannot be loaded: ZeroDivisionError"),
        ("mine.py", "import no_such_library", "imports 'no_such_library', which cannot be found"),
    ],
)
def test_a_module_that_cannot_be_executed_is_refused(word: str, content: str, message: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "mine.py").write_text(content)
    with pytest.raises(ValueError, match=message):
        own_data.import_module(word)


def test_a_registered_name_goes_before_a_file_and_a_file_before_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "entries", lambda group: {"faces": object()} if group == outside.DATA else {})
    assert own_data.is_registered("faces")
    (tmp_path / "faces").mkdir()
    assert not own_data.is_registered("faces")
    own_data.register_data("faces", [[0.1], [0.2]])
    assert own_data.is_registered("faces")
