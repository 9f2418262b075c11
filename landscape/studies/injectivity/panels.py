"""What the report of a run on injectivity shows. Every number in a caption is computed from the tables."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims import share_interval
from landscape.figures import Panel
from landscape.findings import ci, listed, number, percent
from landscape.results import Result
from landscape.studies.injectivity.claims import CONTRAST, LOWER, NECESSARY, REPLICA, UPPER, hits
from landscape.studies.injectivity.closed_forms import CLOSED, half_of
from landscape.studies.injectivity.curves import curve, half
from landscape.studies.injectivity.figures import WIDEST, half_by_inputs, one_to_one_by_rows, twins
from landscape.studies.injectivity.merging_panels import merging_panels
from landscape.studies.injectivity.parameters import EXACT
from landscape.studies.parts.summaries import fitted_words, status_summary
from landscape.studies.parts.words import data_words, two_digits

GAUSSIAN, TWINS = "Gaussian layers", "Images with the same code"
PAIRS = 2  # pairs of images drawn of each set and contrast
MEDIANS = ["loss", "merged_first", "merged", "merged_untrained"]
OF_IMAGES = ["images", "contrast", "control"]


def panels_of(result: Result) -> Iterator[Panel]:
    """Images with the same code, where networks merge points, when half of the layers are one-to-one; then the tables."""
    if "images" in result.tables:
        yield from twins_panels(result)
    if "layers" in result.tables:
        yield from merging_panels(result)
    if "matrices" in result.tables:
        yield _half_panel(result.tables["matrices"])
    yield from _tables(result)


def curves_panel(matrices: pd.DataFrame) -> Panel:
    """The share of Gaussian layers that is one-to-one against rows per input, beside the published thresholds."""
    found = half(matrices)
    exact, searched = found[found.method == EXACT], found[found.method != EXACT]
    words = [_half_words(exact.iloc[-1:])] if len(exact) else []
    if len(searched):
        last = searched.iloc[-1]
        words.append(f"With {last.inputs:,.0f} inputs half merge a pair at {number(last.estimate)}.")
    how = (
        f"Gaussian layers of n inputs and m rows ({_numbers(found)} matrices a curve). Bands: 95 % intervals for each m alone; "
        "a matrix grows row by row, so that the points of a curve belong together. Dotted: closed forms. Orange, dashed: upper "
        f"bounds, as pairs were only searched for. Upright lines: {NECESSARY:g} is necessary; {LOWER:g} and {UPPER:g} are "
        f"published bounds for many inputs, {REPLICA:g} the value of replica theory (Maillard et al. 2023)."
    )
    downloads = {
        f"one-to-one, n = {inputs}": curve(rows, WIDEST).assign(inputs=inputs)
        for inputs, rows in matrices[matrices.method == EXACT].groupby("inputs")
    }
    return Panel(
        "When Gaussian layers are one-to-one", " ".join(words), one_to_one_by_rows(matrices), GAUSSIAN, downloads, how
    )


def twins_panels(result: Result) -> Iterator[Panel]:
    """Images and second ones with the same code, of each set: none for a set of which no image has one."""
    rows = result.tables["images"]
    for name, some in rows.groupby("images", sort=False):
        pairs = [
            (f"{100 * one['contrast']:g} %", pair)
            for one, arrays in result.arrays.items()
            if dict(one.values).get("images") == name
            for pair in arrays["pairs"][:PAIRS]
        ]
        if pairs:
            title = f"Two images, one code: {data_words(str(name))}"
            how = (
                f"Each row: an image in [0, 1], a second one with the same code under a Gaussian layer, {_ratio(result)} rows "
                f"per pixel, and the difference; left, the contrast. Codes differ by {two_digits(some.residual.max())}. "
                "Where the background is exactly black (100 %), no pixel of it can fall, and hardly any change is left. "
                f"{_below_words(some, int(np.asarray(result.record['parameters']['searched'])))}"
            )
            yield Panel(title, _twins_words(some), twins(pairs), TWINS, {"images": some}, how)


def _half_words(exact: pd.DataFrame) -> str:
    """'Half of the layers are one-to-one at 2 rows per input with n = 1 (closed form), at 5.4 with n = 7 (95 % CI …).'"""
    ends = list(dict.fromkeys([0, len(exact) - 1]))
    places = [f"at {{}}{' rows per input' if end == 0 else ''} with n = {exact.inputs.iloc[end]:.0f}" for end in ends]
    found = [_half_of(exact.iloc[end].to_dict()) for end in ends]
    words = [f"{place.format(number(value))} ({source})" for place, (value, source) in zip(places, found, strict=True)]
    return f"Half of the layers are one-to-one {', '.join(words)}."


def _half_of(row: Mapping[Hashable, Any]) -> tuple[float, str]:
    """Where half of the layers of a number of inputs are one-to-one, and whence: the closed form, or an estimate's interval."""
    inputs = int(row["inputs"])
    if inputs in CLOSED:
        return half_of(inputs) / inputs, "closed form"
    low, high = row["low"], row["high"]
    if math.isfinite(high):
        return row["estimate"], ci(low, high, number)
    return row["estimate"], f"at least {number(low)}" if math.isfinite(low) else "no interval"


def _half_panel(matrices: pd.DataFrame) -> Panel:
    found = half(matrices)
    exact = found[found.method == EXACT]
    caption = _half_words(exact) if len(exact) else "Pairs were only searched for."
    if unresolved := int(exact.unresolved.sum()):
        caption += f" Of {int(exact.matrices.sum()):,} layers {unresolved} are known within bounds alone."
    how = (
        "Dots: the median over matrices of the first number of rows with which a layer is one-to-one, over n, with 95 % "
        "intervals (order statistics; what is not decided counts at both of its bounds). Squares with arrows: up to there a "
        "search found merged pairs in half of the layers, and above nothing is known. Lines: the published values."
    )
    return Panel(
        "Rows per input for half of the layers", caption, half_by_inputs(matrices), GAUSSIAN, {"half": found}, how
    )


def _twins_words(rows: pd.DataFrame) -> str:
    """For how many layers some image has a second one, by contrast, and for how many of the control."""
    words = []
    for level, some in rows[rows.control == "none"].groupby("contrast"):
        share = hits(some)
        words.append(f"{share.sum()} of {len(share)} layers at {100 * float(str(level)):g} % contrast")
    control = hits(rows[rows.control != "none"])
    others = f"{control.sum()} of {len(control)} layers of paired rows"
    return f"Some image has a second one with {listed(words)}; with {others}."


def _below_words(rows: pd.DataFrame, searched: int) -> str:
    """Which share of the images has fewer active rows than pixels, and how many of them a second image is sought for."""
    own = rows[rows.control == "none"]
    level = own.contrast.max()
    share = percent(float(own[own.contrast == level].below.mean()))
    return (
        f"At {100 * level:g} % contrast {share} of the images tried have fewer active rows than pixels (mean over layers): "
        f"the quantity that Puthawala et al. report. Second ones are sought for the {searched} with the fewest alone."
    )


def _tables(result: Result) -> Iterator[Panel]:
    if "matrices" in result.tables:
        found = half(result.tables["matrices"])
        how = "unresolved: matrices with bounds alone. Without an upper end, pairs were only searched for."
        yield Panel("Rows per input", "When half of the layers are one-to-one.", found, "Tables", how=how)
    if "images" in result.tables:
        groups = result.tables["images"].groupby(OF_IMAGES, sort=False)
        table = groups.agg(
            layers=("seed", "size"), below=("below", "mean"), fewest=("fewest", "min"), sought=("sought", "sum"),
            twins=("twins", "sum"), distance=("distance", "median"), residual=("residual", "max"),
        ).reset_index()  # fmt: skip
        shares = [share_interval(hits(part)) for _, part in groups]
        ends = {end: [getattr(one, end) for one in shares] for end in ("estimate", "low", "high")}
        how = (
            "below: mean share of images with fewer active rows than pixels; fewest: the least number of them, per pixel; "
            "sought: images for which a second one was sought; twins: how many have one at a distance of 1 % or more; "
            "estimate: share of layers with such an image, with its 95 % interval. Control pairs: rows w and −w."
        )
        caption = f"Of the claim: {100 * CONTRAST:g} % contrast, without a control."
        yield Panel("Images", caption, table.assign(**ends), "Tables", how=how)
    if len(result.whole):
        cells = status_summary(result.whole, ["data", "hidden", "width"], MEDIANS)
        how = (
            "Medians: training loss; shares of points merged after the first and the last hidden layer, and untrained."
        )
        yield Panel("Networks", fitted_words(result.whole), cells, "Tables", how=how)


def _numbers(found: pd.DataFrame) -> str:
    low, high = int(found.matrices.min()), int(found.matrices.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _ratio(result: Result) -> str:
    return f"{float(np.asarray(result.record['parameters']['expansivity'])):g}"
