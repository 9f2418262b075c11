"""The report of the newest depth-sweep run: its size, the time to write it, and the time until its first surface is live.

If plotly and trame-pyvista are installed (the extra `bench`), the same surfaces in plotly's page and in PyVista's own export
stand beside a page of ours with these alone. Then the size of kaleidoscopes of 64 tiles × 60 frames, beside the same film as
a GIF without the neighbours."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.neighbors import NearestNeighbors
from timing import ALLOWED, Options, Row, Table, Timings, interleave, on_cores, options, tell

from landscape import loading, presets, reporting, results
from landscape.data import DataSpec, load_data, published
from landscape.figures import Panel
from landscape.figures.panel import Kaleidoscope, Scene, Surface, scenes_of
from landscape.report import RunView, write_report
from landscape.report.kaleidoscope import KaleidoscopeView, contact_sheet, kaleidoscope_view
from landscape.results import Result
from landscape.running import run_study

MEGABYTE = 1e6
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
)
# Notes the times of the first call that draws triangles, on any page, and of the first picture on a page of landscape.
WATCH = """
for (const kind of [globalThis.WebGLRenderingContext, globalThis.WebGL2RenderingContext]) {
  for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {
    const draw = kind?.prototype[name];
    if (!draw) continue;
    kind.prototype[name] = function (...given) {
      globalThis.firstDraw ??= performance.now();
      return draw.apply(this, given);
    };
  }
}
const look = () => {
  if (globalThis.landscape?.views?.some((view) => view.draws > 0)) globalThis.firstLive ??= performance.now();
  else requestAnimationFrame(look);
};
look();
"""
Writer = Callable[[list[Surface], Path], None]


def main() -> None:
    """Write the pages, then open each in a browser."""
    chosen = options("report", __doc__, repeats=3)
    with tempfile.TemporaryDirectory() as folder:
        result, name = newest(Path(folder), chosen)
        pages = {"landscape": Path(folder) / "landscape.html"}
        sides: dict[str, Callable[[], None]] = {
            "landscape": lambda: _done(reporting.write([result], pages["landscape"]))
        }
        scenes = scenes_in(result)
        surfaces = [scene.surfaces[0] for scene in scenes]
        pages["surfaces"] = Path(folder) / "surfaces.html"
        sides["surfaces"] = lambda: _done(write_surfaces(scenes, pages["surfaces"]))
        for other, writer in others().items():
            pages[other] = Path(folder) / f"{other}.html"
            sides[other] = lambda writer=writer, page=pages[other]: writer(surfaces, page)
        built = interleave(sides, repeats=chosen.repeats)
        tables = [
            Table(f"Writing the page: {name}, {len(surfaces)} surfaces", written(built, pages)),
            opened(pages, chosen),
            kaleidoscopes(chosen),
        ]
    tell(tables, chosen)


def newest(folder: Path, chosen: Options) -> tuple[Result, str]:
    """The newest finished depth-sweep run, or one of the test preset made here."""
    for path, record in results.runs(loading.default_out()):
        if (
            not chosen.quick
            and record["study"] == "depth-sweep"
            and all(cell["status"] == "done" for cell in record["cells"])
        ):
            return results.load(path), f"the newest depth-sweep run ({len(record['cells'])} cells)"
    study = presets.make_study("depth-sweep", "test", None, {})
    return results.load(run_study(study, out=folder)), "depth-sweep --preset test, as no finished run was found"


def scenes_in(result: Result) -> list[Scene]:
    """Every scene of the report, with its first surface alone and without samples, as the other sides have it."""
    panels: list[Panel] = list(presets.study_of(result.record).panels(result))
    scenes = [scene for panel in panels for scene in scenes_of(panel.body)]
    return [replace(scene, surfaces=(replace(scene.surfaces[0], markers=None, orbits=None),)) for scene in scenes]


def written(built: Timings, pages: dict[str, Path]) -> list[Row]:
    """The seconds to write each page, and its size in megabytes."""
    size = {name: page.stat().st_size / MEGABYTE for name, page in pages.items()}
    rows = [
        Row("size", size["landscape"], unit="MB", at_most=3.0),
        Row("time to write", built.median("landscape"), extra={"share of a core": f"{built.core:.2f}"}),
    ]
    for name in list(pages)[2:] or [""]:
        rows.append(Row("surfaces alone: size", size["surfaces"], size.get(name), name, unit="MB"))
        other = built.median(name) if name else None
        rows.append(Row("surfaces alone: time to write", built.median("surfaces"), other, name))
    return rows


def opened(pages: dict[str, Path], chosen: Options) -> Table:
    """The table of seconds from navigation to the first drawn surface: software GL, a fresh browser context each time."""
    title = "From navigation to the first surface, headless Chromium, software GL, all cores"
    if find_spec("playwright") is None:
        return Table(title, skipped="playwright is not installed")
    with on_cores(len(ALLOWED)), browser() as (found, reason):
        if found is None:
            return Table(title, skipped=reason)
        sides = {name: lambda page=page: open_page(found, page) for name, page in pages.items()}
        shown = interleave({name: lambda side=side: side()[0] for name, side in sides.items()}, repeats=chosen.repeats)
        live = interleave({"live": lambda: sides["landscape"]()[1]}, repeats=chosen.repeats, warm=False)
    rows = [Row("first live surface shown", live.median("live"), at_most=2.0)]
    rows += [Row("first triangles", shown.median("landscape"))]
    for name in list(pages)[2:] or [""]:
        other = shown.median(name) if name else None
        rows.append(Row("surfaces alone: first triangles", shown.median("surfaces"), other, name))
    return Table(title, rows)


@contextmanager
def browser() -> Iterator[tuple[Any, str]]:
    """Headless Chromium: the system's, else playwright's; None and the reason if neither starts."""
    from playwright.sync_api import Error, sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        except Error as error:
            yield None, f"no Chromium: {str(error).splitlines()[0]}"
            return
        yield found, ""
        found.close()


def open_page(found: Any, page: Path) -> tuple[float, float]:
    """Open a page. Returns the seconds to the first triangles, and to the first live surface (NaN on others' pages)."""
    context = found.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)  # the script WATCH must run
    tab = context.new_page()
    tab.add_init_script(WATCH)
    tab.goto(page.as_uri(), wait_until="commit")
    mark = "firstLive" if page.stem in ("landscape", "surfaces") else "firstDraw"
    tab.wait_for_function(f"globalThis.{mark} !== undefined", timeout=120_000)
    first, live = tab.evaluate("[globalThis.firstDraw, globalThis.firstLive ?? NaN]")
    context.close()
    return first / 1000, live / 1000


def others() -> dict[str, Writer]:
    """The functions that write the page with other tools, as far as these are installed."""
    found: dict[str, Writer] = {}
    if find_spec("plotly"):
        found["plotly"] = write_plotly
    if find_spec("trame_pyvista"):
        found["pyvista-export"] = write_pyvista
    return found


def write_surfaces(scenes: list[Scene], page: Path) -> Path:
    """The scenes alone as a page of ours, with their posters."""
    return write_report([RunView("Surfaces", "", [Panel(scene.title, "", scene) for scene in scenes])], page)


def write_plotly(surfaces: list[Surface], page: Path) -> None:
    """The surfaces as plotly figures in a single file that needs no network."""
    from plotly import graph_objects

    figures = [graph_objects.Figure(graph_objects.Surface(z=surface.height)) for surface in surfaces]
    parts = [figure.to_html(full_html=False, include_plotlyjs=index == 0) for index, figure in enumerate(figures)]
    page.write_text(f"<!doctype html><html><body>{''.join(parts)}</body></html>", encoding="utf-8")


def write_pyvista(surfaces: list[Surface], page: Path) -> None:
    """The surfaces as a PyVista scene, by its own HTML export."""
    import pyvista

    plotter = pyvista.Plotter(off_screen=True)
    for index, surface in enumerate(surfaces):
        rows, columns = surface.height.shape
        y, x = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
        mesh = pyvista.StructuredGrid(x + 1.2 * index, y, surface.height)
        plotter.add_mesh(mesh, scalars=np.asarray(surface.height).ravel(order="F"))
    plotter.trame.export_html(page)
    plotter.close()


def kaleidoscopes(chosen: Options) -> Table:
    """The table of the sizes, within a page, of kaleidoscopes of made-up orbits between real images."""
    frames = 6 if chosen.quick else 60
    rows = []
    for name in ("digits", *(name for name in published.SETS if published.at_hand(name))):
        for noise in (0.0, 0.01):
            body = made_up(name, frames, noise)
            view, seconds = timed(body)
            size = len(view.data) + sum(len(still.picture) for still in view.stills)
            gif = 4 / 3 * gif_size([contact_sheet(frame) for frame in body.frames])  # in base64, as in a page
            case = f"{name}, {'x'.join(map(str, body.frames.shape[2:]))}, ε = {noise:g}"
            took = {"time to pack": f"{seconds:.1f} s"}
            rows.append(Row(case, size / 1e3, gif / 1e3, "GIF, film alone", unit="kB", at_most=600.0, extra=took))
    return Table(f"Kaleidoscopes: 64 tiles × {frames} frames, film, neighbours, numbers and stills", rows)


def timed(body: Kaleidoscope) -> tuple[KaleidoscopeView, float]:
    """`body` packed for a page, and the seconds that packing took."""
    views: list[KaleidoscopeView] = []
    took = interleave({"pack": lambda: views.append(kaleidoscope_view(body))}, repeats=1, warm=False)
    return views[0], took.median("pack")


def made_up(name: str, frames: int, noise: float) -> Kaleidoscope:
    """A kaleidoscope of 64 samples that move from noise towards blends of real images. At each step, some get a new goal."""
    rng, data = np.random.default_rng(0), load_data(DataSpec(name, count=1000), [0])
    points = data.points[0].double().numpy()
    goal, place = rng.integers(0, len(points), 64), rng.uniform(0, 1, (64, points.shape[1]))
    path, last = [place], np.full(64, -1)
    for step in range(1, frames):
        jumps = rng.random(64) < (0.3 if step <= 10 else 0.03)
        goal, last = np.where(jumps, rng.integers(0, len(points), 64), goal), np.where(jumps, step, last)
        blend = 0.8 * points[goal] + 0.12 * points[(goal + 1) % len(points)] + 0.08 * points.mean(0)
        place = place + 0.35 * (blend - place)
        path.append(np.clip(place + noise * rng.standard_normal(place.shape), 0, 1))
    orbits = np.stack(path)
    distance, nearest = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(orbits.reshape(-1, points.shape[1]))
    used, nearest = np.unique(nearest, return_inverse=True)
    return Kaleidoscope(
        np.round(255 * orbits).astype(np.uint8).reshape(frames, 64, *data.shape),
        range(frames),
        np.round(255 * points[used]).astype(np.uint8).reshape(-1, *data.shape),
        nearest.reshape(frames, 64),
        distance.reshape(frames, 64),
        last,
        "64 samples",
    )


def gif_size(grids: list[np.ndarray]) -> int:
    """The size of the frames in bytes as an animated GIF written by Pillow."""
    first, *rest = [Image.fromarray(grid) for grid in grids]
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest)
    return out.tell()


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
