"""Architectures that are not ours: a function that returns a plain torch.nn.Module, run for all members at once by torch.func.

The function is one in a file, mine.py:make, or that of an installed package's entry point in the group `landscape.nets`. Its
module maps points (P, D) to (P, D). Of these arguments the function gets those that it names: dim, shape, hidden, width,
activation, output. The module of a function that does not name `output` counts as one without a squash.

A member's module is built after torch.manual_seed(seed), so that it depends on its seed alone. In training a member is the
same to the last bit alone or in company where torch's batched kernels compute each member in the same order of operations;
tests hold that for chains of Linear layers, LayerNorm and Conv2d in float32 on a CPU. It is not promised for other modules
and devices, whose members may differ in the last bits, which training amplifies."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from landscape import outside
from landscape.nets.fields import whole_numbers
from landscape.nets.net import Net, Parameters

TAKEN = ("dim", "shape", "hidden", "width", "activation", "output")  # arguments that a function may name
TRIED = 3  # points of the trial of a new module
RANDOM = (nn.modules.dropout._DropoutNd,)
MIXING = (nn.modules.batchnorm._BatchNorm,)


@dataclass(frozen=True)
class ModuleNet(Net):
    """The module that a function makes for each member; `digest` is that of the function's code.

    Fields that the function does not name keep their defaults, and count for nothing."""

    kind: ClassVar[str] = "module"
    file: str = ""
    name: str = ""
    digest: str = ""
    hidden: int = 1
    width: int = 1
    activation: str = "default"
    output: str = "linear"
    shape: Sequence[int] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", whole_numbers(self.shape))

    @property
    def word(self) -> str:
        """The function, for messages: mine.py:make."""
        return f"{self.file}:{self.name}"

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        return {name: tuple(value.shape) for name, value in _skeleton(self, dim).named_parameters()}

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        module = _built(self, dim, generator.initial_seed())
        return {name: value.detach() for name, value in module.named_parameters()}

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        module = _skeleton(self, points.shape[2])

        def one(own: dict[str, Tensor], some: Tensor) -> Tensor:
            found: Tensor = torch.func.functional_call(module, own, (some,))
            return found

        with _quiet():
            mapped: Tensor = torch.func.vmap(one)(dict(parameters), points)
        return mapped

    def without_squash(self) -> Net:
        return replace(self, output="linear") if "output" in _arguments(_function(self)) else self

    def activations_per_point(self, dim: int) -> int:
        return _sizes(self, dim)[0]

    def operations_per_point(self, dim: int) -> int:
        return _sizes(self, dim)[1]


def module_net(text: str, shape: Sequence[int], given: dict[str, Any]) -> ModuleNet:
    """The net that the function `text`, FILE.py:NAME or an entry point, makes for points of `shape`.

    Raises ValueError in one line for a function that is missing, needs other arguments, or makes no module that maps points."""
    function = outside.function(text, outside.NETS)
    source, name = outside.code_of(text, outside.NETS)
    taken = _arguments(function)
    for field, value in given.items():
        if field not in TAKEN:
            raise ValueError(f"{text}: a function of yours gets {', '.join(TAKEN)}; got {field}={value!r}")
    own = {field: value for field, value in given.items() if field in taken}
    file = source.path.name if source else text
    net = ModuleNet(
        **own,
        file=file,
        name=name,
        digest=source.digest if source else "",
        shape=tuple(shape) if "shape" in taken else (),
    )
    needed = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.default is one.empty
        and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
        and one.name not in TAKEN
    ]
    if needed:
        raise ValueError(f"{text} needs `{needed[0]}`; a function of yours gets {', '.join(TAKEN)}, as it names them")
    _skeleton(net, math.prod(shape))
    return net


def built(net: ModuleNet, dim: int) -> nn.Module:
    """A new module of the net, with the parameters of seed 0. Raises ValueError if its function's code is not at hand."""
    return _built(net, dim, 0)


def _function(net: ModuleNet) -> Callable[..., Any]:
    source = outside.find(net.digest, net.file)
    if source is None:
        raise ValueError(
            f"the network is made by {net.word}, whose code has not been read here; name its file (--code {net.file})"
        )
    return outside.named(source, net.name)  # type: ignore[no-any-return]


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Which of TAKEN the function names; all of them where it takes any keyword."""
    parameters = inspect.signature(function).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return TAKEN
    return tuple(name for name in TAKEN if name in parameters)


def _built(net: ModuleNet, dim: int, seed: int) -> nn.Module:
    """The module of the member with this seed; torch's global stream is as it was afterwards."""
    function = _function(net)
    values = {"dim": dim, **{name: getattr(net, name) for name in TAKEN[1:]}}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            module = function(**{name: values[name] for name in _arguments(function)})
        except Exception as error:
            raise ValueError(f"{net.word} cannot make its module: {type(error).__name__}: {error}") from error
    if not isinstance(module, nn.Module):
        raise ValueError(f"{net.word} must return a torch.nn.Module; it returned {module!r:.60}")
    return module


@lru_cache(maxsize=64)
def _skeleton(net: ModuleNet, dim: int) -> nn.Module:
    """A module whose parameters are replaced in every call, checked once. Raises ValueError for what cannot be an ensemble."""
    module = _built(net, dim, 0)
    for name, part in module.named_modules():
        kind = f"{net.word}: {type(part).__name__}{f' ({name})' if name else ''}"
        if isinstance(part, MIXING):
            raise ValueError(f"{kind} lets a point's image depend on the other points; use LayerNorm or GroupNorm")
        if isinstance(part, RANDOM):
            raise ValueError(f"{kind} is random, and f must give a point the same image each time; leave it out")
    if names := [name for name, _ in module.named_buffers()]:
        raise ValueError(
            f"{net.word} has the buffer {names[0]!r}: members differ by their parameters alone; make it in "
            "forward, or a parameter"
        )
    own = dict(module.named_parameters())
    if not own:
        raise ValueError(f"{net.word} returned a module without parameters, which cannot be trained")
    for name, value in own.items():
        if isinstance(value, nn.parameter.UninitializedParameter):
            raise ValueError(f"{net.word}: {name} has no shape yet; give lazy modules their sizes (the argument dim)")
        if value.dtype != torch.float32 or not value.requires_grad:
            what = str(value.dtype) if value.dtype != torch.float32 else "not to be trained"
            raise ValueError(f"{net.word}: {name} must be float32 and trained, as all parameters are; it is {what}")
    again = dict(_built(net, dim, 0).named_parameters())
    if own.keys() != again.keys() or not all(torch.equal(value, again[name]) for name, value in own.items()):
        raise ValueError(f"{net.word} makes another module for the same seed; draw with torch's own generator alone")
    _try(net, module, dim)
    return module


def _try(net: ModuleNet, module: nn.Module, dim: int) -> None:
    """Raise ValueError where the module does not map points (P, D) to (P, D), or torch.func cannot run it."""
    points = torch.linspace(0, 1, TRIED * dim).view(TRIED, dim)
    own = {name: value.detach()[None] for name, value in module.named_parameters()}

    def one(parameters: dict[str, Tensor], some: Tensor) -> Any:
        return torch.func.functional_call(module, parameters, (some,))

    with torch.no_grad(), _quiet():
        try:
            found = module(points)
        except Exception as error:
            raise ValueError(
                f"{net.word}: its module cannot take points ({TRIED}, {dim}): {type(error).__name__}: {error}"
            ) from error
        if not isinstance(found, Tensor) or found.shape != points.shape:
            shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise ValueError(f"{net.word}: its module must map points ({TRIED}, {dim}) to as many; it gave {shape}")
        try:
            stacked = torch.func.vmap(one)(own, points[None])[0]
        except Exception as error:
            text = str(error).partition("\n")[0]
            raise ValueError(
                f"{net.word}: torch.func.vmap cannot run its module for several members ({text}); no branches on values, no "
                "randomness, no work in place"
            ) from error
        if not torch.allclose(stacked, module(points), atol=1e-4, equal_nan=True):
            raise ValueError(f"{net.word}: its module gives another image for the same points; f must be a function")


@lru_cache(maxsize=64)
def _sizes(net: ModuleNet, dim: int) -> tuple[int, int]:
    """The numbers that one member keeps for a point while training, and its multiplications, both counted at one point."""
    from torch.utils.flop_counter import FlopCounterMode

    module, kept = _built(net, dim, 0), [dim]

    def keep(_part: nn.Module, _inputs: Any, found: Any) -> None:
        kept.extend([found.numel()] if isinstance(found, Tensor) else [])

    for part in module.modules():
        if not list(part.children()):
            part.register_forward_hook(keep)
    with torch.no_grad(), _quiet(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, dim))
    return sum(kept), max(counter.get_total_flops() // 2, net.parameter_count(dim))


@contextmanager
def _quiet() -> Iterator[None]:
    """torch warns where vmap has no fast rule for an operation and loops; the result is the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "There is a performance drop", UserWarning)
        yield
