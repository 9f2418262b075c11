"""The study `injective-gan`: which networks it trains, and how it measures their codes, their images and their layers."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape.choices import IMAGE_SETS
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, at_hand, held_out, load_data, shape_of, summary_of
from landscape.ensemble import Checkpoint
from landscape.ensemble.adversarial import Adversarial, build_adversarial, checkpoint_key, fit_adversarial
from landscape.findings import Answer
from landscape.measures.neighbours import frechet_distance, inception_score, standard_normal_distance
from landscape.nets.adversarial import Generator, ImageForm
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.injective_gan.answer import answer_of
from landscape.studies.injective_gan.claims import claims_of, trained_enough
from landscape.studies.injective_gan.classifier import Classifier, train_classifier
from landscape.studies.injective_gan.curves import WINDOWS, change, windows
from landscape.studies.injective_gan.one_to_one import layer_tests, least_stretch, ranks
from landscape.studies.injective_gan.parameters import SETS, InjectiveGanParameters
from landscape.studies.parts.data_sets import DataSets, number_of_points
from landscape.studies.parts.streams import stream
from landscape.study import Study
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    from landscape.figures import Panel

AT_ONCE = 1_000  # images
REFERENCE = 10_000  # real images, at most, with whose features those of generated images are compared
PASSES = 60  # of a generator's forward pass, about, that a step of all networks costs
SLOWER = 2  # convolutions than the matrix products by which a machine's speed is measured, on a CPU
OF_TRAINED = (  # what is measured of a network that did not diverge, beside the scores of its images
    "code_distance", "code_distance_real", "code_distance_batch", "code_error", "mean_part",
    "full_rank", "least_singular", "least_stretch",
)  # fmt: skip
SHOWN = 36  # images of each kind that the page can show


@dataclass(frozen=True)
class InjectiveGan(InjectiveGanParameters, Study):
    """The study of injective generators: the networks of each cell, and their measurements."""

    version: ClassVar[int] = 2
    trains: ClassVar[bool] = False  # not by recipes: its generators are in the arrays of its cells

    def cells(self) -> Sequence[Cell]:
        return [
            cell(data=data, generator=generator, seed=seed, **self.sets.digest(data))
            for data in self.sets.names
            for seed in self.seeds
            for generator in self.generator
        ]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        self.check(cell["data"])
        return []

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        return []

    def networks(self, cell: Cell) -> int:
        return 1  # a generator, with the critic and the inference network that are trained with it

    def operations(self, cell: Cell) -> float:
        form = ImageForm.of(shape_of(self.spec(cell["data"])), self.latent, self.width)
        measured = 4 * (self.codes + SETS * self.samples)  # codes are inferred twice, sets made of two networks
        return 2.0 * SLOWER * form.products * (PASSES * self.batch * self.steps + measured)

    def readings(self) -> dict[str, str]:
        return {name: summary for name in self.sets.names if (summary := summary_of(self.spec(name)))}

    @property
    def sets(self) -> DataSets:
        """The data sets of the run."""
        return DataSets(self.name, self.data)

    def spec(self, name: str) -> DataSpec:
        """The data to train on, without a number of images."""
        return DataSpec(size=self.size or None, grey=self.grey, **self.sets.identity(name))

    def check(self, name: str) -> None:
        """Raise ValueError, before anything is trained, for data that are no square images of a size that generators can make.

        Published sets that would have to be downloaded are not checked."""
        if name not in IMAGE_SETS or at_hand(name):
            form = ImageForm.of(shape_of(self.spec(name)), self.latent, self.width)
            pairs = form.widths[0] * form.sides[0] ** 2 // 2
            if "injective" in self.generator and self.latent > pairs:
                raise ValueError(
                    f"`latent` must be at most {pairs}, the pairs of filters of the first layer, for injective generators of "
                    f"{name}; got {self.latent}. Lower --latent, or raise --width"
                )
            self.taken(name)

    def images(self, name: str) -> tuple[Dataset, Dataset]:
        """The training images and those held out."""
        spec = replace(self.spec(name), count=self.taken(name))
        return load_data(spec, (0,)), held_out(spec, (0,), self.held_out)

    def taken(self, name: str) -> int | None:
        """The number of training images; None for all of a published set. Raises ValueError if there are too few."""
        if name in IMAGE_SETS:
            return self.count or None
        total = number_of_points(self.spec(name))
        taken = self.count or total - self.held_out
        if taken < 2 or taken + self.held_out > total:
            raise ValueError(
                f"{name} has {total} images, of which {self.held_out} are held out; training needs two at least"
                f"{f', and --count asks for {self.count}' if self.count else ''}. Lower --held-out, or give more images"
            )
        return taken

    def measure(self, cell: Cell, site: Site) -> Measured:
        training, kept = self.images(cell["data"])
        form = ImageForm.of(training.shape, self.latent, self.width)
        real, left = (form.images(one.points[0]).contiguous().to(site.device) for one in (training, kept))
        classifier = self._classifier(real, left, training, kept)
        options: dict[str, Any] = {"steps": self.steps, "batch": self.batch, "lr": self.lr}
        checkpoint = self._checkpoint(cell, form, options, site, len(real))
        nets = fit_adversarial(
            form, cell["generator"], real, seed=cell["seed"], checkpoint=checkpoint, progress=_progress(site), **options
        )
        untrained = build_adversarial(form, cell["generator"], cell["seed"], site.device)[0].eval()
        reference = classifier.features(real[:REFERENCE])
        drawn = torch.randn(max(self.codes, 1000), self.latent, generator=stream("injective-gan", "codes"))
        row = {"member": 0, "seed": cell["seed"]} | _sizes(nets)
        row |= {"accuracy": classifier.accuracy, "task": classifier.task}
        before = self._scores(untrained, classifier, reference)
        row |= {f"untrained_{name}": value for name, value in before.items()}
        unseen = classifier.features(left)
        row |= {
            "floor": _distance(unseen, reference),
            "score_real": float(inception_score(classifier.logits(unseen)[None])),
        }
        if nets.finite:
            row |= self._row(nets, drawn, real) | self._scores(nets.generator, classifier, reference)
            row["full_rank"], row["least_singular"] = ranks(nets.generator, drawn)
            row["least_stretch"] = least_stretch(nets.generator, drawn)
            layers = layer_tests(nets.generator, drawn)
        else:  # no measure takes its numbers
            row |= dict.fromkeys((*OF_TRAINED, *before), math.nan)
            layers = layer_tests(untrained, drawn).assign(verdict="not tested", method="diverged", residual=math.nan)
        course = windows(nets.curves)
        rest = change(course.wasserstein.to_numpy())
        enough = trained_enough(rest, row["frechet"] / row["untrained_frechet"])
        row["status"] = ("converged" if enough else "stalled") if nets.finite else "diverged"
        row["loss"] = row["wasserstein"]
        tables = {
            "members": pd.DataFrame([row]),
            "layers": layers.assign(member=0),
            "curves": course.assign(member=0),
        }
        measured = Measured(tables, _arrays(nets, real, drawn))
        if checkpoint:
            checkpoint.remove()
        return measured

    def _classifier(self, real: Tensor, left: Tensor, training: Dataset, kept: Dataset) -> Classifier:
        labels, left_labels = (
            None if one.labels is None else one.labels[0].to(real.device) for one in (training, kept)
        )
        return train_classifier(
            real, labels, left, left_labels, classes=len(training.classes), steps=self.classifier_steps,
            generator=stream("injective-gan", "classifier"),
        )  # fmt: skip

    def _checkpoint(
        self, cell: Cell, form: ImageForm, options: dict[str, Any], site: Site, count: int
    ) -> Checkpoint | None:
        if site.models is None:
            return None
        about = {**options, "count": count, **dict(cell.values)}
        return Checkpoint(
            site.models / f"{self.folder(site.models).name}-{cell.key}.checkpoint",
            checkpoint_key(form, cell["generator"], about),
        )

    def _row(self, nets: Adversarial, drawn: Tensor, real: Tensor) -> dict[str, Any]:
        """How well codes are inferred."""
        codes = drawn[: self.codes]
        inferred = torch.cat([_inferred(nets, part.to(real.device)) for part in torch.split(codes, AT_ONCE)])
        of_real = torch.cat([_codes(nets, part) for part in torch.split(real, AT_ONCE)])
        return {
            "code_distance": float(standard_normal_distance(inferred[None])),
            "code_distance_real": float(standard_normal_distance(of_real[None])),
            "code_distance_batch": self._distance_in_batches(nets, codes.to(real.device)),
            "code_error": float((inferred - codes).square().mean()),
            "mean_part": float(inferred.double().mean(0).square().sum()),
        }

    def _distance_in_batches(self, nets: Adversarial, codes: Tensor) -> float:
        """The distance of codes inferred from images that are normalised in minibatches, as in training.

        Trained networks normalise by running statistics. The inference network has not seen such images of an ordinary
        generator; of an injective one, which does not normalise, they are the same."""
        generator = copy.deepcopy(nets.generator).train()
        parts = [part for part in torch.split(codes, self.batch) if len(part) > 1]
        return float(
            standard_normal_distance(torch.cat([_codes(nets, _made(generator, part)) for part in parts])[None])
        )

    def _scores(self, generator: Generator, classifier: Classifier, reference: Tensor) -> dict[str, float]:
        """Mean and standard deviation over SETS sets of images: Fréchet distance, inception-style score, largest class."""
        draw, found = stream("injective-gan", "sets"), []
        for _ in range(SETS):
            codes = torch.randn(self.samples, self.latent, generator=draw).to(reference.device)
            features = torch.cat([classifier.features(_made(generator, part)) for part in torch.split(codes, AT_ONCE)])
            logits = classifier.logits(features)
            classes = torch.bincount(logits.argmax(1).cpu(), minlength=logits.shape[1])
            found.append(
                (
                    _distance(features, reference),
                    float(inception_score(logits[None])),
                    float(classes.max()) / self.samples,
                )
            )
        values = np.array(found)
        named = dict(zip(("frechet", "score", "largest_class"), values.mean(0).tolist(), strict=True))
        spread = values.std(0, ddof=1)
        return named | {"frechet_sd": float(spread[0]), "score_sd": float(spread[1])}

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.injective_gan.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.injective_gan.panels import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from claims_of(result)


@torch.no_grad()
def _made(generator: Generator, codes: Tensor) -> Tensor:
    images: Tensor = generator(codes)
    return images


@torch.no_grad()
def _codes(nets: Adversarial, images: Tensor) -> Tensor:
    codes: Tensor = nets.inference(images).cpu()
    return codes


def _inferred(nets: Adversarial, codes: Tensor) -> Tensor:
    return _codes(nets, _made(nets.generator, codes))


def _distance(features: Tensor, reference: Tensor) -> float:
    return float(frechet_distance(features[None], reference[None]))


def _sizes(nets: Adversarial) -> dict[str, Any]:
    """The numbers of parameters, and where training stands at its end."""
    parts = {"": nets.generator, "critic_": nets.critic, "inference_": nets.inference}
    sizes = {f"{name}parameters": sum(one.numel() for one in net.parameters()) for name, net in parts.items()}
    level = float(nets.curves["wasserstein"][-max(1, nets.steps // WINDOWS) :].mean())
    return {**sizes, "steps": nets.steps, "wasserstein": level}


def _progress(site: Site) -> Any:
    """What a training reports, as the run's progress counts it: steps of one network, none of which converges early."""
    if site.progress is None:
        return None
    report = site.progress
    return lambda step, steps, error: report(step, steps, 0, error)


def _arrays(nets: Adversarial, real: Tensor, drawn: Tensor) -> dict[str, np.ndarray]:
    """Images to show, and the generator's weights. `again` are images made from the codes inferred from real ones."""
    form = nets.generator.form
    shown = real[:SHOWN]
    made = _made(nets.generator, drawn[:SHOWN].to(real.device))
    pictures = {
        "real": shown,
        "made": made,
        "again": _made(nets.generator, _codes(nets, shown).to(real.device)),
        "made_again": _made(nets.generator, _codes(nets, made).to(real.device)),
    }
    arrays = {name: form.rows(images).cpu().numpy() for name, images in pictures.items()}
    weights = {f"generator.{name}": value.cpu().numpy() for name, value in nets.generator.state_dict().items()}
    return arrays | weights | {"shape": np.array([form.side, form.side, form.channels])}
