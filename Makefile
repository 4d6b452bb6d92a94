# make audit      audit the example log; nothing else is needed than Python 3.11 or later and a C compiler
# make test       every check of the project
# make test-long  the tests that take minutes
# make bench      what docs/performance.md describes, at a small size
# make clean      remove what the others made
#
# PYTHON names the interpreter: make test PYTHON=python3.12

PYTHON ?= python3
LOG ?= examples/gifts.csv
ROWS ?= 1000000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --root-user-action=ignore
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help audit test check-lint check-types check-rules check-docs test-long bench clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -7

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "$(PYTHON) is not there: install Python 3.11 or later, or name one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is `$(PYTHON) --version 2>&1`: Python 3.11 or later is needed, name one with make PYTHON=..." >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment (on Debian: apt-get install python3-venv)" >&2; exit 1; }

# Installed in place, so that a change of a source file or a rule needs no new installation; a change of pyproject.toml does.
$(INSTALLED): pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "installing finra-rules into $(VENV)" >&2
	@$(PIP) --editable .
	@touch $@

$(INSTALLED_DEV): pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "installing finra-rules and what its tests need into $(VENV)" >&2
	@$(PIP) --editable '.[dev]'
	@touch $@ $(INSTALLED)

# The example holds violations, and the audit says so by its exit code: not here.
audit: $(INSTALLED)
	@$(BIN)/finra-rules audit $(LOG) --fail-on never

# What does not depend on each other runs two at a time.
test: $(INSTALLED_DEV)
	@$(MAKE) --no-print-directory --jobs=2 check-types check-lint check-rules check-docs
	$(BIN)/pytest --numprocesses auto --dist loadfile

check-lint: $(INSTALLED_DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

check-types: $(INSTALLED_DEV)
	$(BIN)/mypy

check-rules: $(INSTALLED_DEV)
	$(BIN)/finra-rules rules lint
	$(BIN)/finra-rules rules test

check-docs: $(INSTALLED_DEV)
	$(BIN)/python docs/generate.py --check

test-long: $(INSTALLED_DEV)
	$(BIN)/pytest -m long

bench: $(INSTALLED)
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/audit_speed.py --rows $(ROWS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache benchmarks/out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
