"""Where the published code differs from the paper's text: a switch each, and what each of the two says."""

from __future__ import annotations

from dataclasses import dataclass, fields

CHANGES = "changes the verdict"
COLUMNS = (
    "quirk",
    "the text",
    "the code",
    "claim",
    "threshold",
    "as the text",
    "as the code",
    "code less text",
    CHANGES,
)


@dataclass(frozen=True)
class Quirks:
    """The switches. False is the text of the paper, corrected where it slips; true is what its published code does.

    `WORDS` says for each switch what the text says and what the code does."""

    output_layer_counted: bool = False
    six_hidden_in_figure_6: bool = False
    corners_of_the_plane: bool = False
    count_16_omitted: bool = False
    single_run_redrawn: bool = False
    steps_called_epochs: bool = False
    biased_noise: bool = False
    sample_after_noise: bool = False
    clipped_starts: bool = False
    tanh_starts_from_zero: bool = False
    best_by_batch: bool = False
    minibatches_reseeded: bool = False
    mlp_alone: bool = False
    width_10_called_5: bool = False


TEXT = Quirks()
AS_PUBLISHED = Quirks(**{one.name: True for one in fields(Quirks)})
WORDS = {
    "output_layer_counted": ("L counts hidden layers", "L counts the output layer too: L = 7 has 6 hidden layers"),
    "six_hidden_in_figure_6": ("Figure 6 has 2 hidden layers", "Figure 6 has 6"),
    "corners_of_the_plane": ("2¹¹ = 65,536; the corners of ℝ⁴ are those of ℝ²", "enumerates 2^D corners"),
    "count_16_omitted": ("n = 2⁰ … 2¹¹", "n = 16 is left out"),
    "single_run_redrawn": (
        "several counts compared",
        "points drawn anew for each count, one run without a seed, D = 2 and 4",
    ),
    "steps_called_epochs": ("1,000 epochs and more", "an epoch is a single step of Adam"),
    "biased_noise": ("zero-mean noise ε", "noise of mean 2ε on [−1, 1], as (high − low)·rand + high"),
    "sample_after_noise": ("a sample is f(x)", "the sample returned is f(x) + ε, the one shown f(x)"),
    "clipped_starts": ("starts N(.5, .5 I)", "standard deviation .5, clipped to the box"),
    "tanh_starts_from_zero": ("starts over the whole range", "tanh networks on the line start in [0, 1]"),
    "best_by_batch": ("the best network", "the loss before a step chooses the weights after it, every 100 steps"),
    "minibatches_reseeded": ("random minibatches", "drawing pictures seeds the generator of minibatches again"),
    "mlp_alone": ("CNNs, Transformers and U-Nets too", "MLPs alone"),
    "width_10_called_5": ("H = 5", "the figure of the README labelled H = 5 is a run with H = 10"),
}
NOTHING_TO_RUN = {
    "count_16_omitted": "no: the claim on Figure 6 (C6) compares n = 1 with n = 2048, and both were run",
    "corners_of_the_plane": "nothing to run: a slip of the text, and a point of the plane is no corner of ℝ⁴",
    "steps_called_epochs": "nothing to run on point sets: each batch holds all points, so that a step is an epoch",
    "minibatches_reseeded": "nothing to run on point sets: each batch holds all points",
    "mlp_alone": "nothing to run: the code has no other architecture to compare with",
}
