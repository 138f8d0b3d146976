# The two commands of the README: `make demo` and `make test`. Each sets up what it needs.

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

.PHONY: demo test setup check lint types imports tests format screenshots vectors benchmark wheel clean

demo: .venv/.ready
	$(BIN)/ringmark demo

test: .venv/.ready-test check tests

setup: .venv/.ready

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Ringmark needs Python 3.11 or newer: install it, or say which one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Ringmark needs Python's venv module: install the package python3-venv."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	@touch $@

.venv/.ready-test: .venv/.ready
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[test]'
	@touch $@

check: lint types imports

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

tests:
	$(BIN)/pytest -q -n $(JOBS)

format:
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

vectors: .venv/.ready-test
	for file in tests/vectors/generate_*.py; do $(BIN)/python $$file; done

screenshots: .venv/.ready-test
	$(BIN)/python tests/browser/screenshots.py docs/screenshots

benchmark: .venv/.ready-test
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[benchmark]'
	$(BIN)/python tests/benchmarks/run.py

# The same bytes wherever it is made: modes and times of the files are not the machine's.
wheel:
	rm -rf build/wheel && mkdir -p build/wheel
	cp -R pyproject.toml README.md ledger web cli build/wheel
	find build/wheel -name __pycache__ -prune -exec rm -rf {} +
	chmod -R u=rwX,go=rX build/wheel
	umask 022 && PIP_CONSTRAINT=$(CURDIR)/requirements.lock PIP_BUILD_CONSTRAINT=$(CURDIR)/requirements.lock \
	  SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} \
	  $(PYTHON) -m pip wheel --quiet --no-deps $(WHEEL_FLAGS) --wheel-dir dist build/wheel

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
