"""Networks trained to return their input, as maps of input space.

Shapes throughout: E members (networks of an ensemble, one seed each), N training points, P points where we look,
D dimensions, T iterations of x ← f(x).

    import landscape
    result = landscape.load("reports/depth-sweep-1a2b3c4d")      # .table: a row per member, tidy
    ensemble = landscape.load_model(result.path, hidden=6)       # one network, (1, P, D) → (1, P, D)
    samples = landscape.sample(ensemble, 64, noise="normal:0.01")  # .points: 64 samples' iterates, (1, K, 64, D)

The names below are imported when they are first used, so that the command line answers before torch is loaded."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Without it torch's products, by Intel's MKL, depend on where a matrix lies in memory on processors without AVX-512, and so a
# member's numbers on its company. MKL reads this before its first product; on our shapes it costs no time.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")

if TYPE_CHECKING:
    from landscape.auditing import audit as audit
    from landscape.claims import Claim as Claim
    from landscape.claims import Statement as Statement
    from landscape.claims import Threshold as Threshold
    from landscape.claims import judge as judge
    from landscape.cube import corners as corners
    from landscape.cube import grid as grid
    from landscape.cube import line as line
    from landscape.data import Data as Data
    from landscape.data import Dataset as Dataset
    from landscape.data import DataSpec as DataSpec
    from landscape.data import load_data as load_data
    from landscape.ensemble import Ensemble as Ensemble
    from landscape.ensemble import Fitted as Fitted
    from landscape.ensemble import build as build
    from landscape.ensemble import fit as fit
    from landscape.examining import Examination as Examination
    from landscape.examining import examine as examine
    from landscape.figures import Panel as Panel
    from landscape.figures.player_panel import player as player
    from landscape.figures.surface_panel import surface as surface
    from landscape.figures.theme import new_figure as new_figure
    from landscape.findings import Answer as Answer
    from landscape.findings import Finding as Finding
    from landscape.joining import concat as concat
    from landscape.loading import find_model as find_model
    from landscape.loading import load as load
    from landscape.loading import load_model as load_model
    from landscape.measures import Noise as Noise
    from landscape.measures import Samples as Samples
    from landscape.measures import sample as sample
    from landscape.nets import MLP as MLP
    from landscape.nets import Net as Net
    from landscape.nets import make_net as make_net
    from landscape.own_data import register_data as register_data
    from landscape.parameters import option as option
    from landscape.presets import make_study as make_study
    from landscape.presets import study_names as study_names
    from landscape.progress import RunProgress as RunProgress
    from landscape.report.own_page import Page as Page
    from landscape.report.own_page import page as page
    from landscape.reporting import panel as panel
    from landscape.results import Cell as Cell
    from landscape.results import Measured as Measured
    from landscape.results import Result as Result
    from landscape.results import RunError as RunError
    from landscape.results import cell as cell
    from landscape.running import run_study as run_study
    from landscape.study import Study as Study
    from landscape.trackers import log_to as log_to
    from landscape.training import FitSpec as FitSpec
    from landscape.training import Recipe as Recipe
    from landscape.training import Site as Site
    from landscape.training import members_table as members_table
    from landscape.training import trained as trained
    from landscape.wrapping import Wrapped as Wrapped
    from landscape.wrapping import load_module as load_module
    from landscape.wrapping import wrap as wrap

_HOMES = {
    "auditing": ("audit",),
    "claims": ("Claim", "Statement", "Threshold", "judge"),
    "cube": ("corners", "grid", "line"),
    "data": ("Data", "Dataset", "DataSpec", "load_data"),
    "ensemble": ("Ensemble", "Fitted", "build", "fit"),
    "examining": ("Examination", "examine"),
    "figures": ("Panel",),
    "figures.player_panel": ("player",),
    "figures.surface_panel": ("surface",),
    "findings": ("Answer", "Finding"),
    "figures.theme": ("new_figure",),
    "joining": ("concat",),
    "loading": ("find_model", "load", "load_model"),
    "measures": ("Noise", "Samples", "sample"),
    "nets": ("MLP", "Net", "make_net"),
    "own_data": ("register_data",),
    "parameters": ("option",),
    "presets": ("make_study", "study_names"),
    "progress": ("RunProgress",),
    "report.own_page": ("Page", "page"),
    "reporting": ("panel",),
    "results": ("Cell", "Measured", "Result", "RunError", "cell"),
    "running": ("run_study",),
    "study": ("Study",),
    "trackers": ("log_to",),
    "training": ("FitSpec", "Recipe", "Site", "members_table", "trained"),
    "wrapping": ("Wrapped", "load_module", "wrap"),
}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'landscape' has no attribute {name!r}")
    return getattr(import_module(f"landscape.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
