"""The panels that check the rule of verdicts: on samplers and maps of known verdict, on mixtures and on other models."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.figures import Panel
from landscape.measures.memorisation.statistics import THRESHOLDS, VERDICTS
from landscape.results import Result
from landscape.studies.memorisation.figures import mixture_curves
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.image_study import DATA_KEYS
from landscape.studies.parts.verdict_counts import VERDICT_WORDS, counts_in_words

CHECKS = "Is the rule right?"
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
    known = (
        "every sampler" if right == len(samplers) else "most samplers" if 2 * right > len(samplers) else "few samplers"
    )
    return Panel(
        title=f"The rule is right about {known} whose verdict is known",
        caption=f"{right} of {counted(len(samplers), 'sampler')} come out as what they are.",
        body=counts,
        section=CHECKS,
        downloads={"samplers": samplers},
        how=(
            "Judged by the same rule for every training set. Copycat: training images with noise of 1 %; held-out: images that "
            "no network saw; collapsed: five of these, repeated; underfit: images drawn towards the mean."
        ),
    )


def _controls(result: Result) -> Panel:
    controls = result.tables["controls"]
    wrong = int((controls.verdict == "generalises").sum())
    return Panel(
        title=f"{'Some maps' if wrong else 'No map'} that learnt nothing {'are' if wrong else 'is'} said to generalise",
        caption=f"{wrong} of {counted(len(controls), 'map')} that learnt nothing get the verdict 'generalises'.",
        body=verdict_counts(controls, ["control"]),
        section=CHECKS,
        downloads={"controls": controls},
        how=(
            "In the networks' place, from the same starts: the nearest training image (memoriser), the mean image (constant), "
            "the identity and the networks before training, in all settings by verdict."
        ),
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
    falls = "never" if rising.all() else "sometimes"
    return Panel(
        title=f"The share of copies that is found {falls} falls as the true share rises",
        caption=(
            f"{wrong} of {counted(len(mixtures), 'mixture')} of copies with held-out images are said to generalise. The share "
            f"found never falls in {rising.sum()} of {len(rising)} series."
        ),
        body=mixture_curves(
            lines, limits={"c_t": THRESHOLDS["copies_c_t"], "authenticity": THRESHOLDS["copies_authenticity"]}
        ),
        section=CHECKS,
        downloads={"mixtures": mixtures},
        how=(
            "The share of copies that is found against the true share, and the two statistics that find them. A thin line a "
            "training set (median over networks), thick the median of these."
        ),
    )


def _baselines(result: Result) -> Panel:
    table = result.tables["baselines"]
    table = table.assign(coverage_share=table.coverage / table.coverage_null)
    columns = ["training_loss", *STATISTICS, "distinct_share"]
    groups = table.groupby([*DATA_KEYS, "baseline"], sort=False)
    verdict = groups.verdict.agg(lambda found: ", ".join(f"{n} {word}" for word, n in found.value_counts().items()))
    new = int((table.verdict == "generalises").sum())
    return Panel(
        title=f"{'Some other models' if new else 'No other model'} of the same data generalise{'' if new else 's'}",
        caption=f"Of {counted(len(table), 'other model')} {counts_in_words(table.verdict, VERDICT_WORDS)}.",
        body=pd.concat([verdict, groups[columns].median()], axis=1).reset_index(),
        section=CHECKS,
        downloads={"baselines": table},
        how=(
            "A Gaussian on principal components, a small variational autoencoder and a small idempotent network, trained on "
            "the same images as networks of the run and judged alike; medians, and the verdicts."
        ),
    )
