"""The panels of a report on injective generators. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.images import pictures
from landscape.findings import listed, percent
from landscape.results import Result
from landscape.studies.injective_gan.claims import LIMITS, checked
from landscape.studies.injective_gan.curves import PLATEAU
from landscape.studies.injective_gan.figures import courses, paired_distances, pairs_beside_real, sheets
from landscape.studies.injective_gan.parameters import SETS
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import by_data, in_tabs
from landscape.studies.parts.words import data_words, two_digits

HERO_IMAGES, HERO_COLUMNS = 16, 4
SHEET_IMAGES, SHEET_COLUMNS, MOST_SHEETS = 25, 5, 12
KINDS = ("ordinary", "injective")
CAPTION = {
    "code_distance": "distance of codes' distributions",
    "code_error": "squared error of codes",
    "frechet": "Fréchet distance",
}
DISTANCES = {"code_distance": "distance of codes, W₂²", "frechet": "Fréchet distance"}
MEASURED = {
    "code_distance": "codes, W₂²",
    "code_distance_real": "codes of real images, W₂²",
    "frechet": "Fréchet distance",
    "score": "inception-style score",
}
TABLE = (
    "code_distance", "code_distance_batch", "code_distance_real", "code_error", "frechet", "frechet_sd",
    "score", "score_sd", "largest_class",
    "untrained_frechet", "floor", "score_real", "accuracy",
)  # fmt: skip


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set: images of the generators, distances, codes there and back, and the course of training; "
    "then tables."""
    rows = checked(result.whole, result.tables["curves"])
    for name, table, section in by_data(result, rows):
        yield from in_tabs(_of_data(result, name, table, section))
    yield from _tables(result, rows)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: real images and those of the first pair, and the two distances of all pairs."""
    name = str(result.whole.data.iloc[0])
    rows = checked(result.whole, result.tables["curves"])
    rows = rows[rows.data == name]
    seed = int(rows.seed.min())
    images = _images(result, name, seed, HERO_IMAGES)
    if images is None:
        return None
    medians = (
        rows.groupby("generator")[list(CAPTION)]
        .median()
        .reindex([kind for kind in KINDS if kind in set(rows.generator)])
    )
    middles = [f"{label} {listed([two_digits(one) for one in medians[column]])}" for column, label in CAPTION.items()]
    how = (
        f"Images of {data_words(name)}, real and made by the generators of seed {seed}. Below: squared distances of the "
        "distribution of inferred codes from the latent Gaussian, and of images' features from real ones; smaller is better. "
        "The first is 0 even if codes are mixed up, which their squared error shows. A line "
        f"is a seed; large marks are medians of {counted(rows.seed.nunique(), 'pair')}, bars their 95 % intervals (from 6 "
        f"pairs on). {_failures(rows)}"
    )
    picture = pairs_beside_real(images, rows, DISTANCES, columns=HERO_COLUMNS)
    return Panel("", f"Medians, {' and '.join(medians.index)}: {'; '.join(middles)}.", picture, how=how)


def _of_data(result: Result, name: str, rows: pd.DataFrame, section: str) -> Iterator[Panel]:
    yield _samples(result, name, rows, section)
    yield Panel(
        title="Codes and images: all networks",
        caption=_distance_words(rows),
        how=(
            "Left to right: codes inferred from generated images, and from real training images, as squared 2-Wasserstein "
            "distance of a Gaussian fitted to them from N(0, I); Fréchet distance and inception-style score, means over "
            f"{SETS} sets. A line is a seed; bars are 95 % intervals of the median over seeds. {_failures(rows)}"
        ),
        body=paired_distances(rows, MEASURED),
        section=section,
    )
    yield _again(result, name, rows, section)
    curves = result.tables["curves"]
    yield Panel(
        title="Training: the critic's estimate and the inference network's error",
        caption=f"{_failures(rows)}",
        how=(
            "Means over windows of a twentieth of the steps; thick: medians. The critic's estimate rests if its last "
            f"fifth differs from the fifth before by at most {percent(PLATEAU)} of the latter. Error: squared "
            "error of inferred codes per coordinate; 1 if only the mean is known."
        ),
        body=courses(
            curves[curves.data == name],
            {"wasserstein": "critic: real less generated", "inference": "error of inferred codes"},
        ),
        section=section,
        downloads={"curves": curves[curves.data == name]},
    )


def _samples(result: Result, name: str, rows: pd.DataFrame, section: str) -> Panel:
    """Sheets of real images and of each generator's, pair after pair."""
    found: list[tuple[str, np.ndarray]] = []
    for seed in sorted(rows.seed.unique()):
        images = _images(result, name, int(seed), SHEET_IMAGES)
        if images is None:
            continue
        found += [(kind, one) for kind, one in images.items() if kind == "real"] if not found else []
        found += [(f"{kind}, seed {seed}", one) for kind, one in images.items() if kind != "real"]
    accuracy = rows.accuracy.median()
    task = "classes" if (rows.task == "class").all() else "rotations"
    return Panel(
        title="Images of the generators beside real ones",
        caption=(
            f"Median Fréchet distance: {_medians(rows, 'frechet')}; untrained: {_medians(rows, 'untrained_frechet')}; "
            f"unseen real images: {two_digits(rows.floor.median())}."
        ),
        how=(
            "The first images of each generator, not chosen, of the first pairs. Fréchet distances are of features of a "
            f"classifier trained here, which tells the {task} of {percent(accuracy)} of unseen images; that of unseen "
            "images is of fewer images."
        ),
        body=sheets(found[: MOST_SHEETS + 1], across=3, columns=SHEET_COLUMNS),
        section=section,
    )


def _again(result: Result, name: str, rows: pd.DataFrame, section: str) -> Panel:
    """Images, and what the generator makes of the codes inferred from them."""
    seed, found = int(rows.seed.min()), []
    for kind in KINDS:
        arrays = _arrays(result, name, kind, seed)
        if arrays is not None:
            parts = {"real": "real", "from their codes": "again", "generated": "made", "from codes ": "made_again"}
            found += [(f"{kind}: {title}", _picture(arrays, key, SHEET_IMAGES)) for title, key in parts.items()]
    return Panel(
        title="From images to codes and back",
        caption=f"Median squared error of inferred codes per coordinate: {_medians(rows, 'code_error')}.",
        how=(
            f"Of seed {seed}: real images and what the generator makes of the codes inferred from them; generated images, "
            "and the same. 1 is the error of guessing 0 for every coordinate."
        ),
        body=sheets(found, across=4, columns=SHEET_COLUMNS),
        section=section,
    )


def _tables(result: Result, rows: pd.DataFrame) -> Iterator[Panel]:
    yield Panel(
        title="The table of Puthawala et al., in small",
        caption=(
            f"Medians: distance of codes' distributions {_medians(rows, 'code_distance')}; squared error of codes "
            f"{_medians(rows, 'code_error')}; Fréchet distance {_medians(rows, 'frechet')}."
        ),
        how=(
            "enough: networks trained enough; parameters: of the generator. code_distance and code_distance_real: W₂² of "
            "codes of generated and real images; code_distance_batch: of images normalised in minibatches, as in "
            f"training; _sd: standard deviation over {SETS} sets of images; floor, score_real: of unseen real images; "
            "largest_class: share of the commonest."
        ),
        body=_summary(rows),
        section="Tables",
    )
    yield Panel(
        title="Which layers are one-to-one",
        caption=_layer_words(result),
        how=(
            "A row per layer: inputs, outputs, expansivity (outputs / inputs) and how many networks have which verdict. "
            "Injective layers are tested on all inputs, exactly; ordinary ones by a search for two inputs, within the "
            "range of their values, with the same outputs (residual: their relative difference); the generator is not known "
            "to make these two from any code. The last layer has no ReLU."
        ),
        body=_layer_table(result.tables["layers"]),
        section="Tables",
    )
    yield Panel(
        title="Whole generators",
        caption=(
            f"{int(rows.full_rank.eq(1).sum())} of {counted(len(rows), 'generator')} are one-to-one near every code tried; "
            f"the least change of an image that a search found is {two_digits(rows.least_stretch.min())} of the usual one."
        ),
        how=(
            "full_rank: share of 32 codes; least_singular: least singular value there, relative to the largest; "
            "least_stretch: least change of the image (before sigmoid) per change of the code that a search over pairs "
            "found, relative to the first median. None of the three proves that a generator is one-to-one everywhere."
        ),
        body=rows[["data", "generator", "seed", "full_rank", "least_singular", "least_stretch"]].reset_index(drop=True),
        section="Tables",
    )
    yield Panel(
        title="Networks",
        caption=_failures(rows),
        how=(
            f"change: of the critic's estimate at the end, at most {percent(PLATEAU)} for a plateau; gain: Fréchet distance, "
            "trained / untrained, below .2. Both are needed for enough."
        ),
        body=rows.drop(columns=["member", "loss"]).reset_index(drop=True),
        section="Tables",
    )


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    groups = rows.groupby(["data", "generator"], sort=False)
    counts = groups.agg(networks=("seed", "size"), enough=("enough", "sum"), parameters=("parameters", "first"))
    return pd.concat([counts, groups[list(TABLE)].median()], axis=1).reset_index()


def _layer_table(layers: pd.DataFrame) -> pd.DataFrame:
    keys = ["data", "generator", "layer", "inputs", "outputs", "expansivity", "verdict", "method"]
    groups = layers.groupby(keys, sort=False)
    return groups.agg(networks=("seed", "size"), largest_residual=("residual", "max")).reset_index()


def _layer_words(result: Result) -> str:
    hidden = result.tables["layers"][lambda one: one.layer != "last"]
    words = []
    for kind, rows in hidden.groupby("generator", sort=False):
        some = {verdict: f"{count} {verdict}" for verdict, count in rows.verdict.value_counts().items()}
        words.append(f"{kind}: {listed(list(some.values()))}")
    return f"Hidden layers of all networks. {'; '.join(words)}."


def _distance_words(rows: pd.DataFrame) -> str:
    return (
        f"Median distance of codes' distributions {_medians(rows, 'code_distance')}, of real images' codes "
        f"{_medians(rows, 'code_distance_real')}; inception-style score {_medians(rows, 'score')}, of real images "
        f"{two_digits(rows.score_real.median())}."
    )


def _medians(rows: pd.DataFrame, column: str) -> str:
    """'1.3 ordinary, 1.1 injective': the medians over seeds."""
    present = [kind for kind in KINDS if (rows.generator == kind).any()]
    return ", ".join(f"{two_digits(rows[rows.generator == kind][column].median())} {kind}" for kind in present)


def _failures(rows: pd.DataFrame) -> str:
    """A sentence on how many networks are trained enough, and why the others are not; a network may lack both."""
    diverged, kept = int((~rows.finite).sum()), rows[rows.finite]
    moving, poor = (
        int((~kept[name].map(limit.holds)).sum())
        for name, limit in zip(("change", "gain"), LIMITS.values(), strict=True)
    )
    count = int(rows.enough.sum())
    enough = f"{count} of {counted(len(rows), 'generator')} {'is' if count == 1 else 'are'} trained enough"
    why = [f"{diverged} diverged"] if diverged else []
    why += [f"{moving} with a critic that does not rest"] if moving else []
    why += [f"{poor} with a Fréchet distance above a fifth of the untrained one"] if poor else []
    return f"{enough}{'; ' + listed(why) if why else ''}."


def _images(result: Result, name: str, seed: int, count: int) -> dict[str, np.ndarray] | None:
    """Real images and those of both generators of a seed; None if it has none."""
    found = {kind: arrays for kind in KINDS if (arrays := _arrays(result, name, kind, seed)) is not None}
    if not found:
        return None
    first = next(iter(found.values()))
    return {"real": _picture(first, "real", count)} | {k: _picture(one, "made", count) for k, one in found.items()}


def _arrays(result: Result, name: str, kind: str, seed: int) -> dict[str, np.ndarray] | None:
    for cell, arrays in result.arrays.items():
        if (cell["data"], cell["generator"], cell["seed"]) == (name, kind, seed):
            return arrays
    return None


def _picture(arrays: dict[str, np.ndarray], key: str, count: int) -> np.ndarray:
    height, width, channels = arrays["shape"].tolist()
    shape = (height, width) if channels == 1 else (height, width, channels)
    return pictures(arrays[key][:count], shape, 0.0, 1.0)
