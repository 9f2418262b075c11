"""Statements: claims before they are judged, as data that can be shown as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from landscape.claims.threshold import Threshold

TABLE_COLUMNS = ["key", "statement", "quote", "quote_setting", "estimand", "primary", "of", "role", "threshold"]


@dataclass(frozen=True)
class Statement:
    """What is claimed, what the paper says about it, what is measured for it, and what the measurement must satisfy.

    - `quote_setting`: the setting that the paper gives.
    - `quote`: the paper's own words, with their place where it is known. It is empty if the claim is not the paper's, or its
      wording is not at hand.
    - `setting`: the setting measured here. `at` makes the statement of one setting.
    - `thresholds`: what is judged, by names, in the order in which it is judged.
    - `limits`: what is tested on single values and decides which of them are judged, such as which networks count as trained.
    - `whole`: a template for the words of all thresholds together. {burn-in.words} stands for the words of the threshold
      "burn-in", {burn-in.short} for its number.
    - `primary`: false for a statement that is not the paper's, or is ill-posed."""

    key: str
    text: str
    quote_setting: str
    estimand: str
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    limits: Mapping[str, Threshold] = field(default_factory=dict)
    quote: str = field(default="", kw_only=True)
    whole: str = ""
    setting: str = ""
    label: str = ""
    primary: bool = True

    def __getitem__(self, name: str) -> Threshold:
        """The threshold of this name."""
        return self.thresholds[name]

    def words(self, template: str = "") -> str:
        """The words of all thresholds together: from `template`, else from `whole`, else a list of names and words."""
        usual = "; ".join(
            f"{name if len(self.thresholds) > 1 else ''} {{{name}.words}}".strip() for name in self.thresholds
        )
        return (template or self.whole or usual).format(**self.thresholds)

    def at(self, *, setting: str | None = None, label: str | None = None, estimand: str | None = None) -> Statement:
        """The statement for a setting, with the label or the estimand that it has there."""
        return replace(
            self,
            setting=self.setting if setting is None else setting,
            label=self.label if label is None else label,
            estimand=self.estimand if estimand is None else estimand,
        )


def registered(statements: Iterable[Statement]) -> dict[str, Any]:
    """What each statement says and asks, by key, for `thresholds_digest`: text, estimand, setting, thresholds and limits.

    The paper's words, labels and the words of thresholds are left out: they describe the test and do not change it."""
    return {
        one.key: {
            "text": one.text,
            "estimand": one.estimand,
            "setting": one.setting,
            "thresholds": {name: threshold.asks() for name, threshold in one.thresholds.items()},
            "limits": {name: threshold.asks() for name, threshold in one.limits.items()},
        }
        for one in statements
    }


def statements_table(statements: Iterable[Statement]) -> pd.DataFrame:
    """A row per statement and threshold, or limit; columns TABLE_COLUMNS.

    `of` is the name of the threshold or limit, and `role` says which of the two it is."""
    rows = [
        {
            "key": one.key, "statement": one.text, "quote": one.quote,
            "quote_setting": one.quote_setting, "estimand": one.estimand, "primary": one.primary,
            "of": name, "role": role, "threshold": threshold.words,
        }
        for one in statements
        for role, named in (("threshold", one.thresholds), ("limit", one.limits))
        for name, threshold in named.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=TABLE_COLUMNS)
