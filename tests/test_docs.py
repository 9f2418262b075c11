"""README, CONTRIBUTING and docs/: links resolve, files that they name exist, command lines parse, code blocks run."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

import landscape
from landscape import presets, results
from tests.conftest import Command

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "studies/README.md",
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PLACES = ("landscape/", "docs/", "examples/", "studies/", "tests/", "benchmarks/", "reports/gallery", ".ci/")
PLACEHOLDER = re.compile(r"[<>*…{}]|NAME|FILE|RUN\b")
NOT_OURS = re.compile(r"\b(DESIGN|CLAIMS|METHODS|STYLE)\.md|\bDESIGN\b|\bCLAIMS [A-Z]\d")
FILE = re.compile(r"(?<![\w*{}./%-])((?:[\w-]+/)*[\w-]+\.(?:js|py|md|css))\b(?!\()")
SHELF = sorted((ROOT / "studies").glob("*.toml"))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    words = re.findall(r"^#+ (.*)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", word.lower()).replace(" ", "-") for word in words}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text_of(page))):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path) -> None:
    for words in re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(page))):
        if words.startswith(PLACES) and " " not in words and not PLACEHOLDER.search(words):
            assert (ROOT / words).exists(), words


def commands() -> Iterator[str]:
    """Every command line in the pages' blocks and in back quotes."""
    for page in PAGES:
        text = text_of(page)
        lines = [line for language, block in FENCE.findall(text) if language != "python" for line in block.splitlines()]
        lines += [words.replace("\n", " ") for words in re.findall(r"`(landscape [^`]+)`", FENCE.sub("", text))]
        yield from (line.split("  #")[0].strip() for line in lines if line.startswith("landscape "))


def words_of(line: str) -> list[str]:
    return shlex.split(line.split("#")[0])[1:]


STUDY_LINES = sorted({line for line in commands() if words_of(line)[:1] in (["study"], ["corners"], ["slurm"])})
OTHER_LINES = sorted(set(commands()) - set(STUDY_LINES))


@pytest.mark.parametrize("line", STUDY_LINES)
def test_options_of_a_study_in_the_docs_are_options(line: str) -> None:
    """The study is there, the preset is one of its presets, and each option is one of its parameters or of runs."""
    words = words_of(line)
    name = "corners" if words[0] == "corners" else words[1] if len(words) > 1 else "NAME"
    if name == "list" or PLACEHOLDER.search(name):
        return
    if "." in name or "/" in name:  # a study of the user's
        assert not name.startswith("studies/") or (ROOT / name).exists()
        return
    assert name in presets.study_names()
    kind = presets.parameters_class(name)
    fields = {field.replace("_", "-") for field in kind.__dataclass_fields__}
    for option, value in zip(words, [*words[1:], ""], strict=True):
        flag = option.removeprefix("--").removeprefix("no-")
        if option == "--preset" and not PLACEHOLDER.search(value):
            assert value in [*presets.preset_names(name), "none"]
        elif option.startswith("--"):
            assert flag in fields | RUN_OPTIONS, f"{line}: {option}"
            if flag in fields and not option.startswith("--no-") and value and not value.startswith("--"):
                presets.parse(kind, flag.replace("-", "_"), value)


RUN_OPTIONS = {"preset", "config", "print-config", "dry-run", "device", "report", "fresh", "data-root", "out", "engine"}
RUN_OPTIONS |= {"address", "cell", "debug", "gpus-per-cell", "help", "import"}
RUN_OPTIONS |= {"list-cells", "log", "measure", "net", "shard", "shards", "workers"}


@pytest.mark.parametrize("line", OTHER_LINES)
def test_other_command_lines_of_the_docs_parse(line: str, command: Command) -> None:
    words = words_of(line)
    names = itertools.takewhile(lambda word: word in ("models", "prune"), words)  # a command within a group
    answer = command(*(tuple(names) or words[:1]), "--help")
    assert answer.code == 0, line
    for option in (word for word in words[1:] if word.startswith("--")):
        assert option in answer.out, f"{line}: {option}"


RUN_OF_THE_DOCS = "depth-sweep-1a2b3c4d"  # the run whose tables and network docs/using.md shows


def test_code_blocks_of_using_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    few = {"data": ("four-points",), "hidden": (4,), "width": (50,), "members": 2, "steps": 2}
    run = landscape.run_study(presets.make_study("depth-sweep", "test", overrides=few), out=tmp_path / "reports")
    run.rename(run.with_name(RUN_OF_THE_DOCS))
    code = [code for language, code in FENCE.findall(text_of(ROOT / "docs/using.md")) if language == "python"]
    assert any(RUN_OF_THE_DOCS in block for block in code)
    values: dict[str, object] = {  # the user's own, in the first block
        "model": torch.nn.Linear(2, 2),
        "data": torch.rand(30, 2, generator=torch.Generator().manual_seed(0)),
        "held_out": torch.rand(30, 2, generator=torch.Generator().manual_seed(1)),
    }
    for place, block in enumerate(code):
        exec(compile(block, f"docs/using.md, block {place}", "exec"), values)
    assert set(values) >= {"members", "net", "samples", "statistics", "pieces", "points", "cycles", "where"}


def blocks() -> list[tuple[str, int, str]]:
    """The code blocks of the pages that are complete: those that import all they use. (page, place, code)."""
    found = []
    for page in PAGES:
        for place, (language, code) in enumerate(FENCE.findall(text_of(page))):
            if language == "python" and page.name in ("extending.md", "README.md"):
                found.append((name_of(page), place, code))
    return found


def test_code_blocks_of_a_page_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(blocks()) >= 6
    for page in sorted({page for page, _, _ in blocks()}):
        module = ModuleType("docs_block")  # dataclasses look their module up by its name
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for _, place, code in (block for block in blocks() if block[0] == page):
            exec(compile(code, f"{page}, block {place}", "exec"), vars(module))


def test_the_study_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The study of docs/extending.md, saved as a module, runs and has its table, panel and claim."""
    (code,) = [code for page, _, code in blocks() if page == "docs/extending.md" and "class Width(Study)" in code]
    package = tmp_path / "docs_studies" / "width"
    package.mkdir(parents=True)
    (package / "study.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("docs_studies.width.study")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # and taken out again afterwards
    study = module.Width(members=2, width=(3, 5), steps=20)
    result = results.load(landscape.run_study(study, out=tmp_path / "out"))
    assert len(result.table) == 4
    assert (result.table.mean_loss > 0).all()
    assert len(list(study.panels(result))) == len(list(study.claims(result))) == 1


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_in_the_pages_is_python(page: Path) -> None:
    for language, code in FENCE.findall(text_of(page)):
        if language == "python":
            ast.parse(code)


@pytest.mark.parametrize("folder", ["landscape", "tests", "benchmarks", "examples", "studies", ".ci"])
def test_no_code_cites_a_file_that_a_clone_does_not_have(folder: str) -> None:
    here = Path(__file__).name
    for file in (ROOT / folder).rglob("*"):
        if file.suffix in (".py", ".js", ".toml", ".md", "") and file.is_file() and file.name != here:
            for line in text_of(file).splitlines():
                assert not NOT_OURS.search(line), f"{name_of(file)}: {line}"


def test_every_file_that_the_package_names_exists() -> None:
    """In comments, docstrings and messages of the package: a file of that name is in the repository."""
    files = [f"/{name_of(file)}" for place in PLACES for file in (ROOT / place).rglob("*") if file.is_file()]
    files += [f"/{file.name}" for file in ROOT.iterdir()]
    code = [file for suffix in ("py", "js") for file in (ROOT / "landscape").rglob(f"*.{suffix}")]
    for file in code:
        for name in FILE.findall(text_of(file)):
            assert name in EXAMPLES or any(there.endswith(f"/{name}") for there in files), f"{name_of(file)}: {name}"


EXAMPLES = ("mine.py", "FILE.py", "FILE.md", "parts.py")  # files of a user, in messages and docstrings


def test_public_names_of_the_docs_exist() -> None:
    text = text_of(ROOT / "docs/public.md")
    names = re.findall(r"`([a-z_]+|[A-Z][A-Za-z]+)`", text.split("- the names")[0])
    assert sorted(names) == landscape.__all__


@pytest.mark.parametrize("file", SHELF, ids=lambda file: file.stem)
def test_a_file_of_the_shelf_is_a_study_with_its_parameters(file: Path) -> None:
    keys = tomllib.loads(text_of(file))
    assert next(iter(keys)) == "study"
    study, title, preset = keys.pop("study"), keys.pop("title"), keys.pop("preset", None)
    assert title
    made = presets.make_study(study, preset, config=keys)
    assert made.cells()


def test_the_readme_of_the_shelf_names_each_file() -> None:
    words = text_of(ROOT / "studies/README.md")
    assert len(SHELF) > 15
    assert all(f"`{file.name}`" in words for file in SHELF)
