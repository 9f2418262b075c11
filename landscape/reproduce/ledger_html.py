"""The ledger as the page shows it: a table with the words, numbers and links of each claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from textwrap import shorten
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from landscape.report.axis import axis_for, strip
from landscape.report.claim_cards import VERDICT_ICONS, number_with_interval, p_in_words
from landscape.reproduce.ledger import NOT_RUN, after_holm

_ICON = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="{}"/></svg>'
MAX_REASON = 240  # characters; the whole reason is beside the settings of the claim
HEADS = ("claim", "verdict", "effect, 95 % interval", "threshold, set beforehand", "follow it")


def ledger_html(table: pd.DataFrame, anchors: Mapping[str, str]) -> str:
    """The rows of the ledger as an HTML table. `anchors` gives the page's section of each run, by the run's name."""
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in HEADS)
    body = Markup("").join(_row(row, anchors) for row in table.to_dict("records"))
    return Markup('<table class="claims ledger"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        heads, body
    )


def _row(row: Mapping[Any, Any], anchors: Mapping[str, str]) -> Markup:
    cells = (_claim(row), _verdict(row), _effect(row), _threshold(row), _follow(row, anchors))
    classes = ("", "", "effect", "bound", "")
    return Markup('<tr id="claim-{}">{}</tr>').format(
        str(row["key"]).replace(" ", "-"),
        Markup("").join(
            Markup("<td{}>{}</td>").format(Markup(' class="{}"').format(name) if name else "", cell)
            for name, cell in zip(classes, cells, strict=True)
        ),
    )


def _claim(row: Mapping[Any, Any]) -> Markup:
    quote = f"{row['quote']} · {row['place']}" if row["quote"] else str(row["place"])
    how = _fine(
        f"Measured: {row['estimand']}" if row["estimand"] else "",
        f"Found: {_reason(row)}" if row["reason"] and not _by_part(row) else "",
        f"Resampled: {row['units']}" if row["clusters"] else "",
        f"Threshold set by commit {row['commit']}" if row["commit"] else "",
    )
    folded = (
        Markup('<details class="how"><summary>how it was measured</summary>{}</details>').format(how) if how else how
    )
    return Markup("<b>{}</b> {}{}{}").format(row["key"], row["statement"], _fine(quote), folded)


def _verdict(row: Mapping[Any, Any]) -> Markup:
    verdict = str(row["verdict"])
    icon = VERDICT_ICONS.get(verdict, VERDICT_ICONS["untestable"])
    kind = "untestable" if verdict == NOT_RUN else verdict
    badge = Markup('<span class="badge {}">{}{}</span>').format(kind, Markup(_ICON).format(icon), verdict)
    needs = f"needs {row['needs']}" if row["needs"] else _reason(row) if verdict == "untestable" else ""
    return badge + _fine(needs, str(row["label"]), after_holm(row))


def _effect(row: Mapping[Any, Any]) -> Markup:
    estimate, low, high, *asked = (float(row[name]) for name in ("estimate", "low", "high", "asked_low", "asked_high"))
    axis = axis_for([estimate, low, high, *asked])
    drawing, words = Markup(strip(axis, estimate, low, high, (asked[0], asked[1]), str(row["verdict"]))), ""
    if math.isfinite(estimate):
        words = number_with_interval(estimate, low, high)
    elif _by_part(row):
        words = "by part"
    counted = [f"{row['clusters']} {'clusters' if row['clusters'] != 1 else 'cluster'}" if row["clusters"] else ""]
    counted.append(f"{row['members']:,} networks, {row['failed']:,} did not fit" if row["members"] else "")
    p = [f"{p_in_words(row[name])}{of}" for name, of in (("p", ""), ("p_holm", " by Holm")) if math.isfinite(row[name])]
    parts = [_reason(row)] if _by_part(row) else []
    fine = _fine(*parts, ", ".join(filter(None, counted)), ", ".join(p))
    return Markup("{}<span>{}</span>{}").format(drawing, words, fine)


def _by_part(row: Mapping[Any, Any]) -> bool:
    """Whether the claim has no number of its own, but the verdicts of its parts, which its reason then lists."""
    return bool(row["clusters"]) and not math.isfinite(float(row["estimate"]))


def _reason(row: Mapping[Any, Any]) -> str:
    return shorten(row["reason"], MAX_REASON, placeholder=" …")


def _threshold(row: Mapping[Any, Any]) -> Markup:
    return Markup("{}{}").format(row["threshold"], _fine(str(row["stands"])))


def _follow(row: Mapping[Any, Any], anchors: Mapping[str, str]) -> Markup:
    anchor = anchors.get(str(row["run"]))
    if anchor is None or row["verdict"] == NOT_RUN:
        return Markup("")
    links = Markup(
        '<a href="#{0}">picture</a> · <a href="#{0}-claims">settings</a> · <a href="#{0}-data">tables</a>'
    ).format(anchor)
    command = Markup('<details class="how"><summary>command</summary><code>{}</code></details>').format(row["command"])
    return links + Markup('<span class="fine">run <code>{}</code></span>').format(row["folder"]) + command


def _fine(*words: str) -> Markup:
    return Markup("").join(Markup('<span class="fine">{}</span>').format(escape(part)) for part in words if part)
