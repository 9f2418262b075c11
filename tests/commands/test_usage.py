"""A wrong word or option is told from where it would be right."""

from __future__ import annotations

import pytest

from landscape import presets
from landscape.names import having, in_words
from tests.conftest import Command

SAMPLE = "`landscape sample`, `landscape examine` and `landscape export` have it"
WITH_AMPLITUDE = "The studies kaleidoscope and memorisation have it"
WRONG = {
    "list": "No such command 'list'; it is `landscape study list` (see landscape --help)",
    "prune --unused": "No such command 'prune'; it is `landscape models prune --unused` (see landscape --help)",
    "study show": "No such command 'show'; it is `landscape show` (see landscape study --help)",
    "runs --where hidden=2": f"No such option: --where. {SAMPLE} (see landscape runs --help)",
    "runs --wher hidden=2": f"No such option: --wher. Did you mean --where? {SAMPLE} (see landscape runs --help)",
    "study --dry-run": "No such option: --dry-run. `landscape study NAME`, `landscape reproduce` and ",
    "study depth-sweep --amplitude 5": (
        f"No such option: --amplitude. {WITH_AMPLITUDE} (see landscape study depth-sweep --help)"
    ),
    "study depth-sweep --amplitud 5": f"No such option: --amplitud. Did you mean --amplitude? {WITH_AMPLITUDE} (see",
    "study depth-sweep --hiden 5": "No such option: --hiden. Did you mean --hidden? (see landscape study depth-sweep --help)",
    "study depth-sweep --set amplitude=5": f"settings: no parameter 'amplitude'. {WITH_AMPLITUDE}",
    "study basins --frobnicate": "No such option: --frobnicate (see landscape study basins --help)",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_word_is_one_line_that_says_where_it_is_right(command: Command, words: str) -> None:
    answer = command(*words.split())
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"landscape: {WRONG[words]}"), answer.err
    assert len(answer.err.splitlines()) == 1


def test_every_parameter_has_an_owner() -> None:
    owners = presets.owners()
    assert owners["seed"] == owners["members"] == presets.study_names()
    assert owners["dim-ratio"] == ["kaleidoscope"]


def test_names_in_words_end_in_their_number() -> None:
    assert in_words(["a"], 3) == "a"
    assert in_words(["a", "b", "c"], 3) == "a, b and c"
    assert in_words(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"
    assert having(["a"]) == "The study a has it"
    assert having([], ["`x`"]) == "`x` has it"
    assert having(["a", "b"], ["`x`"]) == "The studies a and b and `x` have it"
