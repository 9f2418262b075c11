"""Results as one self-contained HTML file."""

from landscape.report.folders import without_folders as without_folders
from landscape.report.page import render as render
from landscape.report.page import write_report as write_report
from landscape.report.poster import painter as painter
from landscape.report.run_view import RunView as RunView
from landscape.report.target import check_target as check_target
