"""From names, presets, a TOML file and single settings to a Study; the names alone need no study imported."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape import outside, recorded
from landscape.names import listed
from landscape.registry import DEFAULT_PRESET as DEFAULT_PRESET
from landscape.registry import NO_PRESET as NO_PRESET
from landscape.registry import class_in, read_toml
from landscape.registry import default_preset as default_preset
from landscape.registry import home as home
from landscape.registry import installed_names as installed_names
from landscape.registry import listed_title as listed_title
from landscape.registry import parameters_class as parameters_class
from landscape.registry import preset_names as preset_names
from landscape.registry import preset_settings as preset_settings
from landscape.registry import study_class as study_class
from landscape.registry import study_names as study_names
from landscape.registry import title as title

if TYPE_CHECKING:
    from landscape.parameters import Parameters
    from landscape.study import Study

ABOUT = ("study", "preset", "title")  # keys of a question's file that are no parameters
Config = Path | Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A question in a TOML file: the word of its study, and the file, which `make_study` reads as its config."""

    study: str
    file: Path


def question(file: Path) -> Question:
    """The question in a TOML file, which names its study. Raises ValueError where it names none."""
    content = read_toml(file)
    word = content.get("study")
    if not isinstance(word, str):
        tables = [key for key, value in content.items() if isinstance(value, dict)]
        presets = f"; it holds presets, of {file.with_suffix('.py').name}?" if tables else ""
        raise ValueError(f'{file} does not say which study it asks: add a line study = "depth-sweep"{presets}')
    return Question(_beside(file, word), file)


def _beside(file: Path, word: str) -> str:
    """A study's word in a file: a path is relative to the file's folder."""
    if not outside.is_path(word) or word in study_names() or not (file.parent / word).exists():
        return word
    near = file.parent / word
    return str(near) if outside.is_path(str(near)) else f"./{near}"


def make_study(
    name: str,
    preset: str | None = None,
    config: Config | Sequence[Config] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Study:
    """The study `name`, a name or a path, with its fields' defaults < the preset < `config` < `overrides`.

    `config` is a TOML file or a mapping, or several of these, of which the later ones go before the earlier; a text value where
    a field is no text is read as on the command line ("2,6"). A file may name its preset, which counts if `preset` is None.
    Raises ValueError for an unknown name, preset or key, and for a value outside its field's type, range or choices."""
    return study_class(name)(**settings(name, preset, config, overrides))


def settings(
    name: str | type[Study],
    preset: str | None = None,
    config: Config | Sequence[Config] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of `make_study` by their fields, as far as they are given; a study of ours is not imported."""
    kind = parameters_class(name)
    given: dict[str, Any] = {}
    files: Sequence[Config | None] = config if isinstance(config, list | tuple) else [config]  # type: ignore[list-item]
    for one in files:
        if isinstance(one, Path):
            about, rest = _read(name, one)
            preset = preset or about.get("preset")
            given |= _known(kind, rest, str(one))
        elif one:
            given |= _known(kind, one, "`config`")
    found = _known(kind, preset_settings(name, preset), f"preset {preset!r} of {name}") if preset else {}
    return found | given | _known(kind, overrides or {}, "settings")


def about(file: Path | None) -> dict[str, str]:
    """What a file says beside parameters: its study, preset and title, as far as it does."""
    return {} if file is None else {key: str(value) for key, value in read_toml(file).items() if key in ABOUT}


def _read(name: str | type[Study], file: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """What a file says beside parameters, and the parameters. Raises ValueError where it asks another study."""
    content = read_toml(file)
    found = {key: content.pop(key) for key in ABOUT if key in content}
    for key, value in found.items():
        if not isinstance(value, str):
            raise ValueError(f"{file}: `{key}` must be a text in quotes; got {value!r}")
    if "study" in found and (asked := home(_beside(file, found["study"])).name) != home(name).name:
        raise ValueError(f"{file} asks the study {asked}, not {home(name).name}: landscape study {file}")
    return found, content


def study_of(record: Mapping[str, Any], run: Path | None = None) -> Study:
    """The study of the record of a run in the folder `run`.

    Raises ValueError where the code's version of it is another, where it is unknown, or where code that the record names must
    not be executed (`landscape.recorded` says when)."""
    name = str(record["study"])
    source = recorded.source_in(record, recorded.STUDY, run)
    study = study_class(name) if source is None else class_in(source)
    if study.version != record["version"]:
        raise ValueError(
            f"the run is of version {record['version']} of {name}, and this is version {study.version}: run it again, "
            "or read its tables with landscape.load"
        )
    return study(**_known(study, record["parameters"], "the run's record"))


def check_parameters(record: Mapping[str, Any]) -> None:
    """Raise ValueError naming the first parameter of a run's record that is not of the study's type, range or choices.

    A study that is not ours, unknown, or of another version, may have had other ones and is not asked."""
    from landscape.parameters import checked, hints

    if recorded.STUDY in record.get("code", {}) or record["study"] not in study_names():
        return
    if (study := study_class(record["study"])).version != record["version"]:
        return
    types = hints(study)
    for field in dataclasses.fields(study):
        if field.name in record["parameters"]:
            checked(field, record["parameters"][field.name], types[field.name])


def command(study: Study) -> str:
    """The shortest command line that runs exactly this study: the nearest preset, and the options that differ from it."""
    kind = type(study)
    bases = {preset: kind(**settings(kind, preset)) for preset in [*preset_names(kind), NO_PRESET]}
    usual = default_preset(kind)
    lines = (study.command("" if preset == usual else preset, base) for preset, base in bases.items())
    return min(lines, key=len)


def to_toml(study: Study) -> str:
    """The study's parameters as a TOML file, each with its help: what --config reads, and a question
    that `landscape study` runs."""
    lines = (
        f"{field.name} = {toml_value(getattr(study, field.name))}  # {field.metadata['help']}\n"
        for field in dataclasses.fields(study)
    )
    return f"# landscape study THIS-FILE\nstudy = {toml_value(study.word)}\n{''.join(lines)}"


def toml_value(value: Any) -> str:
    """A parameter as TOML writes it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def parse(study: type[Parameters], key: str, text: str) -> Any:
    """A field's value from text. Raises ValueError for text that is no such value.

    Commas separate the values of a sweep, except in double quotes, and in `data` where the whole text is the path of a file
    or folder."""
    from landscape.data import find
    from landscape.parameters import element_type, hints

    kind, swept = element_type(hints(study)[key])
    flag = f"`{key.replace('_', '-')}`"
    if not swept:
        return _scalar(flag, kind, text.strip())
    items = [text] if key == "data" and "," in text and find(text) else listed(text)
    if not all(items):
        raise ValueError(f"{flag} must list values separated by commas, none of them empty; got {text!r}")
    return tuple(_scalar(flag, kind, item) for item in items)


def did_you_mean(name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    """A hint at the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _known(study: type[Parameters], settings: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings with field names for keys, text parsed; ValueError for a key that is no field."""
    from landscape.parameters import element_type, hints

    names = [field.name for field in dataclasses.fields(study)]
    found: dict[str, Any] = {}
    for written, value in settings.items():
        key = written.replace("-", "_")
        if key not in names:
            shown = [name.replace("_", "-") for name in names]
            near = did_you_mean(written.replace("_", "-"), shown) or f"; there are {', '.join(shown)}"
            raise ValueError(f"{where}: no parameter {written!r}{near}")
        is_text = element_type(hints(study)[key]) == (str, False)
        found[key] = parse(study, key, value) if isinstance(value, str) and not is_text else value
    return found


def _scalar(flag: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{flag} must be true or false; got {text!r}")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        words = {int: "a whole number", float: "a number"}
        raise ValueError(f"{flag} must be {words[kind]}; got {text!r}") from None
