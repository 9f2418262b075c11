"""From names, presets, a TOML file and single settings to a Study; the names alone need no study imported."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.disk import read_regular
from landscape.names import listed

if TYPE_CHECKING:
    from landscape.parameters import Parameters
    from landscape.study import Study

DEFAULT_PRESET = "quick"
NO_PRESET = "none"  # the fields' own defaults
PACKAGE = "landscape.studies"
LIMIT = 1_000_000  # bytes of a TOML file
PRESETS = "presets.toml"  # in each study's folder


def study_names() -> list[str]:
    """The studies there are, by their folders, as on the command line."""
    return [file.parent.name.replace("_", "-") for file in sorted(_folder().glob(f"*/{PRESETS}"))]


def title(name: str) -> str:
    """The study's title, in a few words."""
    return str(_study_file(name).get("title", name))


def study_class(name: str) -> type[Study]:
    """The study's class, its module imported. Raises ValueError for an unknown name."""
    _file(name)
    from landscape.study import Study

    found: type[Study] = _only(Study, f"{_package(name)}.study")
    return found


def parameters_class(name: str) -> type[Parameters]:
    """The class of the study's parameters: that of its module `parameters`, which loads no torch; else the study's class.

    Raises ValueError for an unknown name."""
    _file(name)
    module = f"{_package(name)}.parameters"
    if importlib.util.find_spec(module) is None:
        return study_class(name)
    from landscape.parameters import Parameters

    found: type[Parameters] = _only(Parameters, module)
    return found


def _only(base: type, name: str) -> Any:
    """The one class of the module `name` that extends `base`."""
    module = importlib.import_module(name)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == name
    ]
    if len(found) != 1:
        raise TypeError(f"{name} must hold exactly one {base.__name__.lower()}; it has {len(found)}")
    return found[0]


def make_study(
    name: str,
    preset: str | None = None,
    config: Path | Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Study:
    """The study `name` with its fields' defaults < the preset < `config` < `overrides`.

    `config` is a TOML file or a mapping; a text value where a field is no text is read as on the command line ("2,6").
    Raises ValueError for an unknown name, preset or key, and for a value outside its field's type, range or choices."""
    return study_class(name)(**settings(name, preset, config, overrides))


def settings(
    name: str,
    preset: str | None = None,
    config: Path | Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of `make_study` by their fields, as far as they are given; the study itself is not imported."""
    kind = parameters_class(name)
    found = _known(kind, preset_settings(name, preset), f"preset {preset!r} of {name}") if preset else {}
    if isinstance(config, Path):
        found |= _known(kind, _read(config), str(config))
    elif config:
        found |= _known(kind, config, "`config`")
    return found | _known(kind, overrides or {}, "settings")


def preset_names(name: str) -> list[str]:
    """The presets of the study `name`, in the order of its TOML. Raises ValueError for an unknown study."""
    return list(_presets(name))


def preset_settings(name: str, preset: str) -> dict[str, Any]:
    """A preset's table in the study's TOML; nothing for NO_PRESET. Raises ValueError where there is none of that name."""
    if preset == NO_PRESET:
        return {}
    tables = _presets(name)
    if preset not in tables:
        raise ValueError(f"`preset` {_one_of(list(tables))}; got {preset!r}{did_you_mean(preset, tables)}")
    return tables[preset]


def study_of(record: Mapping[str, Any]) -> Study:
    """The study of a run's record. Raises ValueError where the code's version of it is another, or it is unknown."""
    name = str(record["study"])
    study = study_class(name)
    if study.version != record["version"]:
        raise ValueError(
            f"the run is of version {record['version']} of {name}, and this is version {study.version}: run it again, "
            "or read its tables with landscape.load"
        )
    return study(**_known(study, record["parameters"], "the run's record"))


def check_parameters(record: Mapping[str, Any]) -> None:
    """Raise ValueError naming the first parameter of a run's record that is not of the study's type, range or choices.

    A study that is unknown, or of another version, may have had other ones and is not asked."""
    from landscape.parameters import checked, hints

    if record["study"] not in study_names() or (study := study_class(record["study"])).version != record["version"]:
        return
    types = hints(study)
    for field in dataclasses.fields(study):
        if field.name in record["parameters"]:
            checked(field, record["parameters"][field.name], types[field.name])


def command(study: Study) -> str:
    """The shortest command line that runs exactly this study: the nearest preset, and the options that differ from it."""
    bases = {preset: make_study(study.name, preset) for preset in [*preset_names(study.name), NO_PRESET]}
    lines = (study.command("" if preset == DEFAULT_PRESET else preset, base) for preset, base in bases.items())
    return min(lines, key=len)


def to_toml(study: Study) -> str:
    """The study's parameters as a TOML file, each with its help: what --config reads."""
    lines = (
        f"{field.name} = {toml_value(getattr(study, field.name))}  # {field.metadata['help']}\n"
        for field in dataclasses.fields(study)
    )
    return f"# landscape study {study.name} --config THIS-FILE\n{''.join(lines)}"


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


def _presets(name: str) -> dict[str, dict[str, Any]]:
    return {key: dict(value) for key, value in _study_file(name).items() if isinstance(value, dict)}


def _folder() -> Path:
    package = importlib.import_module(PACKAGE)
    return Path(package.__path__[0])


def _package(name: str) -> str:
    return f"{PACKAGE}.{name.replace('-', '_')}"


def _file(name: str) -> Path:
    names = study_names()
    if name not in names:
        raise ValueError(f"`study` {_one_of(names)}; got {name!r}{did_you_mean(name, names)}")
    return _folder() / name.replace("-", "_") / PRESETS


def _one_of(names: Sequence[str]) -> str:
    return f"must be one of {', '.join(map(repr, names))}"


def _study_file(name: str) -> dict[str, Any]:
    """What the study's TOML says, read once for as long as the file stays the same; not to be changed."""
    file = _file(name)
    status = file.stat()
    return _read_once(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _read_once(file: Path, changed: int, size: int) -> dict[str, Any]:
    return _read(file)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = read_regular(file, LIMIT)
    except FileNotFoundError:
        raise ValueError(f"there is no file {file}; --print-config writes one to begin with") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror})") from None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError(f"{file} is not the TOML of a study (its values are nested too deeply)") from None
    except ValueError as error:  # of its syntax, of bytes that are not UTF-8, of numbers too long for Python
        raise ValueError(f"{file} is not valid TOML ({error})") from None
