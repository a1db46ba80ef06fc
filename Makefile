# `make demo` and `make test` need Python 3.11 or newer and make; all else is set up here.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
UV_VERSION := 0.13.9
SYNC := UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --locked --inexact --compile-bytecode --all-extras --python $(BIN)/python
PYTEST_ARGS ?=
# Where it is set, each of the thousands of commands of the tests would be compiled again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test spark lint types layers check bench picture schema snapshots clean

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ddbtui needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@echo 'installing what ddbtui and its tests need into $(VENV), once'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(SYNC) --group dev
	@touch $(STAMP)

spark: $(STAMP)  ## Spark and Java for tests of the Glue jobs that are skipped without: 340 MB, half a minute
	$(SYNC) --group dev --group spark

demo: $(STAMP)  ## the main job on two simulated accounts
	$(BIN)/ddbtui demo

test: $(STAMP)  ## all tests
	$(BIN)/python -m pytest -n 4 --dist loadgroup $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

check: lint types layers test  ## what CI runs; on real Spark, too, after `make spark`

bench: $(STAMP)  ## the figures of docs/performance.md
	$(BIN)/python -m benchmarks.run

picture: $(STAMP)  ## the README's pictures, from the running app
	$(BIN)/python docs/make_pictures.py

schema: $(STAMP)  ## sample-configs/ddbtui.schema.json, from the models
	$(BIN)/ddbtui schema > sample-configs/ddbtui.schema.json

snapshots: $(STAMP)  ## accept the present looks; then look at what changed
	$(BIN)/python -m pytest -q tests/screens --snapshot-update

clean:
	rm -rf $(VENV) build dist *.egg-info
