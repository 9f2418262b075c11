"""The points that samples are compared with: training points, held-out points as the null, further held-out points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from landscape import measures
from landscape.choices import NEIGHBOURS
from landscape.data import Dataset
from landscape.measures.memorisation.statistics import RULE as ONE_WORD_RULE
from landscape.studies.parts.likeness import has_classes

RULE = f"{ONE_WORD_RULE} Samples that are collapsed and copies, as a repeated training image, are called copies."

SHOWN_STATES = measures.memorisation.STATES[:3]  # the rest of the samples is unlike the data


@dataclass(frozen=True, eq=False)
class Comparison:
    """The points that samples are compared with, and the statistics of this comparison.

    No network was trained on `held_out`, whose statistics are the null, nor on `others` (E, M, D), from which controls draw.
    `around` holds the gaps and neighbour balls of the training points, None if these are too few to judge samples by."""

    training: Dataset
    held_out: Dataset
    others: Float[Tensor, "members others dim"]
    around: measures.neighbours.Surroundings | None

    @classmethod
    def of(cls, training: Dataset, kept: Dataset, null: int) -> Comparison:
        """A comparison with `training`, in which the first `null` points of `kept` are the null and the rest the others."""
        labels = None if kept.labels is None else kept.labels[:, :null]
        held = replace(kept, points=kept.points[:, :null], labels=labels)
        around = measures.neighbours.surroundings(training.points, NEIGHBOURS) if training.count > NEIGHBOURS else None
        return cls(training, held, kept.points[:, null:], around)

    def member(self, e: int, times: int) -> Comparison:
        """The comparison of member `e`, repeated `times` times to compare that many kinds of samples with it at once."""

        def repeated(values: Tensor) -> Tensor:
            return values[e : e + 1].expand(times, *values.shape[1:])

        training, held = (
            replace(one, points=repeated(one.points), labels=None) for one in (self.training, self.held_out)
        )
        around = self.around and measures.neighbours.Surroundings(
            repeated(self.around.gaps), repeated(self.around.radii)
        )
        return Comparison(training, held, repeated(self.others), around)

    def rows(self, samples: Float[Tensor, "members samples dim"], losses: Tensor | None = None) -> pd.DataFrame:
        """The memorisation statistics of samples, the answers on copying and variety, and the verdict: a row per member.

        The verdict is that of `memorisation_verdict`, except that samples which are collapsed and copies are called copies:
        `variety` says that they are collapsed.

        `losses` (E,) are the training losses of the maps that made the samples, if maps made them."""
        given = None if losses is None else losses.to(samples)
        found = measures.memorisation_statistics(
            samples, self.training.points, self.held_out.points, training_loss=given, low=self.training.low,
            high=self.training.high, around=self.around,
        )  # fmt: skip
        if given is not None:  # how well a loss fits the data depends on how much these vary
            variance = self.training.points.var(1, correction=0).mean(-1)
            found["unexplained"] = given / variance
        found = measures.transfer.on_cpu(found)
        table = pd.DataFrame({name: value.numpy() for name, value in found.items()})
        known = [{str(name): float(value) for name, value in row.items()} for row in table.to_dict("records")]
        table = table.assign(
            copying=[measures.memorisation.copying_answer(row) for row in known],
            variety=[measures.memorisation.variety_answer(row) for row in known],
            verdict=measures.memorisation.verdicts(found),
        )
        both = (table.verdict == "collapsed") & (table.copying == "copies")
        return table.assign(verdict=table.verdict.mask(both, "copies"))

    def classes(self, samples: Float[Tensor, "members samples dim"]) -> pd.DataFrame:
        """How the classes of samples differ from those of the training points: a table with a row per member.

        `variation` is the total variation distance between the two class histograms, NaN for a member with a sample that is
        not finite. `variation_held_out` is the same for the held-out points in the samples' place, and `class_accuracy` the
        classifier's accuracy on them. The table has no columns if the data have no classes."""
        training, held = self.training, self.held_out
        if not has_classes(training):
            return pd.DataFrame(index=range(len(samples)))
        assert training.labels is not None
        assert held.labels is not None
        finite = samples.isfinite().all(-1).all(-1)
        known = torch.where(finite[:, None, None], samples, 0)
        shares = measures.neighbours.class_shares(known, training.points, training.labels, held.points, held.labels)
        variation = shares.total_variation.masked_fill(~finite, torch.nan)
        columns = {"variation": variation, "variation_held_out": shares.held_out, "class_accuracy": shares.accuracy}
        return pd.DataFrame({name: value.numpy() for name, value in measures.transfer.on_cpu(columns).items()})

    def states(self, samples: Float[Tensor, "members samples dim"]) -> pd.DataFrame:
        """The shares of samples that are memorised, spurious and new by `sample_states`: a table with a row per member.

        The name of a state with `_null` is the same share of the held-out points, each of which is new by chance alone."""
        training, held = self.training.points, self.held_out.points
        found = {"": measures.memorisation.sample_states(samples, training, held)}
        found["_null"] = measures.memorisation.sample_states(held[:, : samples.shape[1]], training, held)
        columns = {f"{word}{end}": one.share(word) for end, one in found.items() for word in SHOWN_STATES}
        return pd.DataFrame({name: value.numpy() for name, value in measures.transfer.on_cpu(columns).items()})
