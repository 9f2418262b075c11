"""The user's data in a run: plain names among its parameters, the digests of their content, and where the content is.

A run's name depends on plain names and contents, so that the same file elsewhere is the same run. Runs of earlier versions have
paths as they were given in their names, and are still found by them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landscape import own_data
from landscape.data import DataSpec, find, shape_of
from landscape.data import files as data_files
from landscape.data.in_memory import keep
from landscape.data.load import whole
from landscape.parameters import Parameters, data_texts

KEY = "own_data"  # of a record
PATH, DIGEST, FORM = "path", "sha256", "form"


def own_texts(study: Parameters) -> list[str]:
    """The texts among the parameters that name data of the user's own."""
    return [text for _, text in data_texts(study) if own_data.is_own(text)]


def plainly(study: Parameters, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, JSON-able, with plain names of data in place of paths."""
    texts = [text for _, text in data_texts(study)]
    if not any(map(own_data.is_own, texts)):
        return parameters
    plain = own_data.plain_names(texts)
    fields = {flag.replace("-", "_") for flag, _ in data_texts(study)}
    return parameters | {name: [plain[text] for text in parameters[name]] for name in fields}


def digests(study: Parameters) -> dict[str, str]:
    """The digest of each set of the user's, by its plain name; "" where it is not there."""
    plain = own_data.plain_names([text for _, text in data_texts(study)])
    return {plain[text]: DataSpec(text).digest for text in own_texts(study)}


def recorded(study: Parameters, out: Path) -> dict[str, dict[str, str]]:
    """For a run's record: where each set of the user's is, its digest, and its form in words.

    What came from memory or code is kept in `out`."""
    plain = own_data.plain_names([text for _, text in data_texts(study)])
    found = {}
    for text in own_texts(study):
        path = find(text)
        if path is None:
            continue
        digest = DataSpec(text).digest
        if own_data.is_kept(path):
            path = Path(keep(path.read_bytes(), path.name, out))
            own_data.remember(digest, path.absolute())
        form = own_data.form_words(whole(DataSpec(text)).count, shape_of(DataSpec(text)))
        found[plain[text]] = {PATH: str(path.absolute()), DIGEST: digest, FORM: form}
    return found


def code(study: Parameters) -> dict[str, dict[str, str]]:
    """For a run's record: the code that registered its data, by 'data NAME'."""
    found = {text: own_data.code_of(text) for text in own_texts(study) if own_data.is_registered(text)}
    return {f"data {text}": source.record() for text, source in found.items() if source is not None}


def recalled(record: Mapping[str, Any], kind: type[Parameters], run: Path | None) -> dict[str, Any]:
    """The parameters of a record, in which paths replace the plain names of data.

    The content is looked for at the recorded path, then among the data kept beside the run; a name without content stays. In
    records of earlier versions paths are names themselves."""
    parameters: dict[str, Any] = dict(record["parameters"])
    named = [field.name for field in dataclasses.fields(kind) if field.metadata.get("data")]
    known = record.get(KEY)
    for name in named:
        if not isinstance(texts := parameters.get(name), list):
            continue
        if known is None:
            for text in filter(own_data.is_own, texts):
                own_data.keep_as_given(text)
        else:
            parameters[name] = [_found(text, known.get(text, {}), run) for text in texts]
    return parameters


def _found(name: str, about: Mapping[str, str], run: Path | None) -> str:
    """The path of the content that a record describes; the name itself where it is not found, or has another plain name."""
    digest, path = about.get(DIGEST, ""), Path(about.get(PATH, ""))
    places = [path, *([] if run is None else [own_data.kept_folder(digest, run.parent) / path.name])]
    for place in places:
        if digest and place.exists() and data_files.digest(str(place)) == digest:
            own_data.remember(digest, place.absolute())
            if own_data.plain_names([str(place)])[str(place)] == name:
                return str(place)
    if own_data.is_own(name):
        own_data.keep_as_given(name)
    return name
