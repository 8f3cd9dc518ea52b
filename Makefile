# make demo: set up, train on real data, name what was written.   make test: set up, run the whole suite.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint clean

demo: $(VENV)/demo
	$(BIN)/netwright fit adult --out runs/demo-$$(date +%Y%m%d-%H%M%S) --evaluate

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 -q

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

# The product is installed as a user would install it, from a wheel; a change of any source installs it anew.
SOURCES := pyproject.toml $(shell find src -name '*.py')

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/demo: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps .
	$(BIN)/python -m pip install --quiet .
	touch $@

$(VENV)/dev: $(VENV)/demo
	$(BIN)/python -m pip install --quiet '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist
