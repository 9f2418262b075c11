"""What a report on memorisation shows of the samples of one network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.samples import distance_distributions, nearest_pairs
from landscape.findings import number, percent
from landscape.results import Cell, Result
from landscape.studies.parts.image_study import setting_words
from landscape.studies.parts.summaries import member_rows
from landscape.studies.parts.words import two_digits

Arrays = dict[str, np.ndarray]


def sample_panels(result: Result, cell: Cell, first: Arrays) -> Iterator[Panel]:
    """The samples of a setting: their nearest training images, and their distances beside those of baselines.

    `first` holds the arrays of the leading cell of the data, which has the baselines."""
    arrays, rows, section = result.arrays[cell], member_rows(result, cell), setting_words(dict(cell.values))
    distances = {
        name.removeprefix("distance "): value for name, value in (first | arrays).items() if "distance " in name
    }
    member = int(arrays["shown"])
    whose = f"the network of median training loss (member {member} of the tables, loss {two_digits(rows.loss[member])})"
    if not np.isfinite(distances["samples"]).any():  # it diverged
        return
    shape, samples = tuple(arrays["shape"].tolist()), arrays["samples"]
    if len(shape) > 1:
        away = distances["samples"][: len(samples)]
        yield Panel(
            title=f"Samples are {away.min():.3g} to {away.max():.3g} from their nearest training images",
            caption=(
                f"The verdict on this network is '{rows.verdict[member]}'. Its authenticity is "
                f"{number(rows.authenticity[member])}, its C_T {rows.c_t[member]:.3g}.".replace("-", "−")
            ),
            body=nearest_pairs(
                samples.reshape(-1, *shape), arrays["nearest"].reshape(-1, *shape), away, limits=(0, 255)
            ),
            section=section,
            how=f"The first {len(samples)} samples of {whose}, sorted by their distance to the nearest training image.",
        )
    table = pd.concat([pd.DataFrame({"source": name, "distance": values}) for name, values in distances.items()])
    closer = float((distances["samples"] < np.median(distances["held out"])).mean())
    yield Panel(
        title=(
            "Most samples are nearer to the training images than the median held-out image"
            if closer > 0.5
            else "Most samples are no nearer to the training images than the median held-out image"
        ),
        caption=f"{percent(closer)} of the samples are nearer, as half would be of samples like held-out images.",
        body=distance_distributions(table.assign(distance=table.distance.where(np.isfinite(table.distance)))),
        section=section,
        downloads={"distances": table},
        how=(
            "The share of images within a distance of their nearest training image; copies would be at 0. Samples are those of "
            f"{whose}, held out are images that no network saw. Other models, if any, are trained on the images of member 0."
        ),
    )
