"""Results as one self-contained HTML file."""

from landscape.report.page import write_report as write_report
from landscape.report.run_view import RunView as RunView
