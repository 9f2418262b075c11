"""The command line: names, options and exit codes. A study's module is imported only when its command runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from landscape import notes, outside, presets
from landscape.commands import carry, completion, faults, networks, paper, streams, watch
from landscape.commands.arguments import (
    REPORTS,
    Code,
    Json,
    Member,
    Out,
    Partial,
    RecipeNumber,
    Run,
    Runs,
    Where,
    trust,
)
from landscape.commands.faults import Fault
from landscape.commands.groups import AT_ROOT, StudyGroup
from landscape.commands.usage import usage_message
from landscape.commands.waiting import LOADING, waiting
from landscape.machine import seldom_collected

# The lists of commands are plain text: loading rich would double the time until they appear.
_PLAIN: dict[str, Any] = {"cls": StudyGroup, "no_args_is_help": True, "rich_markup_mode": None}
app = typer.Typer(**_PLAIN, context_settings={"help_option_names": ["-h", "--help"]})
study = typer.Typer(**_PLAIN, name="study", help="Run a study; `list` names them. Your own: a path, ./mine.py.")
app.add_typer(study)


def _version(asked: bool) -> bool:
    if asked:
        from importlib import metadata

        print(f"landscape {metadata.version('input-landscape')}")
        raise typer.Exit
    return asked


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Networks trained to return their input, as maps of input space: loss surfaces, iteration, honest statistics."""


@study.callback()
def _study() -> None:
    """Run a study: cells are trained and measured, saved as they finish, and shown in one HTML report."""


@study.command("list")
def list_studies() -> int:
    """The studies with their titles."""
    names = [*presets.study_names(), *presets.installed_names()]
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {presets.listed_title(name)}")
    return faults.OK


@app.command()
def report(
    run: Runs = None,
    out: Out = REPORTS,
    page: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The file to write; - for standard output.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The page's heading; by default the answer or the studies' titles.")
    ] = None,
    story: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Markdown that stands below the heading.", show_default=False)
    ] = None,
    partial: Partial = False,
    code: Code = None,
) -> int:
    """Write the report of a run, or one page about several."""
    with waiting(LOADING):
        from landscape.commands import runs

    trust(code)
    return runs.report(run or [], out, page, title, story, partial=partial)


@app.command()
def runs(out: Out = REPORTS, json: Json = False) -> int:
    """List the runs, newest first."""
    with waiting(LOADING):
        from landscape.commands import runs

    return runs.list_runs(out, as_json=json)


@app.command()
def show(
    run: Run = None,
    out: Out = REPORTS,
    json: Json = False,
    partial: Partial = False,
    code: Code = None,
) -> int:
    """Show a run: members per cell, failed cells, verdicts."""
    with waiting(LOADING):
        from landscape.commands import runs

    trust(code)
    return runs.show(run, out, as_json=json, partial=partial)


@app.command()
def sample(
    run: Run = None,
    where: Where = None,
    member: Member = "median",
    recipe: RecipeNumber = 0,
    count: Annotated[int, typer.Option(help="Number of samples.")] = 64,
    iterations: Annotated[int, typer.Option(help="Iterations of x ← f(x), or steps of the descent.")] = 100,
    method: Annotated[
        str, typer.Option(help="iterate x ← f(x), or minimise the loss over x: adam, lbfgs.")
    ] = "iterate",
    start: Annotated[
        str, typer.Option(help="Start points: uniform, normal, normal-clipped, standard or data.")
    ] = "uniform",
    start_noise: Annotated[
        str | None, typer.Option(metavar="KIND:A", help="Noise added to --start data, such as normal:0.1.")
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(
            metavar="KIND:A", help="Noise after each iteration: normal:0.01, uniform:0.1:linear, published:0.01."
        ),
    ] = None,
    images: Annotated[
        str, typer.Option(help="The images for --start data and --known half=…: training or held-out.")
    ] = "training",
    known: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="Coordinates held fixed: half=left, class=NAME, COLUMN=VALUE,… or a .npy file, NaN where free.",
        ),
    ] = None,
    keep: Annotated[str | None, typer.Option(metavar="N,…", help="Iterations to keep; by default all.")] = None,
    burn_in: Annotated[int, typer.Option(help="Number of first iterations to leave out.")] = 0,
    thin: Annotated[int, typer.Option(help="Keep one iteration in this many.")] = 1,
    clip: Annotated[
        bool | None,
        typer.Option("--clip/--no-clip", help="Clamp to the data's range; default: clamp iterates, not descents."),
    ] = None,
    rate: Annotated[float, typer.Option(help="Learning rate of --method adam.")] = 0.01,
    seed: Annotated[int, typer.Option(help="Seed of starts and noise.", min=0)] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:n or mps.")] = "auto",
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Where MNIST and other files are.")] = None,
    out: Out = REPORTS,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files go; by default into the run.")] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Write iterates to samples.npy while sampling, to save memory.")
    ] = False,
    gif: Annotated[bool, typer.Option("--gif", help="An animated GIF too.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="A picture and an animation.")] = True,
    code: Code = None,
) -> int:
    """Sample a run's trained network: samples.npz, a picture, and an animation of images and points in the plane."""
    given = dict(locals())
    trust(given.pop("code"))
    with waiting(LOADING):
        from landscape.commands import sample as command

    given |= {"where": tuple(where or ())}
    return command.sample(given.pop("run"), command.SampleOptions(**given))


@app.command()
def examine(
    model: Annotated[
        list[str],
        typer.Argument(help="FILE.py:NAME, files .pt2, .onnx, TorchScript, or a run's folder.", show_default=False),
    ],
    data: Annotated[
        str,
        typer.Option(metavar="DATA", help="Its training data: a .npy file, folder, table or name; a run has its own."),
    ] = "",
    weights: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Weights; several are checkpoints.")] = None,
    held_out: Annotated[
        str, typer.Option(metavar="DATA", help="Points it was not trained on; 20%: the last fifth.")
    ] = "",
    shape: Annotated[str, typer.Option(metavar="1,28,28", help="Shape of its input; by default as the data fit.")] = "",
    range: Annotated[
        str, typer.Option(metavar="LOW,HIGH", help="Smallest and largest value of a coordinate; by default 0,1.")
    ] = "",
    measure: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE.py:NAME", help="A function of yours that gives the network a number."),
    ] = None,
    where: Where = None,
    member: Member = "median",
    preset: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    set: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="As of `landscape study examine`.")] = None,
    title: Annotated[str, typer.Option(help="The page's heading; by default the networks' names.")] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:n or mps.")] = "auto",
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Where MNIST and other files are.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure finished networks again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
    json: Json = False,
    out: Out = REPORTS,
    code: Code = None,
) -> int:
    """Examine networks of your own: a page that says what kind of map each is, and whether it memorises."""
    given = dict(locals())
    trust(given.pop("code"))
    from landscape.commands.examine import examine as command

    return command(**given)


@app.command()
def doctor(out: Out = REPORTS, json: Json = False) -> int:
    """Check what this machine has for computing and drawing."""
    with waiting(LOADING):
        from landscape.commands.doctor import doctor

    return doctor(out, as_json=json)


for command in (watch.watch, paper.reproduce, paper.explain, networks.diff, networks.export, carry.pack, carry.gather):
    app.command()(command)
app.command(context_settings={"ignore_unknown_options": True})(carry.slurm)
app.add_typer(networks.models)


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point. An error is printed in one line on stderr (with --debug after its traceback) and sets the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in words and words[0] not in ("study", *AT_ROOT):  # an option of the root, accepted in any place
        words = ["--debug", *(word for word in words if word != "--debug")]
    notes.on_one_line()
    streams.prepare()
    try:
        with seldom_collected(), completion.whole_words():
            code = _code_of(words)
        sys.stdout.flush()
    except BrokenPipeError:
        code = faults.UNREAD
        streams.mute()
    except OSError as error:
        streams.mute()
        code = _report_error(words, f"standard output cannot be written ({error.strerror})", faults.USAGE)
    # CPython marks an interrupt as unhandled if it arrives while `exec` runs (dataclasses and namedtuples use `exec`), even if
    # the exception is caught later. `python -m` then ends by SIGINT instead of our exit code. Another `exec` clears the mark.
    exec("")
    sys.exit(code)


def _code_of(words: list[str]) -> int:
    """Run a command line and return its exit code. Errors are printed here; only BrokenPipeError, no reader, is raised."""
    try:
        return int(typer.main.get_command(app)(words, prog_name="landscape", standalone_mode=False) or faults.OK)
    except Fault as fault:
        return _report_error(words, str(fault), fault.code)
    except typer.Abort:
        return _report_error(words, "stopped", faults.INTERRUPTED)
    except typer.TyperException as error:
        return _report_error(words, *usage_message(error, words))
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # typer exits with 1 in this case
            raise stop.__context__ from None
        raise
    except Exception as error:
        if streams.unread():
            raise BrokenPipeError from error
        if message := faults.of_the_machine(error):
            return _report_error(words, message, faults.USAGE)
        added = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        ours = "" if outside.place_of(error) else "unexpected "
        text = f"{ours}{outside.described(error)}{added}"
        return _report_error(words, f"{text}; --debug shows where", faults.UNEXPECTED)


def _report_error(words: list[str], message: str, code: int) -> int:
    """Print an error in one line, after its traceback with --debug, and return the exit code."""
    if "--debug" in words:
        import traceback

        traceback.print_exc()
    if message:
        print(f"landscape: {' '.join(message.split())}", file=sys.stderr)
    return code
