# Shebao 社保. `make help` lists the targets; every one of them sets up what it needs.
# Needed on the machine: GNU make, Python 3.11 or newer, and a package index for the first run.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

VENV       := .venv
BIN        := $(VENV)/bin
BENCH_VENV := .venv-bench
BENCH_BIN  := $(BENCH_VENV)/bin
# -I keeps the caller's PYTHONPATH out of the house.
PIP        := -I -m pip --disable-pip-version-check --no-input install -qq

# The shell stops at the first failure of a recipe line.
SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test chaos lint format bench docs lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
		printf '%-14s %s\n' "$$name" "$$what"; done

demo: $(VENV)/ready  ## a province of 200,000 people, its books for three months, a bank, a page
	@$(BIN)/shebao demo

test: $(VENV)/ready  ## all tests
	@$(BIN)/python -m pytest -n auto --dist loadfile

chaos: $(VENV)/ready  ## a month killed at a hundred instants: the books must not differ
	@$(BIN)/python -m tests.chaos

# All four speak before the target fails.
lint: $(VENV)/ready  ## style, types and the direction of imports
	@failed=; for check in "ruff check" "ruff format --check" mypy "lint-imports --no-logo"; do \
		echo "== $$check"; $(BIN)/$$check || failed="$$failed $${check%% *}"; done; \
	test -z "$$failed" || { echo "lint failed:$$failed" >&2; exit 1; }

format: $(VENV)/ready  ## put the code into the house's form
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(BENCH_VENV)/ready  ## speed beside C, NumPy and other engines; writes bench/results/
	@$(BENCH_BIN)/python -m bench

docs: $(VENV)/ready  ## write the pages that are made from the rulebook
	@$(BIN)/shebao law params --assumed --markdown > docs/ASSUMED.md.part
	@mv docs/ASSUMED.md.part docs/ASSUMED.md
	@$(BIN)/shebao law list --markdown > docs/RULES.md.part
	@mv docs/RULES.md.part docs/RULES.md
	@$(BIN)/shebao law cliffs --markdown > docs/CLIFFS.md.part
	@mv docs/CLIFFS.md.part docs/CLIFFS.md
	@$(BIN)/python -m shebao.cli.picture docs/img/demo.svg
	@echo "docs/ASSUMED.md, docs/RULES.md, docs/CLIFFS.md and docs/img/demo.svg written"

# ---- environments -----------------------------------------------------------------------------

define check_python
	@test -n "$(PYTHON)" || { echo "Shebao needs Python 3.11 or newer with its venv module. Found: \
	$$(python3 --version 2>&1 || true). Install one, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Shebao needs Python 3.11 or newer; \
	$(PYTHON) is $$("$(PYTHON)" --version 2>&1)." >&2; exit 1; }
endef

# The stamp is the last thing written, so an interrupted set-up starts again.
$(VENV)/ready: requirements.lock pyproject.toml
	$(check_python)
	@echo "Setting up $(VENV) ($$("$(PYTHON)" --version)): about 60 packages, a minute or two"
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python $(PIP) --require-hashes --only-binary :all: --requirement requirements.lock
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Rivals live apart: what they need must never bend what Shebao runs on.
$(BENCH_VENV)/ready: requirements.lock pyproject.toml bench/requirements.txt
	$(check_python)
	@echo "Setting up $(BENCH_VENV) with the engines to compare with: a few minutes"
	@"$(PYTHON)" -m venv $(BENCH_VENV)
	@$(BENCH_BIN)/python $(PIP) --require-hashes --only-binary :all: --requirement requirements.lock
	@sed -n 's/^\([a-z0-9.-]*==[^ ]*\).*/\1/p' requirements.lock > $(BENCH_VENV)/locked.txt
	@$(BENCH_BIN)/python $(PIP) --constraint $(BENCH_VENV)/locked.txt --requirement bench/requirements.txt
	@$(BENCH_BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Only the public index's own files may enter the lock: a machine's extra indexes and wheel folders are put aside.
lock:  ## renew requirements.lock from pyproject.toml (oldest supported Python)
	$(check_python)
	@"$(PYTHON)" -m venv build/lock
	@build/lock/bin/python $(PIP) pip-tools==7.6.2
	@env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_CONSTRAINT PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
		build/lock/bin/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
		--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements.lock pyproject.toml
	@echo "requirements.lock renewed; run make test"

clean:  ## remove everything that make built
	rm -rf $(VENV) $(BENCH_VENV) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
