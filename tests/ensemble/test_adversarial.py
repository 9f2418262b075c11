"""Adversarial training: resumed bitwise, paired by seed, and in the right direction."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from landscape.ensemble import Checkpoint, adversarial
from landscape.ensemble.adversarial import (
    Adversarial,
    build_adversarial,
    checkpoint_key,
    fit_adversarial,
)
from landscape.nets.adversarial import ImageForm
from landscape.notes import Note

FORM = ImageForm(8, 1, latent=3, width=2)
LOOK = 5  # steps, in place of the usual number
STEPS = 2 * LOOK + 2


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adversarial, "LOOK", LOOK)


class Killed(Exception):
    """Raised in the middle of a training."""


def images(count: int = 11) -> Tensor:
    return torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def trained(
    kind: str, steps: int = STEPS, checkpoint: Checkpoint | None = None, progress: object = None
) -> Adversarial:
    return fit_adversarial(
        FORM, kind, images(), seed=5, steps=steps, batch=7, lr=1e-3, checkpoint=checkpoint, progress=progress  # type: ignore[arg-type]
    )  # fmt: skip


def state(nets: Adversarial) -> dict[str, Tensor]:
    parts = {"generator": nets.generator, "critic": nets.critic, "inference": nets.inference}
    return {
        f"{name}.{key}": value for name, net in parts.items() for key, value in net.state_dict().items()
    } | nets.curves


@pytest.mark.parametrize("kind", ["ordinary", "injective"])
def test_killed_training_goes_on_bitwise(kind: str, tmp_path: Path) -> None:
    whole = trained(kind)

    def killing(step: int, steps: int, error: float) -> None:
        if step == LOOK:
            raise Killed

    key = checkpoint_key(FORM, kind, {"seed": 5})
    with pytest.raises(Killed):
        trained(kind, checkpoint=Checkpoint(tmp_path / "a", key, seconds=0), progress=killing)
    seen: list[int] = []
    resumed = trained(kind, checkpoint=Checkpoint(tmp_path / "a", key), progress=lambda step, *_: seen.append(step))
    assert seen[0] == 2 * LOOK
    assert resumed.steps == STEPS
    for name, value in state(whole).items():
        assert torch.equal(value, state(resumed)[name]), name


def test_finished_training_stays_in_its_checkpoint(tmp_path: Path) -> None:
    first = trained("injective", 3, Checkpoint(tmp_path / "a", "key"))
    seen: list[int] = []
    again = trained("injective", 3, Checkpoint(tmp_path / "a", "key"), lambda step, *_: seen.append(step))
    assert seen == []
    assert all(torch.equal(value, state(again)[name]) for name, value in state(first).items())


@pytest.mark.parametrize("damage", ["bytes", "another network"])
def test_checkpoint_that_does_not_fit_is_not_used(damage: str, tmp_path: Path) -> None:
    trained("injective", 3, Checkpoint(tmp_path / "a", "key"))
    kind = "injective" if damage == "bytes" else "ordinary"
    if damage == "bytes":
        content = bytearray((tmp_path / "a").read_bytes())
        content[-1] ^= 1
        (tmp_path / "a").write_bytes(content)
    with pytest.warns(Note, match="cannot be used"):
        again = trained(kind, 3, Checkpoint(tmp_path / "a", "key"))
    expected = state(trained(kind, 3))
    assert all(torch.equal(value, expected[name]) for name, value in state(again).items())


def test_both_kinds_begin_with_the_same_critic_and_inference_network() -> None:
    pairs = [build_adversarial(FORM, kind, 3) for kind in ("ordinary", "injective")]
    for ours, theirs in zip(pairs[0][1:], pairs[1][1:], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_critic_learns_to_tell_and_the_inference_network_to_infer() -> None:
    nets = trained("injective", 200)
    assert nets.finite
    assert nets.curves["wasserstein"][-50:].mean() > nets.curves["wasserstein"][:1].mean()
    assert nets.curves["inference"][-50:].mean() < 0.8 < nets.curves["inference"][:5].mean()


def test_training_that_diverges_stops_and_says_so() -> None:
    nets = fit_adversarial(FORM, "ordinary", images() * float("nan"), seed=0, steps=STEPS, batch=5)
    assert not nets.finite
    assert nets.steps == LOOK


def test_one_image_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two images; got 1"):
        fit_adversarial(FORM, "ordinary", images(1), seed=0, steps=1)
