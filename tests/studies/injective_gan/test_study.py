"""The study of injective generators: its pairs, its layers, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from landscape import presets, reporting
from landscape.measures import layer_injectivity
from landscape.nets.adversarial import Generator, ImageForm
from landscape.results import Result
from landscape.studies.injective_gan import one_to_one
from landscape.studies.injective_gan.claims import checked
from landscape.studies.injective_gan.classifier import train_classifier, turned
from landscape.studies.injective_gan.curves import PLATEAU, WINDOWS, change, windows
from landscape.studies.injective_gan.one_to_one import double, layer_tests, least_stretch, ranks
from landscape.studies.injective_gan.panels import KINDS
from landscape.studies.injective_gan.study import InjectiveGan
from landscape.training import Site
from tests.conftest import Command


@pytest.fixture(scope="module")
def study() -> InjectiveGan:
    made = presets.make_study("injective-gan", "test")
    assert isinstance(made, InjectiveGan)
    return made


def generator(result: Result, kind: str, seed: int = 0) -> Generator:
    """The generator of a cell, from the arrays of the run."""
    (arrays,) = (found for cell, found in result.arrays.items() if (cell["generator"], cell["seed"]) == (kind, seed))
    parameters = result.record["parameters"]
    net = Generator(ImageForm(8, 1, parameters["latent"], parameters["width"]), kind)
    weights = {
        name.removeprefix("generator."): value for name, value in arrays.items() if name.startswith("generator.")
    }
    net.load_state_dict({name: torch.from_numpy(np.asarray(value)) for name, value in weights.items()})
    return net.eval()


def test_a_cell_is_a_network_of_a_seed_and_a_kind(study: InjectiveGan, result: Result) -> None:
    assert len(study.cells()) == len(result.table) == 4
    assert result.table.groupby("seed").generator.agg(set).tolist() == [{"ordinary", "injective"}] * 2
    table = result.table.set_index(["generator", "seed"])
    assert (table.loc["injective"].parameters < table.loc["ordinary"].parameters).all()
    assert (table.critic_parameters.nunique(), table.inference_parameters.nunique()) == (1, 1)
    assert (table.code_distance > 0).all()
    assert table.loc["injective"].code_distance.tolist() == pytest.approx(
        table.loc["injective"].code_distance_batch.tolist(), rel=1e-4
    )
    assert (table.loc["ordinary"].code_distance != table.loc["ordinary"].code_distance_batch).all()


def test_images_of_the_page_are_those_of_the_generator_that_the_run_keeps(result: Result) -> None:
    net = generator(result, "ordinary")
    (arrays,) = (found for cell, found in result.arrays.items() if (cell["generator"], cell["seed"]) == ("ordinary", 0))
    drawn = torch.randn(1000, 4, generator=torch.Generator().manual_seed(2**40 + 150))
    with torch.no_grad():
        again = net.form.rows(net(drawn[:36]))
    assert np.allclose(again.numpy(), arrays["made"], atol=1e-6)


def test_every_injective_layer_is_one_to_one_and_ordinary_ones_merge_points(result: Result) -> None:
    layers = result.tables["layers"]
    hidden = layers[layers.layer != "last"]
    paired = hidden[hidden.generator == "injective"]
    assert set(paired.verdict) == {"one-to-one"}
    assert set(paired.method) == {"exact"}
    doubling = hidden[(hidden.generator == "ordinary") & (hidden.layer == "2")]
    assert set(doubling.verdict) == {"not one-to-one"}
    assert (doubling.residual < 1e-10).all()
    assert (hidden.expansivity >= 2).all()


def test_layers_that_are_too_large_are_not_tested(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of paired filters the kernels still are; at an expansivity of exactly 2 they alone show nothing."""
    monkeypatch.setattr(one_to_one, "LARGEST_LAYER", 200)
    codes = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    verdicts = {kind: layer_tests(generator(result, kind), codes).verdict.tolist()[:2] for kind in KINDS}
    assert verdicts["ordinary"] == ["not refuted", "not tested"]
    assert verdicts["injective"] == ["one-to-one", "not shown"]


def test_a_pair_of_filters_that_is_broken_is_seen(result: Result) -> None:
    """An injective layer of which a filter's opposite is lost is no longer one-to-one, and the test says so."""
    net = double(generator(result, "injective"))
    weight = net.layers[1].weight.detach().clone()
    module = nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False, dtype=torch.float64)
    module.weight = nn.Parameter(weight)
    assert layer_injectivity(module, size=(2, 2)).verdict == "one-to-one"
    weight[:, 2] = weight[:, 0].abs() + 1
    module.weight = nn.Parameter(weight)
    broken = layer_injectivity(module, size=(2, 2), method="falsify")
    assert broken.verdict == "not one-to-one"
    assert broken.pair is not None
    with torch.no_grad():
        first, second = module(broken.pair.reshape(2, 8, 2, 2)).relu()
    assert torch.allclose(first, second, atol=1e-9)


def test_folded_layers_are_the_generator(result: Result) -> None:
    from landscape.studies.injective_gan.one_to_one import _folded

    for kind in ("ordinary", "injective"):
        net = double(generator(result, kind))
        codes = torch.randn(7, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            value = codes[:, :, None, None]
            for index in range(len(net.layers)):
                value = _folded(net, index)(value).relu()
            image = net.last(value) + net.bias[:, None, None]
            assert torch.allclose(image, net.before_sigmoid(codes), atol=1e-10)


def test_a_generator_that_forgets_a_coordinate_has_no_full_rank_and_no_stretch(result: Result) -> None:
    net = generator(result, "ordinary")
    codes = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    assert ranks(net, codes)[0] == 1
    assert least_stretch(net, codes) > 0.01
    with torch.no_grad():
        net.layers[0].filters[2] = 0
    assert ranks(net, codes) == (0, pytest.approx(0, abs=1e-12))
    assert least_stretch(net, codes) < 1e-3
    assert "not one-to-one" in set(layer_tests(net, codes).verdict)


def test_an_interrupted_cell_goes_on_from_its_checkpoint(study: InjectiveGan, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    cell, calls = study.cells()[1], []

    def progress(*given: object) -> None:
        calls.append(given)
        if len(calls) == 1:
            raise KeyboardInterrupt

    site = Site(models=tmp_path / "models", progress=progress)
    with pytest.raises(KeyboardInterrupt):
        study.measure(cell, site)
    assert list((tmp_path / "models").glob("*.checkpoint"))
    again, whole = study.measure(cell, site), study.measure(cell, Site())
    assert len(calls) == 1  # training was finished
    assert again.tables["members"].equals(whole.tables["members"])
    assert all(np.array_equal(again.arrays[name], whole.arrays[name]) for name in whole.arrays)
    assert not list((tmp_path / "models").glob("*.checkpoint"))


def test_windows_are_means_and_their_change_is_that_of_the_end() -> None:
    values = torch.arange(40.0)
    table = windows({"wasserstein": values})
    assert table.step.tolist() == list(range(2, 41, 2))
    assert table.wasserstein.tolist() == [2 * place + 0.5 for place in range(WINDOWS)]
    assert change(np.array([4.0] * 12 + [1.0] * 4 + [0.5] * 4)) == pytest.approx(0.5)
    assert change(np.array([4.0] * 16 + [4.0 * (1 - PLATEAU)] * 4)) == pytest.approx(PLATEAU)
    assert np.isnan(change(np.array([1.0])))
    assert np.isnan(change(np.array([1.0] * 19 + [np.nan])))


def test_a_critic_that_still_falls_does_not_rest_however_high_it_once_was() -> None:
    """The medians of 15 trial networks on digits over tenths of their 2,500 steps, then at rest for as long again."""
    fall = np.repeat([1.13, 1.22, 0.7, 0.42, 0.28, 0.17, 0.13, 0.11, 0.08, 0.075], 250)
    whole = np.concatenate([fall, np.full_like(fall, 0.075)])
    stopped, fallen, rested = (
        windows({"wasserstein": torch.tensor(course)}).wasserstein.to_numpy() for course in (fall[:1500], fall, whole)
    )
    assert change(stopped) > change(fallen) > PLATEAU
    assert change(rested) < PLATEAU
    assert abs(stopped[-2:].mean() - stopped[-4:-2].mean()) < 0.1 * stopped.max()  # what it once was says nothing


def test_a_network_is_trained_enough_if_its_critic_rests_and_its_images_are_near(result: Result) -> None:
    rows = checked(result.table, result.tables["curves"])
    assert not rows.enough.any()
    assert (rows.status == "stalled").all()
    flat = result.tables["curves"].assign(wasserstein=1.0)
    near = result.table.assign(frechet=result.table.untrained_frechet / 6)
    assert checked(near, flat).enough.all()
    assert not checked(near.assign(frechet=result.table.untrained_frechet / 4.99), flat).enough.any()
    assert not checked(near.assign(status="diverged"), flat).enough.any()


def test_a_network_that_diverged_is_measured_as_one_without_numbers(study: InjectiveGan, result: Result) -> None:
    """Its cell does not fail, which would drop its pair."""
    steep = replace(study, lr=1e8)
    found = steep.measure(steep.cells()[1], Site())
    (row,) = found.tables["members"].to_dict("records")
    assert row["status"] == "diverged"
    assert np.isnan([row["frechet"], row["code_distance"], row["full_rank"]]).all()
    assert set(found.tables["members"]) == set(result.tables["members"]) - {"data", "generator", "digest"}
    assert set(found.tables["layers"].verdict) == {"not tested"}


@pytest.mark.parametrize("kind", ["injective", ""])
def test_the_page_of_networks_that_diverged_counts_them(result: Result, kind: str) -> None:
    """All of one kind, and all of both."""
    lost = result.table.generator == kind if kind else result.table.seed >= 0
    table = result.table.assign(status=result.table.status.mask(lost, "diverged"))
    table = table.assign(**{name: table[name].mask(lost) for name in ("frechet", "code_distance", "code_error")})
    panels = {
        panel.title: panel for panel in reporting.panels_of(replace(result, tables={**result.tables, "members": table}))
    }
    assert f"{lost.sum()} diverged" in panels["Networks"].caption


def test_unlabelled_images_are_told_apart_by_their_rotation() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(60, 1, 8, 8, generator=generator) * torch.linspace(0, 1, 8)[:, None]
    four, turns = turned(images[:3])
    assert torch.equal(four[3:6], images[:3].rot90(1, (2, 3)))
    assert turns.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    found = train_classifier(images[:40], None, images[40:], None, classes=0, steps=60, generator=generator)
    assert found.task == "rotation"
    assert found.accuracy > 0.9


def test_a_folder_of_images_runs_and_is_named_with_its_digest(tmp_path: Path, command: Command) -> None:
    draw = np.random.default_rng(0)
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(20):
        Image.fromarray(draw.integers(0, 255, (13, 11, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    words = ["--size", "4", "--count", "0", "--held-out", "5", "--members", "1", "--steps", "1", "--engine", "here"]
    answer = command("study", "injective-gan", "--preset", "test", "--data", str(folder), *words)
    assert answer.code == 0, answer.err
    assert "trained enough" in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--generator injectiv", "Did you mean 'injective'"),
        ("--data uniform", "a set of points, which no generator of images takes"),
        ("--data nowhere", "nowhere"),
        ("--data {empty}", "empty"),
        ("--data {table}", "needs images"),
        ("--data {odd}", "even side of at least 4 pixels"),
        ("--data {wide}", "must be square; got 4 x 6"),
        ("--width 32 --latent 129", "`latent` must be at most 128, the pairs of filters of the first layer"),
        ("--width 32 --latent 2000", "got 2000. Lower --latent, or raise --width"),
        ("--lr 0", "`lr` must be above 0"),
        ("--width 3", "`width` must be even"),
        ("--count 0 --held-out 1797", "training needs two at least"),
    ],
)
def test_bad_input_is_one_clear_line(words: str, message: str, tmp_path: Path, command: Command) -> None:
    places = {name: tmp_path / name for name in ("empty", "table.csv", "odd.npy", "wide.npy")}
    (tmp_path / "empty").mkdir()
    places["table.csv"].write_text("a,b\n" + "1,2\n3,4\n" * 300)
    np.save(places["odd.npy"], np.zeros((300, 3, 3), np.uint8))
    np.save(places["wide.npy"], np.zeros((300, 4, 6), np.uint8))
    filled = words.format(**{name.partition(".")[0]: path for name, path in places.items()})
    answer = command("study", "injective-gan", "--preset", "test", *filled.split(), "--engine", "here", "--no-report")
    assert answer.code != 0
    assert message in answer.err
    assert len(answer.err.strip().splitlines()) == 1


def test_the_page_shows_both_generators_and_counts_those_that_are_not_trained_enough(result: Result) -> None:
    panels = {panel.title: panel for panel in reporting.panels_of(result)}
    assert "Images of the generators beside real ones" in panels
    assert panels["Training: the critic's estimate and the inference network's error"].caption.startswith(
        "0 of 4 generators are trained enough; "
    )
    layers = panels["Which layers are one-to-one"]
    assert "injective: 4 one-to-one" in layers.caption
