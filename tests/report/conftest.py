"""A sample report, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from landscape.report import write_report
from tests.report.sample import sample_run


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report([sample_run()], tmp_path_factory.mktemp("report") / "report.html")
