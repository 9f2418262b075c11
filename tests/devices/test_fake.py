"""The fake device refuses what a real device refuses, counts the waits of the host, and leaves torch unchanged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from landscape.measures.neighbours.distances import closest
from tests.devices.fake import DeviceFault, OnDevice, fake_device

Planted = Callable[[Tensor, Tensor], object]  # of a (3, 4) tensor of the CPU, and of the device
HERE = "cuda"

FAULTS: dict[str, tuple[Planted, str]] = {
    "sum of two devices": (lambda cpu, gpu: cpu + gpu, "two devices"),
    "in place": (lambda cpu, gpu: gpu.mul_(cpu), "two devices"),
    "CPU changed in place": (lambda cpu, gpu: cpu.mul_(gpu), "two devices"),
    "CPU number changed in place": (lambda cpu, gpu: cpu[0, 0].add_(gpu[0, 0]), "a CPU number changed"),
    "product": (lambda cpu, gpu: gpu @ cpu.T, "mm: tensors of two devices"),
    "stacked": (lambda cpu, gpu: torch.stack([cpu[0, 0], gpu[0, 0]]), "stack: tensors of two devices"),
    "where": (lambda cpu, gpu: torch.where(cpu > 0, gpu, gpu), "where: tensors of two devices"),
    "compared": (lambda cpu, gpu: torch.equal(cpu, gpu), "equal: tensors of two devices"),
    "gathered": (lambda cpu, gpu: gpu.gather(1, cpu.long()), "gather: tensors of two devices"),
    "CPU tensor indexed": (lambda cpu, gpu: cpu[gpu[0].long()], "a CPU tensor indexed"),
    "CPU tensor masked": (lambda cpu, gpu: cpu[gpu > 0], "a CPU tensor indexed"),
    "CPU values put": (lambda cpu, gpu: gpu.index_put_((torch.tensor([0]),), cpu[0]), "values of the CPU"),
    "NumPy": (lambda cpu, gpu: gpu.numpy(), r"without \.cpu\(\)"),
    "array": (lambda cpu, gpu: np.asarray(gpu), r"without \.cpu\(\)"),
    "NumPy function": (lambda cpu, gpu: np.unique(gpu), r"without \.cpu\(\)"),
    "CPU generator": (lambda cpu, gpu: torch.rand(2, generator=torch.Generator(), device=HERE), "a generator of"),
    "CPU generator in place": (lambda cpu, gpu: gpu.normal_(generator=torch.Generator()), "a generator of"),
    "generator of the device": (lambda cpu, gpu: torch.rand(2, generator=torch.Generator(HERE)), "a generator of"),
    "a measure": (lambda cpu, gpu: closest(cpu[None], gpu[None]), r"measures/neighbours/distances\.py:\d+"),
}  # fmt: skip
ALLOWED: dict[str, Planted] = {
    "a CPU number": lambda cpu, gpu: gpu * cpu[0, 0],
    "CPU indices": lambda cpu, gpu: gpu[torch.tensor([0, 2])],
    "a list": lambda cpu, gpu: gpu[[0, 2]],
    "an array": lambda cpu, gpu: gpu[:, np.array([True, False, True, True])],
    "a CPU number put": lambda cpu, gpu: gpu.index_put_((torch.tensor([0]),), cpu[0, 0]),
    "copied": lambda cpu, gpu: gpu.copy_(cpu),
    "copied back": lambda cpu, gpu: cpu.copy_(gpu),
    "moved": lambda cpu, gpu: cpu.to(gpu) + gpu,
    "its generator": lambda cpu, gpu: torch.rand(2, generator=torch.Generator(HERE).manual_seed(1), device=HERE) + gpu[0, :2],
    "numbers of it": lambda cpu, gpu: torch.tensor([gpu[0, 0], gpu[1, 1]]) + cpu[0, :2],
}  # fmt: skip
WAITS: dict[str, tuple[int, Planted]] = {
    "nothing": (0, lambda cpu, gpu: (gpu * 2).sum(1).argmax()),
    "a number": (1, lambda cpu, gpu: float(gpu.sum())),
    "item": (1, lambda cpu, gpu: gpu.sum().item()),
    "a branch": (1, lambda cpu, gpu: bool((gpu > 0).any())),
    "a list": (1, lambda cpu, gpu: gpu.tolist()),
    "a copy": (1, lambda cpu, gpu: gpu.cpu().numpy()),
    "a mask": (1, lambda cpu, gpu: gpu[gpu > 0]),
    "places": (1, lambda cpu, gpu: gpu.nonzero()),
    "different values": (1, lambda cpu, gpu: gpu.unique()),
    "two numbers": (2, lambda cpu, gpu: torch.tensor([gpu[0, 0], gpu[1, 1]])),
}


def _pair() -> tuple[Tensor, Tensor]:
    cpu = torch.arange(12.0).view(3, 4) % 3
    return cpu, cpu.to(HERE)


@pytest.mark.parametrize("planted", FAULTS)
def test_each_planted_fault_is_refused_and_noted(planted: str) -> None:
    call, words = FAULTS[planted]
    with fake_device("cuda") as device:
        pair = _pair()
        with pytest.raises(DeviceFault, match=words):
            call(*pair)
    assert len(device.faults) == 1


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_cuda_takes_is_taken(allowed: str) -> None:
    with fake_device("cuda") as device:
        ALLOWED[allowed](*_pair())
    assert device.faults == []


@pytest.mark.parametrize("waited", WAITS)
def test_waits_of_the_host_are_counted(waited: str) -> None:
    count, call = WAITS[waited]
    with fake_device("cuda") as device:
        call(*_pair())
    assert sum(device.syncs.values()) == count


@pytest.mark.parametrize("make", [lambda x: x.double(), lambda x: torch.zeros(2, dtype=torch.float64, device="mps")])
def test_mps_refuses_float64_and_cuda_does_not(make: Callable[[Tensor], Tensor]) -> None:
    with fake_device("mps") as device, pytest.raises(DeviceFault, match="float64 on MPS"):
        make(torch.zeros(2, device="mps"))
    assert len(device.faults) == 1
    with fake_device("cuda"):
        assert torch.zeros(2, device="cuda").double().dtype == torch.float64


def test_gradients_and_jacobians_are_those_of_the_cpu() -> None:
    with fake_device("cuda"):
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device="cuda").requires_grad_()
        (gradient,) = torch.autograd.grad((x**3).sum(), x)
        jacobian = torch.func.vmap(torch.func.jacrev(lambda row: row**2))(x.detach())
        assert isinstance(gradient, OnDevice)
        assert gradient.tolist() == [[3.0, 12.0], [27.0, 48.0]]
        assert jacobian.cpu().diagonal(dim1=1, dim2=2).tolist() == [[2.0, 4.0], [6.0, 8.0]]


def test_shapes_changed_in_place_are_seen() -> None:
    with fake_device("cuda"):
        x = torch.zeros(3, 1, 5, device="cuda")
        assert x.squeeze_(1).shape == (3, 5)
        assert x.t_().shape == x.cpu().shape == (5, 3)
        assert x.quantile(0.5, dim=-1).shape == (5,)


def test_torch_is_unchanged_after_the_fake_device() -> None:
    def told() -> tuple[object, ...]:
        return torch.Generator, torch.cuda.is_available(), torch.cuda.device_count(), torch.backends.mps.is_available()

    before, multithreaded = told(), torch.autograd.is_multithreading_enabled()
    with fake_device("cuda"):
        assert told() != before
    with pytest.raises(DeviceFault), fake_device("cuda"):
        torch.zeros(1, device="cuda").numpy()
    assert told() == before
    assert torch.autograd.is_multithreading_enabled() == multithreaded
    assert type(torch.zeros(2) + 1) is Tensor
    assert not torch.overrides._get_current_function_mode_stack()
    assert not torch.utils._python_dispatch._get_current_dispatch_mode_stack()
