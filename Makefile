# make demo: set up, then the whole line on real data. make test: set up, then everything CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-quality bench-identity lint lock clean

help:
	@echo "make demo   set up, then segments of a real retailer's households"
	@echo "make test   set up, then everything CI runs"
	@echo "make bench  speed and memory; make bench-quality  model quality beside the peers"
	@echo "make bench-identity  who is who on simulated shops whose people are known"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or newer is needed'"
	@echo "Setting up $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/segmentry run --source complete_journey --as-of 2017-12-30

test: $(READY) lint
	@$(BIN)/pytest -n logical --dist loadgroup --no-loadscope-reorder

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint -q dbt_project/models
	@$(BIN)/segmentry check

bench: $(READY)
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.scoring
	@$(BIN)/python -m benchmarks.simulate
	@$(BIN)/python -m benchmarks.btyd
	@$(BIN)/python -m benchmarks.segments

bench-quality: $(READY)
	@$(BIN)/python -m benchmarks.quality

bench-identity: $(READY)
	@$(BIN)/python -m benchmarks.identity

# Renew the pinned dependencies.
lock: $(READY)
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --universal --upgrade \
		--generate-hashes --no-strip-extras --no-annotate --no-header --no-emit-index-url \
		--output-file requirements.lock

clean:
	rm -rf $(VENV) .segmentry
