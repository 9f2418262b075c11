"""How studies judge one estimand over many settings, of which some networks may be left out because they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, judge_pooled, mean_interval, with_beside
from landscape.studies.parts.judging import judged, untestable

LEAST_JUDGED = 0.5  # of a setting's networks; a setting of which fewer fit says little about nets of its kind
Label = Callable[[pd.DataFrame], str]


@dataclass(frozen=True)
class Setting:
    """The networks of a setting that are judged, `rows` with the columns seed, value and status, out of `trained` networks.

    `decides`: whether the claim speaks of this setting; other settings stand beside it. `lacking`: what a run needs if too few
    networks are judged."""

    words: str
    decides: bool
    rows: pd.DataFrame
    trained: int
    lacking: str

    @property
    def enough(self) -> bool:
        """Whether LEAST_JUDGED of the networks are judged."""
        return 0 < LEAST_JUDGED * self.trained <= len(self.rows)


def judged_over(
    statement: Statement,
    threshold: Threshold,
    settings: Sequence[Setting],
    *,
    needs: str,
    bounds: tuple[float, float] = (0.0, 1.0),
    label: Label = lambda rows: "",
) -> Claim:
    """The claim about the mean over seeds of each seed's mean over settings, with the settings' claims beside it.

    A seed's mean is over the settings in which its network is judged. Only settings that decide, and of which at least half of
    the networks are judged, count. If there is none, the claim is untestable: for the reason of the first that decides, or for
    what it `needs`. `label` says from the rows what a reader must know of them; the number of networks left out is added."""
    deciding = [one for one in settings if one.decides]
    details, others = (
        [claim_alone(statement, threshold, one, bounds, label) for one in settings if one.decides == decides]
        for decides in (True, False)
    )
    pooled = [one for one in deciding if one.enough]
    if not pooled:
        reason = deciding[0].lacking if deciding else needs
        return with_beside(untestable(statement, reason, threshold.words), [*details, *others])
    rows = pd.concat([one.rows for one in pooled])
    only = deciding[0].words if len(deciding) == 1 else ""
    trained = sum(one.trained for one in deciding)
    of = statement.at(setting=statement.setting or only, label=_words(statement, label, rows, trained))
    claim = judge_pooled(mean_interval(rows.value, rows.seed, bounds=bounds), of, threshold, details)
    return with_beside(claim, others)


def judged_by(
    statement: Statement,
    name: str,
    rows: pd.DataFrame,
    interval: Callable[[pd.DataFrame], Interval],
    keys: Sequence[str],
    words: Callable[[pd.Series], str],
    setting: str,
) -> Claim:
    """The claim of the threshold `name` over all rows, with those of the settings of two or more networks beside it.

    A setting is a group of rows by `keys`, and `words` names it by its first row. `setting` is that of the whole. The name of
    the threshold is added where the statement has several."""
    several = len(statement.thresholds) > 1
    of = statement.at(estimand=f"{statement.estimand}: {name}") if several else statement
    details = [
        judged(of.at(setting=words(own.iloc[0])), interval(own), own, statement[name])
        for _, own in rows.groupby(list(keys), sort=False)
        if len(own) > 1
    ]
    failed = int((rows.status != "converged").sum())
    whole = of.at(setting=f"{name}: {setting}" if several else setting)
    return judge_pooled(interval(rows), whole, statement[name], details, members=len(rows), failed=failed)


def claim_alone(
    statement: Statement, threshold: Threshold, setting: Setting, bounds: tuple[float, float], label: Label
) -> Claim:
    """The claim in one setting."""
    of = statement.at(setting=setting.words)
    if not setting.enough:
        return untestable(of, setting.lacking, threshold.words)
    interval = mean_interval(setting.rows.value, setting.rows.seed, bounds=bounds)
    words = _words(statement, label, setting.rows, setting.trained)
    return judged(of.at(label=words), interval, setting.rows, threshold)


def _words(statement: Statement, label: Label, rows: pd.DataFrame, trained: int) -> str:
    """The label of rows: the statement's, what they say, and how many of the `trained` networks are judged."""
    left_out = f"{len(rows)} of {trained} networks are judged" if len(rows) < trained else ""
    return "; ".join(filter(None, [statement.label, label(rows), left_out]))
