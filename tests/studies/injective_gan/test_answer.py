"""What the page says first, for each outcome: of simulated pairs of generators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape.results import Result
from landscape.studies.injective_gan.answer import TITLES, answer_of
from landscape.studies.injective_gan.claims import claims_of
from tests.certificates.injective_gan import control, diverging, pairs
from tests.studies.answers import brief_words


def complete(result: Result, *, broken: int = 0, merged: int = 1) -> Result:
    """The result with tables of layers: `broken` injective layers not shown, `merged` ordinary generators that merge points."""
    table = result.table.assign(
        accuracy=0.97, full_rank=1.0, parameters=result.table.generator.map({"ordinary": 200, "injective": 102})
    )
    layers = [
        {"data": "digits", "generator": row.generator, "seed": row.seed, "layer": layer, "verdict": verdict}
        for row in table.itertuples()
        for layer, verdict in (
            ("1", "one-to-one" if row.generator == "injective" else "not refuted"),
            ("2", _verdict(str(row.generator), int(row.seed), broken, merged)),
            ("last", "merges by dimension"),
        )
    ]
    return replace(result, tables={**result.tables, "members": table, "layers": pd.DataFrame(layers)})


def _verdict(kind: str, seed: int, broken: int, merged: int) -> str:
    if kind == "injective":
        return "unresolved" if seed < broken else "one-to-one"
    return "not one-to-one" if seed < merged else "not refuted"


def words(result: Result) -> tuple[str, str]:
    """The title, and every word of the answer."""
    answer = answer_of(result, list(claims_of(result)))
    assert answer is not None
    return answer.title, brief_words(answer)


def drawn(**settings: float) -> Result:
    return pairs(np.random.default_rng(0), failing=0, **settings)


@pytest.mark.parametrize(
    ("settings", "verdicts"),
    [
        ({}, ("supported", "supported")),
        ({"images": 1.0}, ("supported", "refuted")),
        ({"images": 0.22}, ("supported", "")),
        ({"codes": 1.0}, ("refuted", "supported")),
        ({"codes": 1.0, "images": 1.0}, ("refuted", "refuted")),
        ({"codes": 1.0, "images": 0.22}, ("refuted", "")),
        ({"codes": 0.0}, ("", "supported")),
        ({"codes": 0.0, "images": 1.0}, ("", "refuted")),
        ({"members": 5}, ("", "")),
    ],
)
def test_title_and_words_follow_the_verdicts(settings: dict[str, float], verdicts: tuple[str, str]) -> None:
    title, text = words(complete(drawn(**settings)))
    assert title == TITLES[verdicts]
    shown = {"supported": "yes", "refuted": "no", "": "undecided"}
    assert f"Codes inferred better: {shown[verdicts[0]]}." in text
    assert f"Images no worse: {shown[verdicts[1]]}." in text


def test_ratios_and_counts_of_pairs_are_those_of_the_table() -> None:
    result = complete(drawn())
    table = result.table.pivot(index="seed", columns="generator", values="code_distance")
    ratios = table.injective / table.ordinary
    _, text = words(result)
    assert f"is {ratios.median():.2f} times the ordinary one's (95 % CI " in text
    assert f"Lower in {(ratios < 1).sum()} of 22 pairs." in text
    assert "the distance between the distributions of inferred and true codes is" in text


def test_pairs_are_counted_of_which_the_median_is_taken() -> None:
    """Neither those that diverged nor those that are not trained enough, which here have another sign."""
    result = diverging(drawn(), 2)
    lost = result.table.seed.between(2, 3) & (result.table.generator == "ordinary")
    table = result.table.assign(untrained_frechet=result.table.untrained_frechet.mask(lost, 1.0))
    table = table.assign(code_distance=table.code_distance.mask(lost, 1e-6))
    _, text = words(complete(replace(result, tables={**result.tables, "members": table})))
    wide = table[table.seed > 3].pivot(index="seed", columns="generator", values="code_distance")
    assert f"Lower in {(wide.injective < wide.ordinary).sum()} of 18 pairs." in text
    assert "4 of 44 generators are not trained enough (2 diverged)." in text


@pytest.mark.parametrize("seeds", [12, 22])
def test_generators_that_mostly_diverged_test_nothing(seeds: int) -> None:
    title, text = words(complete(diverging(drawn(), seeds)))
    assert title == TITLES["", ""]
    assert "Codes inferred better: not tested. Too few pairs are trained enough" in text
    assert f"{seeds} of 44 generators are not trained enough ({seeds} diverged)." in text
    assert ("Lower in" in text) == (seeds < 22)


def test_few_seeds_say_how_they_lie() -> None:
    _, text = words(complete(drawn(members=5)))
    assert "5 seeds cannot decide this: 20 are needed. Lower in " in text
    assert "of 5 pairs" in text


def test_layers_are_counted() -> None:
    _, text = words(complete(drawn(), merged=3))
    assert "All 44 hidden layers of injective generators are one-to-one; 3 of 22 ordinary generators have one" in text
    assert "merges two values of its range, perhaps of no code" in text
    _, text = words(complete(drawn(), broken=2, merged=1))
    assert "One-to-one: 42 of 44 layers. Of the 44 hidden layers of injective generators 42 are one-to-one" in text
    assert "1 of 22 ordinary generators has one that merges two values" in text


def test_networks_that_are_not_trained_enough_are_counted() -> None:
    _, text = words(complete(control(np.random.default_rng(0), "untrained")))
    assert "44 of 44 generators are not trained enough. Ordinary ones have batch normalisation and 1.96 times" in text
    assert "Codes inferred better: not tested. Too few pairs are trained enough" in text


def test_a_run_of_one_kind_has_no_answer() -> None:
    result = complete(drawn())
    alone = result.table[result.table.generator == "injective"]
    assert answer_of(replace(result, tables={**result.tables, "members": alone}), []) is None
