"""A Study from its name, a preset, TOML files and single settings. No study is imported until one is made."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape import outside, own_data, recorded
from landscape.names import having, listed
from landscape.registry import DEFAULT_PRESET as DEFAULT_PRESET
from landscape.registry import NO_PRESET as NO_PRESET
from landscape.registry import class_in, read_toml
from landscape.registry import default_preset as default_preset
from landscape.registry import home as home
from landscape.registry import installed_names as installed_names
from landscape.registry import listed_title as listed_title
from landscape.registry import owners as owners
from landscape.registry import parameters_class as parameters_class
from landscape.registry import preset_names as preset_names
from landscape.registry import preset_settings as preset_settings
from landscape.registry import study_class as study_class
from landscape.registry import study_names as study_names
from landscape.registry import title as title

if TYPE_CHECKING:
    from landscape.parameters import Parameters
    from landscape.study import Study

NOT_PARAMETERS = ("study", "preset", "title")  # keys of a TOML file that are not parameters
DATA_FIELDS = ("data", "training", "held_out", "samples")  # parameters that may name data
Config = Path | Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A question in a TOML file: the name or path of its study, and the file, which `make_study` takes as `config`."""

    study: str
    file: Path


def question(file: Path) -> Question:
    """The question in a TOML file. Raises ValueError if the file does not name a study."""
    content = read_toml(file)
    word = content.get("study")
    if not isinstance(word, str):
        tables = [key for key, value in content.items() if isinstance(value, dict)]
        presets = f"; it holds presets, of {file.with_suffix('.py').name}?" if tables else ""
        raise ValueError(f'{file} does not say which study it asks: add a line study = "depth-sweep"{presets}')
    return Question(_beside(file, word), file)


def _beside(file: Path, word: str) -> str:
    """The study that a TOML file names by `word`. A path in it is relative to the file's folder."""
    if not outside.is_path(word) or word in study_names() or not (file.parent / word).exists():
        return word
    near = file.parent / word
    return str(near) if outside.is_path(str(near)) else f"./{near}"


def make_study(
    name: str,
    preset: str | None = None,
    config: Config | Sequence[Config] | None = None,
    overrides: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Study:
    """The study with this name or path, such as make_study("regions", data=points, hidden=(2, 4)).

    Each source of values overrides the sources before it:

    1. the defaults of the fields;
    2. the preset: `preset`, else the preset that a file of `config` names;
    3. `config`: a TOML file, a mapping, or a sequence of these, in which later items override earlier ones;
    4. `overrides`, and `parameters` by their names.

    A text for a field that is not a text is parsed as on the command line ("2,6"). Parameters that name data take data in
    memory, too: arrays, tensors, DataFrames, `landscape.Data`, or a list of these. They are kept as files in the folder of the
    runs. Raises ValueError for an unknown name, preset or key, for a value outside its field's type, range or choices, and for
    data that are not there."""
    made = study_class(name)(**settings(name, preset, config, {**(overrides or {}), **parameters}))
    made.check_data()
    return made


def settings(
    name: str | type[Study],
    preset: str | None = None,
    config: Config | Sequence[Config] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values with which `make_study` makes the study, by field; fields that keep their defaults are left out.

    The module of one of our studies is not imported."""
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
    """The study, preset and title that a TOML file names, by key; missing keys are left out."""
    return {} if file is None else {key: str(value) for key, value in read_toml(file).items() if key in NOT_PARAMETERS}


def _read(name: str | type[Study], file: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """The study, preset and title that a TOML file names, and its parameters.

    Raises ValueError if the file names another study than `name`."""
    content = read_toml(file)
    found = {key: content.pop(key) for key in NOT_PARAMETERS if key in content}
    for key, value in found.items():
        if not isinstance(value, str):
            raise ValueError(f"{file}: `{key}` must be a text in quotes; got {value!r}")
    if "study" in found and (asked := home(_beside(file, found["study"])).name) != home(name).name:
        raise ValueError(f"{file} asks the study {asked}, not {home(name).name}: landscape study {file}")
    return found, content


def study_of(record: Mapping[str, Any], run: Path | None = None) -> Study:
    """The study that made a run, from the run's record. `run` is the run's folder.

    Raises ValueError if the study is unknown or has another version now, or if code that the record names must not be executed
    (`landscape.recorded` has the rules)."""
    name = str(record["study"])
    source = recorded.source_in(record, recorded.STUDY, run)
    study = study_class(name) if source is None else class_in(source)
    if study.version != record["version"]:
        raise ValueError(
            f"the run is of version {record['version']} of {name}, and this is version {study.version}: run it again, "
            "or read its tables with landscape.load"
        )
    from landscape import contents

    return study(**_known(study, contents.recalled(record, study, run), "the run's record"))


def check_parameters(record: Mapping[str, Any]) -> None:
    """Raise ValueError for the first parameter of a run's record whose value the study does not allow.

    Nothing is checked for a user's study, an unknown study, or another version: its parameters may have been different."""
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
    """The shortest command line that runs exactly this study: a preset, and the options that differ from it."""
    kind = type(study)
    bases = {preset: kind(**settings(kind, preset)) for preset in [*preset_names(kind), NO_PRESET]}
    usual = default_preset(kind)
    lines = (study.command("" if preset == usual else preset, base) for preset, base in bases.items())
    return min(lines, key=len)


def to_toml(study: Study) -> str:
    """The study's parameters as the text of a TOML file, each with its help. --config reads it, `landscape study` runs it."""
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
    """The value of the field `key`, parsed from text. Raises ValueError for text that is not such a value.

    Commas separate the values of a sweep, except within double quotes. For the field `data`, a text that is the path of a file
    or folder is a single value."""
    from landscape.data_root import find
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
    """A hint that names the nearest of the `known` names; "" if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _known(study: type[Parameters], settings: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings by field name, texts parsed. Raises ValueError for a key that is no field of the study.

    `where` says, for the message, where the settings come from."""
    from landscape.parameters import element_type, hints

    fields = {field.name: field for field in dataclasses.fields(study)}
    names = list(fields)
    found: dict[str, Any] = {}
    for written, value in settings.items():
        key = written.replace("-", "_")
        if key not in names:
            shown = [name.replace("_", "-") for name in names]
            if key == "data" and (reason := study.no_data()):
                raise ValueError(reason)
            if others := owners().get(written.replace("_", "-")):
                raise ValueError(f"{where}: no parameter {written!r}. {having(others)}")
            near = did_you_mean(written.replace("_", "-"), shown) or f"; there are {', '.join(shown)}"
            raise ValueError(f"{where}: no parameter {written!r}{near}")
        element, swept = element_type(hints(study)[key])
        value = _data_texts(value, swept=swept) if key in DATA_FIELDS and element is str else value
        is_text = (element, swept) == (str, False)
        found[key] = parse(study, key, value) if isinstance(value, str) and not is_text else value
        if key in DATA_FIELDS and element is str and not fields[key].metadata.get("data"):
            found[key] = _by_path(found[key])
    return found


def _by_path(value: Any) -> Any:
    """The value, with the file of its content in place of the name of registered data, for studies that read paths alone."""
    if isinstance(value, list | tuple):
        return tuple(map(_by_path, value))
    if not isinstance(value, str) or not own_data.is_registered(value):
        return value
    from landscape.data import find

    return str(find(value))


def _data_texts(value: Any, *, swept: bool) -> Any:
    """The value of a parameter that names data: data in memory become the paths of the files that keep them."""
    items = value if isinstance(value, list | tuple) else (value,)
    if all(item is None or isinstance(item, str | int | float | bool) for item in items):
        return value  # texts are looked up later, without torch; the parameter refuses wrong values
    from landscape.data.own import is_set, text_of

    if not swept or is_set(value) or not any(map(is_set, value)):
        return (text_of(value),) if swept else text_of(value)
    return tuple(text_of(item) for item in value)


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
