"""Claims I5 and I6 on injective generators (Puthawala et al., JMLR 2022, Table 1): their codes, and their images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, judge, median_interval, primary_and_second
from landscape.results import Result
from landscape.studies.injective_gan.curves import PLATEAU
from landscape.studies.injective_gan.curves import change as change_of
from landscape.studies.parts.judging import untestable

LOG_QUARTER_MORE = float(np.log(1.25))
LEAST_TRAINED = 0.5  # of the pairs: with fewer trained enough, the claims say nothing about trained generators
LIMITS = {
    "plateau": Threshold(at_most=PLATEAU),
    "Fréchet distance, trained / untrained": Threshold(below=0.2),
}
QUOTE_SETTING = "WGAN-GP on CelebA and FFHQ, 64 x 64, latent 256; means and standard deviations over 5 sets"
I5 = Statement(
    "I5",
    "Injective generators let codes be inferred better",
    QUOTE_SETTING,
    "median over seeds of log(W₂² of inferred codes to N(0, I), injective / ordinary), pairs of which both are trained enough",
    {"codes": Threshold(below=0.0)},
    LIMITS,
    primary=False,
)
I6 = Statement(
    "I6",
    "Injective generators make images that are no worse",
    QUOTE_SETTING,
    "median over seeds of log(Fréchet distance to real images, injective / ordinary), pairs of which both are trained enough; "
    "no worse is less than a quarter more",
    {"images": Threshold(below=LOG_QUARTER_MORE, wording="< log 1.25")},
    LIMITS,
    primary=False,
)
STATEMENTS = (I5, I6)
COLUMNS = {"I5": "code_distance", "I6": "frechet"}
ALL_PAIRS = "all pairs with finite numbers, trained enough or not"
KEYS = ["data", "seed"]


def claims_of(result: Result) -> Iterator[Claim]:
    """I5, codes are inferred better, and I6, images are no worse: paired by seed, the mean over data sets if there are several.

    A generator is trained enough if the critic's estimate has come to rest and its Fréchet distance is below a fifth of
    the untrained generator's. All pairs with finite numbers stand beside it. A pair of which a network diverged counts as one
    that is not trained enough."""
    pairs = pairs_of(checked(result.whole, result.tables["curves"]))
    for statement in STATEMENTS:
        yield _claim(statement, pairs, result.whole)


def _claim(statement: Statement, pairs: pd.DataFrame, table: pd.DataFrame) -> Claim:
    if set(table.generator) != {"ordinary", "injective"} or pairs.empty:
        return untestable(statement, "needs --generator ordinary,injective")
    enough = pairs[pairs.enough]
    (threshold,) = statement.thresholds.values()
    if len(enough) < LEAST_TRAINED * len(pairs):
        reason = f"in {len(enough)} of {len(pairs)} pairs both generators are trained enough; train longer (--steps)"
        return untestable(statement, reason)
    finite, failed = pairs[pairs.finite], int(pairs.failed.sum())
    of, everyone = (
        statement.at(label=label_of(pairs, enough)),
        statement.at(
            estimand=f"{statement.estimand.rpartition(', pairs')[0]}, {ALL_PAIRS}", label=label_of(pairs, finite)
        ),
    )
    first, second = (
        judge(_interval(rows, statement.key), one, threshold, members=2 * len(pairs), failed=failed)
        for one, rows in ((of, enough), (everyone, finite))
    )
    return first if len(enough) == len(pairs) else primary_and_second(first, second)


def label_of(pairs: pd.DataFrame, judged: pd.DataFrame) -> str:
    """'20 of 22 pairs are judged; 2 diverged': which pairs are left out; empty if all are judged."""
    diverged = int((~pairs.finite).sum())
    left_out = [f"{len(judged)} of {len(pairs)} pairs are judged"] if len(judged) < len(pairs) else []
    return "; ".join(left_out + ([f"{diverged} diverged"] if diverged else []))


def _interval(pairs: pd.DataFrame, column: str) -> Interval:
    values = pairs.groupby("seed")[column].mean()
    return median_interval(values.to_numpy(), values.index.to_numpy())


def checked(table: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """The networks with the columns `change` (of the critic's estimate), `gain` (Fréchet distance, trained / untrained),
    `finite` and `enough`."""
    keys = ["data", "generator", "seed"]
    ends = curves.sort_values("step").groupby(keys).wasserstein.apply(lambda one: change_of(one.to_numpy()))
    rows = table.merge(ends.rename("change").reset_index(), on=keys)
    rows["gain"] = rows.frechet / rows.untrained_frechet
    measured = np.isfinite(rows[list(COLUMNS.values())].to_numpy(float)).all(1)
    rows["finite"] = (rows.status != "diverged").to_numpy() & measured
    enough = [trained_enough(*pair) for pair in zip(rows.change, rows.gain, strict=True)]
    return rows.assign(enough=rows.finite & np.array(enough, bool))


def trained_enough(change: float, gain: float) -> bool:
    """Whether a network satisfies LIMITS: the critic rests, and images are far nearer to real ones than untrained ones."""
    return all(limit.holds(value) for limit, value in zip(LIMITS.values(), (change, gain), strict=True))


def pairs_of(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per data set and seed of which both generators were trained: the logarithms of injective / ordinary, in columns
    I5 and I6.

    `enough`: both are trained enough; `finite`: neither diverged; `failed`: how many networks are not trained enough. A network
    with numbers that are not finite diverged, and is not trained enough."""
    if not {"ordinary", "injective"} <= set(rows.generator):
        return pd.DataFrame(columns=[*KEYS, *COLUMNS, "enough", "finite", "failed"])
    wide = rows.pivot(index=KEYS, columns="generator")
    wide = wide.loc[wide["status"]["ordinary"].notna() & wide["status"]["injective"].notna()]
    found = {
        key: np.log(wide[column]["injective"].astype(float) / wide[column]["ordinary"].astype(float))
        for key, column in COLUMNS.items()
    }
    fits, finite = (
        pd.DataFrame({kind: wide[name][kind].eq(True) for kind in ("ordinary", "injective")})
        for name in ("enough", "finite")
    )
    pairs = pd.DataFrame(found).assign(enough=fits.all(axis=1), finite=finite.all(axis=1), failed=(~fits).sum(axis=1))
    return pairs.reset_index()
