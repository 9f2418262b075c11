"""The answer on injective layers, and the words of its panels, follow the numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape.findings import Answer
from landscape.results import Result, cell
from landscape.studies.injective_kaleidoscope.answer import answer_of
from landscape.studies.injective_kaleidoscope.changes import (
    NUMBERS,
    SHARES,
    changes_table,
    compared,
    most_apart,
    zeros_words,
)
from landscape.studies.injective_kaleidoscope.claims import claims_of
from landscape.studies.injective_kaleidoscope.hero import hero_of, shown_pair
from landscape.studies.injective_kaleidoscope.panels import panels_of, shown_seed
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LAYERS, LEAKY, ORDINARY
from tests.studies.answers import brief_words

SEEDS, X = 40, np.linspace(0, 1, 11)


def simulated(*, zero: float = 0.2, kept: float = 0.0, attracting: float = 0.75, fits: bool = True) -> Result:
    """Networks of two depths on two points. Ordinary ones have no slope on a share `zero` of inputs, injective ones on `kept`.

    Seed s has `zero` + (s − 20)/1000; where that is 0, exactly none."""
    rows = []
    for hidden in (2, 7):
        for layers in LAYERS:
            for seed in range(SEEDS):
                flat = zero + (seed - 20) / 1000 if zero and layers == ORDINARY else kept * (layers == INJECTIVE)
                row = {"layers": layers, "hidden": hidden, "seed": seed, "member": seed, "zero_slope": flat}
                rows.append(row | {"at_training": 0.9 if layers == ORDINARY else 0.6 + seed / 1000})
    table = pd.DataFrame(rows).assign(
        data="two-points", budget=200, band=1e-6, width=5, parameters=200, steps=70, trace=0.5, burn_in=9.0, rho_max=0.4,
        least_singular=0.1, flat_share=0.3, attracting=attracting, reached=1.0, elsewhere=0.0,
        loss=1e-7 if fits else 1e-3, status="converged" if fits else "stalled",
        one_to_one_holds=True, one_to_one_margin=0.1, one_to_one_rank=0.1, one_to_one_scale=0.1,
    )  # fmt: skip
    controls = table.assign(control="untrained", attracting=1.0, loss=0.1)
    arrays = {
        cell(data="two-points", layers=layers, hidden=hidden, budget=200, band=1e-6, width=5): {
            "map_x": X,
            "map_y": np.tile(X, (SEEDS, 1)),
            "zero": np.tile((X < 0.2) & (layers == ORDINARY), (SEEDS, 1)),
            "points": np.array([[0.2], [0.8]]),
        }
        for hidden in (2, 7)
        for layers in LAYERS
    }
    return Result(Path(), {"parameters": {}}, {"members": table, "controls": controls}, arrays)


def answered(run: Result) -> Answer:
    answer = answer_of(run, list(claims_of(run)))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("zero", "kept", "attracting", "title"),
    [
        (0.2, 0.0, 0.75, "One-to-one layers take away exact plateaus; training points still attract"),
        (0.2, 0.0, 0.25, "One-to-one layers take away exact plateaus; training points no longer attract"),
        (0.2, 0.1, 0.75, "One-to-one layers keep exact plateaus; training points still attract"),
        (0.0, 0.0, 0.75, "Without merging layers, training points still attract; whether plateaus vanish is undecided"),
    ],
)
def test_the_title_says_what_is_decided(zero: float, kept: float, attracting: float, title: str) -> None:
    answer = answered(simulated(zero=zero, kept=kept, attracting=attracting))
    assert answer.title == title
    brief_words(answer)


def test_each_part_of_the_claim_is_a_finding_with_its_controls() -> None:
    plateaus, attraction, samples = answered(simulated()).found
    assert plateaus.short == "Exact plateaus vanish: yes."
    assert plateaus.sentence.startswith(
        "In 100 % (95 % CI 91 % to 100 %) of seeds no injective network has one where its "
    )
    assert plateaus.sentence.endswith(" They fill 20 % of inputs in ordinary networks that fit.")
    assert attraction.short == "Training points still attract: yes."
    assert (
        "; in pairs, 100 % against 100 % of ordinary ones. Before training 100 % have slopes below 1, but no fixed "
        in (attraction.sentence)
    )
    assert samples.short == "Samples at training points: fewer starts."
    assert "62 % of random starts, in ordinary networks 90 %" in samples.sentence
    assert samples.sentence.endswith(", not adjusted for the number of comparisons.")
    assert "; the claim needs 90 %. " in answered(simulated(kept=0.1)).found[0].sentence


def test_the_answer_says_how_frequent_plateaus_are_in_networks_that_fail() -> None:
    run = simulated()
    rows = run.table
    failed = (rows.layers == ORDINARY) & (rows.seed < 7) & (rows.hidden == 2)
    table = rows.assign(loss=rows.loss.mask(failed, 1.0), zero_slope=rows.zero_slope.mask(failed, 0.75))
    first = answered(replace(run, tables=run.tables | {"members": table})).found[0]
    assert first.sentence.endswith(" They fill 20 % of inputs in ordinary networks that fit, 75 % in 7 that fail.")


def test_the_answer_says_how_many_images_and_that_there_is_no_mnist() -> None:
    run = simulated()
    images = run.table.assign(data="digits", band=1e-3)
    some = replace(
        run, record={"parameters": {"image_count": 30}}, tables=run.tables | {"members": pd.concat([run.table, images])}
    )
    assert answered(some).not_shown.endswith(" Images: 30 digits, no MNIST.")
    assert "Images" not in answered(run).not_shown


def test_networks_that_do_not_fit_and_other_layers_have_no_answer() -> None:
    run = simulated(fits=False)
    assert answer_of(run, list(claims_of(run))) is None
    alone = replace(run, tables=run.tables | {"members": run.table[run.table.layers == ORDINARY]})
    assert answer_of(alone, list(claims_of(alone))) is None
    assert hero_of(alone) is None


def test_too_few_seeds_decide_nothing() -> None:
    run = simulated()
    few = replace(run, tables=run.tables | {"members": run.table[run.table.seed < 3]})
    answer = answered(few)
    assert answer.title == "Whether one-to-one layers change plateaus and attraction is undecided"
    assert all("3 seeds cannot decide this: 20 are needed" in one.sentence for one in answer.found[:2])


def test_changes_are_those_of_the_median_seed() -> None:
    rows = simulated().table
    found = compared(rows, [*SHARES, *NUMBERS])
    zero = found[(found.measure == SHARES[0].words) & (found.other == ORDINARY)].iloc[0]
    assert zero.change == pytest.approx(-0.1995)
    assert zero.low < -0.1995 < zero.high
    assert (zero.pairs, zero.seeds) == (2 * SEEDS, SEEDS)
    ends = found[(found.measure == "starts that end at a training point") & (found.other == LEAKY)].iloc[0]
    assert ends.change == 0
    faster = rows.assign(steps=rows.steps.where(rows.layers != INJECTIVE, 35))
    words = changes_table(compared(faster, NUMBERS)).set_index("measure")
    assert words.loc["training steps to the loss", f"injective against {ORDINARY}"] == "× 0.5 (95 % CI 0.5 to 0.5)"
    assert compared(rows[rows.layers == ORDINARY], SHARES).empty


def test_only_pairs_that_both_fit_are_compared() -> None:
    rows = simulated().table
    failed = (rows.layers == INJECTIVE) & (rows.seed < 5) & (rows.hidden == 2)
    found = compared(rows.assign(loss=rows.loss.mask(failed, 1.0)), SHARES[:1])
    assert found.pairs.tolist() == [2 * SEEDS - 5] * 2


def test_settings_in_which_most_pairs_fail_are_not_compared() -> None:
    rows = simulated().table
    failed = (rows.layers == INJECTIVE) & (rows.seed < 21) & (rows.hidden == 2)
    found = compared(rows.assign(loss=rows.loss.mask(failed, 1.0)), SHARES[:1])
    assert found.pairs.tolist() == [SEEDS] * 2


def test_ratios_leave_zeros_out_and_count_them() -> None:
    rows = simulated().table
    dead = (rows.layers == ORDINARY) & (rows.seed < 30)
    found = compared(rows.assign(least_singular=rows.least_singular.mask(dead, 0.0)), NUMBERS).set_index(
        ["measure", "other"]
    )
    least = found.loc[("least singular value there", ORDINARY)]
    assert (least.change, least.zeros, least.pairs) == (pytest.approx(1), 60, 80)
    assert zeros_words(found.reset_index()) == " Left out of ratios for a zero: least singular value there 60 of 80."
    none = compared(rows.assign(least_singular=0.0), NUMBERS)
    words = changes_table(none).set_index("measure")
    assert words.loc["least singular value there", f"injective against {ORDINARY}"] == "–"


def test_the_sheet_shows_one_seed_of_all_layers_the_median_pair_s() -> None:
    rows = simulated().table
    failed = (rows.layers == INJECTIVE) & (rows.seed > 10)
    assert shown_seed(rows[rows.hidden == 2])[0] == 19
    assert shown_seed(rows[rows.hidden == 2].assign(loss=rows.loss.mask(failed, 1.0)))[0] == 5
    assert shown_seed(rows[rows.layers == ORDINARY]) == (0, "the first")


def test_the_largest_difference_of_sizes_is_said() -> None:
    rows = simulated().table
    assert most_apart(rows.assign(parameters=rows.parameters.where(rows.layers != LEAKY, 190))) == pytest.approx(0.05)


def test_the_hero_shows_the_median_pair_of_the_setting_with_most_plateaus() -> None:
    run = simulated()
    table = run.table
    more = table.assign(zero_slope=table.zero_slope + 0.1 * ((table.layers == ORDINARY) & (table.hidden == 7)))
    chosen = shown_pair(replace(run, tables=run.tables | {"members": more}))
    assert chosen is not None
    assert (chosen[0].hidden, chosen[0].seed, chosen[1]) == (7, 19, SEEDS)
    hero = hero_of(run)
    assert hero is not None
    assert isinstance(hero.body, Figure)
    assert "exactly no slope on 18 % of the line in the ordinary network, on 0 % in the injective one" in hero.caption


def test_panels_say_what_changes_and_count_networks_that_fail() -> None:
    run = simulated()
    rows = run.table
    failed = (rows.layers == ORDINARY) & (rows.seed < 7) & (rows.hidden == 2)
    some = replace(run, tables=run.tables | {"members": rows.assign(loss=rows.loss.mask(failed, 1.0))})
    first, table, *others = panels_of(some)
    assert first.title == "2 of 6 shares differ from ordinary networks', each tested alone"
    assert first.caption.startswith("The largest change is that of starts that end at a training point: −2")
    assert "ordinary 73 (91 %), injective 80 (100 %) and leaky 80 (100 %)" in table.caption
    plateaus = next(panel for panel in others if panel.title.startswith("Exact plateaus"))
    assert plateaus.title == "Exact plateaus: ordinary 20 %, injective 0 % and leaky 0 %"
    assert "233 of 240 networks fit" in plateaus.caption
    assert all(len(panel.caption.split()) <= 40 for panel in (first, table, *others))
