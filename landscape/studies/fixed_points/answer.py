"""What a run on fixed points found, in words: minima off the data, where descent ends, and how samples are distributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from landscape.claims import NO_BOUNDS, Claim, difference_interval
from landscape.findings import Answer, Finding, number, percent, told
from landscape.results import Result
from landscape.studies.fixed_points.claims import C16, C19B, C22, FIT
from landscape.studies.parts.claim_words import estimated, large, part, tested, too_few
from landscape.studies.parts.words import data_sets, ranged, spanned

MINIMA = {
    "supported": "The more training points, the more minima lie off the data",
    "refuted": "More training points do not bring more minima off the data",
    "mixed": "More training points bring more minima off the data only sometimes",
    "undecided": "Whether more training points bring more minima off the data is undecided",
}
DENSITY = {
    "supported": "The loss predicts where samples are",
    "refuted": "The loss does not predict where samples are",
    "mixed": "The loss predicts only in part where samples are",
}

# Along each side of the range; samples are counted in them. The measure has the same number, but imports torch.
BOXES = 20
ALIKE = 1.25  # the most by which two rates differ that are called the same


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests; None if it tests none."""
    judged = tested(claims)
    minima, descent, density = (judged.get(one.key) for one in (C22, C16, C19B))
    found = [*_minima(result.whole, minima), *_descent(descent), *_density(density)]
    if not found:
        return None
    parts = [one for claim in (minima, descent, density) if claim for one in claim.details]
    few = next(filter(None, map(too_few, parts)), "")
    found[0] = replace(found[0], sentence=found[0].sentence + few)
    rates = _rates(result.whole) if minima else {}
    per_point = f" Per training point there are {ranged(pd.Series(rates), number)}." if rates else ""
    return Answer(
        "A trained network returns some points unchanged; its loss has a minimum there. How many such minima lie off the "
        "training points, and does the loss predict where samples end?",
        found,
        why="A minimum off the data can hold samples that look like nothing in the data. If the loss gave the density of "
        "samples, it would tell how likely each is.",
        not_shown=f"{_limits(result.whole)}{per_point}",
        title=_title(minima, density, list(rates.values())),
    )


def _title(minima: Claim | None, density: Claim | None, rates: Sequence[float]) -> str:
    """The heading: what was decided on minima, or else on the density. `rates` are minima for each training point."""
    decided = density and DENSITY.get(density.verdict)
    if minima and minima.verdict == "supported" and max(rates) <= ALIKE * min(rates):
        return f"Each training point brings about {number(float(f'{max(rates):.1g}'))} minima off the data"
    if minima and (minima.verdict != "undecided" or not decided):
        return MINIMA[minima.verdict]
    return decided or "Where samples end among the fixed points of networks"


def _minima(table: pd.DataFrame, claim: Claim | None) -> Iterator[Finding]:
    """On the growth of minima off the data with the number of training points, at each length of training.

    The interval is that of the difference between the fewest and the most points, of the same seeds."""
    if not claim:
        return
    drawn = _drawn(table)
    fewest, most = int(drawn["count"].min()), int(drawn["count"].max())
    sentences: list[str] = []
    for one in claim.details:
        factor = int(one.setting.split()[0])
        ends = _means(drawn[drawn.longer == factor], drawn["count"])
        few, many = (number(float(ends[count].mean())) for count in (fewest, most))
        more = difference_interval(ends[most], ends[fewest], paired=True, bounds=NO_BOUNDS)
        words = (
            f"Trained {factor} times longer, {few} and {many}"
            if sentences
            else f"On average a network has {few} with {fewest} training points and {many} with {most}"
        )
        sentences.append(f"{words}: {estimated(more, _signed)}.")
    shown = 1 if too_few(claim.details[0]) else 2
    yield told("More minima off the data", {"": claim.verdict}, " ".join(sentences[:shown]))


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The fitted networks on points drawn at random, of which any number can be drawn."""
    return table[(table.data == "uniform") & table.loss.map(FIT.holds).astype(bool)]


def _means(drawn: pd.DataFrame, counts: pd.Series[int]) -> pd.DataFrame:
    """Minima off the data with the fewest and the most points of `counts`, a row per seed that has both."""
    means = drawn.pivot_table(index="seed", columns="count", values="spurious")
    return means.reindex(columns=[int(counts.min()), int(counts.max())]).dropna()


def _rates(table: pd.DataFrame) -> dict[int, float]:
    """Minima off the data for each training point, by the number of these: whether they only keep pace with these."""
    drawn = _drawn(table)
    means = drawn[drawn.longer == drawn.longer.min()].groupby("count").spurious.mean()
    return {int(count): float(mean / count) for count, mean in means.items()}


def _signed(value: float) -> str:
    """A number with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def _descent(claim: Claim | None) -> Iterator[Finding]:
    """On where descending the loss from noise ends."""
    away = part(claim, "unstable or none") if claim else None
    if not away:
        return
    at = replace(away, estimate=1 - away.estimate, low=1 - away.high, high=1 - away.low)
    yield told(
        "Descents end off the attractors",
        {"": away.verdict},
        f"From noise, {estimated(at, percent)} of descents down the loss end at attractors; by the claim at most "
        f"{percent(1 - C16['unstable or none'].number)} do.",
    )


def _density(claim: Claim | None) -> Iterator[Finding]:
    """On whether samples have the density exp(−loss): by its shape, and where that does not decide by its temperature, too."""
    if not claim:
        return
    beta, excess = part(claim, "inverse temperature"), part(claim, "excess variation")
    sentence = ""
    if excess:
        allowed = "" if too_few(excess) else f"; the claim allows {percent(C19B['excess variation'].number)}"
        sentence = (
            f"The best density that falls with the loss puts {estimated(excess, percent)} of samples, beyond chance, in wrong "
            f"boxes, each {percent(1 / BOXES)} of the range wide{allowed}."
        )
    if beta and (not excess or excess.verdict != claim.verdict):
        low, high = C19B["inverse temperature"].ends
        sentence = (
            f"Samples fit the density exp(−β · loss) best with β = {estimated(beta, large)}; the claim allows {number(low)} to "
            f"{number(high)}."
        )
    yield told("Loss predicts where samples are", {"": claim.verdict}, sentence)


def _limits(table: pd.DataFrame) -> str:
    names = data_sets(table.data)
    fit = int(table.loss.map(FIT.holds).sum())
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {names}; nothing on networks that do not fit "
        f"their points ({len(table) - fit} of {len(table)})."
    )
