"""What the report of a kaleidoscope shows of the samples of one member."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.ensemble import STATUSES
from landscape.figures import Kaleidoscope, Panel
from landscape.figures.images import contact_sheet
from landscape.figures.orbit_map import orbit_map
from landscape.figures.points import sample_figure
from landscape.figures.samples import distance_distributions, nearest_pairs
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import C13, IMAGE_RULE
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import member_rows
from landscape.studies.parts.words import two_digits

SHEET_ITERATIONS = (1, 5, 7, 9, 11, 13, 20)  # on the contact sheet, beside the last; some are in the paper's burn-in
SETTLED_BY = int(C13.limits["burn-in"].ends[1])  # the iteration by which samples should have settled
HERO_ITERATIONS = (0, SETTLED_BY)  # beside the answer, before the last
HERO_SAMPLES = 25
ORBITS_MAPPED = 24  # on the map of principal axes; more would hide each other
LEAST_SPREAD = 1e-12  # of training images, to divide by
Arrays = dict[str, np.ndarray]


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: samples of the first network on images that is shown, from noise to the end, and data."""
    cells = [one for one in result.arrays if one["rule"] == IMAGE_RULE and len(result.arrays[one]["shape"]) > 1]
    if not cells:
        return None
    arrays = result.arrays[cells[0]]
    iterations, last = arrays["iterations"].tolist(), arrays["iterations"][-1]
    chosen = [iterations.index(time) for time in dict.fromkeys((*HERO_ITERATIONS, last)) if time in iterations]
    tiles = arrays["frames"][chosen][:, :HERO_SAMPLES]
    rows = member_rows(result, cells[0])
    covered = float(rows.coverage.get(int(arrays["shown"]), np.nan)) if "coverage" in rows else np.nan
    where = "" if np.isnan(covered) else f", samples cover {percent(covered)} of the training images"
    caption = f"After {last:,} iterations of one network, from noise{where or ': its samples'}."
    pictured = min(tiles.shape[1], len(arrays["training"]))
    of_many = (
        f" The network has the median training loss of {len(rows):,}; the answer is of all." if len(rows) > 1 else ""
    )
    how = (
        f"{tiles.shape[1]} of its samples, each in the same place throughout, and {pictured} training images.{of_many} Noise "
        "is only the start: none is added between iterations. Covered: a sample is nearer than the fifth nearest training "
        "image."
    )
    shape = arrays["shape"].tolist()
    sheet, data = tiles.reshape(*tiles.shape[:2], *shape), arrays["training"].reshape(-1, *shape)
    body = contact_sheet(sheet, [iterations[place] for place in chosen], columns=2, data=data, noise=True)
    return Panel("", caption, body, how=how)


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
    return Panel(
        title=_end_title(arrays),
        caption=_near_words(arrays),
        body=sample_figure(frames, arrays["iterations"].tolist(), training, low, high, names=names),
        section=section,
        how=f"{_whose(arrays, rows)} Values are in 255ths of the data's range. {_radius_words(arrays)}",
    )


def _kaleidoscope(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    shape, frames = tuple(arrays["shape"].tolist()), arrays["frames"]
    return Panel(
        title=_end_title(arrays),
        caption=_near_words(arrays),
        body=Kaleidoscope(
            frames.reshape(*frames.shape[:2], *shape), arrays["iterations"].tolist(),
            arrays["neighbours"].reshape(-1, *shape), arrays["nearest"], arrays["distance"], arrays["last_jump"],
            f"{frames.shape[1]} samples of a network on {section} as x ← f(x) is repeated", near=float(arrays["radius"]),
        ),
        section=section,
        how=(
            f"{_whose(arrays, rows)} Point at a tile for its nearest training image, their Euclidean distance, and the "
            "iteration of its last jump, a step longer than a tenth of the range's diameter. "
            f"{_radius_words(arrays)}"
        ),
    )  # fmt: skip


def _sheet(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    frames, iterations = arrays["frames"], arrays["iterations"].tolist()
    chosen = [iterations.index(time) for time in (*SHEET_ITERATIONS, iterations[-1]) if time in iterations]
    chosen = list(dict.fromkeys(chosen))
    sheet = frames[chosen].reshape(len(chosen), frames.shape[1], *arrays["shape"].tolist())
    first, last = (len(np.unique(arrays["nearest"][place])) for place in (0, -1))
    word = "as many" if first == last else "fewer" if last < first else "more"
    return Panel(
        title=f"In the end {word} training images are nearest to samples {'as' if first == last else 'than'} at first",
        caption=(
            f"At iteration {iterations[0]}, {_images(first)} nearest to the {frames.shape[1]} samples; at iteration "
            f"{iterations[-1]}, {last:,}."
        ),
        body=contact_sheet(sheet, [iterations[place] for place in chosen]),
        section=section,
        how="The same samples at the iterations of the paper's burn-in, and at the end; the first 100 are drawn.",
    )


def _nearest(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    shape, ends, nearest = tuple(arrays["shape"].tolist()), arrays["distance"][-1], arrays["nearest"][-1]
    return Panel(
        title=f"Samples are {ends.min():.3g} to {ends.max():.3g} from their nearest training images",
        caption=(
            f"The median sample is {np.median(ends):.3g} from its nearest training image, the median unseen image "
            f"{np.median(arrays['held_out_distance']):.3g}."
        ),
        body=nearest_pairs(
            arrays["frames"][-1].reshape(-1, *shape), arrays["neighbours"][nearest].reshape(-1, *shape), ends,
            limits=(0, 255),
        ),
        section=section,
        how=(
            "The last samples above their nearest training images, with their Euclidean distance, from the nearest pair to "
            "the farthest."
        ),
    )  # fmt: skip


def _map(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    labels = arrays.get("labels", np.zeros(len(arrays["training"]), int))
    classes = arrays["classes"].tolist() if "classes" in arrays else ["training point"]
    training, orbits = arrays["training"] / 255.0, arrays["frames"][:, :ORBITS_MAPPED] / 255.0
    spread = _spread(orbits[-1]) / max(_spread(training), LEAST_SPREAD)
    return Panel(
        title=f"Samples end {'less' if spread < 1 else 'no less'} spread out than the training {_what(arrays)}s",
        caption=(
            f"The ends of {counted(orbits.shape[1], 'orbit')} have {percent(spread)} of the training {_what(arrays)}s' "
            "standard deviation."
        ),
        body=orbit_map(training, labels, orbits, classes=classes),
        section=section,
        how=(
            f"Orbits of the same network, from a grey dot to a ringed one, over {len(labels):,} of its training "
            f"{_what(arrays)}s, on the two principal axes of these. What lies off this plane is not seen."
        ),
    )  # fmt: skip


def _distances(arrays: Arrays, rows: pd.DataFrame, section: str) -> Panel:
    ends = arrays["distance"][-1]
    sources = {"samples": ends, "held out": arrays["held_out_distance"]}
    table = pd.concat([pd.DataFrame({"source": name, "distance": values}) for name, values in sources.items()])
    table = table.assign(distance=table.distance.where(np.isfinite(table.distance)))
    closer = float((ends < np.median(sources["held out"])).mean())
    return Panel(
        title=(
            "Most samples are nearer to the training data than the median unseen point"
            if closer > 0.5
            else "Most samples are no nearer to the training data than the median unseen point"
        ),
        caption=f"{percent(closer)} of the samples are nearer, as half would be of samples like unseen points.",
        body=distance_distributions(table),
        section=section,
        downloads={"distances": table},
        how=(
            "The share of points within a distance of their nearest training point: the last samples of the same network, and "
            "points that it was not trained on (held out)."
        ),
    )


def _spread(points: np.ndarray) -> float:
    """The standard deviation of points (N, D): the root mean square distance from their mean."""
    return float(np.sqrt(points.var(axis=0).sum()))


def _end_title(arrays: Arrays) -> str:
    near, what = _near(arrays), f"near a training {_what(arrays)}"
    if near.all():
        return f"Every sample ends {what}"
    return f"Some samples end {what}, others do not" if near.any() else f"No sample ends {what}"


def _near_words(arrays: Arrays) -> str:
    near = _near(arrays)
    return (
        f"At iteration {arrays['iterations'][-1]}, {percent(near.mean())} of {counted(len(near), 'sample')} are near a "
        f"training {_what(arrays)}."
    )


def _near(arrays: Arrays) -> np.ndarray:
    """Which samples end within the radius of a training point: (S,)."""
    near: np.ndarray = arrays["distance"][-1] <= arrays["radius"]
    return near


def _what(arrays: Arrays) -> str:
    return "image" if len(arrays["shape"]) > 1 else "point"


def _images(count: int) -> str:
    return f"{counted(count, 'training image')} {'is' if count == 1 else 'are'}"


def _radius_words(arrays: Arrays) -> str:
    return f"Near: within {float(arrays['radius']):.3g} of a training {_what(arrays)} (Euclidean)."


def _whose(arrays: Arrays, rows: pd.DataFrame) -> str:
    """The sentence on the network whose samples are shown."""
    member = int(arrays["shown"])
    lost = f", {rows.status[member]}" if rows.status[member] in STATUSES[2:] else ""
    return (
        f"Samples of the network of median training loss (member {member} of the tables, loss "
        f"{two_digits(rows.loss[member])}{lost}), which x ← f(x) makes of noise."
    )
