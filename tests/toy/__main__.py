"""The command line over the toy registry: `python -m tests.toy study toy-line …`, for tests of whole processes."""

from landscape import cli, presets

if __name__ == "__main__":
    presets.PACKAGE = "tests.toy"
    cli.main()
