"""Studies, architectures and measures that are not ours: found, run, resumed, reported and loaded."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import landscape
from landscape import outside, presets, results
from landscape.ensemble import build, fit
from landscape.nets import ModuleNet, make_net, net_of
from landscape.notes import Note
from landscape.record import read_record, write_record
from tests.conftest import Answer, Command

HERE = Path(__file__).parent
WORKED = HERE.parent / "studies" / "mine.py"
PARTS, BARE = HERE / "toy" / "parts.py", HERE / "toy" / "bare.py"
FEW = ("--members", "2", "--steps", "3", "--width", "2,3", "--quiet")


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test knows no code that another one has read."""
    monkeypatch.setattr(outside, "_known", {})
    monkeypatch.setattr(outside, "_recalled", {})


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the worked study, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(WORKED, tmp_path / "mine.py"))


def forget() -> None:
    outside._known.clear()
    outside._recalled.clear()


def folder_of(answer: Answer) -> Path:
    assert answer.code == 0, answer.err
    return Path(answer.out.split("run     ")[1].split("\n")[0])


def one_line(answer: Answer, *words: str) -> None:
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1), answer
    for word in words:
        assert word in answer.err, answer.err


def test_a_file_is_run_resumed_shown_sampled_and_reported(mine: Path, out: Path, command: Command) -> None:
    run = folder_of(command("study", "mine.py", *FEW))
    assert run.parent == out
    assert run.name.startswith("mine-")
    record = read_record(run)
    assert (record["study"], record["code"]["study"]["path"]) == ("mine", str(mine))
    written = (run / "run.json").read_text()
    assert folder_of(command("study", "./mine.py", *FEW)) == run
    assert (run / "run.json").read_text() == written
    forget()
    shown = command("show", run.name)
    assert shown.code == 0
    assert "landscape study mine.py" in shown.out
    assert "no verdicts" not in shown.out
    page = run / "report.html"
    page.unlink()
    assert command("report", run.name).code == 0
    assert "How many" in page.read_text()
    assert "Do wider networks have more fixed points between their training points?" in page.read_text()
    sampled = command("sample", run.name, "--where", "width=2", "--count", "3", "--iterations", "2", "--no-pictures")
    assert sampled.code == 0, sampled.err
    assert landscape.load_model(run, width=3)(torch.rand(1, 5, 1)).shape == (1, 5, 1)


def test_worker_processes_run_a_file(mine: Path, out: Path) -> None:
    words = ["study", "mine.py", *FEW, "--engine", "processes", "--workers", "2", "--no-report"]
    found = subprocess.run([sys.executable, "-m", "landscape", *words], capture_output=True, text=True, cwd=mine.parent)
    assert found.returncode == 0, found.stderr
    run = Path(found.stdout.split("run     ")[1].strip())
    here = presets.make_study("mine.py", overrides={"members": 2, "steps": 3, "width": (2, 3)})
    assert here.folder(out) == run
    alone = landscape.run_study(here, out=out.parent / "alone")
    assert landscape.load(run).table.equals(landscape.load(alone).table)


def test_a_changed_file_is_another_run(mine: Path, out: Path, command: Command) -> None:
    run = folder_of(command("study", "mine.py", *FEW, "--no-report"))
    mine.write_text(mine.read_text().replace("GRID = 2001", "GRID = 2003"))
    assert folder_of(command("study", "mine.py", *FEW, "--no-report")) != run
    forget()
    assert len(landscape.load(run).table) == 4
    one_line(
        command("report", run.name), "which has changed since: run it again, or name the file to trust it (--code FILE"
    )
    assert landscape.load_model(run, width=2).members == 1
    with pytest.warns(Note, match=r"mine\.py has changed since the run was made"):
        trusted = command("report", run.name, "--code", "mine.py")
    assert trusted.code == 0, trusted.err


def test_a_file_that_is_gone_leaves_tables_and_networks(mine: Path, out: Path, command: Command) -> None:
    run = folder_of(command("study", "mine.py", *FEW, "--no-report"))
    forget()
    mine.unlink()
    assert len(landscape.load(run.name).table) == 4
    assert landscape.load_model(run, width=2).members == 1
    one_line(command("report", run.name), "which is not there any more: name the file to trust it")
    shown = command("show", run.name)
    assert (shown.code, "no verdicts: the run was made with" in shown.out) == (0, True)


def test_code_that_a_record_names_is_not_executed_unasked(mine: Path, out: Path, command: Command) -> None:
    run = folder_of(command("study", "mine.py", *FEW, "--no-report"))
    proof = out.parent / "executed"
    evil = out / "evil.py"
    evil.write_text(
        f"open({str(proof)!r}, 'w')\n" + mine.read_text().replace("from __future__ import annotations\n", "")
    )
    digest = outside.peek(evil).digest
    for path, reason in ((evil, "lies in the folder of the runs"), (Path("mine.py"), "is no absolute path")):
        write_record(run, read_record(run) | {"code": {"study": {"path": str(path), "sha256": digest}}})
        forget()
        one_line(command("report", run.name), f"which {reason}: name the file to trust it")
        landscape.load(run)
        landscape.load_model(run, width=2)
    away = out.parent / "evil.py"
    shutil.copy(evil, away)
    write_record(run, read_record(run) | {"code": {"study": {"path": str(away), "sha256": "0" * 64}}})
    one_line(command("report", run.name), "which has changed since")
    landscape.load(run)
    assert not proof.exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_code_of_another_user_is_not_executed(
    mine: Path, out: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = folder_of(command("study", "mine.py", *FEW, "--no-report"))
    forget()
    mine_uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine_uid + 1)
    one_line(command("report", run.name), "which belongs to another user: name the file to trust it")


def test_a_study_without_presets_says_so(mine: Path, command: Command) -> None:
    words = "mine.py has no presets (they would be tables in mine.toml beside it); got --preset full: leave it out"
    one_line(command("study", "mine.py", "--preset", "full"), words)
    mine.with_suffix(".toml").write_text('title = "Mine, with presets"\n[quick]\nwidth = [5]\n[full]\nmembers = 100\n')
    assert "members = 100" in command("study", "mine.py", "--preset", "full", "--print-config").out
    assert "width = [5]" in command("study", "mine.py", "--print-config").out
    assert presets.title("mine.py") == "Mine, with presets"
    one_line(
        command("study", "mine.py", "--preset", "ful"),
        "must be one of 'quick', 'full'; got 'ful'. Did you mean 'full'?",
    )


def test_a_folder_is_a_study_with_relative_imports(mine: Path, out: Path, command: Command) -> None:
    folder = mine.parent / "wide_nets"
    folder.mkdir()
    shutil.move(mine, folder / "study.py")
    (folder / "grid.py").write_text("GRID = 501\n")
    text = (folder / "study.py").read_text().replace("GRID = 2001", "from .grid import GRID  #")
    (folder / "study.py").write_text(text)
    (folder / "presets.toml").write_text("[quick]\nmembers = 2\nsteps = 3\n")
    run = folder_of(command("study", "wide_nets", "--width", "2", "--quiet"))
    assert run.name.startswith("wide-nets-")
    assert landscape.load(run).record["command"] == "landscape study ./wide_nets --width 2"
    (folder / "grid.py").write_text("GRID = 503\n")
    assert folder_of(command("study", "./wide_nets", "--width", "2", "--quiet", "--no-report")) != run


def test_the_barest_study_runs_and_reports(out: Path, command: Command) -> None:
    run = folder_of(command("study", str(BARE), "--members", "3"))
    assert landscape.load(run).table.square.tolist() == [4] * 3 + [9] * 3
    assert command("show", run.name).code == 0
    assert (run / "report.html").exists()
    assert list((out / run.name / "cells").iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "line 1, is not valid Python: invalid syntax"),
        ("import nowhere_at_all", "mine.py imports 'nowhere_at_all', which cannot be found; install it"),
        ("x = 1\ny = 1 / 0", "mine.py, line 2 cannot be loaded: ZeroDivisionError: division by zero"),
        ("x = 1", "mine.py must hold exactly one study, a class that extends landscape.Study; it has 0"),
        ("from landscape import Study\nclass A(Study): pass", "mine.py: A lacks cells, measure, recipes"),
    ],
)
def test_a_file_that_holds_no_study_is_one_line(mine: Path, command: Command, text: str, message: str) -> None:
    mine.write_text(text)
    one_line(command("study", "mine.py"), message)


def test_fields_are_made_by_option(mine: Path, command: Command) -> None:
    mine.write_text(mine.read_text().replace('option(4, "Hidden layers.", low=1, high=20)', "4"))
    one_line(command("study", "mine.py"), "make the field 'hidden' by landscape.option(default, help)")
    mine.write_text(WORKED.read_text().replace("@dataclass(frozen=True)\nclass", "class"))
    one_line(command("study", "mine.py"), "put @dataclass(frozen=True) above Mine")


def test_a_missing_path_is_one_line(mine: Path, command: Command) -> None:
    one_line(command("study", "yours.py"), "there is no file yours.py; give the path of a Python file")
    (mine.parent / "empty").mkdir()
    one_line(command("study", "./empty"), "the folder empty has no study.py")


class Entry:
    """An entry point, as an installed package has it."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value, self.dist = name, value, None

    def load(self) -> object:
        return importlib.metadata.EntryPoint(self.name, self.value, "").load()


def test_installed_packages_offer_studies_and_nets(
    out: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = {
        outside.STUDIES: {"squares": Entry("squares", "tests.toy.bare:Bare")},
        outside.NETS: {"tanh-norm": Entry("tanh-norm", "tests.toy.parts:make")},
    }
    monkeypatch.setattr(outside, "entries", lambda group: offered[group])
    outside.imported.cache_clear()
    assert "squares" in command("study", "list").out
    run = folder_of(command("study", "squares", "--members", "2", "--quiet"))
    assert run.name.startswith("squares-")
    forget()
    assert command("report", run.name).code == 0
    assert read_record(run)["code"]["study"]["entry"] == "squares"
    study = presets.make_study("depth-sweep", overrides={"net": "tanh-norm", "data": "two-points"})
    net = study.recipes(study.cells()[0])[0].net
    assert (net.kind, len(net.digest)) == ("module", 64)
    outside.imported.cache_clear()


def test_members_of_a_module_are_those_of_their_seeds_alone_or_in_company() -> None:
    for text, dim in ((f"{PARTS}:make", 2), (f"{PARTS}:convolution", 6)):
        net = make_net(text, (dim,), hidden=2, width=7)
        together = build(net, dim, range(5))
        assert net_of(net.spec()) == net
        points = torch.rand(5, 3, dim, generator=torch.Generator().manual_seed(1))
        every = fit(together, points, seeds=range(5), steps=30, stop=False)
        for member in range(5):
            alone = fit(build(net, dim, [member]), points[member : member + 1], seeds=[member], steps=30, stop=False)
            assert torch.equal(alone.ensemble.flat[0], every.ensemble.flat[member])


def test_a_module_is_the_one_that_its_function_builds_after_its_seed() -> None:
    from tests.toy.parts import make

    before = torch.random.get_rng_state()
    ensemble = build(make_net(f"{PARTS}:make", (2,), hidden=2, width=7), 2, [4, 5])
    assert torch.equal(before, torch.random.get_rng_state())
    points = torch.rand(2, 3, 2, generator=torch.Generator().manual_seed(1))
    for member, seed in enumerate((4, 5)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = make(2, 7, 2)
        torch.testing.assert_close(ensemble(points)[member], module(points[member]))


def test_a_run_with_a_net_of_the_users_is_loaded_and_sampled(
    out: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(PARTS, tmp_path / "parts.py")
    words = ["study", "step-flatness", "--preset", "test", "--net", "parts.py:make", "--members", "2", "--steps", "3"]
    run = folder_of(command(*words, "--quiet", "--no-report"))
    record = read_record(run)
    assert record["parameters"]["net"] == "parts.py:make"
    assert record["code"]["parts.py:make"]["sha256"] == outside.peek(tmp_path / "parts.py").digest
    where = dict(record["cells"][0]["values"])
    forget()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ensemble = landscape.load_model(run, **where)
    assert isinstance(ensemble.net, ModuleNet)
    forget()
    (tmp_path / "parts.py").write_text((tmp_path / "parts.py").read_text() + "# another\n")
    with pytest.raises(results.RunError, match=r"parts\.py, which has changed since: run it again, or name the file"):
        landscape.load_model(run, **where)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return 3", "must return a torch.nn.Module; it returned 3"),
        ("return nn.Linear(dim, dim + 1)", "must map points (3, 2) to as many; it gave (3, 3)"),
        ("return nn.Linear(dim + 1, dim)", "cannot take points (3, 2): RuntimeError"),
        ("return nn.Sequential(nn.Linear(dim, dim), nn.BatchNorm1d(dim))", "BatchNorm1d (1) lets a point's image depend"),
        ("return nn.Sequential(nn.Linear(dim, dim), nn.Dropout())", "Dropout (1) is random"),
        ("m = nn.Linear(dim, dim); m.register_buffer('b', torch.ones(1)); return m", "has the buffer 'b'"),
        ("return nn.Identity()", "returned a module without parameters"),
        ("return nn.Linear(dim, dim).double()", "weight must be float32"),
        ("return nn.LazyLinear(dim)", "weight has no shape yet"),
        ("raise OSError('no')", "cannot make its module: OSError: no"),
        ("class A(nn.Linear):\n  def forward(self, x): return x + self.bias if x.sum() > 0 else x\n return A(dim, dim)",
         "torch.func.vmap cannot run its module for several members"),
        ("class A(nn.Linear):\n  def forward(self, x): return x * torch.rand_like(x) + self.bias\n return A(dim, dim)",
         "torch.func.vmap cannot run its module for several members"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_a_module_that_cannot_be_an_ensemble_is_one_line(tmp_path: Path, body: str, message: str) -> None:
    file = tmp_path / "odd.py"
    file.write_text(f"import torch\nfrom torch import nn\ndef make(dim):\n {body}\n")
    with pytest.raises(ValueError, match=r"odd\.py") as caught:
        make_net(f"{file}:make", (2,))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_that_is_missing_is_one_line(tmp_path: Path, command: Command) -> None:
    few = ("study", "depth-sweep", "--preset", "test")
    one_line(command(*few, "--net", f"{tmp_path}/no.py:make"), "there is no file")
    one_line(command(*few, "--net", f"{PARTS}:mak"), "`parts.py:NAME` must be one of", "Did you mean 'make'?")
    one_line(command(*few, "--net", f"{WORKED}:GRID"), "must be a function; it is 2001")
    one_line(command(*few, "--net", "mpl"), "Did you mean 'mlp'?; or give FILE.py:NAME, a function of yours")
    words = (
        "`parts.py:NAME` must be one of 'convolution', 'make', 'missed', 'pair', 'steepest'; got 'steep'. Did you mean"
    )
    one_line(command(*few, "--measure", f"{PARTS}:steep"), "--measure: ", words)
    one_line(command(*few, "--measure", "loss"), "--measure must be FILE.py:NAME, a function of yours; got 'loss'")
    one_line(command(*few, "--measure", f"{PARTS}:pair,{PARTS}:pair"), "--measure names two functions 'pair'")
    (tmp_path / "none.py").write_text("from math import sin\n")
    one_line(command(*few, "--measure", f"{tmp_path}/none.py:sine"), "none.py has no 'sine', and defines no function")


def test_measures_of_the_users_are_columns_and_panels(out: Path, command: Command) -> None:
    few = ("study", "corners", "--preset", "test", "--members", "2", "--steps", "3", "--quiet")
    usual = folder_of(command(*few, "--no-report"))
    words = ("--measure", f"{PARTS}:steepest", "--measure", f"{PARTS}:missed")
    run = folder_of(command(*few, *words))
    assert run != usual
    table = landscape.load(run).table
    assert (table.steepest > 0).all()
    assert (table.missed >= table.loss * 0.999).all()
    columns = [name for name in table if name not in ("steepest", "missed")]
    assert table[columns].equals(landscape.load(usual).table)
    assert "Your measure: steepest" in (run / "report.html").read_text()


def test_a_measure_is_tried_before_training(out: Path, command: Command, tmp_path: Path) -> None:
    few = ("study", "corners", "--preset", "test", "--members", "3", "--steps", "3", "--quiet", "--no-report")
    words = "--measure pair must return a number per network, (2,); it returned float64 (2, 2) (tried on 2 untrained"
    one_line(command(*few, "--measure", f"{PARTS}:pair"), words)
    (tmp_path / "odd.py").write_text("def steep(net, points):\n    return points.of_all\n")
    words = "--measure steep failed on an untrained network, on which it was tried before training: odd.py:2: AttributeError"
    one_line(command(*few, "--measure", f"{tmp_path}/odd.py:steep"), words)
    assert not list(out.glob("corners-*"))
    assert not list(out.glob("models/*"))


def test_a_measure_that_fails_on_trained_networks_alone_names_its_line(command: Command, tmp_path: Path) -> None:
    few = ("study", "corners", "--preset", "test", "--members", "3", "--steps", "3", "--quiet", "--no-report")
    (tmp_path / "odd.py").write_text("def third(net, points):\n    return points[:, 0, 0] / (3 - len(points) or 'x')\n")
    answer = command(*few, "--measure", f"{tmp_path}/odd.py:third")
    assert answer.code == 3
    assert ": odd.py:2: TypeError: unsupported operand" in answer.err


def test_an_installed_package_offers_measures(
    out: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = {outside.MEASURES: {"steep": Entry("steep", "tests.toy.parts:steepest")}}
    monkeypatch.setattr(outside, "entries", lambda group: offered.get(group, {}))
    outside.imported.cache_clear()
    few = ("study", "corners", "--preset", "test", "--members", "2", "--steps", "3", "--quiet")
    run = folder_of(command(*few, "--measure", "steep"))
    assert (landscape.load(run).table.steep > 0).all()
    assert "Your measure: steep" in (run / "report.html").read_text()
    assert read_record(run)["code"]["steep"]["sha256"] == outside.peek(PARTS).digest
    one_line(command(*few, "--measure", "step"), "--measure: `name` must be one of 'steep'; got 'step'. Did you mean")
    outside.imported.cache_clear()


BREAKS = {  # what the worked study's measure raises, and what is said of it
    "raise KeyError('widht')": "KeyError: 'widht'",
    "raise Odd(1, 2)": "Odd: 1 and 2",
    "torch.zeros(2) + torch.zeros(3)": "RuntimeError: The size of tensor a (2)",
}


@pytest.mark.parametrize(("code", "said"), BREAKS.items())
@pytest.mark.parametrize("engine", ["here", "processes"])
def test_a_failure_in_a_study_of_the_users_names_its_line(
    mine: Path, out: Path, command: Command, engine: str, code: str, said: str
) -> None:
    odd = (
        "class Odd(Exception):\n    def __init__(self, a, b):\n        super().__init__(f'{a} and {b}')\n\n\n@dataclass"
    )
    text = mine.read_text().replace("@dataclass", odd)
    mine.write_text(text.replace("        above = ", f"        {code}\n        above = "))
    line = mine.read_text().splitlines().index(f"        {code}") + 1
    answer = command("study", "mine.py", *FEW, "--engine", engine, "--workers", "2", "--no-report")
    assert answer.code == 3
    failed = [line for line in answer.err.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 2
    assert failed[0].startswith(f"failed: width=2: mine.py:{line}: ")
    assert said in failed[0]


@pytest.mark.parametrize(
    ("before", "code", "said"),
    [
        ("        good = ", "1 / 0", "ZeroDivisionError: division by zero (the run itself is saved in"),
        ("        return [cell(", "float('x')", "could not convert string to float: 'x'"),
        ("        net = make_net", "widths", "NameError: name 'widths' is not defined"),
    ],
)
def test_a_failure_outside_the_cells_names_its_line(
    mine: Path, out: Path, command: Command, before: str, code: str, said: str
) -> None:
    mine.write_text(mine.read_text().replace(before, f"        {code}\n{before}"))
    line = mine.read_text().splitlines().index(f"        {code}") + 1
    answer = command("study", "mine.py", *FEW)
    assert answer.code in (1, 2)
    assert answer.err.startswith(f"landscape: mine.py:{line}: {said}")


def test_a_failure_in_a_folder_names_its_file(mine: Path, out: Path, command: Command) -> None:
    folder = mine.parent / "wide_nets"
    folder.mkdir()
    (folder / "grid.py").write_text("def grid():\n    return {}['x']\n")
    text = mine.read_text().replace("import torch\n", "import torch\nfrom .grid import grid\n")
    (folder / "study.py").write_text(text.replace("        above = ", "        grid()\n        above = "))
    answer = command("study", "wide_nets", *FEW, "--no-report")
    assert "failed: width=2: wide_nets/grid.py:2: KeyError: 'x'" in answer.err


def test_a_study_needs_no_import_but_landscape(mine: Path) -> None:
    """What the worked study imports of the package is in `landscape` itself, and importing it loads no drawing library."""
    lines = [line for line in mine.read_text().splitlines() if "import" in line and "landscape" in line]
    assert all(line.strip().startswith("from landscape import") for line in lines)
    program = "import landscape, sys; print('torch' in sys.modules); import mine; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=mine.parent, check=True)
    assert found.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("call", ["measures.loss_at(net, points)", "measures.regions(net, cube.whole(2))"])
def test_a_bare_torch_module_is_one_line(call: str) -> None:
    """In a process of its own, where no types are checked at run time."""
    made = "net = torch.nn.Linear(2, 2); points = torch.rand(3, 2)"
    program = f"import torch; from landscape import cube, measures; {made}; {call}"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.stderr.splitlines()[-1] == (
        "ValueError: a map must have members, dim, device, select; the torch module Linear has not. "
        "Wrap it: landscape.wrap(model, shape=…)"
    )


def test_runs_made_before_there_were_measures_are_resumed(out: Path, command: Command) -> None:
    few = ("study", "corners", "--preset", "test", "--members", "2", "--steps", "3", "--quiet", "--no-report")
    run = folder_of(command(*few))
    record = read_record(run)
    del record["parameters"]["measures"]
    write_record(run, record)
    for file in run.glob("cells/*/cell.json"):
        assert json.loads(file.read_text())["recipes"]
    assert folder_of(command(*few)) == run


def test_networks_outlive_a_version_of_their_study(
    mine: Path, out: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ("study", "corners", "--preset", "test", "--members", "2", "--steps", "3", "--quiet", "--no-report")
    run = folder_of(command(*few))
    where = dict(read_record(run)["cells"][0]["values"])
    before = landscape.load_model(run, **where)
    monkeypatch.setattr(presets.study_class("corners"), "version", 99)
    monkeypatch.setattr("landscape.recipe.RECIPE_VERSION", 99)
    assert torch.equal(landscape.load_model(run, **where).flat, before.flat)
    with pytest.raises(ValueError, match="and this is version 99"):
        presets.study_of(read_record(run))


def test_a_question_in_a_file_is_run(mine: Path, out: Path, command: Command) -> None:
    file = mine.parent / "why.toml"
    file.write_text('study = "mine.py"\ntitle = "Why?"\nwidth = [2]\nsteps = 3\nmembers = 2\n')
    run = folder_of(command("study", "why.toml", "--members", "3", "--quiet"))
    assert len(landscape.load(run).table) == 3
    assert read_record(run)["title"] == "Why?"
    assert "<title>Why?" in (run / "report.html").read_text()
    assert command("study", "why.toml", "--help").code == 0
    file.write_text('study = "corners"\npreset = "test"\n')
    printed = command("study", "why.toml", "--print-config").out
    assert printed == command("study", "corners", "--preset", "test", "--print-config").out
    file.write_text(printed)
    assert command("study", "why.toml", "--print-config").out == printed
    assert command("study", "corners", "--config", "why.toml", "--print-config").out == printed
    one_line(command("study", "basins", "--config", "why.toml"), "why.toml asks the study corners, not basins")
    file.write_text("members = 3\n")
    one_line(
        command("study", "why.toml"), 'why.toml does not say which study it asks: add a line study = "depth-sweep"'
    )


def test_a_file_of_the_users_is_help_too(mine: Path, command: Command) -> None:
    answer = command("study", "mine.py", "--help")
    assert answer.code == 0
    assert "Whether wider networks have more fixed points" in answer.out
