"""The panels that check the rule of verdicts: on samplers and maps of known verdict, on mixtures and on other models."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.figures import Panel
from landscape.measures.memorisation.statistics import THRESHOLDS, VERDICTS
from landscape.results import Result
from landscape.studies.memorisation.figures import mixture_curves
from landscape.studies.parts.image_study import DATA_KEYS

STATISTICS = {
    "distance_ratio": "median distance / held-out's",
    "authenticity": "authenticity",
    "farther": "P(farther than held-out)",
    "coverage_share": "coverage / held-out's",
}


def checks_of(result: Result) -> Iterator[Panel]:
    """Samplers of known verdict, maps that learnt nothing, mixtures of copies, and other models of the same data."""
    if "samplers" in result.tables:
        yield _samplers(result)
    yield _controls(result)
    if "mixtures" in result.tables:
        yield _mixtures(result)
        yield _baselines(result)


def _samplers(result: Result) -> Panel:
    samplers = result.tables["samplers"]
    right = int((samplers.verdict == samplers.expected).sum())
    counts = verdict_counts(samplers, ["sampler"])
    counts.insert(1, "known to be", samplers.groupby("sampler", sort=False).expected.first().to_numpy())
    return Panel(
        title="Samplers whose verdict is known",
        caption=(
            f"Judged by the same rule for every training set: {right} of {len(samplers)} come out as what they are. Copycat: "
            "training images with noise of 1 %; held-out: images that no network saw; collapsed: five of these, repeated; "
            "underfit: images drawn towards the mean."
        ),
        body=counts,
        section="Is the rule right?",
        downloads={"samplers": samplers},
    )


def _controls(result: Result) -> Panel:
    controls = result.tables["controls"]
    return Panel(
        title="Maps that learnt nothing",
        caption=(
            "In the networks' place, from the same starts: the nearest training image, the mean image, the identity and the "
            "networks before training. Members of all settings by verdict."
        ),
        body=verdict_counts(controls, ["control"]),
        section="Is the rule right?",
        downloads={"controls": controls},
    )


def verdict_counts(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """A table of the number of rows per verdict, for each combination of `keys`."""
    counts = table.groupby(keys, sort=False).verdict.value_counts().unstack(fill_value=0)
    whole: pd.DataFrame = counts.reindex(columns=list(VERDICTS), fill_value=0).reset_index()
    return whole


def _mixtures(result: Result) -> Panel:
    mixtures = result.tables["mixtures"]
    middle = (
        mixtures.groupby([*DATA_KEYS, "share"], sort=False)[["copied", "authenticity", "c_t"]].median().reset_index()
    )
    lines = middle.assign(member=middle.groupby(list(DATA_KEYS), sort=False).ngroup())
    each = mixtures.groupby([*DATA_KEYS, "member"], sort=False).copied
    rising = each.apply(lambda found: bool(found.is_monotonic_increasing))
    wrong = int((mixtures.verdict == "generalises").sum())
    return Panel(
        title="Mixtures of copies with held-out images",
        caption=(
            "The share of copies that is found against the true share, and the two statistics that find them. A thin line a "
            f"training set (median over members), thick the median of these. The share found never falls in {rising.sum()} of "
            f"{len(rising)} series; {wrong} of {len(mixtures)} mixtures are called 'generalises'."
        ),
        body=mixture_curves(
            lines, limits={"c_t": THRESHOLDS["copies_c_t"], "authenticity": THRESHOLDS["copies_authenticity"]}
        ),
        section="Is the rule right?",
        downloads={"mixtures": mixtures},
    )


def _baselines(result: Result) -> Panel:
    table = result.tables["baselines"]
    table = table.assign(coverage_share=table.coverage / table.coverage_null)
    columns = ["training_loss", *STATISTICS, "distinct_share"]
    groups = table.groupby([*DATA_KEYS, "baseline"], sort=False)
    verdict = groups.verdict.agg(lambda found: ", ".join(f"{n} {word}" for word, n in found.value_counts().items()))
    return Panel(
        title="Other models of the same data",
        caption=(
            "A Gaussian on principal components, a small variational autoencoder and a small idempotent network, trained on "
            "the same images and judged alike; medians over the members compared, and their verdicts."
        ),
        body=pd.concat([verdict, groups[columns].median()], axis=1).reset_index(),
        section="Is the rule right?",
        downloads={"baselines": table},
    )
