"""What happens to every iterate besides x ← f(x): noise, clamping to a range, coordinates held at known values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.measures.dynamics.noise import Noise
from landscape.measures.gate import as_numbers
from landscape.measures.maps import Map


@dataclass(frozen=True, eq=False)
class Dynamics:
    """The rule of an iteration x ← f(x) + ε. After each application of f, in this order:

    1. `noise` is added: a `Noise`, or its text, such as 'normal:0.01'.
    2. With `clip`, points are clamped to [`low`, `high`]. None leaves the choice to the function: `sample` by iteration
       clips, as the paper's code does; all others do not.
    3. The coordinates that are `known` are set to their values: (D,), (S, D) or (E, S, D), NaN where unknown. The starts get
       them too.

    `low` and `high` are the range of the data. By default it is the range with which a model was wrapped, or that of its
    output function: [−1, 1] for tanh, else [0, 1]. Raises ValueError for an unknown kind of noise and for `known` that is
    infinite somewhere or NaN everywhere."""

    noise: Noise | str | None = None
    clip: bool | None = None
    known: Tensor | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.noise, str):
            object.__setattr__(self, "noise", Noise.parse(self.noise))
        elif self.noise is not None and not isinstance(self.noise, Noise):
            raise ValueError(f"`noise` must be a Noise, or a text such as 'normal:0.1'; got {self.noise!r}")
        if self.known is None:
            return
        known = as_numbers("known", self.known)
        object.__setattr__(self, "known", known)
        if bool(known.isinf().any()):
            raise ValueError("`known` must hold finite numbers, NaN where unknown; got an infinite one")
        if bool(known.isnan().all()):
            raise ValueError("`known` must hold at least one number; it is NaN everywhere. Leave it out")

    @property
    def added(self) -> Noise | None:
        """The noise as an object, also where it was given as text."""
        assert not isinstance(self.noise, str)  # parsed when the object was made
        return self.noise

    @property
    def box(self) -> tuple[float, float]:
        """The range, once `within` has filled it in."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def within(self, model: Map, *, clip: bool = False) -> Dynamics:
        """The same dynamics with the range and, where it is left open, `clip` filled in for this model."""
        low, high = range_of(model, self.low, self.high)
        return replace(self, low=low, high=high, clip=clip if self.clip is None else self.clip)


class DynamicsFields(TypedDict, total=False):
    """The fields of `Dynamics` as keyword arguments."""

    noise: Noise | str | None
    clip: bool | None
    known: Tensor | None
    low: float | None
    high: float | None


def dynamics_of(given: Dynamics | None, fields: DynamicsFields) -> Dynamics:
    """The dynamics of a call: the object that was `given`, or one of the `fields` that were passed as keywords.

    Raises ValueError for both, and TypeError for a keyword that is no field."""
    if wrong := set(fields) - set(DynamicsFields.__annotations__):
        fitting = ", ".join(DynamicsFields.__annotations__)
        raise TypeError(f"unexpected argument {sorted(wrong)[0]!r}; the fields of `dynamics` are {fitting}")
    if given is None:
        return Dynamics(**fields)
    if not isinstance(given, Dynamics):
        raise ValueError(f"`dynamics` must be a Dynamics, such as Dynamics(noise='normal:0.1'); got {given!r}")
    if fields:
        raise ValueError(f"give `dynamics` or its fields, not both; got `dynamics` and {', '.join(sorted(fields))}")
    return given


def range_of(model: Map, low: float | None = None, high: float | None = None) -> tuple[float, float]:
    """The range of a model's data: as given, else that with which the model was wrapped or that of its output function.

    An output of tanh has the range [−1, 1]; any other, [0, 1]. Raises ValueError for an empty range."""
    signed = isinstance(model, Ensemble) and getattr(model.net, "output", "") == "tanh"
    least, most = getattr(model, "low", -1.0 if signed else 0.0), getattr(model, "high", 1.0)
    box = least if low is None else low, most if high is None else high
    if not box[0] < box[1]:
        raise ValueError(f"`low` must be below `high`; got {box[0]:g} and {box[1]:g}")
    return box


def held(known: Tensor | None, points: Float[Tensor, "members starts dim"]) -> Callable[[Tensor], Tensor]:
    """A function that writes the known coordinates into points shaped like `points`; it changes nothing if `known` is None.

    Raises ValueError for `known` of a shape that does not fit the points."""
    if known is None:
        return lambda value: value
    if not 1 <= known.ndim <= 3 or known.shape != points.shape[points.ndim - known.ndim :]:
        raise ValueError(
            f"`known` must be {tuple(points.shape[2:])}, {tuple(points.shape[1:])} or {tuple(points.shape)}, NaN where "
            f"unknown; got {tuple(known.shape)}"
        )
    values = known.to(points)
    unknown = values.isnan()
    return lambda value: torch.where(unknown, value, values)
