# Two commands do all the set-up: `make demo` and `make test`. They need Python >= 3.11 and make, nothing else.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
PY ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export DJANGO_SETTINGS_MODULE = portal.settings
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}' | sed 's/[$$](PORT)/$(PORT)/'

# uv reads the same hashed files as pip, five times faster; where it cannot run, pip does the work.
define install
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null \
	  || $(BIN)/python -m pip install -qq --require-hashes -r $(1)
endef

$(VENV)/.run: lock/requirements.txt lock/bootstrap.txt
	@test -x $(BIN)/python || $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Relevé needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PY) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes -r lock/bootstrap.txt
	@$(call install,lock/requirements.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.run lock/requirements-dev.txt
	@$(call install,lock/requirements-dev.txt)
	@touch $@

$(VENV)/.bench: $(VENV)/.dev lock/requirements-bench.txt
	@$(call install,lock/requirements-bench.txt)
	@touch $@

$(VENV)/.audit: $(VENV)/.dev lock/requirements-audit.txt
	@$(call install,lock/requirements-audit.txt)
	@touch $@

%.mo: %.po | $(VENV)/.run
	@$(BIN)/python -m testkit.messages compile $<

install: $(VENV)/.run $(CATALOGUES) ## the virtual environment and the languages

demo: install ## the portal with two programmes, a worker and a simulated bus on http://127.0.0.1:$(PORT)
	@RELEVE_MODE=demo $(BIN)/python manage.py demo --port $(PORT)

services: # PostgreSQL, Redis and Chromium for the tests, where they are missing and can be installed
	@sh testkit/services.sh

test: $(VENV)/.dev $(CATALOGUES) services ## the whole suite: SQLite, PostgreSQL + Redis, browser journeys
	@$(BIN)/python -m testkit.lanes

check: $(VENV)/.dev $(CATALOGUES) ## style, types, import line, migrations, languages, deployment settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/lint-imports --no-cache | tail -n 12
	@RELEVE_MODE=test $(BIN)/mypy
	@RELEVE_MODE=test $(BIN)/python manage.py check --fail-level WARNING
	@RELEVE_MODE=test RELEVE_VAR=$(CURDIR)/var/check $(BIN)/python manage.py makemigrations --check --dry-run -v 1
	@RELEVE_MODE=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  ALLOWED_HOSTS=releve.example SITE_URL=https://releve.example $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python -m testkit.messages check
	@$(BIN)/python -m testkit.lint.compose
	@$(BIN)/python -m testkit.lint.image
	@RELEVE_MODE=test $(BIN)/python -m testkit.lint.migrations

audit: $(VENV)/.audit ## weaknesses of the code (bandit) and of what it stands on (pip-audit), the bill of materials
	@$(BIN)/bandit -q -r -ll -s B608,B104,B310,B301 portal accounts servers tariffs readings gateway_sim # ruff judges these four, line by line
	@$(BIN)/python -m testkit.lint.advisories
	@mkdir -p var && RELEVE_MODE=test RELEVE_VAR=$(CURDIR)/var/check $(BIN)/python manage.py sbom > var/sbom.json

upgrade: $(VENV)/.dev $(CATALOGUES) services ## from the release before to this one, on both databases
	@for lane in sqlite postgres; do UPGRADE=1 RELEVE_LANE=$$lane $(BIN)/python -m pytest -q tests/portal/test_upgrade.py || exit 1; done

bench: $(VENV)/.bench ## each ratio beside its target; fails if one is missed
	@RELEVE_MODE=test $(BIN)/python -m benchmarks.run

soak: $(VENV)/.dev ## fault injection against the gateway agent, the long form (about ten minutes)
	@$(BIN)/python -m benchmarks.soak
	@$(BIN)/python -m benchmarks.soak.recovery
	@SCHEMATHESIS_EXAMPLES=100 FUZZ_EXAMPLES=1000 REPEATS=1000 $(BIN)/python -m pytest -q \
	  tests/servers/api/test_schemathesis.py tests/servers/api/test_fuzz.py tests/servers/api/test_foreign_ids.py

var/docs-env/.ready: lock/requirements-docs.txt $(VENV)/.run
	@$(PY) -m venv var/docs-env
	@$(BIN)/uv pip install -q --python var/docs-env/bin/python --require-hashes -r $< 2>/dev/null \
	  || var/docs-env/bin/python -m pip install -qq --require-hashes -r $<
	@touch $@

docs: var/docs-env/.ready ## the guides and the reference as a site, strictly, into var/site
	@NO_MKDOCS_2_WARNING=1 var/docs-env/bin/mkdocs build -q --strict && echo "var/site/index.html"

pictures: $(VENV)/.dev $(CATALOGUES) services ## the pictures of the guides, in each language, from a demo of its own
	@RELEVE_MODE=demo RELEVE_VAR=$(CURDIR)/var/pictures $(BIN)/python manage.py guide_pictures

messages: $(VENV)/.dev ## bring the language files up to date with the texts in the code
	@$(BIN)/python -m testkit.messages update

look: $(VENV)/.dev $(CATALOGUES) services ## every page of every role: axe, two widths, light and dark, pictures in var/screenshots
	@LOOK=1 RELEVE_LANE=postgres $(BIN)/python -m pytest -q tests/e2e/test_every_page.py

lock: $(VENV)/.run ## make the hashed lock files anew
	@for f in requirements requirements-dev requirements-bench requirements-audit requirements-docs; do $(BIN)/uv pip compile -q --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header -o lock/$$f.txt lock/$$f.in; done

clean: ## remove what the commands above made (the demo's data too)
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache $(CATALOGUES)

.PHONY: help install demo services test check audit upgrade bench look soak docs pictures messages lock clean
