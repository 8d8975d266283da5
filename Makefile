# Everything a newcomer types. Each target makes the environment first.
#   make demo        simulate the default market and write its report
#   make test        run the tests
#   make slow        run the long confirmations: more power, larger runs (ten minutes)
#   make browser     find or install the browser that the tests of pages need
#   make check       lint, formatting, types, layers, words
#   make benchmark   speed and memory, both engines
#   make kills       kill studies and workers at random; compare the tables
#   make faults      let every write and read of every command fail (two hours)
#   make races       two commands in one place at the same time, in 200 interleavings
#   make mutants     switch every rule off, or make it worse; a test must notice each
#   make fuzz        damage and forge ten thousand folders; none may be believed
#   make pictures    draw and run what is committed to be looked at (two hours)
#   make lowest      the lowest versions declared, and the newest: both work, same bits
#   make coverage    count how often the intervals of every question hold the truth (an hour)
#   make claims      put every claim to its market; the table of claims and the lessons (half an hour)
#   make verdicts    judge every claim again on other seeds (half an hour)
#   make clean       remove what the others made (the environment too)

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BROWSER := .venv/.browser
DEMO := results/webshop_loop
# A worker takes up to 3 GB; at least two, so that no test leans on another.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); \
  if [ $$n -lt 2 ]; then n=2; elif [ $$n -gt 4 ]; then n=4; fi; echo $$n)

.DEFAULT_GOAL := help
.PHONY: help install browser demo test slow check pictures benchmark kills faults races mutants fuzz lowest coverage claims verdicts clean

help:
	@sed -n 's/^#   //p' Makefile

install: $(STAMP)

# The stamp is written last, so an interrupted install is done again.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "journeysim needs Python 3.11 or newer as $(PYTHON); name another with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv \
	  || { echo "the virtual environment could not be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

browser: $(BROWSER)

$(BROWSER): $(STAMP) tests/browser.py
	@$(BIN)/python tests/browser.py
	@touch $@

demo: install
	@$(BIN)/journeysim run webshop_loop --out "$(CURDIR)/$(DEMO)"

# One small run first: it compiles the engine once, before several workers would all do it. Each file is
# one worker's, so that what its tests share is made once.
test: install browser
	@$(BIN)/journeysim run webshop_loop --agents 100 --days 2 --json --quiet > /dev/null
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow"

# What confirms at length what a faster test would notice too: some ten minutes.
slow: install
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m slow

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/glossary.py --check

# What is committed to be looked at: drawings and figures of the docs, and reports. Two hours.
STUDIES := funnel_vs_loop acquisition_vs_retention what_moves_the_split what_drives_profit
pictures: install
	$(BIN)/python docs/house.py
	@mkdir -p results/gallery
	@for market in webshop_loop webshop_funnel; do \
	  $(BIN)/journeysim run $$market --quiet --out "results/$$market" > /dev/null \
	    && cp "results/$$market/report.html" "results/gallery/$$market.html" \
	    && echo "results/gallery/$$market.html" || exit 1; \
	done
	$(BIN)/journeysim touchpoints webshop_loop --quiet --out results/touchpoints > /dev/null
	cp results/touchpoints/touchpoints.html results/gallery/touchpoints.html
	@for study in $(STUDIES); do \
	  rm -rf "results/$$study" \
	    && $(BIN)/journeysim experiment $$study --quiet --out "results/$$study" > /dev/null \
	    && cp "results/$$study/report.html" "results/gallery/$$study.html" \
	    && echo "results/gallery/$$study.html" || exit 1; \
	done
	@rm -rf results/optimise
	$(BIN)/journeysim optimise webshop_loop --quiet --out results/optimise > /dev/null
	$(BIN)/python docs/drawings.py
	$(BIN)/python docs/figures.py
	$(BIN)/python docs/notebook.py

benchmark: install
	$(BIN)/python -m benchmarks

# Ten times each: the study, a worker, a Dask worker, two commands; the tables must not notice.
kills: install
	$(BIN)/python -m benchmarks.kills

# Rule by rule; with ARGUMENTS=trust those with this word in their name. Some fifteen minutes.
mutants: install
	$(BIN)/python -m benchmarks mutants $(ARGUMENTS)

# Results, studies and kept runs with changed bytes, words, tables, links; some 20 minutes.
fuzz: install
	$(BIN)/python -m benchmarks.fuzz

# Every call to the disk, each way it may fail, in every command that writes: some two hours.
# With ARGUMENTS="--cases 1000" a sample.
faults: install
	$(BIN)/python -m benchmarks.faults $(ARGUMENTS)

races: install
	$(BIN)/python -m benchmarks.races

# Makes two environments of its own and compiles the engine in each: some ten minutes.
lowest: install
	$(BIN)/python -m benchmarks.lowest

coverage: install
	$(BIN)/python tests/coverage_of_intervals.py > docs/coverage.txt.new
	@mv docs/coverage.txt.new docs/coverage.txt && cat docs/coverage.txt

claims: install
	@rm -rf results/claims
	$(BIN)/journeysim experiment --all --out results/claims
	@mkdir -p results/gallery
	cp results/claims/claims.html results/gallery/claims.html
	$(BIN)/python docs/claims.py results/claims
	$(BIN)/python docs/lessons.py

verdicts: install
	$(BIN)/python tests/verdicts_on_fresh_seeds.py > docs/verdicts.txt.new; \
	  mv docs/verdicts.txt.new docs/verdicts.txt && cat docs/verdicts.txt

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf $(DEMO)
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
