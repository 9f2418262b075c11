"""An invented run with one panel of each kind that a report can show. Its surfaces are formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landscape.figures.animation import animate
from landscape.figures.panel import Animation, Kaleidoscope, Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.figures.theme import PALETTE, new_figure, themed
from landscape.report import RunView

CENTRES = np.array([[0.2, 0.2], [0.2, 0.8], [0.8, 0.2], [0.8, 0.8]])
HIDDEN, WIDTHS = (2, 4, 6), (8, 50)
COMMAND = "landscape study depth-sweep --preset quick --hidden 2,4,6 --width 8,50"


def bowl_surface(steepness: float, *, low: float = 0.0, high: float = 1.0, side: int = 101) -> np.ndarray:
    """Dimples at the four centres, deeper where `steepness` is larger: (side, side)."""
    x, y = np.meshgrid(np.linspace(low, high, side), np.linspace(low, high, side))
    distance = np.min([np.hypot(x - a, y - b) for a, b in CENTRES], axis=0)
    ripple = 1 + 0.3 * np.sin(steepness * x) * np.cos(0.7 * steepness * y)
    return np.asarray(1e-8 + 0.2 * np.minimum(1, (distance / 0.45) ** (1 + steepness / 3)) * ripple)


def pulled_orbits(rate: float, *, samples: int = 250, steps: int = 12, seed: int = 0) -> np.ndarray:
    """Samples that move towards their nearest centre by the share `rate` at each step, some from far outside.

    The shape is (steps + 1, samples, 2)."""
    start = np.random.default_rng(seed).normal(0.5, 0.6, (samples, 2))
    home = CENTRES[np.linalg.norm(start[:, None] - CENTRES, axis=-1).argmin(axis=1)]
    return np.stack([home + (start - home) * (1 - rate) ** step for step in range(steps + 1)])


def hero_scene(*, side: int = 161) -> Scene:
    """A large scene over [−1, 2]² with samples. Its second surface has a hole, its third a cliff."""
    heights = [bowl_surface(4, low=-1, high=2, side=side) for _ in range(3)]
    x, y = np.meshgrid(np.linspace(-1, 2, side), np.linspace(-1, 2, side))
    heights[1][np.hypot(x - 0.5, y - 0.5) < 0.22] = np.nan
    heights[1][(x > 1.6) & (y > 1.6)] = np.inf
    heights[2] = np.where(x + 0.3 * y > 1.2, heights[2] * 0.01 + 1e-6, heights[2])
    names = ("median member", "with a hole", "with a cliff")
    orbits = pulled_orbits(0.35)
    surfaces = tuple(Surface(name, height, CENTRES, orbits) for name, height in zip(names, heights, strict=True))
    return Scene("Where the samples go", surfaces, (-1, 2, -1, 2), scene_limits(heights), near=0.05)


def scene_grid(*, side: int = 101) -> SceneGrid:
    """A grid of depth × width with three members in each scene."""
    made = {
        (hidden, width): [bowl_surface(hidden + member / 2 + width / 25, side=side) for member in range(3)]
        for hidden in HIDDEN
        for width in WIDTHS
    }
    limits = scene_limits(height for heights in made.values() for height in heights)
    labels = ("median", "lowest", "highest")

    def scene(hidden: int, width: int) -> Scene:
        orbits = pulled_orbits(0.05 * hidden, samples=60)
        surfaces = tuple(
            Surface(label, height, CENTRES, orbits) for label, height in zip(labels, made[hidden, width], strict=True)
        )
        return Scene(
            f"hidden {hidden}, width {width}",
            surfaces,
            (0, 1, 0, 1),
            limits,
            note=f"{10 + hidden} of 16 members converged",
        )

    return SceneGrid(
        tuple(f"hidden {hidden}" for hidden in HIDDEN),
        tuple(f"width {width}" for width in WIDTHS),
        tuple(tuple(scene(hidden, width) for width in WIDTHS) for hidden in HIDDEN),
    )


def linear_scene() -> Scene:
    """A scene on a linear scale, with negative heights, over a rectangle that is not square."""
    x, y = np.meshgrid(np.linspace(0, 4, 81), np.linspace(-1, 1, 41))
    height = np.sin(2 * x) * np.exp(-(y**2))
    return Scene(
        "A wave",
        (Surface("only", height),),
        (0, 4, -1, 1),
        scene_limits([height], log=False),
        ("t", "u", "displacement"),
        log=False,
        colours="cividis",
    )


def curve_figure() -> Figure:
    figure, axes = new_figure()
    with themed():
        for index, hidden in enumerate(HIDDEN):
            steps = np.arange(1, 400)
            axes.semilogy(
                steps, 0.1 * np.exp(-steps / 40 / hidden) + 1e-6, color=PALETTE[index], label=f"hidden {hidden}"
            )
        axes.set(xlabel="optimiser step", ylabel="training loss", title="Training")
        axes.legend()
    return figure


def sampling_animation() -> Animation:
    orbits = pulled_orbits(0.35)

    figure, axes = new_figure(3.6, 3.6)

    def draw(t: int) -> None:
        axes.clear()
        axes.scatter(*orbits[t].T, s=6, color=PALETTE[1])
        axes.scatter(*CENTRES.T, s=40, color="black")
        axes.set(xlim=(-1, 2), ylim=(-1, 2), title=f"iteration {t}")

    labels = [f"iteration {t}" for t in range(len(orbits))]
    return animate(figure, draw, labels, alt="Samples move to the four training points")


def drawings(side: int = 28, count: int = 12) -> np.ndarray:
    """Images of rings and bars with values in 0…1: (count, side, side)."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    made = []
    for index in range(count):
        a, b = 0.75 - 0.1 * (index % 4), 0.3 + 0.15 * (index % 3)
        ring = np.exp(-(((np.hypot(x / b, y / a) - 1) * 6) ** 2))
        bar = np.exp(-(((x * np.cos(index) + y * np.sin(index)) * 9) ** 2)) * (np.hypot(x, y) < 0.7)
        made.append(np.maximum(ring * (index % 5 > 0), bar * (index % 5 == 0 or index % 2)))
    return np.stack(made)


def kaleidoscope(*, samples: int = 64, steps: int = 12, side: int = 28, colour: bool = False) -> Kaleidoscope:
    """Noise that converges to the drawings. At iteration 7 every fifth sample jumps to the next drawing."""
    rng, data = np.random.default_rng(6), drawings(side)
    data = np.stack([data, np.roll(data, 3, 0), 1 - data], -1) if colour else data
    home = np.arange(samples) % len(data)
    jumps = np.arange(samples) % 5 == 0
    x = rng.uniform(0, 1, (samples, *data.shape[1:]))
    frames = [x]
    for step in range(1, steps + 1):
        goal = data[np.where(jumps & (step >= 7), (home + 1) % len(data), home)]
        x = x + 0.45 * (goal - x)
        frames.append(x)
    orbits = np.stack(frames)
    gaps = orbits.reshape(steps + 1, samples, 1, -1) - data.reshape(len(data), -1)
    distance = np.sqrt((gaps**2).mean(-1))
    return Kaleidoscope(
        (255 * orbits).round().astype(np.uint8),
        [*range(steps), 300],
        (255 * data).round().astype(np.uint8),
        distance.argmin(-1),
        distance.min(-1),
        np.where(jumps, 7, -1),
        f"{samples} samples, from noise to rings and bars",
        frames_per_second=8.0,
        near=0.02,
    )


def members() -> pd.DataFrame:
    """Forty rows with every kind of cell: whole numbers, tiny and missing numbers, words, yes and no, commas and quotes."""
    rng = np.random.default_rng(3)
    count = 40
    return pd.DataFrame(
        {
            "hidden": np.repeat(HIDDEN, 14)[:count],
            "width": np.tile(WIDTHS, 20),
            "member": np.arange(count),
            "loss": np.where(np.arange(count) % 9 == 4, np.nan, 10.0 ** rng.uniform(-9, -1, count)),
            "range": rng.uniform(0, 1, count),
            "burn_in": np.where(np.arange(count) % 7 == 0, np.inf, rng.integers(1, 90, count)),
            "converged": np.arange(count) % 3 > 0,
            "note": ["plain", 'says "so", twice', "two\nlines", ""] * 10,
        }
    )


def claims() -> pd.DataFrame:
    """A claim for each verdict."""
    nan = np.nan
    return pd.DataFrame(
        {
            "key": ["C3", "C5", "C10", "C4", "C2", "C21"],
            "statement": [
                "Flat regions surround the training points",
                "Burn-in is inversely proportional to complexity",
                "Depth beats width",
                "The same with tanh",
                "Max loss is 1",
                "CelebA transitions are jumpy",
            ],
            "estimand": [
                "share within r at B = 5, hidden 7 minus 2",
                "slope of log burn-in on log parameters",
                "Spearman(hidden, share at B = 5)",
                "share at B = 5",
                "",
                "",
            ],
            "threshold": ["≥ +.10", "CI within [−1.5, −.5]", "≥ .3", 0.5, "", ""],
            "verdict": ["supported", "refuted", "mixed", "undecided", "ill-posed", "untestable"],
            "estimate": [0.31, -0.12, 0.35, 0.47, nan, nan],
            "low": [0.22, -0.21, 0.31, 0.38, nan, nan],
            "high": [0.4, -0.03, 0.42, 0.58, nan, nan],
            "p": [0.00002, 0.004, 0.01, 0.4, nan, nan],
            "clusters": [30, 30, 30, 12, nan, nan],
            "members": [480, 480, 480, 48, nan, nan],
            "failed": [12, 12, 12, 0, nan, nan],
            "reason": [
                "",
                "",
                "all members and the converged ones disagree in sign",
                "12 of the 20 clusters a verdict needs",
                "the ceiling is arithmetic; see C2b",
                "its licence forbids a download",
            ],
        }
    )


def record() -> dict[str, object]:
    cells = [
        {"hidden": hidden, "width": width, "status": "done", "seconds": 1.5} for hidden in HIDDEN for width in WIDTHS
    ]
    cells[-1] = {"hidden": 6, "width": 50, "status": "failed", "error": "Traceback …\nMemoryError: 3.1 GB wanted"}
    return {
        "study": "depth-sweep",
        "parameters": {"hidden": list(HIDDEN), "width": list(WIDTHS), "members": 16, "lr": 1e-3, "data": "four-points"},
        "seed": 0,
        "versions": {"python": "3.11.2", "torch": "2.13.0", "numpy": "2.4.6"},
        "device": "cpu",
        "commit": "0123abc",
        "command": COMMAND,
        "seconds": 83.4,
        "started": "2025-01-02 10:11",
        "cells": cells,
    }


def sample_run(*, side: int = 101) -> RunView:
    """A run with a panel of each kind, among them a scene of three surfaces and a grid of six such scenes."""
    table = members()
    summary = table.groupby(["hidden", "width"])[["loss", "range"]].median()
    caption = "Median of the converged members; 12 of 480 failed. The four dimples are the training points."
    ends = pd.DataFrame(pulled_orbits(0.35)[-1], columns=["x1", "x2"])
    move = "250 samples from N(0.5, 0.6²), then x ← f(x). Press play."
    words = "<p>A paragraph with <b>bold</b> words and x₁ &lt; x₂.</p>"
    losses = {"losses": table[["hidden", "loss"]]}
    panels = [
        Panel("Sampling", move, hero_scene(side=161), "Surfaces", {"orbits": ends}),
        Panel("Loss, depth by width", caption, scene_grid(side=side), "Surfaces", {"members": table}),
        Panel("Training loss", "Every curve falls; the deep ones more slowly.", curve_figure(), "Curves", losses),
        Panel("Samples on the move", "All reach a training point by iteration 12.", sampling_animation(), "Curves"),
        Panel("A kaleidoscope", "Every fifth sample jumps at iteration 7.", kaleidoscope(), "Samples"),
        Panel("In colour", "", kaleidoscope(samples=9, side=8, colour=True), "Samples"),
        Panel("A wave", "A linear scale over a rectangle.", linear_scene(), "Curves"),
        Panel("Members", "A row per member.", table, "Tables"),
        Panel("Medians", "Medians by shape.", summary, "Tables"),
        Panel("Words", "", words, "Tables"),
    ]
    lead = "Networks of 2, 4 and 6 hidden layers were trained to return four points. Each became an attracting fixed point."
    facts = [("6", "cells"), ("480", "members"), ("97 %", "converged"), ("1 min 23 s", "on 2 cores")]
    return RunView("Depth sweep on four points", lead, panels, facts, claims(), {"members": table}, record(), COMMAND)
