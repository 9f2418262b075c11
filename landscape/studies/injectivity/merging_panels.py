"""Where trained networks merge points: panels by depth, layer by layer, and through training, for each data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from landscape.figures import Panel
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.injectivity.figures import merged_by_depth, merged_by_layer, merged_in_time
from landscape.studies.parts.summaries import fitted_words
from landscape.studies.parts.words import data_words, layers

NETWORKS = "Where networks merge points"


def merging_panels(result: Result) -> Iterator[Panel]:
    """The panels of each data set; with several sets each is a tab."""
    for name, networks in result.whole.groupby("data", sort=False):
        rows = result.tables["layers"]
        for panel in _of_data(str(name), networks, rows[rows.data == name]):
            several = result.whole.data.nunique() > 1
            yield replace(
                panel, section=data_words(str(name)) if several else NETWORKS, group=NETWORKS if several else ""
            )


def _of_data(name: str, networks: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Panel]:
    narrow, fit = int(networks.width.min()), networks[networks.status == "converged"]
    shown = fit if len(fit) else networks
    yield _by_depth(shown, networks, narrow)
    own = rows[rows.width == narrow]
    yield _by_layer(own[own.kept], narrow)
    if own[~own.kept].step.nunique() > 1:
        yield _in_time(own[~own.kept], narrow)


def _by_depth(shown: pd.DataFrame, networks: pd.DataFrame, narrow: int) -> Panel:
    depths = sorted(shown.hidden.unique())
    shares = [shown[(shown.hidden == depth) & (shown.width == narrow)].merged.mean() for depth in depths]
    words = f"Networks of width {narrow} merge {percent(shares[0])} of points with {layers(depths[0])}"
    words += f", {percent(shares[-1])} with {depths[-1]}" if len(depths) > 1 else ""
    wide = shown[shown.width > narrow]
    words += f"; wider ones {percent(float(wide.merged.mean()))}." if len(wide) else "."
    whose = " Those that fit are drawn." if len(shown) < len(networks) else ""
    return Panel(
        "Merged points by depth", words, merged_by_depth(shown), downloads={"networks": networks},
        how="A point is merged if the Jacobian up to the last hidden layer has a rank below the number of inputs there. Means "
        f"over networks with 95 % intervals. Dashed: the same networks before training. {fitted_words(networks)}{whose}",
    )  # fmt: skip


def _by_layer(rows: pd.DataFrame, narrow: int) -> Panel:
    deepest = int(rows.hidden.max())
    anew = rows[rows.hidden == deepest].groupby("layer").merges.mean()
    most = f"layer {anew.idxmax()} merges the most points anew, {percent(float(anew.max()))}"
    none = f"no layer of {deepest} merges any point"
    words = (
        f"In networks of width {narrow} with {layers(deepest)} {most}."
        if anew.max() > 0
        else f"{none[0].upper()}{none[1:]}."
    )
    return Panel(
        "Layer by layer", words, merged_by_layer(rows), downloads={"layers": rows},
        how="Left: points merged by this layer or one before it. Right: points around which this layer alone is one-to-one, as "
        f"its active rows span its input space. Means over all networks of width {narrow}, with their final weights.",
    )  # fmt: skip


def _in_time(rows: pd.DataFrame, narrow: int) -> Panel:
    last = rows[rows.layer == rows.hidden]
    first, end = (last[last.step == step].merged.mean() for step in (rows.step.min(), rows.step.max()))
    shares = f"{percent(float(first))} of points before training and {percent(float(end))} after"
    words = f"Networks of width {narrow} merge {shares}."
    return Panel(
        "Through training", words, merged_in_time(rows),
        how=f"Points merged before the last affine map, at steps of training: means over all networks of width {narrow}.",
    )  # fmt: skip
