"""The tests check shapes and types of what they call in the package: of parameters, results, properties and fields."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from jaxtyping import Float, TypeCheckError
from torch import Tensor

from landscape.measures.known_maps.references import Formula
from landscape.nets import MLP
from tests.typecheck import checked, jaxtyped


def added(a: Float[Tensor, "points dim"], b: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
    return a + b if len(a) != 7 else a[:1]


def length(values: list[int]) -> float:
    return len(values) if values else "none"  # type: ignore[return-value]


def decorated(what: object) -> object:
    return jaxtyped(typechecker=checked)(what)


def test_axes_of_one_name_are_equal_in_a_call_and_may_differ_in_the_next() -> None:
    plus = decorated(added)
    assert plus(torch.ones(3, 2), torch.ones(3, 2)).shape == (3, 2)
    assert plus(torch.ones(5, 2), b=torch.ones(5, 2)).shape == (5, 2)
    with pytest.raises(TypeCheckError, match="parameter b"):
        plus(torch.ones(3, 2), torch.ones(5, 2))
    with pytest.raises(TypeCheckError, match="parameter a"):
        plus(torch.ones(3), torch.ones(3))
    with pytest.raises(TypeCheckError, match="return"):
        plus(torch.ones(7, 2), torch.ones(7, 2))
    assert isinstance(added.__annotations__["a"], str)  # as it is written


def test_a_function_without_a_shape_is_checked_and_an_int_is_a_float() -> None:
    count = decorated(length)
    assert count([1, 2]) == 2
    with pytest.raises(TypeCheckError, match="parameter values"):
        count(["a"])
    with pytest.raises(TypeCheckError, match="return"):
        count([])


def test_properties_methods_of_classes_and_fields_are_checked() -> None:
    class Net:
        @decorated
        @property
        def dim(self) -> int:
            return "two"  # type: ignore[return-value]

        @decorated
        @staticmethod
        def of(points: Float[Tensor, "points dim"]) -> Net:  # a name that is not there yet
            return Net()

    @decorated
    @dataclass
    class Box:
        low: Float[Tensor, "dim"]
        high: Float[Tensor, "dim"]

    with pytest.raises(TypeCheckError, match="return"):
        _ = Net().dim
    assert isinstance(Net.of(torch.ones(2, 3)), Net)
    with pytest.raises(TypeCheckError, match="parameter points"):
        Net.of(torch.ones(3))
    assert len(Box(torch.zeros(2), torch.ones(2)).low) == 2
    with pytest.raises(TypeCheckError, match="parameter high"):
        Box(torch.zeros(2), torch.ones(3))


def test_the_package_is_checked() -> None:
    with pytest.raises(TypeCheckError):
        Formula(lambda x, y: (x, y))(torch.ones(3, 2))
    with pytest.raises(TypeCheckError, match="parameter hidden"):
        MLP(1.5, 3)  # type: ignore[arg-type]
