# make demo: set up, train on real data, name what was written.   make test: set up, run the whole suite.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint browser native clean

demo: $(VENV)/demo
	@set -e; run=runs/demo-$$(date +%Y%m%d-%H%M%S); \
	$(BIN)/netwright fit adult --out $$run; \
	echo; \
	$(BIN)/netwright diagnose $$run; \
	echo; \
	$(BIN)/netwright report $$run

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

# The product is installed as a user would install it, from a wheel; a change of any source installs it anew.
SOURCES := pyproject.toml $(shell find src -type f -not -name '*.pyc')

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "netwright needs Python 3.11 or newer; $(PYTHON) is older or missing. Try: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/demo: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps .
	$(BIN)/python -m pip install --quiet .
	touch $@

$(VENV)/dev: $(VENV)/demo
	$(BIN)/python -m pip install --quiet '.[dev]'
	touch $@

# The report is tested in Chromium: the machine's own, else Debian's, else the one that Playwright brings.
browser: $(VENV)/dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else $(BIN)/playwright install chromium; fi

# The optional oneDNN kernels, built as a user builds them, then tested from their wheel: in an environment of its own
# that finds everything else in the one above.
native: $(VENV)/native/built
	NETWRIGHT_NATIVE=1 $(VENV)/native/bin/python -m pytest -n 2 -q tests/native tests/nn/kernels

$(VENV)/native/built: $(VENV)/dev $(shell find native -type f -not -name '*.so')
	@command -v g++ || \
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends g++ >/dev/null; }
	$(PYTHON) -m venv $(VENV)/native
	rm -rf $(VENV)/native/wheels
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(VENV)/native/wheels ./native
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
	"$$($(VENV)/native/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/below.pth"
	$(VENV)/native/bin/python -m pip install --quiet --force-reinstall --no-deps $(VENV)/native/wheels/*.whl
	$(VENV)/native/bin/python -m pip install --quiet $(VENV)/native/wheels/*.whl
	touch $@

clean:
	rm -rf $(VENV) build dist
