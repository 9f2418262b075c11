"""Fixtures that give a test a fake device. The test fails if the device refused an operation, even if the error was caught."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import landscape.baselines  # noqa: F401  its annotations are read before a fake takes the place of torch.Generator
from tests.devices.fake import Device, fake_device


@pytest.fixture
def cuda() -> Iterator[Device]:
    """A CUDA device that lives on the CPU."""
    with fake_device("cuda") as device:
        yield device
    assert device.faults == []


@pytest.fixture(params=["cuda", "mps"])
def device(request: pytest.FixtureRequest) -> Iterator[Device]:
    """Either kind of device."""
    with fake_device(request.param) as device:
        yield device
    assert device.faults == []
