"""Which steps of a training a user asks to keep, in words: '10,100,1000' or 'log:20'. Importable without torch."""

from __future__ import annotations

MOST_SNAPSHOTS = 200  # of one training: a film of more is too long to be looked at, and its weights fill a disk


def snapshot_steps(text: str, steps: int) -> tuple[int, ...]:
    """The steps that `text` names, ascending, with 0 (untrained) and `steps` (the last): '10,100' of 300 are 0, 10, 100, 300.

    'log:20' are 20 steps, geometrically spaced from 1 to `steps`. Raises ValueError for other words, for steps beyond the
    training, and for more than MOST_SNAPSHOTS."""
    word, colon, count = text.partition(":")
    given = [count] if colon else text.split(",")
    if (colon and word.strip() != "log") or not all(one.strip().isdecimal() for one in given):
        raise ValueError(f"`snapshots` must be steps such as 10,100,1000, or log:20 for 20 steps; got {text!r}")
    numbers = [int(one) for one in given]
    if not 1 <= (numbers[0] if colon else len(numbers)) <= MOST_SNAPSHOTS:
        raise ValueError(f"`snapshots` must be from 1 to {MOST_SNAPSHOTS} steps; got {text!r}")
    if colon:
        last = max(numbers[0] - 1, 1)
        numbers = [round(steps ** (place / last)) for place in range(numbers[0])]
    if max(numbers) > steps:
        raise ValueError(
            f"`snapshots` must be steps from 0 to {steps:,}, the last of the training; got {max(numbers):,}"
        )
    return tuple(sorted({0, *numbers, steps}))
