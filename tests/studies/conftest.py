"""The run that most tests of a study read: of the module's fixture `study`, made once."""

import pytest

from landscape import results
from landscape.results import Result
from landscape.study import Study, run_study


@pytest.fixture(scope="module")
def result(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return results.load(run_study(study, out=tmp_path_factory.mktemp("runs"), debug=True))
