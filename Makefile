# `make help` says what there is. Set-up is done by setup.sh and skipped where nothing changed.
CITY ?= washington-dc
PORT ?=

export PATH := $(CURDIR)/.venv/bin:$(PATH)
ifneq ($(strip $(PORT)),)
export GRIDSVC_PORT := $(PORT)
endif

# One city, one database: every other city gets a data folder of its own
ifneq ($(CITY),washington-dc)
export GRIDSVC_DATA_FOLDER ?= .gridsvc-$(notdir $(CITY:%/=%))
endif

.DEFAULT_GOAL := help
.PHONY: help run setup test soak check bench format lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: setup ## set everything up, load the sample city and serve it (CITY=mianyang for the synthetic one, PORT=8000)
	@.venv/bin/gridsvc demo '$(CITY)'

setup: ## install what `make run` needs and is missing
	@./setup.sh run

test: ## set everything up and run the whole suite
	@./setup.sh test
	@.venv/bin/pytest -m "not soak" -n 2 --dist loadfile --no-loadscope-reorder

soak: ## run the long trials
	@./setup.sh test
	@.venv/bin/pytest -m soak

check: ## lint, formatting, types, layers and known vulnerabilities
	@./setup.sh check
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m tests.dependencies

bench: ## measure against the peers
	@./setup.sh bench
	@.venv/bin/python -m tests.bench

format: ## let ruff format and fix what it can
	@./setup.sh check
	.venv/bin/ruff format
	.venv/bin/ruff check --fix

lock: ## renew requirements.lock and requirements-dev.lock from pyproject.toml
	@./setup.sh lock

clean: ## remove everything that can be made again; databases in .gridsvc* stay
	rm -rf .venv out node_modules gridsvc/web/assets/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache dist
	find . -name __pycache__ -type d -not -path './.gridsvc*' -prune -exec rm -rf {} +
