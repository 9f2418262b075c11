"""The runs that reproduce the paper: a study, a preset and settings each, for the runner that every study has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from landscape.presets import did_you_mean

PRESETS = ("quick", "paper", "full")
TEST_PRESET = "test"  # of seconds, for our tests
CLAIMS, ALL, INJECTIVE = "claims", "all", "injective"
INJECTIVE_STUDIES = (
    "injectivity",
    "injective-kaleidoscope",
    "injective-gan",
)  # they re-run another paper, or ask beside it
Asked = tuple[str, Mapping[str, Any]]  # a preset of the study, and settings over it


@dataclass(frozen=True)
class PaperRun:
    """One run: its word on the command line and its title, its study, and what it asks the study at each preset.

    - `claims`: the keys of the ledger's rows that this run decides.
    - `pictures`: the titles, up to a colon, of the study's panels that the page shows. A figure of the paper has its own layout
      before them; without either the page shows the picture that stands beside the study's answer.
    - `asked`: by our preset, the study's preset and settings. A preset that is missing does not make the run.
    - `lacks`: why, in words for the ledger. `note`: by our preset, what the page says of the run beforehand."""

    name: str
    title: str
    study: str
    claims: tuple[str, ...]
    asked: Mapping[str, Asked]
    pictures: tuple[str, ...] = ()
    lacks: str = ""
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_figure(self) -> bool:
        """Whether the run is a figure of the paper."""
        return self.name.startswith("fig")

    @property
    def is_injective(self) -> bool:
        """Whether the run belongs to Globally Injective ReLU Networks, which has a word and a page of its own."""
        return self.study in INJECTIVE_STUDIES


def _points(**settings: Any) -> dict[str, Asked]:
    """What a figure of the depth sweep asks: the same data and sizes at every preset, and few seeds for our tests."""
    fixed = {"budget": 0, **settings}
    return {
        "test": ("test", fixed),
        "quick": ("quick", fixed),
        "paper": ("paper", fixed),
        "full": ("full", fixed | {"members": 100}),
    }


def _as_they_are(**presets: str) -> dict[str, Asked]:
    """What a run asks that takes the study's presets unchanged."""
    return {"test": ("test", {}), **{name: (preset, {}) for name, preset in presets.items()}}


FEW_COUNTS = (1, 4, 16, 128, 2048)  # training points of Figure 6 in the quick preset
PAPERS_NETS = ("mlp", "cnn", "unet", "transformer")  # the architectures that the paper names
DIGITS = "The paper shows MNIST. This preset trains on scikit-learn's 8 × 8 digits, which come with the package."
FEW_SEEDS = (
    "With the 20 seeds of this preset, shares of networks can hardly be decided; the preset paper has 100 seeds."
)
# Small networks and few dimensions, because the networks of uniform points would take longer than all others together.
SAMPLES_QUICK: Asked = ("quick", {"dim": (2, 4, 8), "dim_hidden": 2, "dim_width": 50})
ONE_EXAMPLE = {
    "net": ("mlp", "cnn"), "hidden": (1, 3), "init": "torch", "width": 16, "rate": (1e-3, 3e-3), "tuned": 1, "steps": 400,
}  # fmt: skip
RUNS = (
    PaperRun(
        "fig2", "Figure 2: one training point on the line", "depth-sweep", ("C1b",),
        _points(data="one-point", hidden=(1, 2, 6), width=(5,)),
    ),
    PaperRun(
        "fig3", "Figure 3: two training points, shallow against deep", "depth-sweep", ("C3",),
        _points(data="two-points", hidden=(1, 2, 6, 7), width=(5, 10)),
    ),
    PaperRun(
        "fig4", "Figure 4: four training points and a tanh output", "depth-sweep", ("C4",),
        _points(data="tanh-four", hidden=(9, 10), width=(10,)),
    ),
    PaperRun(
        "fig5", "Figure 5: one and four training points in the plane", "depth-sweep", (),
        _points(data=("centre", "four-points"), hidden=(2, 6, 7), width=(50,)),
    ),
    PaperRun(
        "fig6", "Figure 6: the largest loss over the corners of the cube", "corners", ("C2", "C2b", "C6", "C8", "C8b"),
        {
            "test": ("test", {"spread": (1.0,)}),
            "quick": ("quick", {"hidden": (2, 6), "dim": (1, 2, 4, 8, 16), "count": FEW_COUNTS, "spread": (1.0,)}),
            "paper": ("paper", {}),
            "full": ("full", {"spread": (1.0,)}),
        },
        ("The largest loss over the corners", "Flat by identity or many-to-one", "The highest loss"),
    ),
    PaperRun(
        "fig7", "Figure 7: samples of a network trained on images", "kaleidoscope", (),
        {"test": ("test", {}), "quick": SAMPLES_QUICK, "paper": ("paper", {}), "full": ("paper", {})},
        ("Training beside the published run",),
        note={"test": DIGITS, "quick": DIGITS},
    ),
    PaperRun(
        "depth", "Depth against width, at equal numbers of parameters", "depth-sweep", ("C5", "C10"),
        {
            "test": ("test", {"data": "four-points"}),
            "quick": ("quick", {"data": "four-points"}),
            "paper": ("paper", {"data": "four-points"}),
            "full": ("full", {"data": ("four-points", "tanh-square", "digits")}),
        },
        ("Depth or capacity", "Burn-in against complexity"),
    ),
    PaperRun(
        "spread", "Flatness and the spread of the data", "corners", ("C7b",),
        {
            "test": ("test", {"count": (16,)}),
            "quick": ("quick", {"hidden": (2, 6), "dim": (1, 2, 4, 8, 16), "count": (16,)}),
            "paper": ("spread", {}),
            "full": ("spread", {"members": 60}),
        },
        ("Flatness and the spread of the data",),
    ),
    PaperRun(
        "samples", "Samples of networks trained on digits", "kaleidoscope", ("C11", "C12", "C13", "C20", "C23"),
        {
            "test": ("test", {}),
            "quick": SAMPLES_QUICK,
            "paper": ("quick", {"count": (100,), "members": 100, "dim": (2, 4, 8, 16, 32, 64)}),
            "full": ("full", {}),
        },
        ("How samples settle", "How noise makes samples jump", "Burn-in against dimension"),
        note={"quick": FEW_SEEDS},
    ),
    PaperRun(
        "jumpy", "Jumps on CIFAR-10 beside MNIST", "kaleidoscope", ("C21",),
        {name: ("paper", {"data": ("cifar10", "mnist"), "count": (1000,), "members": 30}) for name in ("paper", "full")},
        ("How samples settle",),
        lacks="CIFAR-10 and MNIST: landscape reproduce claims --preset paper",
    ),
    PaperRun(
        "memorisation", "Are samples copies of the training images?", "memorisation", ("C14",),
        _as_they_are(paper="digits", full="full")
        | {"quick": ("quick", {"count": (50,), "hidden": (3,), "compared": 1})},
        ("Verdicts",),
    ),
    PaperRun(
        "states", "Memorised, spurious and new samples", "memorisation", ("P1",),
        {"test": ("test", {"count": (10, 20, 40), "hidden": (1,)}), "paper": ("states", {}), "full": ("states", {})},
        ("Memorised, spurious and new samples",),
        lacks="networks at five numbers of digits: landscape reproduce claims --preset paper",
    ),
    PaperRun(
        "architectures", "Architectures at like training losses", "architectures", ("C15", "C24"),
        _as_they_are(paper="full", full="full") | {"quick": ("quick", {"net": PAPERS_NETS, "line_width": (0,)})},
        ("What each net reached", "Where orbits end"),
    ),
    PaperRun(
        "fixed-points", "Fixed points, and which of them samplers find", "fixed-points", ("C16", "C19b", "C19c", "C22"),
        _as_they_are(paper="paper", full="full") | {"quick": ("quick", {"periods": 1})},  # the page shows no cycles
        ("Spurious fixed points by the number of training points", "Where the two samplers end"),
    ),
    PaperRun(
        "steps", "Do networks become step functions?", "step-flatness", ("S1a", "S1b"),
        _as_they_are(quick="quick", paper="paper", full="full"),
    ),
    PaperRun(
        "one-example", "Trained on a single digit: a constant or the identity?", "architectures", ("S2",),
        {
            "test": ("test", {"count": (1,), "net": ("mlp", "cnn")}),
            "quick": ("one-example", ONE_EXAMPLE),
            "paper": ("one-example", {}),
            "full": ("one-example", {}),
        }, ("One example",),
    ),
    PaperRun(
        "regions", "Affine regions of ReLU networks", "regions", ("S3", "S3b"),
        _as_they_are(quick="quick", paper="paper", full="full"),
    ),
    PaperRun(
        "basins", "Borders of basins of attraction", "basins", ("S4",),
        _as_they_are(paper="paper", full="full") | {"quick": ("quick", {"data": "four-points"})},
        ("How ragged borders are",),
    ),
    PaperRun(
        "initialisation", "Fixed points before training", "initialisation", ("B1",),
        _as_they_are(quick="quick", paper="paper", full="full"),
    ),
    PaperRun(
        "injectivity", "When layers are one-to-one, and where networks merge points", "injectivity", ("I1", "I2", "I3"),
        _as_they_are(quick="quick", paper="paper", full="full"), ("Two images, one code", "Merged points by depth"),
    ),
    PaperRun(
        "injective-kaleidoscope", "Networks whose layers cannot merge points", "injective-kaleidoscope", ("I4",),
        _as_they_are(quick="quick", paper="paper", full="full"),
    ),
    PaperRun(
        "injective-gan", "Injective generators: codes and images", "injective-gan", ("I5", "I6"),
        _as_they_are(quick="quick", paper="digits", full="full"), ("The table of Puthawala et al., in small",),
    ),
    PaperRun(
        "film", "Training as a film", "training-film", ("F1",),
        _as_they_are(quick="quick", paper="paper", full="full"),
    ),
)  # fmt: skip
WORDS = (*(run.name for run in RUNS if run.is_figure), CLAIMS, ALL, INJECTIVE)


def chosen(words: Sequence[str], preset: str) -> list[PaperRun]:
    """The runs that the words ask for at a preset: figures by their names, those that decide claims, all, or those of the
    paper on injective networks, which only their own word asks for.

    Raises ValueError for an unknown word or preset."""
    for given, known, name in [*((word, WORDS, "what") for word in words), (preset, (*PRESETS, TEST_PRESET), "preset")]:
        if given not in known:
            offered = [one for one in known if one != TEST_PRESET]
            near = did_you_mean(given, offered)
            raise ValueError(f"`{name}` must be one of {', '.join(map(repr, offered))}; got {given!r}{near}")
    wanted = set(words) or {ALL}
    return [run for run in RUNS if preset in run.asked and _wanted(run, wanted)]


def _wanted(run: PaperRun, words: set[str]) -> bool:
    if run.is_injective:
        return INJECTIVE in words
    return ALL in words or run.name in words or (CLAIMS in words and bool(run.claims))


def deciding(key: str) -> PaperRun | None:
    """The run that decides the row `key` of the ledger; None for a row that no study tests yet."""
    return next((run for run in RUNS if key in run.claims), None)
