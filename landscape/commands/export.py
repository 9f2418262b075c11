"""`landscape export`: a trained network of a run as a file for other programs."""

from __future__ import annotations

from pathlib import Path

from landscape.commands import faults
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.plan import pairs
from landscape.commands.runs import chosen_model
from landscape.commands.sample import whole_numbers
from landscape.data import shape_of
from landscape.ensemble import Ensemble
from landscape.ensemble.module_files import check_format, save_module


def export(
    run: str | None,
    to: Path,
    *,
    where: tuple[str, ...] = (),
    member: str = "median",
    recipe: int = 0,
    shape: str | None = None,
    out: Path | None = None,
) -> int:
    """Write the network of a member of a run, by default the newest, to the file `to`, and say what it is."""
    with bad_input():
        check_format(to)
        model = chosen_model(run, pairs(where), member, recipe=recipe, out=out)
        if model.recipe is None or not isinstance(model.ensemble, Ensemble):
            raise ValueError(
                f"the network of {model.run.name} came from outside; only networks trained here are exported"
            )
        form = tuple(whole_numbers("shape", shape)) if shape else shape_of(model.recipe.data)
        module = model.ensemble.module(shape=form)
        notes = {
            "run": model.run.name,
            "cell": dict(model.cell.values),
            "member": model.member,
            "training loss": model.loss,
            "status": model.status,
            "recipe": model.recipe.spec(),
            "shape": list(form),
        }
        kept = f"{to} is not written"
        with stoppable(kept), writing_to(to.parent, option="--to", kept=kept):
            save_module(module, to, form, notes)
    size = to.stat().st_size
    print(
        f"network {to} ({size:,} bytes): points (any number, {', '.join(map(str, form))}) → their images; {model.cell.name}, "
        f"{model.choice} (loss {model.loss:.2g}, {model.status})"
    )
    return faults.OK
