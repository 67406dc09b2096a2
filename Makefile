# Short verbs for those who have make; everything works without it (see README).

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types bench results docs build wheel

.venv:
	$(PYTHON) -m venv .venv && $(BIN)/pip install -q -e '.[dev]'

demo: .venv  ## an answer from the sandbox
	$(BIN)/stackspot --sandbox complete "Write a Python function that computes a factorial"

test: .venv
	$(BIN)/pytest -n 2

lint: .venv
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv
	$(BIN)/mypy

bench: .venv
	$(BIN)/python -m bench

# bench/RESULTS.md anew, on a machine that does nothing else; TREE=… is an older checkout to compare Markdown with.
results: .venv
	$(BIN)/python -m bench --write $(if $(TREE),--against $(TREE))

docs: .venv  ## man pages, completions, pictures: whatever is generated
	$(BIN)/python -m docs.generate

build: .venv
	$(BIN)/python -m build

wheel: .venv  ## the end-to-end tests on the built wheel, in a clean environment
	rm -rf build/wheel && $(BIN)/python -m build -q --outdir build/wheel
	$(PYTHON) -m venv build/wheel/venv && build/wheel/venv/bin/pip install -q "$$(echo build/wheel/*.whl)[test]"
	build/wheel/venv/bin/pytest -n 2 tests/e2e
