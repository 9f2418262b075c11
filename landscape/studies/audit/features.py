"""The features in which an audit takes distances: the points themselves, principal components, a classifier's hidden layer."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from landscape.baselines.gaussian import KEPT_VARIANCE
from landscape.data.together import PointSet
from landscape.measures.neighbours.sample_quality import CLASSIFIER_POINTS

MOST_COMPONENTS = 256
EXACT_COMPONENTS = 3072  # up to so many coordinates the covariance is decomposed exactly; above, by random projections
CLASSIFIER_UNITS, CLASSIFIER_EPOCHS = 128, 60
POINTS_AT_A_TIME = 8192


@dataclass(frozen=True, eq=False)
class Mapping:
    """A map of points (P, D) to features (P, d), and what they are in words."""

    function: Callable[[Tensor], Tensor]
    words: str

    def __call__(self, points: Tensor) -> Tensor:
        parts = [self.function(points[row : row + POINTS_AT_A_TIME]) for row in range(0, len(points), POINTS_AT_A_TIME)]
        return torch.cat(parts)


def check_labels(features: str, training: PointSet) -> None:
    """Raise ValueError if the features are those of a classifier, and the training points have no classes."""
    if features == "classifier" and (training.labels is None or len(np.unique(training.labels)) < 2):
        raise ValueError(
            f"features 'classifier' need classes of the training points, and {training.name} has none; give labels (a "
            "sub-folder per class, an array y in the .npz, a table's column 'class'), or --features pca"
        )


def mapping_of(features: str, training: PointSet, held_out: PointSet, seed: int) -> Mapping:
    """The features of this name: 'pixels', 'pca' or 'classifier', fitted to the training points alone.

    Raises ValueError for 'classifier' without labels."""
    if features == "pca":
        return _components(training.points, seed)
    if features == "classifier":
        return _hidden_layer(training, held_out, seed)
    return Mapping(lambda points: points, f"the {len(training.points[0]):,} coordinates themselves")


def _components(points: np.ndarray, seed: int) -> Mapping:
    """The principal components of the training points that keep 95 % of their variance, at most MOST_COMPONENTS."""
    from sklearn.decomposition import PCA

    count, dim = points.shape
    exact = dim <= EXACT_COMPONENTS
    solver = ("covariance_eigh" if count > dim else "full") if exact else "randomized"
    most = min(MOST_COMPONENTS, count - 1, dim)
    pca = PCA(n_components=None if exact else most, svd_solver=solver, random_state=seed).fit(points)
    kept = min(most, 1 + int((pca.explained_variance_ratio_.cumsum() < KEPT_VARIANCE).sum()))
    middle, axes = (torch.from_numpy(np.asarray(values, np.float32)) for values in (pca.mean_, pca.components_[:kept]))
    share = float(pca.explained_variance_ratio_[:kept].sum())
    words = f"{kept} principal components of the training points, which keep {share:.0%} of their variance"
    return Mapping(lambda some: (some - middle) @ axes.T, words)


def _hidden_layer(training: PointSet, held_out: PointSet, seed: int) -> Mapping:
    """The hidden layer of a small classifier of the training points' classes, after its ReLU."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    check_labels("classifier", training)
    assert training.labels is not None
    few = np.random.default_rng(seed).permutation(len(training.points))[:CLASSIFIER_POINTS]
    machine = MLPClassifier(
        (CLASSIFIER_UNITS,), max_iter=CLASSIFIER_EPOCHS, early_stopping=len(few) > 500, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(training.points[few], training.labels[few])
    weight, bias = (torch.from_numpy(np.asarray(one[0], np.float32)) for one in (machine.coefs_, machine.intercepts_))
    right = ""
    if held_out.labels is not None and held_out.classes == training.classes:
        right = f", which names {float(machine.score(held_out.points, held_out.labels)):.0%} of held-out points rightly"
    return Mapping(
        lambda some: (some @ weight + bias).relu(), f"the {CLASSIFIER_UNITS} hidden units of a small classifier{right}"
    )
