"""The command line over the toy registry: `python -m tests.toy study toy-line …`, for tests of whole processes."""

from landscape import cli, outside

if __name__ == "__main__":
    outside.OURS = "tests.toy"
    cli.main()
