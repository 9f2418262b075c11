"""The studies there are, and the one place that finds a study: by its name, by a path, or among installed packages."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape import outside
from landscape.disk import read_regular
from landscape.names import unknown

if TYPE_CHECKING:
    from landscape.parameters import Parameters
    from landscape.study import Study

DEFAULT_PRESET = "quick"
NO_PRESET = "none"  # the fields' own defaults
PRESETS = "presets.toml"  # in a study's folder; beside mine.py it is mine.toml
MAX_BYTES = 1_000_000  # bytes of a TOML file


@dataclass(frozen=True)
class Home:
    """Where a study is: its `word` on the command line, its name, the file of its presets, and its code if it is not ours."""

    word: str
    name: str
    presets: Path
    source: outside.Source | None = None


def study_names() -> list[str]:
    """Our own studies, by their folders, as on the command line."""
    return [file.parent.name.replace("_", "-") for file in sorted(_folder().glob(f"*/{outside.STUDY}"))]


def owners() -> dict[str, list[str]]:
    """The names of our own studies that have a parameter, by the parameter's name on the command line."""
    found: dict[str, list[str]] = {}
    for study in study_names():
        for field in fields(parameters_class(study)):
            found.setdefault(field.name.replace("_", "-"), []).append(study)
    return found


def installed_names() -> list[str]:
    """The studies of installed packages, by their entry points; ours go before them."""
    return sorted(set(outside.entries(outside.STUDIES)) - set(study_names()))


def home(study: str | type[Study]) -> Home:
    """Where a study is, by its name, its path, or its class; its code is not executed.

    Raises ValueError for a name that no study has, and for a path where there is none."""
    if not isinstance(study, str):
        return _home_of_class(study)
    names = study_names()
    if study in names:
        return Home(study, study, _folder() / study.replace("-", "_") / PRESETS)
    if study in outside.entries(outside.STUDIES):
        return _home_of_class(_installed(study))
    if outside.is_path(study):
        return _home_of_source(outside.read(Path(study)))
    raise ValueError(f"{unknown('study', study, [*names, *installed_names()])}; or give the path of a file: ./mine.py")


def _home_of_class(study: type[Study]) -> Home:
    source = outside.source_of(study)
    if source is not None:
        return _home_of_source(source)
    name = study.named()
    return Home(name, name, _folder() / name.replace("-", "_") / PRESETS)


def _home_of_source(source: outside.Source) -> Home:
    folder = source.path.suffix != ".py"
    return Home(source.word, source.name, source.path / PRESETS if folder else source.path.with_suffix(".toml"), source)


def study_class(study: str | type[Study]) -> type[Study]:
    """The study's class, its module imported. Raises ValueError for an unknown name, and for code that holds no study."""
    if not isinstance(study, str):
        return study
    from landscape.study import Study

    where = home(study)
    if where.source is None:
        module = f"{_package(study)}.study"
        ours: type[Study] = _only(Study, _classes_in(module, Study), module)
        return ours
    return class_in(where.source)


def class_in(source: outside.Source) -> type[Study]:
    """The study that code holds. Raises ValueError where it holds none, or cannot be executed."""
    if source.entry:
        return _installed(source.entry)
    return _checked(_study_in(outside.load(source), source.module, source.word), source.word)


def parameters_class(study: str | type[Study]) -> type[Parameters]:
    """The class of the study's parameters: that of its module `parameters`, which loads no torch; else the study's class.

    Of several classes in that module it is the one that extends the others.

    Raises ValueError as `study_class`."""
    where = home(study)
    module = f"{_package(where.name)}.parameters"
    if where.source is not None or where.name not in study_names() or importlib.util.find_spec(module) is None:
        return study_class(study)
    from landscape.parameters import Parameters

    found: type[Parameters] = _only(Parameters, _most_derived(_classes_in(module, Parameters)), module)
    return found


def title(study: str | type[Study]) -> str:
    """The study's title, in a few words: from the file of its presets, or of a study of the user's the first line of its
    module; else its name."""
    where = home(study)
    given = _content(where).get("title")
    if given or where.source is None:
        return str(given or where.name)
    text = inspect.getdoc(inspect.getmodule(study_class(study))) or ""
    return text.partition("\n")[0].rstrip(".") or where.name


def listed_title(name: str) -> str:
    """The title of a study in a list; an installed study would have to be imported, and is named as such."""
    return title(name) if name in study_names() else "of an installed package"


def preset_names(study: str | type[Study]) -> list[str]:
    """The presets of a study, in the order of its TOML; none where it has no such file. Raises ValueError as `home`."""
    return list(_presets(home(study)))


def default_preset(study: str | type[Study]) -> str:
    """The preset of a study that is taken where none is given: 'quick' if it has one, else 'none', its fields' defaults."""
    return DEFAULT_PRESET if DEFAULT_PRESET in preset_names(study) else NO_PRESET


def preset_settings(study: str | type[Study], preset: str) -> dict[str, Any]:
    """A preset's table in the study's TOML; nothing for NO_PRESET. Raises ValueError where there is none of that name."""
    if preset == NO_PRESET:
        return {}
    where = home(study)
    tables = _presets(where)
    if not tables:
        raise ValueError(
            f"{where.word} has no presets (they would be tables in {where.presets.name} beside it); got --preset {preset}: "
            "leave it out, or give parameters as options"
        )
    if preset not in tables:
        raise ValueError(unknown_preset(preset, tables))
    return tables[preset]


def unknown_preset(preset: str, tables: Mapping[str, Any]) -> str:
    """The message for a preset that a study does not have; the names in the order of its TOML."""
    near = unknown("preset", preset, tuple(tables)).rpartition("; got ")[2]
    return f"`preset` must be one of {', '.join(map(repr, tables))}; got {near}"


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file, which is read once for as long as it stays the same.

    Raises ValueError where there is no file, or it cannot be read."""
    try:
        status = file.stat()
        content = _bytes_of(file, status.st_mtime_ns, status.st_size)
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


@lru_cache(maxsize=64)
def _bytes_of(file: Path, changed: int, size: int) -> bytes:
    return read_regular(file, MAX_BYTES)


def _installed(name: str) -> type[Study]:
    """The class that an entry point stands for, or the only study of the module that it stands for."""
    value = outside.entry_value(outside.STUDIES, name)
    if inspect.ismodule(value):
        value = _study_in(value, value.__name__, f"the module of {name!r}")
    return _checked(value, f"the entry point {name!r}")


def _study_in(module: Any, top: str, word: str) -> Any:
    from landscape.study import Study

    found = {
        value: name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Study) and f"{value.__module__}.".startswith(f"{top}.")
    }
    own = _most_derived(list(found))
    if len(own) != 1:
        names = f" ({', '.join(value.__name__ for value in own)})" if own else ""
        raise ValueError(
            f"{word} must hold exactly one study, a class that extends landscape.Study; it has {len(own)}{names}"
        )
    return own[0]


def _checked(study: Any, word: str) -> type[Study]:
    """The class, if a study can be made of it. Raises ValueError in one line where it cannot."""
    from landscape.parameters import element_type, hints
    from landscape.study import Study

    if not (isinstance(study, type) and issubclass(study, Study)):
        raise ValueError(f"{word} must be a class that extends landscape.Study; it is {study!r:.60}")
    missing = sorted(study.__abstractmethods__)
    if missing:
        raise ValueError(
            f"{word}: {study.__name__} lacks {', '.join(missing)}; landscape.Study says what a study brings"
        )
    made = {one.name: one for one in fields(study)}
    for name in inspect.get_annotations(study):
        if name not in made and not str(inspect.get_annotations(study)[name]).startswith(
            ("ClassVar", "typing.ClassVar")
        ):
            raise ValueError(f"{word}: put @dataclass(frozen=True) above {study.__name__}, whose field is {name!r}")
    for name, one in made.items():
        if "help" not in one.metadata:
            raise ValueError(f"{word}: make the field {name!r} by landscape.option(default, help)")
        try:
            kind = element_type(hints(study)[name])[0]
        except (TypeError, NameError) as error:
            raise ValueError(f"{word}: the type of the field {name!r} cannot be used ({error})") from None
        if kind not in (int, float, str, bool):
            raise ValueError(
                f"{word}: the field {name!r} must be int, float, str, bool or a tuple of one; it is {kind}"
            )
    return study


def _only(base: type, classes: Sequence[type], name: str) -> Any:
    """The only class among those of this base in the module `name`. Raises TypeError if there are none or several."""
    if len(classes) != 1:
        raise TypeError(f"{name} must hold exactly one {base.__name__.lower()}; it has {len(classes)}")
    return classes[0]


def _classes_in(name: str, base: type) -> list[type]:
    """The classes that the module `name` defines, and that extend `base`."""
    return [
        value
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == name
    ]


def _most_derived(classes: Sequence[type]) -> list[Any]:
    """The classes that no other of them extends."""
    extended = {base for value in classes for base in value.__mro__[1:]}
    return [value for value in classes if value not in extended]


def _presets(where: Home) -> dict[str, dict[str, Any]]:
    return {key: value for key, value in _content(where).items() if isinstance(value, dict)}


def _content(where: Home) -> dict[str, Any]:
    """The TOML of a study's presets; empty where it has none, or the file beside it asks a question of a study."""
    if not os.path.exists(where.presets):
        return {}
    content = read_toml(where.presets)
    return {} if isinstance(content.get("study"), str) else content


def _folder() -> Path:
    package = importlib.import_module(outside.OURS)
    return Path(package.__path__[0])


def _package(name: str) -> str:
    return f"{outside.OURS}.{name.replace('-', '_')}"
