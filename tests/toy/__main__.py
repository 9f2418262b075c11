"""The command line over the toy registry: `python -m tests.toy study toy-line …`, for tests of whole processes."""

from pathlib import Path

from landscape import cli, presets

if __name__ == "__main__":
    presets.PACKAGE, presets.FOLDERS = "tests.toy", (Path(__file__).parent,)
    cli.main()
