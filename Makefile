# Everything a person or CI does here. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMPS := $(VENV)/.installed
PINS := $(wildcard constraints.txt)
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check $(PINS:%=-c %)

.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint bench bench-smoke pretrain vendor fuzz crash chaos soak audit sbom clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: $(STAMPS)/run  ## start the service on this machine, until Ctrl-C (http://127.0.0.1:8000)
	@exec $(BIN)/glyphserve up

test: lint $(STAMPS)/dev  ## everything: lint, then all tests, real clusters included
	$(BIN)/pytest tests/unit -n 2 --durations 10
	$(BIN)/pytest tests/browser tests/train tests/cluster --durations 40

test-fast: $(STAMPS)/dev  ## the unit tests alone, seconds
	$(BIN)/pytest tests/unit -n 2 -m "not slow"

lint: $(STAMPS)/dev  ## ruff, mypy, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMPS)/bench  ## how fast it is, beside the plain twin and other readers (minutes; writes bench.json)
	$(BIN)/python -m benchmarks.bench

bench-smoke: $(STAMPS)/dev  ## seconds of that, failing only where it is far too slow
	$(BIN)/python -m benchmarks.bench --smoke

pretrain: $(STAMPS)/dev  ## train the shipped model anew (hours; goes on where it stopped)
	$(BIN)/python -m train.pretrain --out runs/base

vendor:  ## fetch the console's and the tests' JavaScript anew (needs npm; versions: deployments/console/vendor/package.json)
	rm -rf build/vendor && mkdir -p build/vendor && cp deployments/console/vendor/package*.json build/vendor
	npm ci --prefix build/vendor --ignore-scripts --no-audit --no-fund
	cp build/vendor/node_modules/uplot/dist/uPlot.esm.js build/vendor/node_modules/uplot/dist/uPlot.min.css \
		build/vendor/node_modules/uplot/LICENSE deployments/console/vendor/uplot/
	cp build/vendor/node_modules/axe-core/axe.min.js build/vendor/node_modules/axe-core/LICENSE \
		build/vendor/node_modules/axe-core/LICENSE-3RD-PARTY.txt tests/support/axe/

fuzz: $(STAMPS)/dev  ## damaged images against the decoder: 20,000 mutated ones, then 10 minutes by coverage
	-$(PIP_INSTALL) -e '.[fuzz]'
	$(BIN)/python -m benchmarks.fuzz $(FUZZ)

crash: $(STAMPS)/dev  ## kill -9 of everything under load, 30 times: nothing that was answered may be lost
	$(BIN)/python -m benchmarks.crash $(CRASH)

chaos: $(STAMPS)/dev  ## a fault every 5 s for 10 minutes under load, and what became of the requests
	$(BIN)/python -m benchmarks.chaos $(CHAOS)

soak: $(STAMPS)/dev  ## an hour under load with a new model every 5 minutes: memory, files, threads, logs
	$(BIN)/python -m benchmarks.soak $(SOAK)

audit: $(STAMPS)/dev  ## known vulnerabilities of the pinned packages (asks pypi.org: needs the network)
	$(PIP_INSTALL) -e '.[audit]'
	$(BIN)/pip-audit --skip-editable --local

sbom: $(STAMPS)/dev  ## sbom.json: a bill of materials of .venv (CycloneDX)
	$(PIP_INSTALL) -e '.[audit]'
	$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible -o sbom.json

clean:  ## remove what the tools left (not .venv, not the data folder)
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed: install it, or name it: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/run: pyproject.toml $(PINS) | $(BIN)/pip
	$(PIP_INSTALL) -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: pyproject.toml $(PINS) | $(BIN)/pip
	$(PIP_INSTALL) -e '.[dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/run

$(STAMPS)/bench: $(STAMPS)/dev
	$(PIP_INSTALL) -e '.[bench]'
	@touch $@
