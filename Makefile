# `make demo` and `make test` need Python 3.11 or later, and nothing else: they make their own .venv.
.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -c
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
SADDLESCAPE := $(BIN)/saddlescape
# Two processes, a file at a time: faster than one on two cores, and half the compiled programs each.
WORKERS := -n 2 --dist loadfile

.PHONY: help demo test lint format bench docs browser clean

help: ## list what make can do
	@grep -hE '^[a-z]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/:.* ## /\t/' | expand -t 10

demo: .venv/product ## survey two landscapes and write a page about each (two minutes the first time)
	$(SADDLESCAPE) survey --problem lecture --hidden 4 --starts 1000 --seed 0 --out demo/lecture
	$(SADDLESCAPE) survey --problem penguins --hidden 3 --activation tanh --weight-decay 1e-4 --starts 300 --seed 0 --out demo/penguins
	@echo
	@$(SADDLESCAPE) report demo/lecture
	@$(SADDLESCAPE) report demo/penguins

test: .venv/test browser lint ## everything CI checks: style, types, layers, tests, doctests
	if command -v chromium >/dev/null; then $(BIN)/python -m pytest $(WORKERS); \
	else $(BIN)/python -m pytest $(WORKERS) -m 'not browser'; fi

lint: .venv/test ## style, types and layers alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

format: .venv/test ## rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/test ## measure against PyTorch and SciPy, into benchmarks/RESULTS.md (about a quarter of an hour)
	$(BIN)/python -m benchmarks

docs: .venv/docs ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean: ## remove everything make made, the demo's atlases included
	rm -rf .venv demo site .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# A stamp per set of packages: pip runs again only when pyproject.toml has changed.
.venv/pip:
	@test -n "$(PYTHON)" || { echo 'No Python found: install Python 3.11 or later, or run make PYTHON=/path/to/python.' >&2; exit 1; }
	@echo 'Making .venv ...'
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade pip
	touch $@

.venv/product: pyproject.toml | .venv/pip
	@echo 'Installing saddlescape into .venv ...'
	$(PIP) install --editable .
	touch $@

.venv/test: pyproject.toml | .venv/pip
	@echo 'Installing saddlescape, its extras and the test tools into .venv ...'
	$(PIP) install --editable '.[data,torch]' --group test
	touch $@ .venv/product

.venv/docs: pyproject.toml | .venv/pip
	@echo 'Installing saddlescape and the documentation tools into .venv ...'
	$(PIP) install --editable . --group docs
	touch $@ .venv/product

# The pages are tested in a real browser, from Debian's packages where we may install it.
browser:
	@command -v chromium >/dev/null && exit 0; \
	as_root=$$(test "$$(id -u)" = 0 || echo 'sudo -n'); \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
		echo 'Installing Chromium for the tests of the pages ...'; \
		{ $$as_root apt-get -qq update && $$as_root apt-get -qq install --yes --no-install-recommends chromium; } \
			>/dev/null 2>&1 || true; \
	fi; \
	command -v chromium >/dev/null || echo 'Chromium is not here and could not be installed: the browser tests are left out.'
