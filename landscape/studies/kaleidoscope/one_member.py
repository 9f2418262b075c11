"""What the report of a kaleidoscope shows of the samples of one member."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Kaleidoscope, Panel
from landscape.figures.images import contact_sheet
from landscape.figures.orbit_map import orbit_map
from landscape.figures.points import sample_figure
from landscape.figures.samples import distance_distributions, nearest_pairs
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import IMAGE_RULE
from landscape.studies.parts.summaries import reached_words

SHEET_ITERATIONS = (1, 5, 7, 9, 11, 13, 20)  # on the contact sheet, beside the last; some are in the paper's burn-in
HERO_ITERATIONS, HERO_SAMPLES = (0, 5, 13), 25  # beside the answer: iterations, beside the last, and samples
ORBITS_MAPPED = 24  # on the map of principal axes; more would hide each other
Arrays = dict[str, np.ndarray]


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: samples of the first network on images that is shown, from noise to the end."""
    cells = [one for one in result.arrays if one["rule"] == IMAGE_RULE and len(result.arrays[one]["shape"]) > 1]
    if not cells:
        return None
    arrays = result.arrays[cells[0]]
    iterations, last = arrays["iterations"].tolist(), arrays["iterations"][-1]
    chosen = [iterations.index(time) for time in dict.fromkeys((*HERO_ITERATIONS, last)) if time in iterations]
    tiles = arrays["frames"][chosen][:, :HERO_SAMPLES]
    caption = (
        f"{tiles.shape[1]} samples of the network of median training loss, from noise to the end. At the end "
        f"{len(np.unique(arrays['nearest'][-1]))} different training images are nearest to {arrays['frames'].shape[1]} samples."
    )
    sheet = tiles.reshape(*tiles.shape[:2], *arrays["shape"].tolist())
    return Panel("", caption, contact_sheet(sheet, [iterations[place] for place in chosen], columns=2))


def sample_panels(arrays: Arrays, rows: pd.DataFrame, section: str) -> Iterator[Panel]:
    """The samples of the member shown over the iterations: a kaleidoscope and a contact sheet, or a figure of points."""
    if len(arrays["shape"]) == 1:
        yield _points(arrays, rows, section)
    else:
        yield _kaleidoscope(arrays, rows, section)
        yield _sheet(arrays, rows, section)


def nearness_panels(arrays: Arrays, rows: pd.DataFrame, section: str) -> Iterator[Panel]:
    """What the last iterates of the member shown are near; nothing if all samples diverged."""
    if not np.isfinite(arrays["distance"][-1]).any():
        return
    if len(arrays["shape"]) > 1:
        yield _nearest(arrays, rows, section)
    if arrays["training"].shape[1] > 1:
        yield _map(arrays, rows, section)
    yield _distances(arrays, rows, section)


def _points(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    low, high = 0.0, 255.0
    names = arrays["coordinates"].tolist() if "coordinates" in arrays else ()
    frames, training = arrays["frames"].astype(float), arrays["training"].astype(float)
    picture = sample_figure(frames, arrays["iterations"].tolist(), training, low, high, names=names)
    words = (
        f"Samples of {_member_words(arrays, rows)}: {_near_words(arrays)}. Values are in 255ths of the data's range. "
        f"{reached_words(rows)}."
    )
    return Panel("Samples over the iterations", words, picture, section)


def _kaleidoscope(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    shape, frames = tuple(arrays["shape"].tolist()), arrays["frames"]
    jumped = int((arrays["last_jump"] >= 0).sum())
    return Panel(
        title="The kaleidoscope",
        caption=(
            f"Samples of {_member_words(arrays, rows)} under x ← f(x), from noise. Ask a tile for its nearest training image, "
            "their Euclidean distance, and the iteration of its last jump, a step longer than a tenth of the range's diameter; "
            f"{jumped} samples made one. Near is within {float(arrays['radius']):.3g}: {_near_words(arrays)}. "
            f"{reached_words(rows)}."
        ),
        body=Kaleidoscope(
            frames.reshape(*frames.shape[:2], *shape), arrays["iterations"].tolist(),
            arrays["neighbours"].reshape(-1, *shape), arrays["nearest"], arrays["distance"], arrays["last_jump"],
            f"{frames.shape[1]} samples of a network on {section} as x ← f(x) is repeated", near=float(arrays["radius"]),
        ),
        section=section,
    )  # fmt: skip


def _sheet(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    frames, iterations = arrays["frames"], arrays["iterations"].tolist()
    chosen = [iterations.index(time) for time in (*SHEET_ITERATIONS, iterations[-1]) if time in iterations]
    chosen = list(dict.fromkeys(chosen))
    sheet = frames[chosen].reshape(len(chosen), frames.shape[1], *arrays["shape"].tolist())
    return Panel(
        title="Iterations side by side",
        caption=f"The same samples at the iterations of the paper's burn-in, and at the end. {reached_words(rows)}.",
        body=contact_sheet(sheet, [iterations[place] for place in chosen]),
        section=section,
    )


def _nearest(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    shape, ends, nearest = tuple(arrays["shape"].tolist()), arrays["distance"][-1], arrays["nearest"][-1]
    return Panel(
        title="Samples and their nearest training images",
        caption=(
            f"The last iterates of {_member_words(arrays, rows)}, sorted by their Euclidean distance to the nearest training "
            f"image, from {ends.min():.3g} to {ends.max():.3g}; {len(np.unique(nearest))} different images are nearest to "
            f"{len(ends)} samples. {reached_words(rows)}."
        ),
        body=nearest_pairs(
            arrays["frames"][-1].reshape(-1, *shape), arrays["neighbours"][nearest].reshape(-1, *shape), ends,
            limits=(0, 255),
        ),
        section=section,
    )  # fmt: skip


def _map(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    labels = arrays.get("labels", np.zeros(len(arrays["training"]), int))
    classes = arrays["classes"].tolist() if "classes" in arrays else ["training point"]
    return Panel(
        title="Orbits among the training points",
        caption=(
            f"The first {min(ORBITS_MAPPED, len(arrays['distance'][-1]))} orbits of {_member_words(arrays, rows)} over "
            f"{len(labels):,} of its training points, on their two principal axes; what lies off this plane is not seen. "
            f"{reached_words(rows)}."
        ),
        body=orbit_map(
            arrays["training"] / 255.0, labels, arrays["frames"][:, :ORBITS_MAPPED] / 255.0, classes=classes
        ),
        section=section,
    )  # fmt: skip


def _distances(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    ends = arrays["distance"][-1]
    sources = {"samples": ends, "held out": arrays["held_out_distance"]}
    table = pd.concat([pd.DataFrame({"source": name, "distance": values}) for name, values in sources.items()])
    table = table.assign(distance=table.distance.where(np.isfinite(table.distance)))
    closer = float((ends < np.median(sources["held out"])).mean())
    return Panel(
        title="Distances to the training data",
        caption=(
            f"The last iterates of {_member_words(arrays, rows)} and images it was not trained on. {closer:.0%} of the samples "
            f"are nearer to a training image than the median held-out image is. {reached_words(rows)}."
        ),
        body=distance_distributions(table),
        section=section,
        downloads={"distances": table},
    )


def _near_words(arrays: Arrays) -> str:
    near = arrays["distance"][-1] <= arrays["radius"]
    return f"at iteration {arrays['iterations'][-1]} {near.mean():.0%} of {len(near)} samples are near a training point"


def _member_words(arrays: Arrays, rows: pd.DataFrame) -> str:
    member = int(arrays["shown"])
    return f"the member of median training loss (member {member}, {rows.status[member]}, loss {rows.loss[member]:.2g})"
