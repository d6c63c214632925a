# `make test` on a fresh Debian or Ubuntu with Python >= 3.11, make and git sets everything up and runs all checks.
.DEFAULT_GOAL := help
PY := .venv/bin/python
# The checks see the project's own settings, not those of whoever calls them. Their hundreds of processes keep what
# Python has compiled, or each would compile everything anew.
OURS := NETRA_TRACES NETRA_NO_SKIPS NETRA_FOCUS_VALIDATOR
PLAIN := env $(patsubst %,-u %,PYTHONDONTWRITEBYTECODE DJANGO_SETTINGS_MODULE $(filter-out $(OURS),$(filter NETRA_%,$(.VARIABLES))))
# The tests of what isolation, money and the stream rest on: the coverage gate counts what they run, and PostgreSQL and
# Redis are about these packages.
GATED := tests/core tests/tools tests/agents tests/realtime tests/isolation
# What of them is about the database, locks and notifications: `make test` runs it on PostgreSQL and Redis, too.
DIFFERING := $(addprefix tests/,core/concurrency core/jobs core/row_security core/stream core/test_db.py tools/quota/test_slots.py tools/spending/test_holds.py \
	agents/test_concurrent_starts.py agents/test_deletion_races.py agents/test_worker.py isolation/test_storm.py realtime/test_publish.py)
# What hardly differs there: `make soak` runs it on them. The first is about SQLite's files.
ON_SQLITE := tests/realtime/writer/test_checkpoints.py
ALIKE := $(addprefix tests/,agents/answers agents/api agents/framework agents/llm agents/team agents/test_language.py agents/test_threads.py \
	core/i18n $(patsubst %,core/test_%.py,incidents uninstalled_tables username_rules versions) \
	$(patsubst %,isolation/test_%.py,hostile_model rest sessions two_users) realtime/api realtime/machine realtime/rate_limits \
	$(patsubst %,realtime/test_%.py,heartbeats language views) tools/audit/test_admin.py tools/policy tools/spending/test_admin.py \
	tools/test_language.py tools/test_query_disclosure.py)
# Of the other packages, `make soak` runs there what uses the database: row-level security shows where as_user was forgotten.
UNGATED := $(addprefix tests/,accounts legacy matrix netra operators workloads)
# Two more than there are cores, since a test that waits for a lease, a browser or a server needs none.
WORKERS ?= 4
PYTEST = $(PLAIN) $(PY) -m pytest -q
# The plugin and the module that uses it take seconds to load, and only long tests need them.
SHORT := -p no:schemathesis --ignore=tests/netra/test_schema.py
# A file's tests stay together, since they may share a server, and those of some packages (tests/support/distribution.py).
SHARED = $(SHORT) -n $(WORKERS) --dist loadfile --no-loadscope-reorder
ON_PARTS = $(PLAIN) $(PY) -m tests.parts $(PYTEST) $(SHORT) -n 2 --dist loadfile $(addprefix --ignore=,$(ON_SQLITE))
# Each of some targets, also after one that failed.
each = failed=; for part in $(1); do \
	$(MAKE) --no-print-directory -o dev -o parts $$part || failed="$$failed $$part"; \
done; [ -z "$$failed" ] || { echo "Failed, see above:$$failed"; exit 1; }
# Each step needs the one before, whatever -j says. `test` runs two beside each other itself.
ifeq ($(MAKELEVEL),0)
.NOTPARALLEL:
endif
.PHONY: help run run-scaled venv dev parts test lint types unit quick embedded postgresql thorough coverage long other-parts focus soak bench bundle lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

run: venv ## Netra on http://127.0.0.1:8000 (PORT=8010 for another port); Ctrl-C stops it
	@exec env $(if $(PORT),NETRA_PORT='$(PORT)') $(PY) manage.py run

run-scaled: venv ## the same as on several machines: PostgreSQL, Redis, a proxy, two servers and two workers
	@sh .ci/parts postgresql redis-server nginx
	@exec $(PY) manage.py run_scaled $(if $(PORT),--port '$(PORT)')

venv: ## .venv with what Netra needs to run
	@sh .ci/venv requirements.txt

dev: ## .venv with what its tests need too
	@sh .ci/venv requirements-dev.txt

parts: ## what the tests need besides Python, where we may install it
	@sh .ci/parts

test: dev parts lint ## the checks for every change; .ci/run adds `thorough`
	@$(MAKE) --no-print-directory -k -j2 -o dev -o parts types unit

quick: dev ## the tests that need no database, server, browser or built tool; under a minute
	@$(PYTEST) $(SHORT) -n auto --dist loadfile -m 'quick and not soak' $(addprefix --ignore=tests/,browser faults)

lint: dev ## style, formatting, import direction, migrations, the documented mutations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo
	$(PLAIN) NETRA_LEGACY=forbid $(PY) manage.py makemigrations --check --dry-run
	$(PY) -m tests.mutation --check

types: dev ## mypy --strict
	$(PLAIN) .venv/bin/mypy

unit: dev parts ## the tests: embedded and postgresql, one after the other
	@$(call each,embedded postgresql)

embedded: dev parts ## the tests on SQLite, with servers, programs and a browser
	@echo "== the tests"
	@$(PYTEST) $(SHARED) -m 'not long and not soak'

postgresql: dev parts ## those about the database, locks and notifications, on a PostgreSQL and a Redis of their own
	@echo "== on PostgreSQL and Redis"
	@$(ON_PARTS) -m 'database and not long and not soak' $(DIFFERING)

thorough: dev parts ## what .ci/run adds: the coverage gate, long tests, and more on PostgreSQL and Redis
	@$(call each,coverage long other-parts)

coverage: dev parts ## the gated packages' tests again, with the coverage gate
	@echo "== with the coverage gate"
	@$(PYTEST) $(SHARED) $(GATED) -m 'counted and not soak' --cov --cov-report=

long: dev parts ## the tests that take seconds, most of which quicker tests try, too
	@echo "== the long tests"
	@$(PYTEST) $(SHARED) -m 'long and not soak'

other-parts: dev parts ## what else of the gated packages uses the database, on PostgreSQL and Redis
	@echo "== the others on PostgreSQL and Redis"
	@$(ON_PARTS) -m 'database and not soak' $(addprefix --ignore=,$(ALIKE) $(DIFFERING)) $(GATED)

focus: dev ## the FOCUS export against the FinOps Foundation's validator, which needs Python 3.12 or newer
	@$(PY) -c 'import sys; sys.exit("focus-validator needs Python 3.12 or newer." if sys.version_info < (3, 12) else 0)'
	@[ -e .venv/focus/complete ] || { $(PY) -m venv .venv/focus && .venv/focus/bin/pip install -q -r .ci/focus.txt && \
		.venv/focus/bin/pip install -q --no-deps focus-validator==2.2.1 && touch .venv/focus/complete; }
	@NETRA_FOCUS_VALIDATOR=$(CURDIR)/.venv/focus/bin/python $(PYTEST) $(SHORT) -m soak tests/workloads/focus

soak: dev ## the long tests
	$(PYTEST) -m 'soak or hypothesis' --hypothesis-profile long
	$(PLAIN) $(PY) -m tests.parts $(PYTEST) -m 'soak or database' $(SHORT) --ignore=$(ON_SQLITE) $(GATED) tests/mutation
	$(PLAIN) $(PY) -m tests.parts $(PYTEST) -m 'database and not (soak or slow)' $(SHORT) $(UNGATED)

bench: dev ## the benchmarks; a quarter of an hour
	$(PY) -m benchmarks.overhead
	$(PY) -m benchmarks.analysis
	$(PY) -m benchmarks.users
	$(PY) -m benchmarks.stream
	$(PY) -m benchmarks.stream --profile scale-out
	$(PY) -m benchmarks.redaction
	$(PY) -m benchmarks.upload
	$(PY) -m benchmarks.neighbours
	$(PY) -m benchmarks.neighbours --profile scale-out
	$(PY) -m benchmarks.dispatch
	$(PY) -m benchmarks.dispatch --profile scale-out
	$(PY) -m benchmarks.row_security
	$(PY) -m benchmarks.run_cost
	$(PY) -m benchmarks.run_cost --profile scale-out
	$(PY) -m benchmarks.publish
	$(PY) -m benchmarks.publish --profile scale-out
	$(PY) -m benchmarks.analyser
	$(PY) -m benchmarks.scale
	$(PY) -m benchmarks.capacity

bundle: ## build the chat page from frontend/src; needs node, which only its developers need
	cd frontend && npm ci --silent && npm run --silent build

lock: dev ## write the locked requirements anew from pyproject.toml
	.venv/bin/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove what can be made again; keeps var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .import_linter_cache
