PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup chat test test-js test-slow eval eval-six eval-html eval-news bench bench-large bench-txtai load lint screenshot reader ship-reader clean

setup: $(VENV)/installed

chat: setup
	$(BIN)/articleqa build
	$(BIN)/articleqa chat

# What looks at the page in a browser is timed, so it has the machine to itself; all else shares the cores.
PAGE_TESTS := tests/test_chat_*.py tests/test_readme.py

test: test-js $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(addprefix --ignore-glob=,$(PAGE_TESTS))
	$(BIN)/python -m pytest $(PAGE_TESTS)

test-js:
	@if command -v node >/dev/null; then node --test --test-reporter=spec tests/js/*.test.js; \
	else echo "The scripts of the page are not tested: node is not installed."; test "$$ARTICLEQA_REQUIRE_BROWSER" != 1; fi

test-slow: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m slow --timeout 1800

eval: $(VENV)/installed-dev
	$(BIN)/articleqa eval --articles ../shared/eval/encyclopedia_dev/articles \
		--questions ../shared/eval/encyclopedia_dev/questions.jsonl --output eval.json

# The articles that no reader was trained on, KEPT_APART of evaluation/questions.py.
SIX := Civil_disobedience European_Union_law Imperialism Jacksonville_Florida Scottish_Parliament Steam_engine
eval-six: $(VENV)/installed-dev
	$(BIN)/articleqa eval --articles ../shared/eval/encyclopedia_dev/articles $(addprefix --about ,$(SIX)) --sample 600 \
		--questions ../shared/eval/encyclopedia_dev/questions.jsonl --output eval-six.json

eval-html: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.html_pages ../shared/eval/html_pages

eval-news: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.news ../shared/eval/news_dev/articles ../shared/eval/news_dev/questions.jsonl \
		--index articleqa-news-index --output eval-news.json

bench: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.benchmarks.bench

bench-large: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.benchmarks.bench 1000 100000 1000000

bench-txtai: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.benchmarks.beside_txtai $(TXTAI)

load: $(VENV)/installed-dev
	$(BIN)/python -m evaluation.benchmarks.load

READER_DATA ?= ../shared/reader/train.jsonl.gz
READER_EVAL ?= ../shared/eval
READER_RUN ?= reader-run
READER_OUT ?= $(READER_RUN)/out
READER_HOURS ?= 8

reader: $(VENV)/installed-dev  # hours; go on after any kill with the same command
	test -e $(READER_RUN)/corpus.npz || $(BIN)/python -m training prepare $(READER_DATA) --run $(READER_RUN)
	OMP_NUM_THREADS=1 nice -n 19 $(BIN)/python -m training train --run $(READER_RUN) --hours $(READER_HOURS)
	cp $(READER_RUN)/log.jsonl training/log.jsonl
	$(BIN)/python -m training export $(READER_OUT) --run $(READER_RUN)
	test -e $(READER_RUN)/news.jsonl || $(BIN)/python -m training record $(READER_EVAL) --run $(READER_RUN)
	$(BIN)/python -m training evaluate $(READER_OUT)/reader.onnx --run $(READER_RUN) --output $(READER_OUT)/figures.json

ship-reader: $(VENV)/installed-dev  # put what make reader made into the package, and fit the numbers that weigh its marks
	cp $(READER_OUT)/reader.onnx $(READER_OUT)/MODEL_CARD.md qa/reader/
	grep ' reader.onnx' $(READER_OUT)/reader.sha256 > qa/reader/reader.sha256
	$(BIN)/articleqa build ../shared/eval/news_dev/articles --index articleqa-news-index
	$(BIN)/articleqa build ../shared/eval/encyclopedia_dev/articles --index articleqa-eval-index
	$(BIN)/python -m evaluation.fit_reader $(READER_EVAL) qa/calibration/all-MiniLM-L6-v2+reader.json \
		--news-index articleqa-news-index --encyclopedia-index articleqa-eval-index

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshot: $(VENV)/installed-dev
	mkdir -p docs
	PYTHONPATH=tests $(BIN)/python tests/screenshot.py docs/chat.png

clean:
	rm -rf $(VENV) articleqa-index articleqa-eval-index articleqa-news-index

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "articleqa needs Python 3.11 or newer; name one: make setup PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
