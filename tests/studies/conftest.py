"""The run that most tests of a study read: of the module's fixture `study`, made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from landscape import presets, results
from landscape.results import Result
from landscape.running import run_study
from landscape.study import Study


@pytest.fixture(scope="module")
def result(study: Study, run_of_test_preset: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Result:
    if study == presets.make_study(study.name, "test"):
        return results.load(run_of_test_preset(study.name))
    return results.load(run_study(study, out=tmp_path_factory.mktemp("runs"), debug=True))
