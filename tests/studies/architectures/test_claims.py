"""The claims on architectures follow the tables: pooled over settings, by seed, of networks that fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.architectures.claims import WHOLE_BUDGET, claims_of
from landscape.studies.architectures.panels import _best_band, _reached

SEEDS = 37


def nets(**columns: object) -> pd.DataFrame:
    """A row a seed of an MLP that copies and a CNN that ends elsewhere, both of which reached the band."""
    rng = np.random.default_rng(0)

    def rows(net: str, spurious: float, rest: float, loss: float) -> pd.DataFrame:
        spread = rng.normal(0, 0.02, SEEDS)
        common = {
            "data": "digits",
            "count": 20,
            "hidden": 2,
            "init": "torch",
            "width": 9,
            "band": 0.01,
            "attracted": rest,
            "trace": 0.1,
        }
        found = pd.DataFrame(
            {"seed": range(SEEDS), "member": range(SEEDS), "status": "converged", "net": net, **common}
        )
        found = found.assign(attracted_spurious=spurious * rest + spread, loss=loss * (1 + spread), identity_share=rest)
        return found.assign(**columns)

    return pd.concat([rows("mlp", 0.1, 0.9, 9e-3), rows("cnn", 0.9, 0.93, 1e-4)], ignore_index=True)


def judged(table: pd.DataFrame, key: str) -> Claim:
    found = claims_of(Result(Path(), {"parameters": {"band": [0.01]}}, {"members": table}, {}))
    return next(claim for claim in found if claim.key == key)


def test_c15_asks_for_attracting_ends_off_the_images_and_more_than_the_mlp_has() -> None:
    table = nets()
    claim = judged(table, "C15")
    assert claim.verdict == "supported"
    assert [one.setting for one in claim.details] == ["off the images", "less the MLP's"]
    assert [one.details[0].setting for one in claim.details] == ["cnn: digits, n = 20, 2 hidden, loss ≤ 0.01"] * 2
    assert claim.details[1].estimate == pytest.approx(0.9 * 0.93 - 0.1 * 0.9, abs=0.015)
    alike = table.assign(attracted_spurious=table.attracted_spurious.where(table.net == "cnn", 0.8))
    assert [one.verdict for one in judged(alike, "C15").details] == ["supported", "refuted"]
    moving = table.assign(attracted=0.1, attracted_spurious=table.attracted_spurious / 10)
    assert judged(moving, "C15").verdict == "refuted"


def test_c15_is_one_estimand_over_settings() -> None:
    table = nets()
    at = 0.3 + 0.01 * table.seed
    few = table.assign(count=30, attracted_spurious=table.attracted_spurious.where(table.net == "mlp", at))
    claim = judged(pd.concat([table, few], ignore_index=True), "C15")
    level, _ = claim.details
    assert level.estimate == pytest.approx((0.9 * 0.93 + at.mean()) / 2, abs=0.01)
    assert (level.clusters, level.setting) == (SEEDS, "off the images")
    assert "of 2 settings 1 supported, 1 undecided" in level.reason


def test_a_net_that_does_not_reach_the_loss_is_not_fitted_rather_than_refuted() -> None:
    table = nets()
    slow = table.assign(loss=table.loss.where((table.net == "mlp") | (table.seed < 5), 0.011))
    claim = judged(slow, "C15")
    assert claim.verdict == "untestable"
    assert f"5 of {SEEDS} of cnn do" in claim.details[0].reason
    one_sided = judged(table.assign(loss=table.loss.where((table.net == "cnn") | (table.seed < 5), 0.011)), "C15")
    assert [one.verdict for one in one_sided.details] == ["supported", "untestable"]
    assert f"5 of {SEEDS} of mlp do" in one_sided.details[1].reason
    most = judged(table.assign(loss=table.loss.where(table.seed < 30, 0.011)), "C15")
    assert (most.verdict, most.details[0].clusters) == ("supported", 30)
    assert f"30 of {SEEDS} networks are judged" in most.details[0].label


def test_a_loss_that_constants_reach_is_no_fit() -> None:
    claim = judged(nets(band=0.2), "C15")
    assert (claim.verdict, "at which networks fit (≤ .02)" in claim.details[0].reason) == ("untestable", True)


def test_c15_of_other_nets_than_the_papers_stands_beside() -> None:
    table = nets()
    other = table[table.net == "cnn"].assign(net="residual", attracted_spurious=0.0)
    claim = judged(pd.concat([table, other], ignore_index=True), "C15")
    assert claim.verdict == "supported"
    assert [one.verdict for one in claim.details[0].details] == ["supported", "refuted"]
    alone = judged(pd.concat([table[table.net == "mlp"], other], ignore_index=True), "C15")
    assert (alone.verdict, alone.details[0].reason.count("--net mlp and cnn, unet or transformer")) == ("untestable", 1)


def both_nets(**columns: object) -> pd.DataFrame:
    """The rows of `nets` after the whole budget, with those of a Transformer like the CNN."""
    table = nets(**{"band": WHOLE_BUDGET} | columns)
    return pd.concat([table, table[table.net == "cnn"].assign(net="transformer")], ignore_index=True)


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "supported"), (1e4, "refuted")])
def test_c24_asks_how_often_the_mlps_loss_is_larger(factor: float, verdict: str) -> None:
    table = both_nets()
    table["loss"] *= np.where(table.net == "mlp", 1.0, factor)
    claim = judged(table, "C24")
    assert claim.verdict == verdict
    assert [one.setting for one in claim.details] == ["cnn", "transformer"]
    assert judged(nets(), "C24").verdict == "untestable"


def test_a_collapse_or_a_divergence_is_one_seed_of_c24() -> None:
    table = both_nets()
    table.loc[table.seed == 3, "loss"] = np.where(table.net[table.seed == 3] == "mlp", 0.01, np.nan)
    claim = judged(table, "C24")
    assert claim.verdict == "supported"
    assert claim.details[0].estimate == pytest.approx(1 - 1 / SEEDS)
    assert judged(both_nets().assign(loss=1e-3), "C24").details[0].estimate == 0.5  # ties


def test_c24_says_nothing_of_nets_that_do_not_fit_and_names_identities() -> None:
    table = both_nets()
    assert judged(table.assign(loss=1000 * table.loss), "C24").verdict == "untestable"
    identities = judged(table.assign(trace=table.trace.where(table.net != "transformer", 0.8)), "C24")
    assert (identities.label, "by identity" in identities.details[0].label) == ("by identity", False)
    assert "identity" not in judged(table, "C24").details[0].label


def test_c24_stands_beside_itself_after_fewer_steps() -> None:
    table = both_nets()
    parts = [table.assign(step=step, loss=table.loss * np.where(table.net == "mlp", factor, 1))
             for step, factor in ((50, 1e-4), (90, 1e-5), (100, 1.0))]  # fmt: skip
    parameters = {"schedule": "constant", "batch": 1000, "steps": 200}
    result = Result(Path(), {"parameters": parameters}, {"members": table, "curves": pd.concat(parts)}, {})
    claim = next(one for one in claims_of(result) if one.key == "C24")
    assert claim.verdict == "supported"
    beside = {one.setting: one for one in claim.details if not one.primary}
    assert beside["cnn after 50 of 200 steps"].verdict == "refuted"
    assert len(beside) == 4
    cosine = Result(Path(), {"parameters": parameters | {"schedule": "cosine"}}, result.tables, {})
    assert all(one.primary for one in next(one for one in claims_of(cosine) if one.key == "C24").details)


def test_one_example_asks_constants_of_mlps_and_identities_of_cnns() -> None:
    table = nets(band=WHOLE_BUDGET, count=1).assign(loss=1e-6)
    table["identity_share"] = np.where(table.net == "mlp", 0.1, 0.9) + 0.001 * table.seed
    claim = judged(table, "S2")
    assert (claim.verdict, [one.label for one in claim.details]) == ("supported", ["by constant", "by identity"])
    assert judged(table.assign(identity_share=0.9 + 0.001 * table.seed), "S2").verdict == "refuted"
    assert judged(table, "C24").verdict == "untestable"
    dead = table.assign(loss=np.where(table.net == "cnn", 0.2, 1e-6), identity_share=0.1)
    assert judged(dead[dead.net == "cnn"], "S2").verdict == "untestable"  # not fitted is not refuted


def test_words_of_what_was_reached_name_nets_that_were_not_fitted() -> None:
    table = nets()
    table["loss"] = np.where(table.net == "mlp", 0.005, 0.5)
    reached = f"A loss of 0.01 was reached by {SEEDS} of {2 * SEEDS} networks"
    assert _reached(table, [0.01]) == f"{reached} (no CNNs)."
    assert _reached(table.assign(loss=0.01), [0.01]) == f"{reached.replace(f'by {SEEDS}', f'by {2 * SEEDS}')}."
    assert _best_band(pd.DataFrame({"band": [0.1, 0.1, 0.01], "net": ["a", "b", "a"]})) == 0.1
    assert _best_band(pd.DataFrame({"band": [], "net": []})) is None


def test_claims_are_about_the_usual_initialisation_the_others_stand_beside() -> None:
    table = nets()
    claim = judged(pd.concat([table, table.assign(init="he", attracted_spurious=0.0)], ignore_index=True), "C15")
    assert claim.verdict == "supported"
    assert [one.verdict for one in claim.details[0].details] == ["supported", "refuted"]
    assert "cnn, He initialisation: digits" in claim.details[0].details[1].setting
