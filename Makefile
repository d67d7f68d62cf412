# Everything there is to do here. `make demo` and `make test` need Python 3.11 or newer, make and a package registry.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help demo run test browser lint types check format fuzz prove docs dist api audit sbom lock clean

help:
	@echo "make demo    a week of the story in half a minute, on this machine alone"
	@echo "make test    all tests, on SQLite and on a real PostgreSQL"
	@echo "make browser the tests that drive Chromium, which must be installed"
	@echo "make run     the daemon, on the shipped configuration and its real feeds"
	@echo "make check   format, lint, types and tests: what a change must pass"
	@echo "make prove   every promise put to the proof, in half an hour; fuzz: hostile bytes for SECONDS"
	@echo "make docs    the documentation as a site; dist: a wheel; audit: known holes of what is locked; sbom: what it is"
	@echo "make api     the API against its own description, 300 examples an operation: half an hour"
	@echo "make lock    resolve the dependencies anew and write the lock files"

# --- Use

demo: $(VENV)/.core
	$(BIN)/monitor demo

run: $(VENV)/.core
	$(BIN)/monitor run

# --- Work on it

# A worker for each processor, four at most: each starts a PostgreSQL of its own.
test: $(VENV)/.dev
	$(BIN)/pytest -n logical --maxprocesses 4 --dist worksteal --cov --cov-report=term:skip-covered

browser: $(VENV)/.dev
	$(BIN)/pytest -m browser tests/browser

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

check: format lint types test

format: $(VENV)/.dev
	$(BIN)/ruff format .

# --- Around it

SECONDS ?= 600

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz $(SECONDS)

prove: $(VENV)/.dev
	$(BIN)/python benchmarks/prove.py

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

dist: $(VENV)/.dev
	$(BIN)/python -m build --no-isolation

api: $(VENV)/.dev
	$(BIN)/python -m benchmarks.api

audit: $(VENV)/.dev
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock

sbom: $(VENV)/.dev
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o sbom.json
	@echo "sbom.json"

# --- Set up: what the locks name, checked against their hashes, then the project itself

$(VENV)/.core: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	$(BIN)/python -m compileall -q monitor
	touch $@

$(VENV)/.dev: $(VENV)/.core requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# uv is asked for by name each time: it writes the locks, and nothing else here needs it. Extras stay in the lock: pip takes
# "coverage[toml]" for a thing of its own, and would look for a newer one than the "coverage" that the lock names.
COMPILE = printf 'setuptools>=77\nsetuptools-scm>=8\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-strip-extras --no-emit-index-url --no-header pyproject.toml -

lock:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet uv
	$(COMPILE) --extra meaning --extra web -o requirements.lock
	$(COMPILE) --extra dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) var build dist *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
