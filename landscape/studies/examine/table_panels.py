"""What the page of an examination shows as tables: fixed points, pieces, copies, controls, and what was not measured."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import listed, percent, unclear_share
from landscape.studies.examine.view import COPIES, EXACT, TABLES, View, few, quantified
from landscape.studies.parts.claim_words import counted


def exact_panels(view: View) -> Iterator[Panel]:
    """Fixed points, and the linear pieces of networks that are chains of affine maps."""
    fixed = view.table("fixed_points")
    for name, rows in fixed.groupby("name", sort=False):
        proven = (
            "proven to be all there are" if bool(rows.proven.all()) else "found by Newton's method; others may exist"
        )
        kinds = listed([f"{count} {word}" for word, count in rows.stability.value_counts().items()])
        at = int(rows.at_training.sum())
        yield Panel(
            f"{quantified(float((rows.stability == 'stable').mean()))} fixed points of {name} are stable",
            f"Of {counted(len(rows), 'fixed point')} {at} {'is a data point' if at == 1 else 'are data points'}; {kinds}.",
            rows.drop(columns=["name", "member", "network", *[key for key in _KEYS if key in rows]]).head(60),
            EXACT,
            {"fixed_points": rows},
            how=f"These are {proven}.",
        )
    if "regions" in view.members and view.members.regions.notna().any():
        table = view.members[["name", "regions", "plateaus", "plateau_share"]].dropna()
        told = few([f"{row['name']}: {row.regions:.0f}" for _, row in table.iterrows()])
        where = "the whole range" if view.dim <= 2 else "the plane through three data points"
        yield Panel(
            f"{_how_many(table)} linear pieces are plateaus",
            f"Linear pieces on {where}: {told}.",
            table,
            EXACT,
            how="Counted exactly. Plateaus are pieces without slope before the squash.",
        )


def _how_many(table: pd.DataFrame) -> str:
    """How many of the linear pieces are plateaus, in a word."""
    return "All" if (table.plateaus == table.regions).all() else "Some" if (table.plateaus > 0).any() else "No"


def copies_panels(view: View) -> Iterator[Panel]:
    """The verdict on the ends of orbits, beside the controls' and held-out points."""
    if "verdict" not in view.members:
        return
    judged = view.members.dropna(subset=["verdict"])
    controls = view.table("controls")
    rows = [{"map": row["name"], **_verdict_row(row)} for _, row in judged.iterrows()]
    first = judged.network.iloc[0]
    rows += [
        {"map": f"control: {row.control}", **_verdict_row(row)}
        for _, row in controls[controls.network == first].iterrows()
    ]
    null = judged.iloc[0]
    rows.append(
        {
            "map": "held-out points (the null)", "verdict": "–", "copied": np.nan, "authenticity": null.authenticity_null,
            "distance to data": null.distance_median_null, "precision": null.precision_null,
            "coverage": null.coverage_null, "different modes": null.modes_null,
        }
    )  # fmt: skip
    told = few([f"{row['name']}: {row.verdict}{_share_of_copies(row)}" for _, row in judged.iterrows()])
    yield Panel(
        f"Are the ends of orbits copies of the data? The verdict: {listed(list(judged.verdict.unique()))}",
        f"Verdicts on the ends of orbits from noise, {told}.",
        pd.DataFrame(rows),
        COPIES,
        how="Samples are the ends of orbits from noise. A copy is nearer to a data point than half of that point's gap.",
    )


def _share_of_copies(row: pd.Series) -> str:
    """The share of copies in words; "" where too few samples are different to tell it."""
    unclear = unclear_share(row.copied_low, row.copied_high, row.get("distinct", np.nan))
    return "" if unclear else f", {percent(row.copied)} copies"


def _verdict_row(row: pd.Series) -> dict[str, Any]:
    return {
        "verdict": row.get("verdict"), "copied": row.get("copied"), "authenticity": row.get("authenticity"),
        "distance to data": row.get("distance_median"), "precision": row.get("precision"),
        "coverage": row.get("coverage"), "different modes": row.get("modes"),
    }  # fmt: skip


_KEYS = ("model", "weights", "time", "digest")
_COMPARED = {
    "kind": "kind", "loss_data": "loss, data", "loss_held_out": "loss, held out", "loss_noise": "loss, noise",
    "noise_left": "noise left", "corner_maximum": "corner maximum",
    "corner_climbed": "corner maximum, at least (by a climb)", "highest_loss": "highest loss found",
    "rho_data": "ρ at data", "trace_data": "trace share", "rank_data": "rank", "norm_data": "‖J‖",
    "at_training_noise": "end at data, from noise", "data_attracting": "data points that attract",
    "attractors": "attractors", "merged_data": "data points merged", "verdict": "verdict",
}  # fmt: skip


def table_panels(view: View) -> Iterator[Panel]:
    """The networks beside the controls, and why some measurements gave nothing."""
    controls = view.table("controls")
    first = controls[controls.network == view.members.network.iloc[0]] if len(controls) else controls
    both = [
        ("network", view.members.set_index("name")),
        ("control", first.set_index("control") if len(first) else first),
    ]
    rows = [
        {"map": name if kind == "network" else f"control: {name}"}
        | {words: row.get(key) for key, words in _COMPARED.items() if key in view.members}
        for kind, table in both
        for name, row in table.iterrows()
    ]
    yield Panel(
        "Beside maps whose answer is known",
        "What a control shows too says nothing about training: the identity, the data's mean, the nearest data point.",
        pd.DataFrame(rows).set_index("map").map(_number).T.reset_index(names="measurement"),
        TABLES,
    )
    skipped = view.table("skipped")
    if len(skipped):
        parts = zip(skipped.name.astype(str), skipped.measurement, skipped.reason, strict=True)
        items = "".join(f"<li><b>{escape(name)}, {escape(what)}</b>: {escape(why)}</li>" for name, what, why in parts)
        yield Panel(
            "Not measured",
            f"{counted(len(skipped), 'measurement')} gave nothing here, for these reasons; the rest does not depend on them.",
            f"<ul>{items}</ul>",
            TABLES,
        )


def _number(value: Any) -> str:
    """A value of the table with three digits."""
    if isinstance(value, (int, float)):
        return "–" if value != value else f"{value:.3g}"
    return str(value) if value is not None else "–"
