"""One estimand over several settings, such as dimensions or depths, in which the same seeds were run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.claims.claim import Claim, composition, judge
from landscape.claims.intervals import Interval
from landscape.claims.resampling import Labels, Values, finite_rows
from landscape.claims.statement import Statement
from landscape.claims.threshold import Threshold

MOST_MISSING = 0.1  # the share of the settings that a cluster may lack


def pooled(values: Values, settings: Values, clusters: Labels) -> pd.Series[float]:
    """The mean over settings of each cluster's values, indexed by cluster. `mean_interval` of it is one estimand for all.

    Settings count alike, however many rows they have. A setting that a cluster lacks, as where a network failed, has the mean
    of that setting over the other clusters. Raises ValueError if a cluster lacks more than MOST_MISSING of the settings: leave
    out the cluster, or the setting, and say so. If each setting has networks of its own, equally many, then give all rows to
    `mean_interval` instead."""
    rows, _ = finite_rows(values, clusters)
    table = pd.DataFrame({"value": rows, "setting": np.asarray(settings), "cluster": np.asarray(clusters)})
    wide = table.pivot_table(index="cluster", columns="setting", values="value", aggfunc="mean")
    missing = wide.isna().sum(axis=1)
    if len(wide) and missing.max() > MOST_MISSING * wide.shape[1]:
        raise ValueError(
            f"Each cluster must have at least {1 - MOST_MISSING:.0%} of the {wide.shape[1]} settings; "
            f"{missing.idxmax()} lacks {missing.max()}. Leave out the cluster or the settings that it lacks."
        )
    means: pd.Series[float] = wide.fillna(wide.mean()).mean(axis=1)
    return means


def judge_pooled(
    interval: Interval,
    statement: Statement,
    threshold: Threshold,
    details: Sequence[Claim],
    *,
    members: int | None = None,
    failed: int | None = None,
) -> Claim:
    """The claim that the pooled estimand satisfies the threshold, with the settings' claims beside it.

    The interval alone decides. The verdicts of the settings stand in the reason, and their claims are details that are not
    primary. Members and failures are summed over the details unless given."""
    claim = judge(
        interval,
        statement,
        threshold,
        members=sum(one.members for one in details) if members is None else members,
        failed=sum(one.failed for one in details) if failed is None else failed,
    )
    beside = tuple(replace(one, primary=False) for one in details)
    reason = f"{claim.reason}; {composition(details)}" if details else claim.reason
    return replace(claim, reason=reason, setting=claim.setting or f"{len(details)} settings, pooled", details=beside)
