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
	src/release_guard/run.py src/release_guard/edge.py src/release_guard/live.py \
	src/release_guard/cli.py src/release_guard/action.py \
	src/release_guard/rules/* src/release_guard/reports/*))

.PHONY: help demo test lint docs docs-check transcript site site-links coverage corpus fuzz bounds bench bench-image \
	test-container test-index test-build test-workflows test-hostile test-pulp test-browser screenshots advisories defects lock update-lists clean

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

lint: $(READY) ## ruff, mypy, and what reads actions, workflows and scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows \
		.github/workflows/*.y*ml examples/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet --persona auditor . examples/*.yml
	$(BIN)/shellcheck .ci/run tools/*.sh
	$(BIN)/python tools/lint_runs.py .github/workflows/*.y*ml examples/*.yml

docs: $(READY) ## write what is generated from the code
	$(BIN)/python tools/generate.py
	$(BIN)/python tools/samples.py
	PYTHONPATH=benchmarks $(BIN)/python -m defects page
	PYTHONPATH=tests:tools $(BIN)/python -m container.page

docs-check: $(READY) ## compare what is generated with the code
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/samples.py --check
	PYTHONPATH=benchmarks $(BIN)/python -m defects page --check
	PYTHONPATH=tests:tools $(BIN)/python -m container.page --check

DOCS := .docs/venv/bin/python
DOCS_READY := .docs/venv/.ready
SPHINX = $(DOCS) -m sphinx -q -W -n --keep-going -d .docs/doctrees

$(DOCS_READY): requirements/docs.txt
	$(PYTHON) -m venv .docs/venv
	$(DOCS) -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/docs.txt
	@touch $@

site: $(READY) $(DOCS_READY) ## build the documentation's site, and check every link
	rm -rf .docs/site .docs/doctrees
	$(SPHINX) -j 2 -b html docs .docs/site
	$(BIN)/python tools/links.py .docs/site

site-links: $(DOCS_READY) ## ask for every external link of the documentation
	$(SPHINX) -b linkcheck docs .docs/links

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

bench-image: $(READY) ## the image's size and start, beside a naive one's
	$(BIN)/python tools/bench_image.py $(ARGS)

test-index: $(READY) ## all of the index tests: behaviours, faults, real servers
	$(BIN)/python -m pytest -q -p no:xdist --slow-index --sequences 1000 \
		tests/test_index_behaviours.py tests/test_fault_sequences.py \
		tests/test_real_indexes.py tests/test_cycles.py $(SELECT)

test-build: $(READY) ## build and install distributions as rehearse does
	$(BIN)/python -m pytest -q -n $(WORKERS) --builds tests/test_rehearse_build.py \
		tests/test_set_incidents.py tests/test_newcomer.py $(SELECT)

transcript: $(READY) ## play a newcomer's first release, and write docs/getting-started.md
	$(BIN)/python tools/transcript.py

test-pulp: $(READY) ## verify against a Pulp server, where there is PostgreSQL
	$(BIN)/python -m pytest -q -p no:xdist --pulp tests/test_pulp.py

# The browser is the machine's own (CHROMIUM names another one); npm brings what drives it.
DRIVER := tests/browser/node_modules/.package-lock.json

$(DRIVER): tests/browser/package-lock.json
	npm ci --silent --no-audit --no-fund --prefix tests/browser
	@touch $@

test-workflows: $(READY) ## play the examples' and the release's own workflows, whole
	$(BIN)/python -m pytest -q -n $(WORKERS) --workflows tests/test_examples.py \
		tests/test_gitlab_pipeline.py tests/test_recipes.py tests/test_walk.py \
		tests/test_release_workflows.py $(SELECT)

# Ten thousand in each field.
test-hostile: $(READY) ## try very many hostile texts in each field of a report
	$(BIN)/python -m pytest -q -n $(WORKERS) --hostile $(or $(TEXTS),10000) \
		tests/test_hostile_fields.py $(SELECT)

test-browser: $(READY) $(DRIVER) ## open real reports in Chromium, and judge them by axe
	$(BIN)/python -m pytest -q -p no:xdist --browser tests/browser $(SELECT)

screenshots: $(READY) $(DRIVER) ## the docs' pictures (with pngquant and a font for emoji)
	PYTHONPATH=tests $(BIN)/python tests/browser/pictures.py

test-container: $(READY) ## build the image, and run the action in it
	$(BIN)/python -m pytest -q -p no:xdist $(CONTAINER)

advisories: ## ask for known weaknesses of all that the locks name
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/audit.txt
	.audit/bin/python tools/advisories.py

PEERS := .peers/bin
PEERS_READY := .peers/.ready
# Some of the defects by name, and the answers only compared with those recorded.
DEFECTS ?=

$(PEERS_READY): requirements/peers.txt benchmarks/defects/sound.txt
	$(PYTHON) -m venv .peers
	$(PEERS)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/peers.txt
	@touch $@

.peers/sound: $(PEERS_READY)
	$(PEERS)/pip download --quiet --disable-pip-version-check --no-deps \
		--require-hashes --only-binary :all: --dest $@ \
		-r benchmarks/defects/sound.txt
	@touch $@

defects: $(READY) $(PEERS_READY) $(if $(DEFECTS),,.peers/sound) ## compare release-guard with other tools
	PYTHONPATH=benchmarks $(BIN)/python -m defects run \
		$(if $(DEFECTS),--select $(DEFECTS),--wheels .peers/sound)
	PYTHONPATH=benchmarks $(BIN)/python -m defects page $(if $(DEFECTS),--check)

lock: ## renew the hashed locks (needs uv)
	sh tools/lock.sh

update-lists: $(READY) ## renew the lists that age, and tell the age of the rest
	sh tools/lock.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements/dev.txt
	$(BIN)/python tools/update_lists.py

clean: ## remove what these targets made
	rm -rf $(VENV) .audit .corpus .docs .demo .fuzz .peers .pulp .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache build dist
