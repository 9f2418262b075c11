"""What a paper takes of a run: its figures by name, and its tables as LaTeX, CSV or Markdown."""

from landscape.publishing.figures import figures_of as figures_of
from landscape.publishing.formats import to_latex as to_latex
from landscape.publishing.tables import table_of as table_of
