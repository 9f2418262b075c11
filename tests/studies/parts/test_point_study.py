"""The cells and recipes that studies of points share."""

from landscape import presets
from landscape.results import cell
from landscape.training import FitSpec


def test_a_recipe_is_of_the_cells_sizes_and_the_studys_training() -> None:
    given = {"hidden": (2,), "width": (7,), "budget": (0,), "steps": 11, "lr": 0.03, "early_stop": True, "keep": "last"}
    study = presets.make_study("regions", "none", overrides=given | {"seed": 5, "members": 3})
    (only,) = study.cells()
    (recipe,) = study.recipes(only)
    assert recipe.fit == FitSpec(11, 0.03, stop=True, keep="last")
    assert (recipe.net.hidden, recipe.net.width, recipe.seeds) == (2, 7, (5, 6, 7))  # type: ignore[attr-defined]


def test_a_grid_is_of_sizes_then_of_widths_by_budget_for_each_data_set() -> None:
    given = {"data": ("two-points", "four-points"), "hidden": (1, 3), "width": (5,), "budget": (0, 100)}
    for name in ("depth-sweep", "regions", "step-flatness"):
        found = presets.make_study(name, "none", overrides=given).cells()
        assert [(one["data"], one["hidden"], one["budget"]) for one in found] == [
            (data, hidden, budget) for data in given["data"] for budget in (0, 100) for hidden in (1, 3)
        ]
        assert found[0] == cell(data="two-points", hidden=1, width=5, budget=0)
        assert found[2]["width"] == 33  # 3 × 33 + 1 parameters on the line
        assert found[6]["width"] == 20  # 5 × 20 + 2 in the plane: 102, where 19 have 97


def test_images_have_sizes_of_their_own_in_the_study_of_step_flatness() -> None:
    given = {"data": ("digits", "two-points"), "hidden": (1,), "width": (5,), "budget": (0,)}
    study = presets.make_study("step-flatness", "none", overrides=given | {"image_width": (9,), "image_budget": (0,)})
    assert [one["width"] for one in study.cells()] == [9, 5]
