"""Training of a generative adversarial network with an inference network, resumed from a checkpoint if it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble.checkpoint import Checkpoint, like
from landscape.ensemble.optimisers import Adam
from landscape.nets.adversarial import Critic, Generator, ImageForm, Inference, initialised

PENALTY = 10.0  # weight of the gradient penalty
CRITIC_STEPS = 5  # per step of the generator
BETAS = {"beta1": 0.5, "beta2": 0.9}  # of Adam
LOOK = 50  # steps between two looks at the clock and at whether the losses are finite
CURVES = ("wasserstein", "penalty", "inference")
Report = Callable[[int, int, float], None]


@dataclass(frozen=True, eq=False)
class Adversarial:
    """Trained networks, and what was recorded after each step of the generator, (T,) each:

    - `wasserstein`: mean critic of real images less that of generated ones, at the last of the step's critic steps.
    - `penalty`: the gradient penalty there, without its weight.
    - `inference`: the squared error of inferred codes per coordinate, on images generated in the step.

    `finite` is False if training stopped because a loss was not finite."""

    generator: Generator
    critic: Critic
    inference: Inference
    curves: dict[str, Float[Tensor, "steps"]]
    finite: bool

    @property
    def steps(self) -> int:
        return len(self.curves["wasserstein"])


def build_adversarial(
    form: ImageForm, kind: str, seed: int, device: str | torch.device = "cpu"
) -> tuple[Generator, Critic, Inference]:
    """The untrained networks of a seed. Critic and inference network are the same for both kinds of generator."""
    nets = [Critic(form), Inference(form), Generator(form, kind)]
    draw = torch.Generator().manual_seed(seed)
    critic, inference, generator = (initialised(net, draw).to(device) for net in nets)
    return generator, critic, inference  # type: ignore[return-value]


def fit_adversarial(
    form: ImageForm,
    kind: str,
    images: Float[Tensor, "data channels side side"],
    *,
    seed: int,
    steps: int,
    batch: int = 64,
    lr: float = 1e-4,
    checkpoint: Checkpoint | None = None,
    progress: Report | None = None,
) -> Adversarial:
    """Train a generator of `kind` on images (N, C, h, w) in [0, 1] for `steps` of its steps, on the images' device.

    1. CRITIC_STEPS steps of the critic: maximise its mean on real images less that on generated ones, with a penalty of
       PENALTY · (‖slope‖ − 1)² at random points between them (WGAN-GP, Gulrajani et al. 2017).
    2. A step of the generator: maximise the critic's mean on generated images.
    3. A step of the inference network h on the images that step 2 generated: minimise ‖z − h(G(z))‖².

    All steps are Adam's. Minibatches and codes depend on the seed alone, not on `kind`. A finished training stays in the
    checkpoint, until the caller removes it. Raises ValueError for an unknown kind, or fewer than two images."""
    if len(images) < 2:
        raise ValueError(f"training needs at least two images; got {len(images)}")
    state = _Training(form, kind, images, seed, batch, lr)
    state.restore(checkpoint)
    while state.step < steps and state.finite:
        state.advance()
        if state.step % LOOK == 0 or state.step == steps:
            state.finite = state.is_finite()
            done = state.step == steps or not state.finite
            if checkpoint and (done or checkpoint.due()):
                checkpoint.save(state.tensors(), {"step": state.step, "finite": state.finite})
            if progress:
                progress(state.step, steps, float(state.losses[-1][2]))
    for net in state.nets:
        net.eval()
    return Adversarial(*state.nets, state.curves(), state.finite)


class _Training:
    """The state of a training: networks, optimisers, random streams and curves."""

    def __init__(self, form: ImageForm, kind: str, images: Tensor, seed: int, batch: int, lr: float) -> None:
        self.form, self.images, self.batch = form, images, min(batch, len(images))
        self.nets = build_adversarial(form, kind, seed, images.device)
        self.generator, self.critic, self.inference = self.nets
        self.optimisers = [Adam(net.parameters(), lr, **BETAS) for net in self.nets]
        self.draw = torch.Generator().manual_seed(seed + 2**32)  # not the stream of the initial weights
        self.step, self.finite = 0, True
        self.losses: list[Tensor] = []

    def advance(self) -> None:
        """One step of the generator, with those of the other networks."""
        generator_adam, critic_adam, inference_adam = self.optimisers
        for _ in range(CRITIC_STEPS):
            with torch.no_grad():
                fake = self.generator(self.codes())
            real = self.images[self.on(torch.randint(len(self.images), (self.batch,), generator=self.draw))]
            of_real, of_fake = self.critic(torch.cat([real, fake])).split(self.batch)
            gap = of_real.mean() - of_fake.mean()
            penalty = self.penalty(real, fake)
            critic_adam.descend(PENALTY * penalty - gap)
        codes = self.codes()
        made = self.generator(codes)
        generator_adam.descend(-self.critic(made).mean())
        error = (codes - self.inference(made.detach())).square().sum(1).mean()
        inference_adam.descend(error)
        self.losses.append(torch.stack([gap, penalty, error / self.form.latent]).detach())
        self.step += 1

    def codes(self) -> Tensor:
        return self.on(torch.randn(self.batch, self.form.latent, generator=self.draw))

    def on(self, drawn: Tensor) -> Tensor:
        return drawn.to(self.images.device)

    def penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        share = self.on(torch.rand(self.batch, 1, 1, 1, generator=self.draw))
        between = (share * real + (1 - share) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        penalty: Tensor = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        return penalty

    def is_finite(self) -> bool:
        return bool(torch.isfinite(torch.stack(self.losses[-LOOK:])).all())

    def curves(self) -> dict[str, Tensor]:
        return dict(zip(CURVES, torch.stack(self.losses).cpu().T, strict=True))

    def tensors(self) -> dict[str, Tensor]:
        """All that decides the further steps, and the curves so far."""
        return {**dict(self.kept()), "draw": self.draw.get_state(), "losses": torch.stack(self.losses)}

    def kept(self) -> Iterator[tuple[str, Tensor]]:
        for name, net, adam in zip(("generator", "critic", "inference"), self.nets, self.optimisers, strict=True):
            yield from ((f"{name}.{key}", value) for key, value in net.state_dict().items())
            yield from adam.state(f"adam.{name}")

    def restore(self, checkpoint: Checkpoint | None) -> None:
        """Go on from the checkpoint, if there is one of this training."""
        if checkpoint is None or (found := checkpoint.load()) is None:
            return
        tensors, state = found
        try:
            read = {name: like(value, tensors[name]) for name, value in self.kept()}
            losses, draw = tensors["losses"], tensors["draw"]
            step, finite = int(state["step"]), bool(state["finite"])
            if losses.shape != (step, len(CURVES)):
                raise ValueError(f"the curves have shape {tuple(losses.shape)} after {step} steps")
        except (KeyError, TypeError, ValueError) as error:
            checkpoint.refuse(str(error))
            return
        with torch.no_grad():
            for name, value in self.kept():
                value.copy_(read[name])
        self.draw.set_state(draw)
        self.step, self.finite = step, finite
        self.losses = list(losses.to(self.images.device))


def checkpoint_key(form: ImageForm, kind: str, options: Mapping[str, Any]) -> str:
    """The name of a training, for its checkpoint: what decides its numbers."""
    return f"adversarial 2 {form} {kind} {sorted(options.items())}"
