# Two commands: `make run` and `make test`. Each makes .venv from requirements.lock when it is missing.
# Nothing is written outside this folder; nothing is needed but Python 3.11 (or 3.12) and make.

PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.installed
export UV_CACHE_DIR := .venv/.cache
# Tests start hundreds of processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test thorough test-cluster docs lint types suite format bench clean

help: ## what can be done
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 21

install: $(STAMP) ## make .venv from the pins

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements-uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: $(STAMP) ## run the nightly DAG once on the sample landing zone and print the headline figures
	@$(BIN)/python -m dags.run_once

test: $(STAMP) docs lint ## lint, type check, and the suite: every rule, every table, every command
	@$(MAKE) --no-print-directory --jobs 2 types suite

types: $(STAMP)
	$(BIN)/mypy

# A worker more than there are cores, as some tests wait for Airflow or for a browser; a thread each: for few rows more only wait.
suite: $(STAMP)
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -m "not thorough and not cluster" --numprocesses 3 --dist loadscope --no-loadscope-reorder

thorough: $(STAMP) ## the rest: random worlds, every link left out, every place to be killed at, every question on PostgreSQL
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -m "thorough and not cluster" --numprocesses 3 --dist loadscope --no-loadscope-reorder

test-cluster: $(STAMP) ## nights on Airflow's own services and Celery workers, as processes on loopback
	$(BIN)/python -m pytest -m cluster

docs: $(STAMP) ## write what follows from definitions into docs/report-tables.md and the READMEs
	@$(BIN)/python -m pipelines.reports.dictionary

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure a night and its yardsticks: make bench SCALE=10 (1 = a million deliveries)
	@$(BIN)/python -m benchmarks.bench --scale $(or $(SCALE),1)

clean: ## remove what runs have written (not .venv)
	rm -rf var demo .pytest_cache .ruff_cache .mypy_cache
