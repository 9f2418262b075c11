"""What `measures` exports: about 25 functions at the top, every wing's own, and the names of before."""

from __future__ import annotations

import pytest

from landscape import measures
from landscape.choices import NOISE_KINDS


@pytest.mark.parametrize("name", measures.__all__)
def test_every_name_of_the_top_is_there(name: str) -> None:
    assert hasattr(measures, name)


def test_names_of_before_give_the_same_objects_and_say_the_new_place() -> None:
    with pytest.warns(
        DeprecationWarning, match="measures.burn_in is deprecated: import burn_in from landscape.measures.dynamics"
    ):
        assert measures.burn_in is measures.dynamics.burn_in
    with pytest.warns(DeprecationWarning, match="import NOISE_KINDS from landscape.choices"):
        assert measures.NOISES is NOISE_KINDS


@pytest.mark.parametrize("name", sorted(measures._MOVED))
def test_every_name_of_before_is_found(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"measures.{name} is deprecated"):
        assert getattr(measures, name) is not None


def test_name_that_never_was_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'attractor'"):
        measures.attractor  # noqa: B018
