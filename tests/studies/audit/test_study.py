"""The audit of samples from outside: its answers, its tables and page, its resume, and what it refuses in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import presets, results
from landscape.data import DataSpec, load_data
from landscape.figures.panel import MAX_CAPTION_WORDS
from landscape.findings import number, percent
from landscape.progress import RunProgress
from landscape.results import Result
from landscape.running import run_study
from landscape.studies.audit.answer import answer_of, brief, headline, names_of
from landscape.studies.audit.parameters import KNOWN_SAMPLERS
from landscape.studies.audit.study import COPY_SHARES, Audit
from tests.conftest import Command

TRAINING, HELD_OUT, SAMPLES = 400, 210, 130


@pytest.fixture(scope="module")
def study() -> Audit:
    made = presets.make_study("audit", "test")
    assert isinstance(made, Audit)
    return made


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with digits: training.npz (with labels), held-out.npy, new.npy, and copies.npy of training points."""
    monkeypatch.chdir(tmp_path)
    digits = load_data(DataSpec("digits"), [0])
    images, labels = digits.points[0].numpy().reshape(-1, 8, 8), digits.labels[0].numpy()  # type: ignore[index]
    np.savez(tmp_path / "training.npz", x=images[:TRAINING], y=labels[:TRAINING])
    ends = TRAINING + HELD_OUT
    np.save(tmp_path / "held-out.npy", images[TRAINING:ends])
    np.save(tmp_path / "new.npy", images[ends : ends + SAMPLES])
    np.save(tmp_path / "copies.npy", images[:SAMPLES])
    return tmp_path


def audit_of(samples: str | tuple[str, ...], **options: object) -> Audit:
    names = (samples,) if isinstance(samples, str) else samples
    given = {"samples": names, "training": "training.npz", "held_out": "held-out.npy", **options}
    made = presets.make_study("audit", overrides=given)
    assert isinstance(made, Audit)
    return made


def run_of(study: Audit, out: Path) -> Result:
    return results.load(run_study(study, out=out, debug=True))


def test_known_samplers_get_the_answers_that_are_known_of_them(result: Result) -> None:
    table = result.table.set_index("samples")
    assert set(table.index) == {"copycat", "few-copies"}
    for name, row in table.iterrows():
        assert (row.copying, row.variety) == KNOWN_SAMPLERS[str(name)]


def test_tables_hold_both_answers_with_numbers_nulls_and_intervals(result: Result) -> None:
    row = result.table.set_index("samples").loc["few-copies"]
    assert (row.sample_count, row.training_count, row.held_out_count) == (399, 1000, 398)
    assert row.distinct == 20
    assert row.copied_low <= row.copied <= row.copied_high
    assert row.coverage_low <= row.coverage_share <= row.coverage_high
    assert {"authenticity_null", "c_t_error", "recall_null", "reads_like"} <= set(result.table)
    mixtures = result.tables["mixtures"].groupby("samples", sort=False)
    assert mixtures.share.apply(list).tolist() == [list(COPY_SHARES)] * 2
    assert mixtures.copied.apply(lambda found: found.is_monotonic_increasing).all()
    pairs = result.tables["pairs"]
    assert pairs.relative.ge(0).all()
    assert pairs.groupby("samples", sort=False).relative.apply(lambda found: found.is_monotonic_increasing).all()


def test_the_page_answers_first_and_shows_pairs_distances_calibration_and_cells(study: Audit, result: Result) -> None:
    panels = list(study.panels(result))
    assert panels[0].section == "copycat"
    panels.append(study.hero(result))
    titles = [panel.title for panel in panels if panel.section == "few-copies"]
    assert titles == [
        "The nearest sample is nearer to a training point than 99 % of held-out points",
        "Samples lie nearer to the training points than held-out points",
        "The samples read like a mixture with copies",
        "C_T is lower than that of new points",
        "Authenticity is lower than that of held-out points",
    ]
    assert all(len(panel.caption.split()) <= MAX_CAPTION_WORDS for panel in panels)
    numbers = next(panel.body for panel in panels if panel.title == "All numbers")
    assert isinstance(numbers, pd.DataFrame)
    assert list(numbers) == ["statistic", "copycat", "few-copies"]


def test_titles_follow_the_table(study: Audit, result: Result) -> None:
    new = {"reads_like": 0.01, "reads_low": 0.0, "reads_high": 0.04, "c_t": 0.1, "c_t_error": 0.5, "authenticity": 0.9}
    table = result.table.assign(**new)
    changed = replace(result, tables={**result.tables, "members": table})
    titles = {panel.title for panel in study.panels(changed)}
    assert {
        "The samples read like a mixture with few copies or none",
        "C_T is that of new points",
        "Authenticity is no lower than that of held-out points",
    } <= titles
    between = replace(result, tables={**result.tables, "members": table.assign(reads_high=0.3, c_t=2)})
    assert {"The samples read like a mixture that may hold copies", "C_T is higher than that of new points"} <= {
        panel.title for panel in study.panels(between)
    }


def test_few_sets_of_samples_have_a_finding_each(study: Audit, result: Result) -> None:
    answer = study.answer(result, ())
    assert answer is not None
    first, second = answer.found
    assert first.short == "copycat: copies, varied."
    assert first.sentence.startswith("100 % (95 % CI ")
    assert second.short == "few-copies: copies, lacks variety."
    assert answer.title == "Of 2 sets of samples 2 copy training points, 1 lacks variety"
    assert "Equal samples of few-copies count as one in the intervals." in answer.not_shown
    assert headline({"copying": "undecided", "variety": "varied"}) == "copying undecided, varied"
    assert [percent(value) for value in (0.0, 0.003, 0.034, 0.34, float("nan"))] == [
        "0 %",
        "0.3 %",
        "3.4 %",
        "34 %",
        "–",
    ]
    assert [number(value) for value in (-0.0, -0.001, -2.5, 0.123, 10.0)] == ["0", "0", "−2.5", "0.12", "10"]


def test_one_set_is_named_in_the_title_and_many_sets_are_told_by_answer(result: Result) -> None:
    row = result.table[result.table["samples"] == "few-copies"]
    one = answer_of(replace(result, tables={**result.tables, "members": row}))
    assert one.title == "few-copies copies training points and lacks variety"
    assert [found.short for found in one.found] == ["Copies: yes.", "Varied: no."]
    new = row.assign(copying="does not copy", variety="varied", exact_null=0.5)
    assert answer_of(replace(result, tables={**result.tables, "members": new})).title == (
        "few-copies does not copy training points and is varied"
    )
    open_ = row.assign(copying="undecided", variety="undecided")
    table = pd.concat([row, row, new, open_], ignore_index=True)
    many = answer_of(replace(result, tables={**result.tables, "members": table.assign(samples=list("abcd"))}))
    assert many.title == "Of 4 sets of samples 2 copy training points, 2 lack variety, 1 is undecided"
    assert [found.short for found in many.found] == [
        "Copy: 2 of 4.",
        "Lack variety: 2 of 4.",
        "New and varied: 1 of 4.",
    ]
    assert many.found[2].sentence == "c. Undecided: d."
    assert "50 % of the held-out points are training points, too" in many.not_shown


@pytest.mark.parametrize("source", ["training", "new"])
def test_samples_that_are_all_the_same_tell_no_share_of_copies(files: Path, source: str) -> None:
    picture = np.load(files / "training.npz")["x"][3] if source == "training" else np.load(files / "new.npy")[3]
    np.save(files / "same.npy", np.repeat(picture[None], SAMPLES, 0))
    study = audit_of("same.npy")
    result = run_of(study, files / "runs")
    assert result.table.variety.tolist() == ["collapsed"]
    words = study.answer(result, ()).words
    assert (
        "Its samples are all the same, and a single sample cannot tell what share is copied (95 % interval: " in words
    )
    assert ("130 equal one exactly." in words) == (source == "training")
    assert "1 of its samples are different, 1" in words
    captions = " ".join(panel.caption for panel in study.panels(result))
    assert "Too few of the samples are different (1) to tell the mixture that they read like." in captions
    for misleading in ("By estimate", "reads like", "read like a mixture"):
        assert misleading not in words + captions
    short = brief(result.table.iloc[0].to_dict(), "same.npy").sentence
    assert "a single sample cannot tell what share is copied" in short


def test_files_are_audited_side_by_side_and_the_run_goes_on_where_it_was(files: Path) -> None:
    study = audit_of(("new.npy", "copies.npy"))
    told: list[RunProgress] = []
    folder = run_study(study, out=files / "runs", progress=told.append, debug=True)
    found = results.load(folder).table.set_index("samples")
    assert (found.loc["copies.npy", "copying"], found.loc["new.npy", "copying"]) == ("copies", "does not copy")
    assert found.loc["copies.npy", "exact"] == 1
    within = [one for one in told if one.total]
    assert within[-1].done == within[-1].total > 0
    again: list[RunProgress] = []
    assert run_study(study, out=files / "runs", progress=again.append) == folder
    assert again == []


def test_the_folder_depends_on_the_contents(files: Path) -> None:
    before = audit_of("new.npy").folder(files)
    assert audit_of("new.npy").folder(files) == before
    assert audit_of("new.npy", seed=1).folder(files) != before
    np.save(files / "new.npy", np.load(files / "new.npy")[::-1])
    assert audit_of("new.npy").folder(files) != before


@pytest.mark.parametrize("features", ["pca", "classifier"])
def test_features_are_fitted_to_the_training_points(files: Path, features: str) -> None:
    row = run_of(audit_of("copies.npy", features=features), files / "runs").table.iloc[0]
    assert row.copying == "copies"
    assert row.dimensions < 64 if features == "pca" else row.dimensions == 128
    assert ("principal components" if features == "pca" else "hidden units") in row.features


def test_features_from_a_file_are_taken_as_they_are_with_the_pictures_of_the_sets(files: Path) -> None:
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))[0] * 100
    sets = {"samples": "copies.npy", "training": "training.npz", "held_out": "held-out.npy"}
    points = {role: np.load(files / name) for role, name in sets.items()}
    points["training"] = points["training"]["x"]
    np.savez(files / "features.npz", **{role: one.reshape(len(one), -1) @ turn for role, one in points.items()})
    turned = run_of(audit_of("copies.npy", features="features.npz"), files / "runs")
    plain = run_of(audit_of("copies.npy"), files / "runs").table.iloc[0]
    row = turned.table.iloc[0]
    assert (row.copying, row.variety) == (plain.copying, plain.variety)
    assert row.authenticity_null == pytest.approx(plain.authenticity_null, abs=0.02)
    assert row.distance_median_null == pytest.approx(100 * plain.distance_median_null, rel=1e-3)
    (arrays,) = turned.arrays.values()
    assert arrays["nearest"].shape == (64, 64)
    alone = presets.make_study("audit", overrides={"features": "features.npz"})
    assert isinstance(alone, Audit)
    (arrays,) = run_of(alone, files / "runs").arrays.values()
    assert "nearest" not in arrays
    assert next(iter(alone.panels(run_of(alone, files / "runs")))).how.startswith("The nearest samples. Places")


def test_embeddings_are_taken_as_they_are(files: Path) -> None:
    random = np.random.default_rng(0)
    for name, count in (("training", 300), ("held-out", 150), ("samples", 150)):
        np.save(files / f"{name}.npy", random.normal(size=(count, 7)))
    study = audit_of("samples.npy", training="training.npy", held_out="held-out.npy")
    found = run_of(study, files / "runs")
    assert found.table.copying.tolist() == ["does not copy"]
    assert "taken as they are → 7 coordinates" in found.record["data"]["training.npy"]


REFUSED = {
    "no training": (["--samples", "new.npy", "--held-out", "held-out.npy"], "--training is missing"),
    "another width": (["--samples", "wide.npy"], "points of one width; got training.npz 64 coordinates (8 × 8), "),
    "too few": (["--samples", "few.npy"], "too few points for a verdict: samples must be at least 100 points; got 40"),
    "constant": (["--samples", "new.npy", "--held-out", "constant.npy"], "held-out holds 150 times the same point"),
    "nan": (["--samples", "nan.npy"], "nan.npy: x holds nan at (3, 2, 1); finite numbers are needed"),
    "the same path": (["--samples", "held-out.npy"], "--held-out and --samples hold the same points"),
    "the same content": (["--samples", "twin.npy"], "--held-out and --samples hold the same points"),
    "a pickle": (["--samples", "pickle.npy"], "it holds Python objects (a pickle), which could run any code"),
    "a checkpoint": (["--samples", "model.pt"], "model.pt may be a pickle"),
    "a missing file": (["--samples", "nowhere.npy"], "there is no 'nowhere.npy'"),
    "an unknown name": (["--samples", "copicat"], "got 'copicat'"),
    "other rows": (
        ["--samples", "new.npy", "--features", "rows.npz"],
        "rows.npz has 5 rows of samples, and new.npy has 130",
    ),
    "no arrays": (["--samples", "new.npy", "--features", "training.npz"], "no samples and training and held_out among"),
    "no such features": (["--samples", "new.npy", "--features", "dino"], "there is no 'dino', a file of features"),
    "two scales": (["--samples", "signed.npy"], "holds numbers from -1 to 1, and training.npz is read in [0, 1]"),
    "no labels": (
        ["--samples", "new.npy", "--training", "plain.npy", "--features", "classifier"],
        "plain.npy has none",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_in_one_line(case: str, files: Path, command: Command) -> None:
    new, training = np.load(files / "new.npy"), np.load(files / "training.npz")["x"]
    hole = new.copy()
    hole[3, 2, 1] = np.nan
    made = {
        "wide": np.zeros((130, 9, 9)), "few": new[:40], "nan": hole, "twin": np.load(files / "held-out.npy"),
        "constant": np.repeat(new[:1], 150, axis=0), "signed": 2 * new - 1, "plain": training,
    }  # fmt: skip
    for name, values in made.items():
        np.save(files / f"{name}.npy", values)
    np.save(files / "pickle.npy", np.array([{"a": 1}] * 200, dtype=object), allow_pickle=True)
    torch.save(torch.zeros(200, 64), files / "model.pt")
    np.savez(files / "rows.npz", samples=new[:5].reshape(5, -1), training=training.reshape(len(training), -1),
             held_out=made["twin"].reshape(len(made["twin"]), -1))  # fmt: skip
    words, message = REFUSED[case]
    usual = {"--training": "training.npz", "--held-out": "held-out.npy"} if case != "no training" else {}
    rest = [word for option, value in usual.items() if option not in words for word in (option, value)]
    answer = command("audit", *words, *rest, "--no-report")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert sum(line.startswith("landscape: ") for line in answer.err.splitlines()) == 1
    assert "Traceback" not in answer.err


def test_the_command_prints_the_answer_and_shows_it_again(files: Path, command: Command) -> None:
    answer = command(
        "audit", "--samples", "copies.npy", "--training", "training.npz", "--held-out", "held-out.npy", "--no-report"
    )
    assert answer.code == 0, answer.err
    assert "Copies: yes. " in answer.out
    assert "data    held-out.npy: 210 images of 8 × 8, grey → 64 coordinates" in answer.err
    assert "samples of copies.npy copy a training point" in " ".join(command("show", "audit").out.split())
    assert '"title": "copies.npy copies training points' in command("show", "audit", "--json").out


def test_sets_of_one_name_are_told_apart_by_their_paths() -> None:
    table = pd.DataFrame({"samples": ["a/x.npy", "b/x.npy", "c/y.npy"]})
    assert list(names_of(table).values()) == ["a/x.npy", "b/x.npy", "y.npy"]
