"""Ensemble training in JAX (vmap, jit, lax.scan over steps, Adam by hand), served over a pipe to training.py.

It runs in an interpreter of its own that has jax and numpy. A line names an .npz with the job; the answer is the losses
after the job, compiled and run once. Each line "go" after it runs the job again and answers with its seconds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def loss(layers: Any, x: jax.Array) -> jax.Array:
    """One member's mean squared reconstruction error at its points."""
    value = x
    for weight, bias in layers[:-1]:
        value = jax.nn.relu(value @ weight + bias)
    weight, bias = layers[-1]
    return jnp.mean((jax.nn.sigmoid(value @ weight + bias) - x) ** 2)


def adam(layers: Any, first: Any, second: Any, slopes: Any, step: jax.Array, lr: float) -> tuple[Any, Any, Any]:
    """One step of Adam with torch's defaults."""
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slopes)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slopes)
    one, two = 1 - 0.9**step, 1 - 0.999**step
    moved = jax.tree.map(lambda p, m, v: p - lr * (m / one) / (jnp.sqrt(v / two) + 1e-8), layers, first, second)
    return moved, first, second


@partial(jax.jit, static_argnames=("steps", "lr"))
def train(layers: Any, points: jax.Array, orders: jax.Array | None, *, steps: int, lr: float) -> Any:
    """`steps` steps of all members from the given parameters; `orders` (steps, E, batch) chooses minibatches."""
    slope = jax.vmap(jax.grad(loss))
    zeros = jax.tree.map(jnp.zeros_like, layers)

    def step(carry: Any, item: Any) -> tuple[Any, None]:
        number, order = item
        x = points if order is None else jnp.take_along_axis(points, order[:, :, None], 1)
        now, first, second = carry
        return adam(now, first, second, slope(now, x), number, lr), None

    (trained, _, _), _ = lax.scan(step, (layers, zeros, zeros), (jnp.arange(1.0, steps + 1), orders))
    return trained


def job(path: str) -> tuple[Callable[[], Any], jax.Array]:
    """The training described by the file, and its points."""
    with np.load(path) as file:
        held = {name: jnp.asarray(file[name]) for name in file.files}
    depth = sum(name.endswith("weight") for name in held)
    layers = [(held[f"layers.{i}.weight"], held[f"layers.{i}.bias"]) for i in range(depth)]
    orders = held.get("orders")
    settings = {"steps": int(held["steps"]), "lr": float(held["lr"])}
    return lambda: jax.block_until_ready(train(layers, held["points"], orders, **settings)), held["points"]


def serve() -> None:
    """Answer each line of standard input until its end."""
    clock = time.process_time if "cpu" in sys.argv else time.perf_counter
    run: Callable[[], Any] = list
    for line in sys.stdin:
        if line.strip() == "go":
            began = clock()
            run()
            answer: Any = clock() - began
        else:
            run, points = job(line.strip())
            answer = jax.vmap(loss)(run(), points).tolist()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps(f"jax {jax.__version__}, {jax.devices()[0].platform}"), flush=True)
    serve()
