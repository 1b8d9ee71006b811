# Each target does all of its own set-up: a bare clone and Python >= 3.11 are enough.
PYTHON ?= python3
BIN := .venv/bin
export OMP_WAIT_POLICY := PASSIVE

.PHONY: install demo serve test lint types checks docs page dist test-page test-vllm clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[service,geoparquet,dataset,dev,docs]"
	touch $@

demo: install
	test -e demo/images/captions.jsonl || $(BIN)/trsllava sample demo/images --seed 7
	$(BIN)/trsllava index demo/images --home demo/home
	$(BIN)/trsllava query "harbor with cranes" -k 5 --home demo/home
	$(BIN)/trsllava query "planes parked near a terminal" -k 5 --home demo/home
	$(BIN)/trsllava query "harbor with cranes" -k 12 --html demo/hits.html --home demo/home

# The archive of `make demo` at http://127.0.0.1:8080.
serve: install
	test -e demo/images/captions.jsonl || $(BIN)/trsllava sample demo/images --seed 7
	$(BIN)/trsllava index demo/images --home demo/home
	$(BIN)/trsllava serve --home demo/home --root demo/images

# A worker a core. Each computes on one thread: more would only wait for each other.
test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses logical --maxprocesses 8 --dist worksteal

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

checks: lint types test docs

# The documentation site, in build/docs/index.html. No network; a warning is an error.
docs: install
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs build/docs

# The web page, from its sources in trsllava/service/page/src; needs node 20 or later and the npm registry.
page:
	cd trsllava/service/page && npm ci --no-audit --no-fund --silent && npm run --silent build

# Wheel and sdist in dist/, installed into an empty environment and tried there (several minutes).
dist: install
	PYTHON=$(CURDIR)/$(BIN)/python .ci/try-dist dist

# A real vLLM server on the CPU, in an environment of its own (several minutes the first time).
.venv-vllm/installed: tests/vllm_server/install.sh
	tests/vllm_server/install.sh .venv-vllm
	touch $@

test-vllm: install .venv-vllm/installed
	TRSLLAVA_TEST_VLLM_PYTHON=$(CURDIR)/.venv-vllm/bin/python $(BIN)/python -m pytest -m vllm

# The page in Chromium (apt-get install chromium); pictures of it lie in build/screenshots afterwards.
test-page: install
	$(BIN)/python -m pytest -m page tests/page

clean:
	rm -rf .venv .venv-vllm demo build dist
