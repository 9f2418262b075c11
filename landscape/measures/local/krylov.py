"""Krylov methods for many linear maps at once, each known only by its products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor

Push = Callable[[Tensor], Tensor]  # v → A v at each point: (E, P, D) → (E, P, D)
MOST_VECTORS = 160  # in a basis: 1 MB per point at D = 784 in float64
CHECKED_EVERY = 8  # vectors: the eigenvalues of the small matrices are looked at this often
CHECKED_FIRST = (2, 4)  # vectors: a system is looked at then, too, as that of a long cycle is solved by very few
RESIDUAL = 1e-7  # of |θ|: a Ritz value θ counts as converged if ‖A x − θ x‖ is below for its unit vector x
STEADY = 1e-6  # of |θ|: it must also agree with that of the check before
CLOSED = 1e-13  # of ‖A v‖: what is left of it counts as rounding, and the basis as complete


def arnoldi(
    push: Push, start: Float[Tensor, "members points dim"], most: int
) -> Iterator[tuple[int, Float[Tensor, "members points vectors dim"], Float[Tensor, "members points vectors columns"]]]:
    """Arnoldi's method (1951) at every point: the number k of products so far, the basis and the Hessenberg matrix.

    After k products the first k + 1 rows of the basis V are orthonormal, and A V_k = V_(k+1) H with H (k + 1, k), the upper
    left part of the matrix. Where the basis is complete, its further vectors are 0. Vectors are made orthogonal twice."""
    basis = start.new_zeros(*start.shape[:2], most + 1, start.shape[2])
    small = start.new_zeros(*start.shape[:2], most + 1, most)
    basis[:, :, 0] = _unit(start, torch.linalg.vector_norm(start, dim=-1))
    for column in range(most):
        moved = push(basis[:, :, column].contiguous())
        size, old = torch.linalg.vector_norm(moved, dim=-1), basis[:, :, : column + 1]
        for _ in range(2):
            along = old @ moved[..., None]
            moved = moved - (old.mT @ along)[..., 0]
            small[:, :, : column + 1, column] += along[..., 0]
        left = torch.linalg.vector_norm(moved, dim=-1)
        left = torch.where(left <= CLOSED * size, 0, left)
        small[:, :, column + 1, column] = left
        basis[:, :, column + 1] = _unit(moved, left)
        yield column + 1, basis, small


def largest_modulus(
    push: Push, start: Float[Tensor, "members points dim"], most: int = MOST_VECTORS
) -> Float[Tensor, "members points"]:
    """The largest modulus of an eigenvalue of A at every point, by Arnoldi's method without restarts: (E, P).

    The Ritz value of largest modulus is the result if its residual is below 1e-7 of it and it has been steady for 8 vectors,
    otherwise NaN. It is then an eigenvalue of a matrix that near to A; a defective eigenvalue is less exact. `start` must be
    random: what it does not contain cannot be seen."""
    most = min(most, start.shape[-1])
    before = torch.full(start.shape[:2], torch.nan, dtype=start.dtype, device=start.device)
    value, sure = before, torch.zeros_like(before, dtype=torch.bool)
    for count, _, small in arnoldi(push, start, most):
        if count % CHECKED_EVERY and count < most:
            continue
        found, residual, scale = _ritz(small[:, :, : count + 1, :count])
        close = residual <= RESIDUAL * found + CLOSED * scale
        steady = ((found - before).abs() <= STEADY * found + CLOSED * scale) | (residual <= CLOSED * scale)
        fresh = ~sure & close & steady
        value, sure, before = torch.where(fresh, found, value), sure | fresh, found
        if bool((sure | found.isnan()).all()):
            break
    return value.masked_fill(~sure, torch.nan)


def solved(
    push: Push, right: Float[Tensor, "members points dim"], most: int, share: float
) -> Float[Tensor, "members points dim"]:
    """The solution s of (A − 1) s = b at every point by GMRES (Saad and Schultz 1986), without restarts: (E, P, D).

    It ends when ‖(A − 1) s − b‖ is at most `share` of ‖b‖ at every point, or after `most` products. 0 where not finite."""
    size = torch.linalg.vector_norm(right, dim=-1)
    found = torch.zeros_like(right)
    for count, basis, small in arnoldi(push, right, min(most, right.shape[-1])):
        if count % CHECKED_EVERY and count not in CHECKED_FIRST and count < min(most, right.shape[-1]):
            continue
        matrix = small[:, :, : count + 1, :count].clone()
        matrix.diagonal(dim1=-2, dim2=-1).sub_(1)
        target = torch.zeros_like(matrix[..., :1])
        target[:, :, 0, 0] = size
        # The normal equations would square the condition; a QR decomposition does not.
        turned, upper = torch.linalg.qr(matrix)
        weights = torch.linalg.solve_triangular(upper, turned.mT @ target, upper=True).nan_to_num(0, 0, 0)
        left = torch.linalg.vector_norm((matrix @ weights - target)[..., 0], dim=-1)
        found = (basis[:, :, :count].mT @ weights)[..., 0]
        if bool((left <= share * size).all()):
            break
    return found


def _ritz(small: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The largest modulus of a Ritz value (NaN where not finite), its residual, the size of the small matrix: (E, P) each."""
    finite = small.isfinite().all(-1).all(-1)
    square = small[..., :-1, :].masked_fill(~finite[..., None, None], 0)
    values, vectors = torch.linalg.eig(square)
    modulus, place = values.abs().max(-1)
    last = vectors[..., -1, :].abs().gather(-1, place[..., None])[..., 0]
    residual = small[..., -1, -1].abs() * last
    scale = torch.linalg.matrix_norm(square)
    return modulus.masked_fill(~finite, torch.nan), residual, scale


def _unit(vectors: Tensor, length: Tensor) -> Tensor:
    """The vectors with length 1; those of length 0 are 0."""
    return torch.where(length[..., None] > 0, vectors / length[..., None], 0)
