from collections.abc import Callable

import numpy as np
import pytest

from landscape import claims
from landscape.claims import Certificate, Claim, Statement, Threshold, Verdict, certify

SAID = Statement("C10", "s", "q", "e")
Rows = np.ndarray


def shares(mean: float) -> Callable[[np.random.Generator], Rows]:
    return lambda generator: generator.random(30) < mean


def certificate(
    judged: Callable[[Rows], Claim | Verdict], **control: Callable[[np.random.Generator], Rows]
) -> Certificate:
    made = {"true": shares(0.9), "false": shares(0.2), "threshold": shares(0.5)}
    return certify(judged, made | {f"control: {name}": rows for name, rows in control.items()}, draws=100)


def more_than_half(rows: Rows) -> Claim:
    return claims.judge(claims.share_interval(rows), SAID, Threshold(above=0.5))


def test_a_sound_claim_has_no_problems_and_a_table_of_its_verdicts():
    found = certificate(more_than_half, untrained=shares(0.4))
    assert found.problems() == []
    table = found.table().set_index("generator")
    assert list(table.index) == ["true", "false", "threshold", "control: untrained"]
    assert table.supported["true"] == 1
    assert table.refuted["false"] > 0.9
    assert (table[["supported", "refuted", "excused", "neither"]].sum(axis=1) == 1).all()


def test_a_claim_that_cannot_be_supported_says_how_rarely_it_is():
    found = certificate(lambda rows: claims.decide(claims.share_interval(rows), above=0.85))
    rarely, refuted = found.problems()
    assert rarely.startswith("a true claim is supported in ")
    assert rarely.endswith(" % of draws; at least 80 % is asked")
    assert refuted.startswith("a claim whose estimand is exactly at the threshold is refuted in ")


def test_a_true_claim_that_is_sometimes_refuted_is_found_out():
    def judged(rows: Rows) -> Verdict:
        return "refuted" if rows.mean() < 0.85 else claims.decide(claims.share_interval(rows), above=0.5)

    (refuted, _) = (one for one in certificate(judged).problems() if "refuted" in one)
    assert refuted.startswith("a true claim is refuted in ")


def test_a_claim_that_is_always_supported_is_found_out():
    found = certificate(lambda rows: "supported", constant=shares(0.0))
    assert found.problems() == [
        "a false claim is supported in 100 % of draws; at most 5 % is allowed",
        "a claim whose estimand is exactly at the threshold is supported in 100 % of draws; at most 5 % is allowed",
        "the control 'constant' is supported in 100 % of draws; at most 5 % is allowed",
    ]


@pytest.mark.parametrize(("label", "problems"), [("by identity", 0), ("of cnn", 1), ("", 1)])
def test_a_control_passes_only_under_its_name(label: str, problems: int):
    def judged(rows: Rows) -> Claim:
        return claims.judge(claims.share_interval(rows), SAID.at(label=label), Threshold(above=0.5))

    found = certificate(judged, identity=shares(1.0))
    assert len(found.problems()) == problems
    assert found.table().set_index("generator").excused["control: identity"] == (1 - problems)


def test_draws_are_set_by_the_seed_and_the_name():
    first, again = certificate(more_than_half), certificate(more_than_half, other=shares(0.5))
    assert first.supported["threshold"] == again.supported["threshold"]
    assert first.refuted["threshold"] == again.refuted["threshold"]


def test_every_needed_generator_must_be_there_and_no_other():
    with pytest.raises(ValueError, match=r"missing \['false', 'threshold'\], unknown \['null'\]"):
        certify(more_than_half, {"true": shares(0.9), "null": shares(0.1)})
