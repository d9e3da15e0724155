PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup chat test test-slow eval eval-html eval-news bench bench-large bench-txtai load lint screenshot clean

setup: $(VENV)/installed

chat: setup
	$(BIN)/articleqa build
	$(BIN)/articleqa chat

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest

test-slow: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m slow --timeout 1800

eval: $(VENV)/installed-dev
	$(BIN)/articleqa eval --articles ../shared/eval/encyclopedia_dev/articles \
		--questions ../shared/eval/encyclopedia_dev/questions.jsonl --output eval.json

eval-html: $(VENV)/installed-dev
	$(BIN)/python -m index evaluate-html ../shared/eval/html_pages

eval-news: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.news ../shared/eval/news_dev/articles ../shared/eval/news_dev/questions.jsonl \
		--index articleqa-news-index --output eval-news.json

bench: $(VENV)/installed-dev
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.bench

bench-large: $(VENV)/installed-dev
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.bench 100000 1000000

bench-txtai: $(VENV)/installed-dev
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.beside_txtai $(TXTAI)

load: $(VENV)/installed-dev
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.load

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

screenshot: $(VENV)/installed-dev
	mkdir -p docs
	PYTHONPATH=tests $(BIN)/python tests/screenshot.py docs/chat.png

clean:
	rm -rf $(VENV) index/built

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "articleqa needs Python 3.11 or newer; name one: make setup PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
