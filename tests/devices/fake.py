"""A fake graphics device on the CPU: it refuses what CUDA or MPS refuses, and counts the operations that make the host wait.

A tensor of the fake device wraps a CPU tensor, and its `device` is `cuda:0` (or `mps:0`). Every operation goes through
`Device.run`, which checks the devices of the arguments, computes on the CPU and wraps the result. `fake_device` installs the
device in torch, and removes it afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import landscape

GENERATOR = torch.Generator  # operations get this type even while `fake_device` replaces torch.Generator
PACKAGE = str(Path(landscape.__file__).parent)
INNER = torch.device("meta")  # the device as torch's C++ sees it: "meta" needs no library and no memory
FREE, TOTAL = 70 * 2**30, 80 * 2**30  # bytes of the fake device's memory
WIDE = (torch.float64, torch.complex128)  # MPS lacks these types
COPIES = ("copy_", "_to_copy", "_copy_from")
RESHAPING = ("squeeze_", "unsqueeze_", "transpose_", "t_")  # in place: the wrapper must be given the new shape
INDEXED = ("index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index")
# Operations that do not take a CPU tensor without axes beside tensors of the device, as pointwise operations do.
STRICT = (
    "cat", "stack", "mm", "bmm", "addmm", "baddbmm", "convolution", "index_select", "index_add", "index_copy", "gather",
    "scatter", "scatter_reduce", "searchsorted", "bucketize", "_fused_adam_", "_fused_adamw_", "_fused_sgd_",
    "linalg_vector_norm", "_cdist_forward",
)  # fmt: skip
# Operations whose result the host must wait for: a number, or a result whose shape depends on the data.
WAITED_FOR = (
    "_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "bincount", "_unique2", "unique_dim",
    "unique_consecutive", "repeat_interleave", "_linalg_check_errors",
)  # fmt: skip


class DeviceFault(RuntimeError):
    """An operation that the real device would refuse."""


class OnDevice(Tensor):
    """A tensor of the fake device; `held` is the CPU tensor with its numbers."""

    held: Tensor
    owner: Device

    @staticmethod
    def __new__(cls, held: Tensor, owner: Device) -> OnDevice:
        made: OnDevice = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=INNER,
        )
        made.held, made.owner = held, owner
        return made

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return self.owner.device

    @property
    def is_cuda(self) -> bool:  # type: ignore[override]
        return self.owner.device.type == "cuda"

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __format__(self, spec: str) -> str:
        return format(self.cpu(), spec)

    def numpy(self, *, force: bool = False) -> Any:
        raise self.owner.fault("a tensor of the device turned into NumPy without .cpu()")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise self.owner.fault("a tensor of the device given to NumPy without .cpu()")

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"OnDevice({self.held!r})"

    @classmethod
    def __torch_dispatch__(
        cls, func: OpOverload, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        owner = next(one.owner for one in _leaves((args, kwargs)) if isinstance(one, OnDevice))
        return owner.run(func, args, kwargs or {})


class Device(TorchDispatchMode):
    """The fake device while it is installed in torch.

    `syncs` counts by line of the package; `faults` lists what was refused, caught or not; `operations` on the device."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.device = torch.device(kind, 0)
        self.syncs: Counter[str] = Counter()
        self.operations = 0
        self.faults: list[str] = []
        self.generators: dict[int, str] = {}  # device by address: operations are handed another Python object

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # to skip torch's compiler is to import it, which takes seconds

    def __torch_dispatch__(
        self, func: OpOverload, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return self.run(func, args, kwargs or {})

    def fault(self, words: str) -> DeviceFault:
        """The error to raise, which names the line of the package that called the operation. It is added to `faults`."""
        self.faults.append(f"{words}, at {_line()}")
        return DeviceFault(self.faults[-1])

    def run(self, func: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Check an operation, count it, compute it on the CPU, and place the result where the real device would have it."""
        leaves = list(_leaves((args, kwargs)))
        if not any(isinstance(one, _WATCHED) for one in leaves):
            return func(*args, **kwargs)
        tensors = [one for one in leaves if isinstance(one, Tensor)]
        here = [one for one in tensors if isinstance(one, OnDevice)]
        name, asked = func.overloadpacket.__name__, kwargs.get("device")
        if here and len(here) < len(tensors) and name not in COPIES:
            self._check_places(name, args, tensors)
        if here and self.device.type == "mps" and kwargs.get("dtype") in WIDE:
            raise self.fault(f"{name}: float64 on MPS, which has none, asked of a tensor that is still there")
        placed = bool(here) if asked is None else torch.device(asked).type in (self.device.type, INNER.type)
        if name == "copy_":
            placed = isinstance(args[0], OnDevice)
        for one in leaves:
            if isinstance(one, GENERATOR) and (self.generators.get(one._cdata, "cpu") != "cpu") != placed:
                raise self.fault(f"{name}: a generator of another device than its tensor's")
        if here:
            self.operations += 1
            self._count(name, args, leaves_device=not placed)
        if placed and asked is not None:
            kwargs = kwargs | {"device": torch.device("cpu")}
        result = func(*_mapped(_held, args), **_mapped(_held, kwargs))
        if name in RESHAPING and here:
            with torch._C._DisableTorchDispatch():
                func(*args, **kwargs)  # the shape that torch's C++ sees
        return self._placed(name, result, here) if placed else result

    def _check_places(self, name: str, args: tuple[Any, ...], tensors: list[Tensor]) -> None:
        """Raise DeviceFault if the operation does not take tensors of these devices together."""
        if name in INDEXED:  # CPU indices are moved to the device, and so is a value without axes
            if not isinstance(args[0], OnDevice):
                raise self.fault(f"{name}: a CPU tensor indexed by, or given values of, the device")
            if any(isinstance(one, Tensor) and not isinstance(one, OnDevice) and one.ndim for one in args[2:3]):
                raise self.fault(f"{name}: values of the CPU put into a tensor of the device")
            return
        for one in tensors:
            if not isinstance(one, OnDevice) and (one.ndim or name in STRICT):
                shapes = ", ".join(f"{one.device} {tuple(one.shape)}" for one in tensors)
                raise self.fault(f"{name}: tensors of two devices: {shapes}")
        if name.endswith("_") and isinstance(args[0], Tensor) and not isinstance(args[0], OnDevice):
            raise self.fault(f"{name}: a CPU number changed by a tensor of the device")

    def _count(self, name: str, args: tuple[Any, ...], *, leaves_device: bool) -> None:
        masks = args[1] if name in INDEXED else ()
        by_mask = any(isinstance(one, Tensor) and one.dtype in (torch.bool, torch.uint8) for one in masks)
        if name in WAITED_FOR or by_mask or (leaves_device and name in COPIES):
            self.syncs[_line()] += 1

    def _placed(self, name: str, result: Any, here: list[OnDevice]) -> Any:
        """The result as tensors of the device; a tensor changed in place stays the same object."""
        known = {id(one.held): one for one in here}

        def wrapped(one: Any) -> Any:
            if not isinstance(one, Tensor) or isinstance(one, OnDevice):
                return one
            if self.device.type == "mps" and one.dtype in WIDE:
                raise self.fault(f"{name}: float64 on MPS, which has none")
            return known[id(one)] if id(one) in known else OnDevice(one, self)

        return _mapped(wrapped, result)


_WATCHED = (OnDevice, torch.device, GENERATOR)  # operations without any of these run on the CPU alone


class _Named(TorchFunctionMode):
    """Turns calls into calls that torch without the device takes: "cuda" gets a number, constructors write on the CPU first."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = tuple(map(self._numbered, args))
        named = {name: self._numbered(value) for name, value in (kwargs or {}).items()}
        if func in (torch.tensor, torch.as_tensor):
            data = _mapped(_number, given[0]) if isinstance(given[0], list | tuple) else given[0]
            device = named.pop("device", None)
            made = func(data, *given[1:], **named)
            return made if device is None else made.to(device)
        if func in (Tensor.__getitem__, Tensor.__setitem__):
            key = given[1]
            key = tuple(map(_index, key)) if isinstance(key, tuple) else _index(key)
            given = given[0], key, *given[2:]
        return func(*given, **named)

    def _numbered(self, value: Any) -> Any:
        kind = self.device.type
        return self.device if isinstance(value, str | torch.device) and value in (kind, torch.device(kind)) else value


@contextmanager
def fake_device(kind: str = "cuda") -> Iterator[Device]:
    """Within the block, torch has a fake device of this kind ('cuda' or 'mps').

    Backward passes run on the calling thread."""

    device = Device(kind)
    cuda = kind == "cuda"
    changes: dict[str, Any] = {
        "torch.cuda._lazy_init": lambda: None,
        "torch.cuda.is_available": lambda: cuda,
        "torch.cuda.device_count": lambda: int(cuda),
        "torch.cuda.mem_get_info": lambda device=None: (FREE, TOTAL),
        "torch.cuda.get_device_name": lambda device=None: "a fake",
        "torch.cuda.synchronize": lambda device=None: None,
        "torch.backends.mps.is_available": lambda: not cuda,
        "torch.Generator": _generator_type(device),
    }
    with ExitStack() as stack:
        for name, value in changes.items():
            stack.enter_context(patch(name, value))
        stack.enter_context(torch.autograd.set_multithreading_enabled(False))
        stack.enter_context(_Named(device.device))
        stack.enter_context(device)
        yield device


def _generator_type(device: Device) -> type[torch.Generator]:
    class Generator(torch.Generator):
        """A CPU generator that remembers the device for which it was made."""

        def __new__(cls, asked: Any = "cpu", **also: Any) -> Generator:
            made = super().__new__(cls, "cpu")
            device.generators[made._cdata] = torch.device(also.get("device", asked)).type
            return made

        def __init__(self, asked: Any = "cpu", **also: Any) -> None:
            pass

        @property
        def device(self) -> torch.device:
            return torch.device(device.generators[self._cdata])

    return Generator


def _index(key: Any) -> Any:
    """The index; a list or array of numbers becomes a tensor."""
    if not isinstance(key, list) and (isinstance(key, Tensor) or not getattr(key, "ndim", 0)):
        return key
    return torch.as_tensor(key) if len(key) else torch.empty(0, dtype=torch.long)


def _leaves(value: Any) -> Iterator[Any]:
    """The leaves of nested tuples, lists and dictionaries."""
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, tuple | list | dict):
            yield from _leaves(one)
        else:
            yield one


def _mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """`value` with `change` applied to every leaf. (torch's tree_map takes several times as long.)"""
    if isinstance(value, dict):
        return {name: _mapped(change, one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_mapped(change, one) for one in value)
    return change(value)


def _number(one: Any) -> Any:
    return one.item() if isinstance(one, OnDevice) else one


def _held(one: Any) -> Any:
    return one.held if isinstance(one, OnDevice) else one


def _line() -> str:
    """The line of the package that is running, such as 'measures/orbits.py:41'."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PACKAGE):
            return f"{file[len(PACKAGE) + 1 :]}:{frame.f_lineno}"
        frame = frame.f_back
    return "elsewhere"
