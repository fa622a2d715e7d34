# Two commands do all the set-up: `make run` and `make test`. `make` alone lists the rest.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run serve demo test lint format types contracts sizes checks check migrations translations messages pictures interop shell bench lock

MANAGE := DEBUG=1 .venv/bin/python manage.py
TEMPLATES = $(shell find templates -name '*.html')

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Install what development, tests and checks need
	@bin/setup dev

run: ## Install what the site needs, make the demo organizations, start the site (PORT, HOST, DATABASE_URL)
	@bin/run

serve: export DEBUG := 0
serve: ## Run the site, send its mails and events as production does; settings come from the environment (docs/operations.md)
	@bin/setup run
	@.venv/bin/python manage.py check --deploy
	@.venv/bin/python manage.py collectstatic --noinput --verbosity 0
	@.venv/bin/python manage.py deliver & mail=$$!; .venv/bin/python manage.py deliver_events & events=$$!; \
	  trap 'kill $$mail $$events 2>/dev/null; wait' EXIT INT TERM; bin/serve

demo: setup ## Bring the database up to date and fill in the demo organizations, without starting anything
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) seed_demo

test: setup ## Run the tests on PostgreSQL, then on SQLite (ARGS="tests/saml -k name")
	@bin/test $(ARGS)

lint: setup ## Check style: Python, templates
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@$(if $(TEMPLATES),.venv/bin/djade --target-version 5.2 --check $(TEMPLATES))

format: setup ## Put style right where a tool can
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format
	@$(if $(TEMPLATES),.venv/bin/djade --target-version 5.2 $(TEMPLATES) || true)

types: setup ## Check types
	@DEBUG=1 .venv/bin/mypy

contracts: setup ## Check that imports run downwards only
	@.venv/bin/lint-imports

migrations: setup ## Check that no migration is missing
	@$(MANAGE) makemigrations --check --dry-run

translations: setup ## Check that every text is translated, and compile the translations
	@bin/messages check

messages: setup ## Collect the texts to translate into locale/, and compile them
	@bin/messages collect

interop: setup ## Sign in with identity providers that are not ours: npm's samlp, Debian's simplesamlphp
	@tests/interop/install
	@.venv/bin/python -m pytest tests/interop/sign_in.py

pictures: setup ## Take the pictures in the READMEs again
	@TAKE_PICTURES=1 .venv/bin/python -m pytest -q tests/documents/test_pictures.py -k as_they_are

sizes: ## Say how long files and functions are
	@python3 bin/sizes

checks: setup ## Style, types, contracts, migrations, translations, sizes: two at a time
	@printf '%s\n' types lint contracts migrations translations sizes | xargs -P 2 -I {} sh -c \
	  'said=$$($(MAKE) --no-print-directory {} 2>&1); failed=$$?; printf "== %s ==\n%s\n" {} "$$said"; exit $$failed'

check: checks test ## What CI runs, before make interop

shell: setup ## Open a Python shell with the models
	@$(MANAGE) shell

bench: setup ## Measure requests, beside Ory Polis and django-scim2, and pages: docs/bench.md (ARGS="--members 1000 100000")
	@.venv/bin/python -m bench.run $(ARGS)

lock: setup ## Pin requirements*.in with exact versions and hashes
	@.venv/bin/python -m uv pip compile --quiet --no-strip-extras --generate-hashes requirements.in -o requirements.txt
	@.venv/bin/python -m uv pip compile --quiet --no-strip-extras --generate-hashes requirements-dev.in -o requirements-dev.txt
