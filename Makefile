# make demo: set up, then the whole line on real data. make test: set up, then everything CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv installs in seconds what takes pip a minute; pip steps in where only pip knows the index.
UV := uv==0.13.9
install = $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) \
	|| $(BIN)/pip install --quiet --disable-pip-version-check $(1)
# What runs needs less than what tests, so that each is set up when it is asked for.
READY := $(VENV)/.ready
TESTABLE := $(VENV)/.testable

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench bench-quality bench-identity lock clean

help:
	@echo "make demo   set up, then segments of a real retailer's households"
	@echo "make test   set up, then everything CI runs"
	@echo "make setup  set up alone: .venv/bin/segmentry is then there"
	@echo "make bench  speed and memory; make bench-quality  model quality beside the peers"
	@echo "make bench-identity  who is who on simulated shops whose people are known"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or newer is needed'"
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check $(UV)
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-build-isolation --no-deps -e .)
	@touch $(READY)

$(TESTABLE): $(READY) requirements-dev.lock
	@echo "Adding what tests need ..."
	@$(call install,--require-hashes -r requirements-dev.lock)
	@touch $(TESTABLE)

setup: $(READY)

demo: $(READY)
	@$(BIN)/segmentry run --source complete_journey --as-of 2017-12-30

test: $(TESTABLE) lint
	@$(BIN)/pytest -n logical --dist loadgroup --no-loadscope-reorder

lint: $(TESTABLE)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint -q dbt_project/models
	@$(BIN)/segmentry check

bench: $(TESTABLE)
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.scoring
	@$(BIN)/python -m benchmarks.simulate
	@$(BIN)/python -m benchmarks.btyd
	@$(BIN)/python -m benchmarks.segments

bench-quality: $(TESTABLE)
	@$(BIN)/python -m benchmarks.quality

bench-identity: $(TESTABLE)
	@$(BIN)/python -m benchmarks.identity

# Renew the pinned dependencies: of a run, and of the tests beside them at the same versions.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--no-strip-extras --no-annotate --no-header --no-emit-index-url
lock: $(READY)
	@$(COMPILE) --upgrade --extra demo --output-file requirements.lock
	@$(COMPILE) --all-extras --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .segmentry
