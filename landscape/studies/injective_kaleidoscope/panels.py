"""What the report of a run on injective layers shows. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import listed, percent, points
from landscape.results import Result
from landscape.studies.architectures.figures import sheet_of_nets
from landscape.studies.injective_kaleidoscope.changes import (
    IMAGE_SHARES,
    NUMBERS,
    RESOLVED,
    SHARES,
    Measured,
    changes_table,
    compared,
    fits_table,
    most_apart,
    zeros_words,
)
from landscape.studies.injective_kaleidoscope.claims import (
    END_OF_TRAINING,
    decides,
    fitted,
    half_attract,
    half_slopes,
    paired,
    untrained_injective,
)
from landscape.studies.injective_kaleidoscope.figures import differences, shares_by_depth
from landscape.studies.injective_kaleidoscope.parameters import IMAGES, INJECTIVE, LAYERS, ORDINARY
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import control_summary, in_tabs
from landscape.studies.parts.words import data_words, two_digits

MEANS = ["zero_slope", "flat_share", "trace", "attracting", "rho_max", "least_singular", "at_training", "elsewhere"]
KEYS = ["data", "layers", "hidden", "budget", "band"]
CHANGES = "What changes"
# What is drawn against depth: column, label of the axis, words of the title.
BY_DEPTH = (
    ("zero_slope", "share with exactly no slope", "Exact plateaus"),
    ("attracting", "training points that attract", "Attraction of training points"),
    ("at_training", "starts ending at a training point", "Samples at training points"),
)


def panels_of(result: Result) -> Iterator[Panel]:
    """What changes, on points, on images and for all steps; then each set of points; samples of images; tables."""
    table = result.whole
    image = table.data.isin(IMAGES)
    asked = table[decides(table)]
    yield from _changes(asked, "", SHARES)
    yield from _changes(table[~image & (table.band == END_OF_TRAINING)], "after all steps", SHARES)
    for band in sorted(table[image].band.unique(), reverse=True):
        words = "after all steps" if band == END_OF_TRAINING else f"at a loss of {two_digits(band)}"
        yield from _changes(table[image & (table.band == band)], f"on images, {words}", (*SHARES, *IMAGE_SHARES))
    sets = [rows for _, rows in asked.groupby("data", sort=False)]
    panels = (panel for rows in sets for panel in _by_depth(rows))
    yield from in_tabs(panels) if len(sets) > 1 else panels
    for one in result.arrays:
        if "samples_of_members" in result.arrays[one] and one["layers"] == ORDINARY:
            yield from _samples(result, one["data"], one["band"], one["hidden"])
    yield from _tables(result)


def _changes(rows: pd.DataFrame, where: str, shares: Sequence[Measured]) -> Iterator[Panel]:
    """The changes of shares as a picture, and all changes as a table; nothing if no pair fits."""
    found = compared(rows, [*shares, *NUMBERS])
    if found.empty:
        return
    place = f" {where}" if where else ""
    drawn = found[found["share"]]
    against = drawn[drawn.other == ORDINARY] if (drawn.other == ORDINARY).any() else drawn
    clear = against[(against.low > 0) | (against.high < 0)]
    most = against.iloc[int(against.change.abs().to_numpy().argmax())]
    title = f"{len(clear)} of {len(against)} shares differ from ordinary networks'{place}, each tested alone"
    yield Panel(
        title=title[:1].upper() + title[1:],
        caption=(
            f"The largest change{place} is that of {most.measure}: {points(most.change)} percentage points (95 % CI "
            f"{points(most.low)} to {points(most.high)}). Intervals are not adjusted for the number of comparisons."
        ),
        body=differences(drawn),
        section=CHANGES,
        how=(
            "Injective less other networks of the same seed, data, depth and about as many parameters, of pairs that both "
            f"reach the training loss: the median over {counted(int(found.seeds.max()), 'seed')}, with 95 % intervals. Leaky "
            "networks have the slope below zero with which injective ones begin, but are not kept one-to-one."
        ),
        downloads={"changes": found},
    )
    fits = fits_table(rows)
    yield Panel(
        title=f"All measures compared{place}",
        caption=(
            f"Networks that fit: {listed([f'{row.layers} {row.fit}' for row in fits.itertuples()])}. Parameters differ "
            f"by at most {percent(most_apart(rows))}.{zeros_words(found)}"
        ),
        body=changes_table(found),
        section=CHANGES,
        how=(
            "Shares: medians over seeds of their means, and of the differences within pairs, in percentage points: these need "
            "not be the differences of the medians. Other numbers: medians of pairs, and of ratios over seeds; a number below "
            f"{two_digits(RESOLVED)} counts as zero. 95 % intervals, not adjusted for the number of comparisons. A burn-in "
            "that was not over at the last iteration counts as that."
        ),
        downloads={"fits": fits},
    )


def _by_depth(rows: pd.DataFrame) -> Iterator[Panel]:
    """Plateaus, attraction and ends of samples against depth, of the networks that fit."""
    judged = fitted(rows)
    own, data = judged[judged.fits], str(rows["data"].iloc[0])
    for column, label, words in BY_DEPTH:
        means = own.groupby("layers", sort=False)[column].mean()
        shares = [f"{layers} {percent(means[layers])}" for layers in LAYERS if layers in means]
        yield Panel(
            title=f"{words}: {listed(shares)}" if shares else f"{words}: no network fits",
            caption=(
                f"On {data_words(data)} {int(judged.fits.sum()):,} of {counted(len(judged), 'network')} fit; means over them: "
                f"{listed(shares)}."
                if shares
                else f"On {data_words(data)} none of {counted(len(judged), 'network')} fits."
            ),
            body=shares_by_depth(own, column, label),
            section=data,
            how=(
                "Means over networks that reach the training loss, with 95 % intervals over seeds; a mark is missing where "
                "fewer than two fit."
            ),
            downloads={column: judged[[*KEYS, "seed", "loss", "fits", column]]},
        )


def _samples(result: Result, data: str, band: float, hidden: int) -> Iterator[Panel]:
    """A sheet of images: what networks of each kind of layers make of noise, and of their training images."""
    rows: dict[str, list[np.ndarray]] = {}
    shares = []
    table = result.whole
    table = table[(table.data == data) & (table.band == band) & (table.hidden == hidden)]
    seed, chosen = shown_seed(table)
    for one, arrays in result.arrays.items():
        if (one["data"], one["band"], one["hidden"]) != (data, band, hidden):
            continue
        own = table[(table.layers == one["layers"]) & (table.budget == one["budget"])]
        member = int(own.set_index("seed").member[seed])
        names = ("training", "back", "samples", "nearest")
        rows[one["layers"]] = [arrays[f"{name}_of_members"][member].reshape(-1, *arrays["shape"]) for name in names]
        shares.append(f"{one['layers']} {percent(float(own.at_training.mean()))}")
    words = "after all steps" if band == END_OF_TRAINING else f"at a loss of {two_digits(band)}"
    yield Panel(
        title=f"Samples of {data_words(data)} {words}, {hidden} hidden layers",
        caption=f"Starts that end at a training image, means over networks: {listed(shares)}.",
        body=sheet_of_nets(rows, ["training", "reconstructed", "samples", "nearest"]),
        section="Samples",
        how=(
            f"A row per kind of layers, each of seed {seed} ({chosen}): training images, what the network makes of them, "
            "samples after all iterations, and the training images nearest to these."
        ),
    )


def shown_seed(rows: pd.DataFrame) -> tuple[int, str]:
    """The seed of the networks that are shown of a setting, and why: that of the median pair, where there are pairs."""
    pairs = paired(rows, "at_training", INJECTIVE, ORDINARY)
    pairs = pairs[pairs.fits] if pairs.fits.any() else pairs
    if pairs.empty:
        return int(rows.seed.min()), "the first"
    ordered = pairs.sort_values(["value", "seed"], kind="stable")
    return int(ordered.seed.iloc[(len(ordered) - 1) // 2]), "the pair of median difference in starts that end there"


def _tables(result: Result) -> Iterator[Panel]:
    table = result.whole
    proven = table[table.layers == INJECTIVE]
    if len(proven) and "one_to_one_holds" in proven:
        holds = int(proven.one_to_one_holds.astype(bool).sum())
        yield Panel(
            title=f"One-to-one after training: the hidden maps of {holds:,} of {counted(len(proven), 'injective network')}",
            caption=(
                f"The hidden maps shrink no distance below {two_digits(float(proven.one_to_one_margin.min()))} of itself, as "
                "the trained weights show. Whole networks need not be one-to-one: the last affine map may merge points."
            ),
            body=proven.groupby(["data", "hidden", "budget"], sort=False)
            .agg(networks=("seed", "size"), one_to_one=("one_to_one_holds", "sum"), margin=("one_to_one_margin", "min"),
                 rank=("one_to_one_rank", "min"), scale=("one_to_one_scale", "min"))
            .reset_index(),
            section="Tables",
            how=(
                "margin: a lower bound of ‖h(x) − h(y)‖ / ‖x − y‖ of the hidden map h; rank: the smallest ratio of singular "
                "values of a layer's matrix; scale: the smallest entry of its scalings. The least of the networks."
            ),
        )  # fmt: skip
    judged = fitted(table)
    means = judged[judged.fits].groupby(KEYS, sort=False)[MEANS].mean()
    counts = judged.groupby(KEYS, sort=False).agg(networks=("seed", "size"), fit=("fits", "sum"))
    yield Panel(
        title="Settings",
        caption="Means over the networks that fit, in each setting.",
        body=counts.join(means).reset_index(),
        section="Tables",
        how="band: the training loss asked; 0 for networks that are trained for all steps. trace: tr J / D at random inputs.",
    )
    controls = result.tables["controls"]
    own = untrained_injective(result)
    slopes, attract = (percent(float(each(own).mean())) if len(own) else "–" for each in (half_slopes, half_attract))
    yield Panel(
        title="Controls",
        caption=(
            f"In {slopes} of untrained injective networks on points half of the training points have ρ(J) < 1; in {attract} "
            "they are fixed as well, and so attract."
        ),
        body=control_summary(controls, ["data", "layers", "band"], ["loss", *MEANS]),
        section="Tables",
        how=(
            "Medians. Maps that learned nothing, measured as networks are: what they have as well is no effect of training. "
            "The column attracting counts points with ρ(J) < 1, fixed or not; with a training loss above its band a control "
            "counts as attracting none."
        ),
    )
