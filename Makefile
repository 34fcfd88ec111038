# Each target works as the first command on a machine with Python 3.11 or later, git and make.
#   make test PYTHON=/path/to/python3.13       chooses the Python that .venv is made with
#   make test ARGS="-n0 -k splice"             hands words on to pytest, demo, bench or fuzz

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/set-up-in

# The scripts in a virtual environment hold its path, so one that was moved, or whose Python is gone, is made anew.
ifneq ($(shell test -f $(STAMP) && test "$$(cat $(STAMP))" = "$$(pwd -P)" && $(BIN)/python -c pass 2>&1 || echo stale),)
.PHONY: $(STAMP)
endif

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS='	' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: setup
setup: $(STAMP) ## make .venv, or bring it up to date, and nothing else

.PHONY: demo
demo: $(STAMP) ## tell a whole incident in a temporary folder
	$(BIN)/incidentctl demo$(if $(ARGS), $(ARGS))

.PHONY: test
test: $(STAMP) ## run the tests, but for the slow ones
	$(BIN)/python -m pytest -m "not slow"$(if $(ARGS), $(ARGS))

.PHONY: test-slow
test-slow: $(STAMP) ## run the slow ones: kills, failing disks, many clones, hostile documents
	$(BIN)/python -m pytest -m slow$(if $(ARGS), $(ARGS))

.PHONY: check
check: check-static test ## all that a contribution has to pass

.PHONY: check-static
check-static: $(STAMP) ## what `check` does besides the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/build_reference.py --check
	$(BIN)/python docs/build_blame_quality.py --check

.PHONY: fmt
fmt: $(STAMP) ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(STAMP) ## write the generated reference anew
	$(BIN)/python docs/build_reference.py
	$(BIN)/python docs/build_blame_quality.py

.PHONY: properties
properties: $(STAMP) ## hold the merge to its properties, a thousand random histories each
	INCIDENTCTL_CASES=1000 $(BIN)/python -m pytest tests/document/test_merge_properties.py$(if $(ARGS), $(ARGS))

.PHONY: bench
bench: $(STAMP) ## measure the budgets; ARGS=--write keeps the result in docs/benchmarks.md
	$(BIN)/python -m tests.bench$(if $(ARGS), $(ARGS))

.PHONY: crash
crash: $(STAMP) ## kill commands at random moments, 500 of them; ARGS="--kills 2000 --seed 7"
	$(BIN)/python -m tests.crash$(if $(ARGS), $(ARGS))

.PHONY: crash-all
crash-all: crash ## the same, then each change on the disk failing in turn, and sixteen people at once
	INCIDENTCTL_FAULTS_STEP=1 INCIDENTCTL_PEOPLE=16 INCIDENTCTL_NOTES=25 $(BIN)/python -m pytest tests/crash

# atheris has wheels for Linux and some Pythons alone, so nothing else needs it.
.PHONY: fuzz
fuzz: $(STAMP) ## search for inputs that break a promise; ARGS="--seconds 60 --target edit"
	@$(BIN)/python -c 'import atheris' 2>/dev/null || { \
	  echo "$(BIN)/python -m pip install -e '.[fuzz]' -c constraints.txt"; \
	  $(BIN)/python -m pip --disable-pip-version-check -qq install -e '.[fuzz]' -c constraints.txt || { \
	    echo 'atheris could not be installed: it has wheels for Linux, for Python 3.11 to 3.13. make test runs the same targets without it.' >&2; exit 1; }; }
	$(BIN)/python -m tests.fuzz$(if $(ARGS), $(ARGS))

.PHONY: clean
clean: ## remove .venv and what tools have left
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PYTHON as given, else the first of these that is new enough and can make virtual environments.
$(STAMP): pyproject.toml constraints.txt
	@set -eu; \
	command -v git >/dev/null || { echo 'git was not found: install it, then run make again.' >&2; exit 1; }; \
	new_enough='import sys; sys.exit(sys.version_info < (3, 11))'; \
	found=; usable=; \
	for python in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do \
	  "$$python" -c "$$new_enough" >/dev/null 2>&1 || continue; \
	  found="$${found:-$$python}"; \
	  "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
	  usable="$$python"; break; \
	done; \
	if [ -z "$$found" ] && [ -n "$${PYTHON:-}" ]; then \
	  echo "PYTHON=$$PYTHON is not a Python 3.11 or later: name one that is." >&2; exit 1; \
	elif [ -z "$$found" ]; then \
	  echo "Python 3.11 or later was not found (python3 is $$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo missing)): install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	elif [ -z "$$usable" ]; then \
	  echo "$$found cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt-get install python3-venv), then run make again." >&2; exit 1; \
	fi; \
	if [ ! -f $(STAMP) ] || [ "$$(cat $(STAMP))" != "$$(pwd -P)" ] || ! $(BIN)/python -c pass 2>/dev/null; then \
	  echo "$$usable -m venv --clear $(VENV)"; \
	  "$$usable" -m venv --clear $(VENV); \
	fi; \
	echo "$(BIN)/python -m pip install -e '.[dev]' -c constraints.txt"; \
	$(BIN)/python -m pip --disable-pip-version-check -qq install -e '.[dev]' -c constraints.txt; \
	pwd -P > $(STAMP)
