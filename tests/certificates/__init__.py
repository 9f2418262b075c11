"""Power certificates: every claim is judged on data in which it is true, false, at its threshold, or made by a control."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np

from landscape.claims import Claim, certify

Data = TypeVar("Data")  # what a claim is judged on: a table of members, or the result of a run
Generator = np.random.Generator
Make = Callable[[Generator], Data]
Makers = Mapping[str, Make[Data]]


def problems(name: str, judge: Callable[[Data], Claim], makers: Makers[Data], draws: int) -> list[str]:
    """What is wrong with the certificate of a claim, which is printed under this name; nothing if it passes."""
    found = certify(judge, makers, draws=draws)
    print(f"\n{name}\n{found.table().to_string(index=False)}")
    return found.problems()


def of_key(claims: Iterable[Claim], key: str) -> Claim:
    """The claim of this key among those of a study."""
    return next(claim for claim in claims if claim.key == key)
