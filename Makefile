# Short verbs for those who have make; everything works without it (see README).

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types bench docs build

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

docs: .venv  ## man pages, completions, pictures: whatever is generated
	$(BIN)/python -m docs.generate

build: .venv
	$(BIN)/python -m build
