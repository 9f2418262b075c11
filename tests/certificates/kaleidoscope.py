"""Results of the kaleidoscope in which each claim is true, false, exactly at its threshold, or made by a control.

They have the size of the preset `full`: 100 seeds, 100 and 500 digits, six dimensions. `paper` trains one network, an
illustration. CIFAR beside MNIST (C21) is in no preset of the study: `landscape reproduce --preset paper` asks for it, with
30 seeds as here. Networks of a seed share half of their chance,
and one in twenty does not fit. Held-out digits, which are as the data, and controls are measured as the study measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import presets
from landscape.data import DataSpec, held_out, load_data
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import IMAGE_RULE, POINT_RULES
from landscape.studies.kaleidoscope.study import CONTROLS, Kaleidoscope
from landscape.studies.parts.image_study import SWEPT
from landscape.studies.parts.likeness import likeness
from landscape.training import Site
from tests.certificates import Generator, Make

SEEDS, PAIRS, COUNTS, DIMS, ENDS, HELD, CLASSES = 100, 30, (100, 500), (2, 4, 8, 16, 32, 64), 1024, 256, 10
MISSED = 0.05  # of networks do not fit
POOL = 5  # members of which controls and held-out digits are measured
PARAMETERS = {"start": ["uniform", "normal"], "iterations": 300, "drawn": True, "output": "sigmoid"}
KEYS = {"data": "digits", "net": "mlp", "hidden": 3, "width": 200, "objective": "plain", "budget": 10_000}


def networks(rng: Generator, settings: pd.DataFrame, seeds: int = SEEDS) -> pd.DataFrame:
    """A row per setting and seed, with the columns that every claim reads and a loss that fits or not."""
    table = settings.merge(pd.DataFrame({"seed": range(seeds)}), how="cross")
    missing = {name: value for name, value in {**KEYS, "rule": IMAGE_RULE, "dim": 64}.items() if name not in table}
    loss = np.where(rng.random(len(table)) < MISSED, 0.05, 1e-5)
    return table.assign(**missing, member=table.seed, status="stalled", loss=loss)


def digits(rng: Generator) -> pd.DataFrame:
    return networks(rng, pd.DataFrame({"count": COUNTS}))


def hits(rng: Generator, table: pd.DataFrame, chance: float) -> np.ndarray:
    """Whether each network satisfies what is asked, with this chance: half of the time as its seed does."""
    common = (rng.random(table.seed.max() + 1) < chance)[table.seed]
    return np.where(rng.random(len(table)) < 0.5, common, rng.random(len(table)) < chance)


def result_of(table: pd.DataFrame, **tables: pd.DataFrame) -> Result:
    return Result(Path(), {"parameters": PARAMETERS}, {"members": table, **tables}, {})


@cache
def measured() -> dict[str, pd.DataFrame]:
    """The tables `controls` and `jumps` of a run on digits and on uniform points, in which controls are measured."""
    size = {"members": POOL, "count": COUNTS[:1], "steps": (1,), "dim": DIMS[:2], "amplitude": (0.0, 0.01)}
    short = {"iterations": 20, "samples": 8, "ends": HELD, "noise_iterations": 60, "noise": ("normal",)}
    study = presets.make_study("kaleidoscope", "full", overrides=size | short)
    assert isinstance(study, Kaleidoscope)
    found = [(dict(cell.values), study.measure(cell, Site()).tables) for cell in study.cells()]
    return {
        name: pd.concat([tables[name].assign(**keys) for keys, tables in found if name in tables], ignore_index=True)
        for name in ("controls", "jumps")
    }


@cache
def as_data() -> pd.DataFrame:
    """Held-out digits in the samples' place, which follow the distribution of the data."""
    parts = []
    for count in COUNTS:
        spec = DataSpec("digits", count, drawn=True)
        both = held_out(spec, range(POOL), 2 * HELD)
        assert both.labels is not None
        held = replace(both, points=both.points[:, :HELD], labels=both.labels[:, :HELD])
        found = likeness({"uniform": both.points[:, HELD:]}, load_data(spec, range(POOL)), held)
        parts.append(pd.DataFrame({name: value.numpy() for name, value in found.items()}).assign(count=count))
    return pd.concat(parts, ignore_index=True)


def control_rows(rng: Generator, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the columns of a control, as measured on digits, in the networks' place."""
    found = measured()["controls"]
    found = found[(found.control == name) & (found.rule == IMAGE_RULE)].drop(columns=[*SWEPT, "member", "status"])
    drawn = found.iloc[rng.integers(len(found), size=len(table))].reset_index(drop=True)
    return table.assign(**{column: drawn[column] for column in drawn if column not in ("rule", "dim")})


def rates(name: str, amplitude: float, rng: Generator, size: int) -> np.ndarray:
    """Jumps per 100 steps of a control, as measured."""
    found = measured()["jumps"]
    found = found[(found.control == name) & (found.amplitude == amplitude)]
    drawn: np.ndarray = found.mode_jumps.to_numpy()[rng.integers(len(found), size=size)]
    return drawn


def like_data(rng: Generator, share: float = 1.0) -> Result:
    """C11: this share of the networks follows the distribution of the data, and the others copy training images."""
    table = digits(rng)
    pool = as_data().groupby("count")
    rows = pd.concat([pool.get_group(n).sample(SEEDS, replace=True, random_state=rng) for n in COUNTS])
    copies = control_rows(rng, "memoriser", table)
    columns = ["coverage", "coverage_held_out", "c_t", "variation", "variation_held_out"]
    follows = hits(rng, table, share)[:, None]
    return result_of(
        table.assign(**dict(zip(columns, np.where(follows, rows[columns], copies[columns]).T, strict=True)))
    )


def jumping(rng: Generator, share: float = 0.7, control: str = "", noise: bool = True) -> Result:
    """C12: this share of the networks gains more than a jump above the identity, or all are a control.

    Without `noise` it moves no network."""
    table = digits(rng)
    size = len(table)
    still = {level: rates("identity", level, rng, size) for level in (0.0, 0.01)}
    above = np.where(hits(rng, table, share), 1, -1) * rng.exponential(1, size)
    moved = {level: rates(control, level, rng, size) if control else above * level / 0.01 for level in still}
    if not control:
        moved[0.0] = rng.exponential(0.3, size)
        moved[0.01] = moved[0.0] + noise * (still[0.01] - still[0.0] + 1 + above)
    elif control == "identity":
        moved = still
    parts = [
        table[[*SWEPT, "member"]].assign(noise="normal", amplitude=level, control=name, mode_jumps=values[level])
        for name, values in (("none", moved), ("identity", still))
        for level in still
    ]
    table = control_rows(rng, control, table) if control else table
    return result_of(table, jumps=pd.concat(parts, ignore_index=True))


def settling(rng: Generator, share: float | None = None, apart: float = 0.0) -> Result:
    """C13: burn-ins about 7, and histograms of as many ends as the study has, of distributions `apart` in total variation.

    With a `share` this share of the networks has them, and satisfies all; the others settle late."""
    table = digits(rng)
    size = len(table)
    burn_in = np.clip(np.round(np.exp(rng.normal(np.log(7), 0.25, size))), 3, 15 if share is not None else None)
    chances = rng.dirichlet(np.full(CLASSES, 5.0), size)
    moved = chances + apart / CLASSES * 2 * np.where(np.arange(CLASSES) % 2, -1, 1)
    moved = np.clip(moved, 0, None) / np.clip(moved, 0, None).sum(1, keepdims=True)
    both = (rng.multinomial(ENDS, chances) - rng.multinomial(ENDS, moved)) / ENDS
    late = ~hits(rng, table, share) if share is not None else np.zeros(size, bool)
    return result_of(
        table.assign(
            burn_in_uniform=np.where(late, 300.0, burn_in),
            burn_in_uniform_censored=late,
            settled_uniform=np.maximum(rng.beta(19, 1, size), 0.8 if share is not None else 0),
            variation_starts=np.abs(both).sum(1) / 2,
            variation_chance=0.05,
        )
    )


def by_dimension(rng: Generator, slopes: tuple[float, float] = (0.0, 0.0)) -> Result:
    """C20: log burn-ins with these slopes, by rule. Late ones are censored; burn-ins of a seed have a part in common."""
    parts = []
    for rule, slope in zip(POINT_RULES, slopes, strict=True):
        counts = [8] * len(DIMS) if rule == POINT_RULES[0] else [4 * dim for dim in DIMS]
        settings = pd.DataFrame({"data": "uniform", "rule": rule, "dim": DIMS, "count": counts})
        table = networks(rng, settings)
        common = rng.normal(0, 0.3, SEEDS)[table.seed]
        spread = 0.3 + 0.05 * np.log2(table.dim)
        times = np.exp(np.log(20) + slope * (np.log2(table.dim) - 3.5) + common + spread * rng.normal(size=len(table)))
        late = times > 300
        columns = {"burn_in_uniform": np.where(late, 300, np.round(times)), "burn_in_uniform_censored": late}
        parts.append(table.assign(**columns))
    return result_of(pd.concat(parts, ignore_index=True))


def dimension_control(rng: Generator, name: str) -> Result:
    """C20: a control's burn-ins, as measured."""
    parts = []
    found = measured()["controls"]
    for (rule, dim, count), rows in found[found.control == name].groupby(["rule", "dim", "count"]):
        if rule != IMAGE_RULE:
            table = networks(rng, pd.DataFrame({"data": ["uniform"], "rule": rule, "dim": dim, "count": count}))
            columns = ["burn_in_uniform", "burn_in_uniform_censored", "loss"]
            drawn = rows[columns].sample(len(table), replace=True, random_state=rng)
            parts.append(table.assign(**{column: drawn[column].to_numpy() for column in columns}))
    return result_of(pd.concat(parts, ignore_index=True))


def jumpy(rng: Generator, share: float = 0.85, control: str = "") -> Result:
    """C21: in this share of the seeds CIFAR's samples make more long steps by .05, or all networks are a control."""
    settings = pd.DataFrame({"data": ["cifar10", "mnist"], "count": 1000})
    table = networks(rng, settings, PAIRS)
    more = np.where(rng.random(PAIRS) < share, 0.05 + rng.beta(1, 4, PAIRS), 0.05 * rng.random(PAIRS))
    mnist = rng.beta(0.5, 20, PAIRS)
    loss = table.loss * np.exp(rng.normal(0, 0.2, len(table)))
    table = table.assign(jumpiness=np.concatenate([mnist + more, mnist]), loss=loss)
    return result_of(control_rows(rng, control, table) if control else table)


def classes(rng: Generator, share: float = 0.7, control: str = "") -> Result:
    """C23: in this share of the networks purity gains over shuffled labels. Or all are a control.

    A control whose name begins with "near " has noise in its purity."""
    table = digits(rng)
    size = len(table)
    null = rng.beta(100, 900, size)
    gain = np.where(hits(rng, table, share), 1, -1) * rng.exponential(0.03, size)
    table = table.assign(purity=np.clip(null + gain, 0, 1), purity_null=null)
    still = control_rows(rng, "identity", table)
    if control:
        table = control_rows(rng, control.removeprefix("near "), table)
        still = still.assign(purity=table.purity) if "identity" in control or control == "memoriser" else still
    if control.startswith("near "):
        table = table.assign(purity=np.clip(table.purity + rng.normal(0, 0.02, size), 0, 1))
    return result_of(table, controls=still.assign(control="identity"))


def controls(make: Callable[..., Result]) -> dict[str, Make[Result]]:
    return {f"control: {name}": partial(make, control=name) for name in CONTROLS}


def replaced(rng: Generator, make: Make[Result], name: str) -> Result:
    """The result with a control's rows in the networks' place."""
    made = make(rng)
    return result_of(control_rows(rng, name, made.table))


def rows_of_controls(make: Make[Result]) -> dict[str, Make[Result]]:
    return {f"control: {name}": partial(replaced, make=make, name=name) for name in CONTROLS}


MAKERS: dict[str, dict[str, Make[Result]]] = {
    "C11": {"true": like_data, "false": partial(like_data, share=0.6), "threshold": partial(like_data, share=0.8)}
    | rows_of_controls(like_data),
    "C12": {"true": jumping, "false": partial(jumping, share=0.3), "threshold": partial(jumping, share=0.5)}
    | controls(jumping),
    "C13": {"true": settling, "false": partial(settling, apart=0.2), "threshold": partial(settling, share=0.8)}
    | rows_of_controls(settling),
    "C20": {
        "true": by_dimension,
        "false": partial(by_dimension, slopes=(0.0, 0.3)),
        "threshold": partial(by_dimension, slopes=(0.1, 0.0)),
    }
    | {f"control: {name}": partial(dimension_control, name=name) for name in CONTROLS},
    "C21": {"true": jumpy, "false": partial(jumpy, share=0.3), "threshold": partial(jumpy, share=0.5)}
    | controls(jumpy),
    "C23": {"true": classes, "false": partial(classes, share=0.3), "threshold": partial(classes, share=0.5)}
    | controls(classes)
    | {"control: near identity": partial(classes, control="near identity")},
}
