# The whole set-up: `make study` makes a first report, `make test` runs the tests before a commit.
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# If this variable is set, each process compiles the package and all tests again, which takes 17 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: study test lint bench soak clean

study: .venv/installed
	$(BIN)/landscape study depth-sweep --preset quick

test: .venv/installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/installed
	for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

soak: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

clean:
	rm -rf .venv/installed* build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@ .venv/installed

$(BIN)/python:
	$(PYTHON) -m venv .venv
