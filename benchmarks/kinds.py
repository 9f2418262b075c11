"""Which kind `landscape examine` names small networks whose kind is known: a table of kinds against names.

Seeds from FIT_SEEDS on were never looked at while the rules were chosen."""

from __future__ import annotations

import sys
import time
from typing import Any

import pandas as pd
import torch
from sides.known_kinds import MADE, Example, example
from timing import RESULTS, options

from landscape import measures, wrap
from landscape.measures import Map
from landscape.studies.examine.kinds import KINDS, kind_of
from landscape.studies.examine.look import Look
from landscape.studies.examine.orbits import ends
from landscape.studies.examine.study import Examine
from landscape.studies.examine.values import reconstruction, slopes

FIT_SEEDS = 25  # seeds below this were looked at while the rules were chosen
COUNT = 8  # fresh networks of each kind
SETTINGS: dict[str, Any] = {"starts": 24, "iterations": 200, "probes": 4, "samples": 200}
MOST = 0.5  # of the data: a network at which so many attract is a memoriser
UNLEARNED = 0.5  # of the data's variance
UNNAMED = ("between", "undecided")
TRAINED = {"autoencoder", "denoiser", "memoriser"}
RETURNED = 0.03  # root mean square error of a point that is returned, in units of the range


def main() -> None:
    """Make the networks, measure what names them, and print the table."""
    chosen = options("kinds", __doc__, repeats=1)
    first, last = FIT_SEEDS, FIT_SEEDS + (1 if chosen.quick else COUNT)
    rows = [row for kind in MADE for seed in range(first, last) if (row := measured(kind, seed))]
    text = report(pd.DataFrame(rows))
    print(text)
    if chosen.save:
        (RESULTS / "kinds-cpu.md").write_text(text, encoding="utf-8")


def measured(kind: str, seed: int) -> dict[str, Any]:
    """The measurements of one example from which its kind is named, the names that are true of it, and the name given."""
    began = time.perf_counter()
    made = example(kind, seed)
    dim = made.data.shape[1]
    look = Look(Examine(**SETTINGS), made.data[None], None, (dim,), torch.arange(dim))
    network = wrap(made.network, shape=dim)
    row: dict[str, Any] = {"made": kind, "seed": seed, "words": made.words}
    for measurement in (reconstruction, slopes, ends):
        row |= measurement(network, look).columns
    row |= {"dim": dim, "count": len(made.data), "side": look.side, "iterations": look.given.iterations}
    row |= {"true": ",".join(names(kind, network, made)), "kind": kind_of(row)}
    print(f"{kind} {seed}: {row['kind']} ({time.perf_counter() - began:.1f} s)", file=sys.stderr, flush=True)
    return row


def names(kind: str, network: Map, made: Example) -> tuple[str, ...]:
    """The names that are true of an example.

    1. A network that was trained, and leaves more than half of its data's variance, is unfitted or constant.
    2. Of a network trained on few points it depends on what it learned. A point attracts if it is returned and the Jacobian
       there has a spectral radius below 1. If most attract, the network is a memoriser, or a copycat if a single step leads to
       the points; if none, an autoencoder; else it may be called any of these.
    3. Other networks are what they were made as."""
    true, exact, points = MADE[kind][1], network.to(dtype=torch.float64), made.data.double()
    losses = measures.loss_at(exact, points)[0]
    if TRAINED & set(true) and losses.mean() > UNLEARNED * (points - points.mean(0)).square().mean():
        return ("unfitted", "constant")
    if "memoriser" not in true:
        return true
    radius = measures.spectral_radius(measures.jacobian_at(exact, points))[0]
    share = float(((radius < 1) & (losses.sqrt() < RETURNED)).double().mean())
    few = ("memoriser", "copycat")
    return few if share >= MOST else (*few, "autoencoder") if share > 0 else ("autoencoder",)


def report(rows: pd.DataFrame) -> str:
    """The share of right names, and the table: a row per way of making, a column per name that was given."""
    right = [kind in true.split(",") for kind, true in zip(rows.kind, rows.true, strict=True)]
    rows = rows.assign(right=right, undecided=rows.kind.isin(UNNAMED))
    counts = pd.crosstab(rows.made, rows.kind).reindex(list(MADE)).dropna()
    counts = counts[[kind for kind in KINDS if kind in counts]].astype(int)
    wrong = ~rows.right & ~rows.undecided
    lines = [
        "# kinds", "",
        f"{len(rows)} fresh networks: {int(rows.right.sum())} named rightly, {int(rows.undecided.sum())} not named, "
        f"{int(wrong.sum())} named wrongly. True names of networks trained on few points are measured (their spectral radii).",
        "", f"| made as | {' | '.join(counts.columns)} | right |", f"|{' --- |' * (len(counts.columns) + 2)}",
    ]  # fmt: skip
    for made, row in counts.iterrows():
        share = rows[rows.made == made].right.mean()
        lines.append(f"| {made} | {' | '.join(str(value or '') for value in row)} | {share:.0%} |")
    lines += ["", *(f"- {row.made} {row.seed} ({row.words}): named {row.kind}" for row in rows[wrong].itertuples())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
