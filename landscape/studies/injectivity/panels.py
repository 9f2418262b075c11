"""What the report of a run on injectivity shows. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import share_interval
from landscape.figures import Panel
from landscape.findings import listed, number, percent
from landscape.results import Result
from landscape.studies.injectivity.claims import hits
from landscape.studies.injectivity.curves import curve, half
from landscape.studies.injectivity.figures import (
    WIDEST,
    half_by_inputs,
    merged_by_depth,
    merged_by_layer,
    merged_in_time,
    one_to_one_by_rows,
    twins,
)
from landscape.studies.injectivity.parameters import EXACT
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import by_data, fitted_words, status_summary
from landscape.studies.parts.words import data_words, two_digits

GAUSSIAN, TWINS, NETWORKS = "Gaussian layers", "Images with the same code", "Where networks merge points"
MOST_PAIRS = 4  # pairs of images drawn
MEDIANS = ["loss", "merged_first", "merged", "merged_untrained"]


def panels_of(result: Result) -> Iterator[Panel]:
    """A digit and its second image, where networks merge points, when half of the layers are one-to-one; then the tables."""
    if "images" in result.tables:
        found = twins_panel(result)
        if found is not None:
            yield found
    if "layers" in result.tables:
        yield from merging_panels(result)
    if "matrices" in result.tables:
        yield _half_panel(result.tables["matrices"])
    yield from _tables(result)


def curves_panel(matrices: pd.DataFrame) -> Panel:
    """The share of Gaussian layers that is one-to-one against rows per input, beside the published thresholds."""
    found = half(matrices)
    exact, searched = found[found.method == EXACT], found[found.method != EXACT]
    words = ""
    if len(exact):
        few, many = exact.iloc[0], exact.iloc[-1]
        words = f"Half of the layers are one-to-one at {number(few.estimate)} rows per input for n = {few.inputs:.0f}"
        words += f", at {number(many.estimate)} for n = {many.inputs:.0f}." if len(exact) > 1 else "."
    if len(searched):
        last = searched.iloc[-1]
        words += f" At n = {last.inputs:,.0f} half merge a pair below {number(last.estimate)} rows per input."
    how = (
        f"Gaussian layers with n inputs and m rows ({_numbers(found)} matrices). Bands: 95 % intervals for each m alone; matrices "
        "that grow row by row make a curve, so that its values go together. Dotted: closed forms. Orange, dashed: upper bounds, as "
        "pairs were only searched for. Upright: 2 is necessary; 3.4 and 10.5 are the published bounds for many inputs, 6.7 the "
        "value of replica theory (Maillard et al. 2023)."
    )
    downloads = {
        f"one-to-one, n = {inputs}": curve(rows, WIDEST).assign(inputs=inputs)
        for inputs, rows in matrices[matrices.method == EXACT].groupby("inputs")
    }
    return Panel(
        "When Gaussian layers are one-to-one", words.strip(), one_to_one_by_rows(matrices), GAUSSIAN, downloads, how
    )


def _half_panel(matrices: pd.DataFrame) -> Panel:
    found = half(matrices)
    exact = found[found.method == EXACT]
    unresolved = int(exact.unresolved.sum())
    rising = len(exact) > 1 and exact.estimate.iloc[-1] > exact.estimate.iloc[0]
    title = "More inputs need more rows per input" if rising else "How many rows per input half of the layers need"
    words = [
        f"{number(row.estimate)} for n = {row.inputs}" for row in exact.iloc[[0, -1]].drop_duplicates().itertuples()
    ]
    caption = f"Half of the layers are one-to-one at {listed(words)}." if words else "Pairs were only searched for."
    caption += f" {unresolved} of {counted(int(exact.matrices.sum()), 'matrix').replace('matrixs', 'matrices')} have only bounds."
    how = (
        "Dots: the median over matrices of the first number of rows with which a layer is one-to-one, divided by n, with 95 % "
        "intervals (order statistics; unresolved matrices at both bounds). Arrows: a search found merged pairs up to there in half "
        "of the layers, and above nothing is known. Lines: published values, as in the picture of the answer."
    )
    return Panel(title, caption, half_by_inputs(matrices), GAUSSIAN, {"half": found}, how)


def twins_panel(result: Result) -> Panel | None:
    """Images, and second ones with the same code: a pair of each set and contrast. None without any."""
    rows = result.tables["images"]
    pairs, words = [], []
    for one, arrays in result.arrays.items():
        if one["part"] == "images" and len(arrays["pairs"]):
            pairs += [
                (f"{one['contrast']:.0%}".replace("%", " %"), pair)
                for pair in arrays["pairs"][: 2 if one["contrast"] < 1 else 1]
            ]
    for (name, level), some in rows[rows.control == "none"].groupby(["images", "contrast"], sort=False):
        share = hits(some)
        words.append(
            f"{share.sum()} of {len(share)} layers on {data_words(str(name))} at {100 * float(str(level)):g} % contrast"
        )
    if not pairs:
        return None
    caption = f"Some image has a second one with the same code for {listed(words[:2])}."
    own = rows[rows.control != "none"]
    how = (
        f"Each row: an image in [0, 1], another with the same code under a Gaussian layer of {_ratio(result)} rows per pixel, and "
        f"the difference. Codes differ by at most {two_digits(rows.residual.max())}. Numbers: contrast; at 100 % a black pixel "
        f"cannot fall, which leaves hardly any room. Layers with rows in pairs w, −w: {int(hits(own).sum())} of {len(own)}."
    )
    return Panel("Two images, one code", caption, twins(pairs[:MOST_PAIRS]), TWINS, {"images": rows}, how)


def merging_panels(result: Result) -> Iterator[Panel]:
    """Where trained networks merge points: by depth, by layer, and in the course of training, for each data set."""
    layers = result.tables["layers"]
    for name, members, section in by_data(result, result.table):
        several = result.table.data.nunique() > 1
        where = {"section": section if several else NETWORKS, "group": NETWORKS if several else ""}
        fit = members[members.status == "converged"]
        shown = fit if len(fit) else members
        which = fitted_words(members) + (" Lines: those that fit." if len(fit) else " Lines: all.")
        widest = int(members.width.max())
        narrow = int(members.width.min())
        ends = [
            shown[(shown.hidden == h) & (shown.width == narrow)].merged.mean()
            for h in (members.hidden.min(), members.hidden.max())
        ]
        words = (
            f"Networks of width {narrow} merge {percent(ends[0])} of points with {members.hidden.min()} hidden layers"
        )
        words += f", {percent(ends[1])} with {members.hidden.max()}." if members.hidden.nunique() > 1 else "."
        yield Panel(
            f"Merged points by depth, {data_words(name)}", words, merged_by_depth(shown), downloads={"networks": members}, **where,
            how=f"Points at which the Jacobian up to the last hidden layer has a rank below the inputs' number. Bars: 95 % intervals "
            f"of means. Dashed: the same networks before training. {which}",
        )  # fmt: skip
        own = layers[(layers.data == name) & (layers.width == narrow)]
        last = own[own.kept & (own.hidden == own.hidden.max())].groupby("layer").merges.mean()
        yield Panel(
            f"Layer by layer, {data_words(name)}",
            f"Of {own.hidden.max()} hidden layers of width {narrow}, layer {last.idxmax()} merges most points anew: "
            f"{percent(float(last.max()))}.",
            merged_by_layer(own[own.kept]), downloads={"layers": own[own.kept]}, **where,
            how="Left: points merged by this layer or one before. Right: points around which this layer alone is one-to-one: its "
            f"active rows span its input space. Means over all networks of width {narrow}; the widest are {widest}.",
        )  # fmt: skip
        film = own[~own.kept]
        change = [
            film[(film.layer == film.hidden) & (film.step == step)].merged.mean()
            for step in (film.step.min(), film.step.max())
        ]
        yield Panel(
            f"Through training, {data_words(name)}",
            f"Merged points of networks of width {narrow} go from {percent(change[0])} before training to {percent(change[1])}.",
            merged_in_time(film), **where,
            how=f"Points merged before the last affine map, means over all networks of width {narrow}. Step 0 is before training.",
        )  # fmt: skip


def _tables(result: Result) -> Iterator[Panel]:
    if "matrices" in result.tables:
        found = half(result.tables["matrices"])
        caption = f"When half of the layers are one-to-one: {_numbers(found)} matrices."
        how = "unresolved: matrices whose number of rows is known within bounds alone. No upper end: pairs were only searched for."
        yield Panel("Rows per input", caption, found, "Tables", how=how)
    if "images" in result.tables:
        rows = result.tables["images"]
        table = rows.groupby(["images", "contrast", "control"], sort=False).agg(
            layers=("seed", "size"), below=("below", "mean"), fewest=("fewest", "min"), sought=("sought", "sum"),
            seconds=("seconds", "sum"), distance=("distance", "median"), residual=("residual", "max"),
        ).reset_index()  # fmt: skip
        shares = [share_interval(hits(part)) for _, part in rows.groupby(["images", "contrast", "control"], sort=False)]
        table = table.assign(
            share=[one.estimate for one in shares], low=[one.low for one in shares], high=[one.high for one in shares]
        )
        how = (
            "below: mean share of images with fewer active rows than pixels; fewest: the least number of active rows, per pixel; "
            "sought: images for which a second one was sought, and seconds: how many have one at a distance of 1 % or more; share: "
            "layers for which some image has, with its 95 % interval. Control pairs: layers with rows w, −w."
        )
        yield Panel("Images", f"Images put through {counted(len(rows), 'layer')}.", table, "Tables", how=how)
    if len(result.table):
        cells = status_summary(result.table, ["data", "hidden", "width"], MEDIANS)
        how = "Medians: the training loss, and the shares of points merged after the first and last hidden layer, and untrained."
        yield Panel("Networks", fitted_words(result.table), cells, "Tables", how=how)


def _numbers(found: pd.DataFrame) -> str:
    low, high = int(found.matrices.min()), int(found.matrices.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _ratio(result: Result) -> str:
    return f"{float(np.asarray(result.record['parameters']['expansivity'])):g}"
