"""The sets of points of an audit: found, read together, checked, and turned into features."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from landscape.baselines import mixed_samples
from landscape.choices import NEIGHBOURS
from landscape.data.files import digest
from landscape.data.together import NAMED, PointSet, read_features, read_together
from landscape.measures.memorisation import ANSWER_THRESHOLDS
from landscape.names import printable
from landscape.studies.audit.features import Mapping, check_labels, mapping_of
from landscape.studies.audit.parameters import KNOWN_SAMPLERS, AuditParameters
from landscape.studies.parts.streams import seeded_stream

FEW_COPIED = 20  # training points that the sampler `few-copies` repeats
MOST_KNOWN = 1000  # samples of a known sampler, at most
SHARES = {
    "copycat": 1.0,
    "held-out": 0.0,
    "half-copies": 0.5,
    "few-copies": 1.0,
}  # of copies among a known sampler's samples
FEWEST = int(ANSWER_THRESHOLDS["fewest"])
Kind = Callable[[int], Tensor]


@dataclass(frozen=True, eq=False)
class Sets:
    """The sets of one audit. `samples`, `training` and `held_out` are features (·, d), in which distances are taken.

    `pictures` are the samples and the training points as images, where there are such. `copies` draws so many copies of random
    training points, as features. `words` says what the features are."""

    samples: Tensor
    training: Tensor
    held_out: Tensor
    pictures: tuple[PointSet, PointSet] | None
    copies: Kind
    words: str


def contents(given: AuditParameters) -> dict[str, str]:
    """The digest of each path's content, by the role of the path; named sets and known samplers have none.

    Raises ValueError for a role that is missing, a path that is missing, and for the same content in two roles."""
    roles = {"training": given.training, "held-out": given.held_out}
    roles |= {f"samples {number}": name for number, name in enumerate(given.samples)}
    if given.from_file and not any(roles.values()):
        roles = {}
    missing = [role for role, name in roles.items() if not name]
    if missing:
        flags = ", ".join(f"--{role.partition(' ')[0]}" for role in missing)
        raise ValueError(
            f"an audit needs --samples, --training and --held-out, each a path; {flags} is missing. "
            "`landscape audit --preset example` shows one"
        )
    if given.from_file and len(given.samples) > 1:
        raise ValueError("a file of features describes one set of samples; got several --samples: audit each by itself")
    if given.from_file and any(name in KNOWN_SAMPLERS for name in given.samples):
        raise ValueError("known samplers have no features in a file; give --features pixels, or the path of samples")
    paths = {role: name for role, name in roles.items() if name not in (*NAMED, *KNOWN_SAMPLERS)}
    found = {role: digest(name) for role, name in paths.items()}
    for role, content in found.items():
        for other, same in found.items():
            if other < role and content == same and content:
                names = f"--{other.partition(' ')[0]} and --{role.partition(' ')[0]}"
                raise ValueError(f"{names} hold the same points ({printable(paths[role])}); give two different sets")
    return found | ({"features": digest(given.features)} if given.from_file else {})


def key_of(given: AuditParameters) -> str:
    """Twelve hexadecimal digits, a hash of the contents of all paths."""
    return hashlib.sha256(repr(sorted(contents(given).items())).encode()).hexdigest()[:12]


def readings(given: AuditParameters) -> dict[str, str]:
    """A line for each path or named set, by its name: how its content became points.

    Raises ValueError for sets that cannot be read or compared, and for too few points."""
    found: dict[str, str] = {}
    for name in given.samples:
        sets = _read(given, name)
        for role, one in sets.items():
            twice = any(other.name == one.name for key, other in sets.items() if key != role)
            found[f"{one.name} ({role.replace('_', '-')})" if twice else one.name] = one.summary
        if given.from_file:
            for role, values in _features(given, sets).items():
                found[given.features] = f"{len(values):,} {role} of {values.shape[1]:,} numbers, taken as they are"
    return found


def load_sets(given: AuditParameters, name: str, device: str) -> Sets:
    """The sets of the audit of the samples `name`. Raises ValueError as `readings`."""
    sets = _read(given, name)
    if given.from_file:
        return _from_file(given, sets, device)
    training, held_out = sets["training"], sets["held_out"]
    others = held_out
    if name in KNOWN_SAMPLERS:
        held_out, others = _halves(held_out)
        sets["samples"] = _known(given, name, training, others)
    mapping = mapping_of(given.features, training, held_out, given.seed)
    drawn = _copier(given, training)

    def copies(count: int) -> Tensor:
        return _placed(mapping, drawn(count), device)

    shown = (sets["samples"], training) if len(training.shape) > 1 else None
    points = {
        role: _placed(mapping, torch.from_numpy(one.points), device)
        for role, one in (("samples", sets["samples"]), ("training", training), ("held_out", held_out))
    }
    return Sets(**points, pictures=shown, copies=copies, words=mapping.words)


def _read(given: AuditParameters, name: str) -> dict[str, PointSet]:
    """The sets by role, those made of others left out. Empty for features from a file without the points themselves."""
    roles = {"training": given.training, "held_out": given.held_out}
    roles |= {} if name in KNOWN_SAMPLERS else {"samples": name}
    if not any(roles.values()):
        return {}
    sets = read_together(roles, size=given.size or None, grey=given.grey)
    if not given.from_file:
        _check({role: one.points for role, one in sets.items()}, known=name in KNOWN_SAMPLERS)
        check_labels(given.features, sets["training"])
    return sets


def _features(given: AuditParameters, sets: dict[str, PointSet]) -> dict[str, np.ndarray]:
    arrays = read_features(given.features)
    for role, one in sets.items():
        if len(one.points) != len(arrays[role]):
            raise ValueError(
                f"{printable(given.features)} has {len(arrays[role]):,} rows of {role}, and {printable(one.name)} has "
                f"{len(one.points):,} points; a row for each point is needed, in the order of the file"
            )
    _check(arrays, known=False)
    return arrays


def _from_file(given: AuditParameters, sets: dict[str, PointSet], device: str) -> Sets:
    arrays = {role: torch.from_numpy(values) for role, values in _features(given, sets).items()}
    shown = (sets["samples"], sets["training"]) if sets and len(sets["training"].shape) > 1 else None
    space = PointSet("features", arrays["training"].numpy(), (arrays["training"].shape[1],), "", unit=False)
    drawn = _copier(given, space)
    points = {role: arrays[role].to(device) for role in ("samples", "training", "held_out")}
    words = f"features of {printable(given.features)}"
    return Sets(**points, pictures=shown, copies=lambda count: drawn(count).to(device), words=words)


def _check(points: dict[str, np.ndarray], *, known: bool) -> None:
    """Raise ValueError for too few points, and for training or held-out points that are all the same."""
    fewest = {"training": NEIGHBOURS + 1, "held_out": 2 * FEWEST if known else FEWEST, "samples": FEWEST}
    for role, values in points.items():
        if len(values) < fewest[role]:
            why = ", half of them for a known sampler" if known and role == "held_out" else ""
            raise ValueError(
                f"too few points for a verdict: {role.replace('_', '-')} must be at least {fewest[role]} points{why}; got "
                f"{len(values)}. 300 or more tell a tenth of copies from none"
            )
        if role != "samples" and (values == values[0]).all():
            raise ValueError(f"{role.replace('_', '-')} holds {len(values):,} times the same point; give varied points")


def _halves(held_out: PointSet) -> tuple[PointSet, PointSet]:
    """The held-out points divided into the null, and those from which known samplers draw."""
    half = len(held_out.points) // 2
    parts = (slice(0, half), slice(half, None))
    labels = [None if held_out.labels is None else held_out.labels[part] for part in parts]
    first, second = (
        replace(held_out, points=held_out.points[part], labels=names) for part, names in zip(parts, labels, strict=True)
    )
    return first, second


def _known(given: AuditParameters, name: str, training: PointSet, others: PointSet) -> PointSet:
    """The samples of a known sampler, from the training points and from held-out points that are not the null."""
    low, high = (0.0, 1.0) if training.unit else training.range
    points = training.points[:FEW_COPIED] if name == "few-copies" else training.points
    count = min(MOST_KNOWN, len(others.points))
    generator = seeded_stream("audit", "known samplers", given.seed)
    drawn = mixed_samples(
        SHARES[name], torch.from_numpy(points), torch.from_numpy(others.points), count, generator, low=low, high=high
    )
    return replace(training, name=name, points=drawn.numpy(), labels=None, summary=f"{count:,} samples, made here")


def _copier(given: AuditParameters, training: PointSet) -> Kind:
    """A function that draws so many copies of random training points, with noise of 1 % of the range."""
    low, high = (0.0, 1.0) if training.unit else training.range

    def drawn(count: int) -> Tensor:
        points = torch.from_numpy(training.points)
        generator = seeded_stream("audit", "copies", given.seed)
        return mixed_samples(1.0, points, points, count, generator, low=low, high=high)

    return drawn


def _placed(mapping: Mapping, points: Tensor, device: str) -> Tensor:
    return mapping(points).to(device)
