# `make test` on a fresh Debian or Ubuntu with Python >= 3.11, make and git sets everything up and runs all checks.
.DEFAULT_GOAL := help
PY := .venv/bin/python
# The checks see the project's own settings, not those of whoever calls them. Their hundreds of processes keep what
# Python has compiled, or each would compile everything anew.
OURS := NETRA_TRACES NETRA_NO_SKIPS
PLAIN := env $(patsubst %,-u %,PYTHONDONTWRITEBYTECODE DJANGO_SETTINGS_MODULE $(filter-out $(OURS),$(filter NETRA_%,$(.VARIABLES))))
# What the stream and its isolation rest on runs on PostgreSQL and Redis too.
STREAM := tests/core tests/agents tests/realtime tests/isolation
# So does what is counted and chained under a lock.
COUNTED := tests/tools/quota tests/tools/spending tests/tools/audit tests/tools/test_admission.py
# What of them knows neither a database nor a bell, or SQLite alone, and need not run twice.
PURE := $(addprefix --ignore=tests/,core/i18n core/test_redaction.py core/test_context.py realtime/writer/test_checkpoints.py)
# The tests of what the coverage gate is about. Counting lines doubles a test's processor time: only theirs are counted.
GATED := $(STREAM) tests/accounts tests/netra/management/test_prune.py tests/tools/spending/test_admin.py tests/tools/test_dispatcher.py \
	tests/tools/test_admission.py tests/netra/test_services.py
# What takes about as long as either of these two.
THIRD := tests/mutation tests/legacy
# All else; the schema's tests are long ones, and take seconds to read.
REST := $(addprefix --ignore=,$(GATED) $(THIRD) tests/netra/test_schema.py)
# How many share out the rest among them (tests/support/distribution.py): one more than there are cores, since whoever waits for a lease,
# a browser or a server needs none.
WORKERS ?= 3
# Its plugin takes seconds to load, and is for the long tests alone.
QUICK := -p no:schemathesis
# Its database is kept until its server is gone.
SECOND := --reuse-db -p no:cacheprovider $(STREAM) $(COUNTED) $(PURE)
FIRST_PART := What isolation rests on
SECOND_PART := The same on PostgreSQL and Redis
THIRD_PART = Bugs put in, and legacy agents$(if $(filter true,$(BESIDE)),,; types)
LAST_PART := All else
# Tests keep time: nothing runs beside them but what stands here, whatever -j says.
.NOTPARALLEL:
# What else runs beside the first tests.
BESIDE := true
MYPY = $(PLAIN) .venv/bin/mypy
.PHONY: help run venv dev parts test lint types unit soak bench bundle lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

run: venv ## Netra on http://127.0.0.1:8000 (PORT=8010 for another port); Ctrl-C stops it
	@exec env $(if $(PORT),NETRA_PORT='$(PORT)') $(PY) manage.py run

venv: ## .venv with what Netra needs to run
	@sh .ci/venv requirements.txt

dev: ## .venv with what its tests need too
	@sh .ci/venv requirements-dev.txt

parts: ## what the tests need besides Python, where we may install it
	@sh .ci/parts

test: BESIDE = $(MYPY)
test: dev parts lint unit ## everything that must hold before a change lands

lint: dev ## style, formatting, import direction, migrations, the documented mutations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo
	$(PLAIN) NETRA_LEGACY=forbid $(PY) manage.py makemigrations --check --dry-run
	$(PY) -m tests.mutation --check

types: dev ## mypy --strict
	$(MYPY)

unit: dev parts ## the tests, with the coverage gate; what the stream rests on also on PostgreSQL and Redis
	@$(PLAIN) $(PY) -m tests.parts $(PY) -m pytest $(QUICK) $(SECOND) > .second.log 2>&1 & second=$$!; \
	{ third=0; $(BESIDE) || third=$$?; \
	$(PLAIN) $(PY) -m pytest $(QUICK) -p no:cacheprovider $(THIRD) || third=$$?; exit $$third; } > .third.log 2>&1 & third=$$!; \
	printf '\n== $(FIRST_PART)\n'; gated=0; $(PLAIN) $(PY) -m pytest $(QUICK) $(GATED) --cov --cov-report= || gated=$$?; \
	on_both=0; wait $$second || on_both=$$?; sh .ci/shown '$(SECOND_PART)' $$on_both .second.log; \
	beside=0; wait $$third || beside=$$?; sh .ci/shown '$(THIRD_PART)' $$beside .third.log; \
	printf '\n== $(LAST_PART)\n'; rest=0; $(PLAIN) $(PY) -m pytest $(QUICK) $(REST) -n $(WORKERS) --no-loadscope-reorder || rest=$$?; \
	printf '\n== Coverage\n'; covered=0; $(PY) -m coverage report --fail-under=95 --skip-covered || covered=$$?; \
	sh .ci/summary '$(FIRST_PART)' $$gated '$(SECOND_PART)' $$on_both '$(THIRD_PART)' $$beside '$(LAST_PART)' $$rest Coverage $$covered

soak: dev ## the long tests
	$(PLAIN) $(PY) -m pytest -m soak
	$(PLAIN) $(PY) -m tests.parts $(PY) -m pytest -m soak $(SECOND) tests/mutation

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
	$(PY) -m benchmarks.publish
	$(PY) -m benchmarks.publish --profile scale-out
	$(PY) -m benchmarks.analyser

bundle: ## build the chat page anew from frontend/src; needs node, and only its developers need that
	cd frontend && npm ci --silent && npm run --silent build

lock: dev ## write the locked requirements anew from pyproject.toml
	.venv/bin/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove what can be made again; keeps var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .import_linter_cache .second.log .third.log
