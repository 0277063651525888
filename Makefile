# The two commands of a newcomer are `make demo` and `make test`; `make help` has all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The parts of the test suite that need more than Python, git and make.
CONTAINER := tests/container
WORKERS ?= 2
# How long each reader is fuzzed.
SECONDS ?= 60

# Branch coverage is complete here: what decides, what tells, and the two edges.
comma := ,
space := $() $()
CORE := $(subst $(space),$(comma),$(strip \
	src/release_guard/judge.py src/release_guard/findings.py \
	src/release_guard/comparison.py src/release_guard/states.py \
	src/release_guard/next_steps.py \
	src/release_guard/policy.py src/release_guard/shapes.py \
	src/release_guard/manifest.py src/release_guard/options.py \
	src/release_guard/run.py src/release_guard/edge.py \
	src/release_guard/cli.py src/release_guard/action.py \
	src/release_guard/rules/* src/release_guard/reports/*))

.PHONY: help demo test lint docs docs-check coverage corpus fuzz bounds bench \
	test-container test-index test-build test-pulp lock update-lists clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## rehearse our own release, then see a .dev1 build refused
	@BIN=$(BIN) sh tools/demo.sh

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --ignore $(CONTAINER)

coverage: $(READY) ## run the tests, and hold the core to complete branch coverage
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --ignore $(CONTAINER) \
		--cov --cov-report=term
	$(BIN)/python -m coverage report --fail-under=100 --include=$(CORE)

lint: $(READY) ## ruff, mypy, and the action's and workflows' schemas
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows \
		.github/workflows/*.yml examples/*.yml
	$(BIN)/zizmor --offline --quiet . examples/*.yml

docs: $(READY) ## write what is generated from the code
	$(BIN)/python tools/generate.py

docs-check: $(READY) ## compare what is generated with the code
	$(BIN)/python tools/generate.py --check

corpus: $(READY) ## check and verify real releases of the public index, by name
	$(BIN)/python -m pytest -q --public tests/test_public.py tests/test_corpus.py \
		tests/test_public_audit.py tests/test_bad_releases.py \
		tests/test_source_backends.py \
		$(SELECT)

fuzz: $(READY) ## fuzz each reader for SECONDS (60) with atheris, on Linux
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--target .fuzz/site --require-hashes -r requirements/fuzz.txt
	$(BIN)/python tools/fuzz.py $(SECONDS) $(TARGETS)

bounds: $(READY) ## judge hostile files and listings: time and peak memory
	$(BIN)/python tools/bounds.py

bench: $(READY) ## compare what verify, audit and the start cost with a baseline
	$(BIN)/python tools/bench.py

test-index: $(READY) ## all of the index tests: behaviours, faults, real servers
	$(BIN)/python -m pytest -q -p no:xdist --slow-index --sequences 1000 \
		tests/test_index_behaviours.py tests/test_fault_sequences.py \
		tests/test_real_indexes.py tests/test_cycles.py $(SELECT)

test-build: $(READY) ## build and install distributions as rehearse does
	$(BIN)/python -m pytest -q -n $(WORKERS) --builds tests/test_rehearse_build.py \
		tests/test_set_incidents.py $(SELECT)

test-pulp: $(READY) ## verify against a Pulp server, where there is PostgreSQL
	$(BIN)/python -m pytest -q -p no:xdist --pulp tests/test_pulp.py

test-container: $(READY) ## build the image, and run the action in it
	$(BIN)/python -m pytest -q -p no:xdist $(CONTAINER)

lock: ## renew the hashed locks (needs uv)
	sh tools/lock.sh

update-lists: $(READY) ## renew the lists that age, and tell the age of the rest
	sh tools/lock.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/dev.txt
	$(BIN)/python tools/update_lists.py

clean: ## remove what these targets made
	rm -rf $(VENV) .corpus .demo .fuzz .pulp .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache build dist
