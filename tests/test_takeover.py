"""A running assistant: goes over to what a build has published, keeps what it quoted, and never answers from damage."""

import random
import shutil
import threading
from pathlib import Path

import pytest
from conftest import HASH_MODEL, TINY_ARTICLES, HashEncoder, hash_build, write_articles
from indexes import NEW_TEXT, blocks_of, generation_of, opened

from index.build import build
from index.errors import ArticleQAError, IndexCorrupt
from qa import Assistant

QUESTION = "Which buses will use the northern bridge?"


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def assistant(folder: Path) -> Assistant:
    return Assistant.open(folder, HashEncoder())


def test_a_running_assistant_answers_during_rebuilds_and_takes_the_new_generation(
    assistant: Assistant, folder: Path, tiny_articles: Path
) -> None:
    first = assistant.search(QUESTION, k=1)[0]
    wrong: list[object] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                found = assistant.search(QUESTION, k=1)[0]
                if found.text != first.text:
                    wrong.append(found)
                article = assistant.article(first.source.path, first.source.sha256)
                if article.text[first.start : first.end] != first.text:
                    wrong.append("another article")
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=keep_asking, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(8):
        write_articles(
            tiny_articles, {"changing.txt": f"Title\n\nThe number {number} is in this article of the day.\n"}
        )
        hash_build(tiny_articles, folder)
        nearest = assistant.search("Which number is in this article of the day?", k=1)[0]
        assert nearest.source.path == "changing.txt"
        assert f"The number {number} is" in nearest.text
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert assistant.snapshot.about.generation == opened(folder).about.generation


def test_an_old_quote_is_shown_in_the_article_that_it_was_taken_from(
    assistant: Assistant, folder: Path, tiny_articles: Path
) -> None:
    quoted = assistant.search(QUESTION, k=1)[0].source
    write_articles(tiny_articles, {"bridge.txt": NEW_TEXT})
    hash_build(tiny_articles, folder)
    assert assistant.article("bridge.txt").text == NEW_TEXT
    assert assistant.article("bridge.txt", quoted.sha256).text == TINY_ARTICLES["bridge.txt"]
    with pytest.raises(KeyError):
        assistant.article("bridge.txt", "0" * 64)


def test_an_article_that_is_gone_is_not_shown_by_its_name(
    assistant: Assistant, folder: Path, tiny_articles: Path
) -> None:
    digest = assistant.article("bridge.txt").sha256
    (tiny_articles / "bridge.txt").unlink()
    hash_build(tiny_articles, folder)
    with pytest.raises(KeyError):
        assistant.article("bridge.txt")
    assert assistant.article("bridge.txt", digest).path == "bridge.txt", "a quote of it can still be checked"


def test_a_broken_new_generation_does_not_take_the_old_one_away(
    assistant: Assistant, folder: Path, tiny_articles: Path
) -> None:
    before = assistant.search(QUESTION)
    write_articles(tiny_articles, {"bridge.txt": NEW_TEXT})
    hash_build(tiny_articles, folder)
    (generation_of(folder) / "chunks.npy").write_bytes(b"broken")
    assert assistant.search(QUESTION) == before
    (folder / "CURRENT").unlink()
    assert assistant.search(QUESTION) == before
    hash_build(tiny_articles, folder, full=True)
    assert assistant.search(QUESTION) != before


def test_an_assistant_over_another_model_takes_its_encoder(
    assistant: Assistant, folder: Path, tiny_articles: Path
) -> None:
    other = HASH_MODEL.__class__("other", Path("no-such-folder"), "6" * 64)
    build(tiny_articles, folder, model=other, loader=lambda _model: HashEncoder())
    with pytest.raises(ArticleQAError, match="The model other"):
        assistant.search(QUESTION)


@pytest.mark.parametrize("block_bytes", [None, 256])
def test_damage_is_never_answered_from(tmp_path: Path, tiny_articles: Path, block_bytes: int | None) -> None:
    """Of an index that can be opened, since what is damaged is read later or never."""
    chance = random.Random(7)
    with blocks_of(block_bytes):
        hash_build(tiny_articles, tmp_path / "whole")
        whole = Assistant.open(tmp_path / "whole", HashEncoder())
        questions = [QUESTION, "How many passengers does the ferry carry?", "When was the telescope built?"]
        answers = [(whole.ask(question), whole.search(question)) for question in questions]
        refused = 0
        for number in range(40):
            folder = tmp_path / str(number)
            shutil.copytree(tmp_path / "whole", folder)
            path = chance.choice(sorted(generation_of(folder).iterdir()))
            data = bytearray(path.read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            try:
                assistant = Assistant.open(folder, HashEncoder())
            except IndexCorrupt:
                refused += 1
                continue
            for question, expected in zip(questions, answers, strict=True):
                try:
                    assert (assistant.ask(question), assistant.search(question)) == expected, path.name
                except IndexCorrupt as error:
                    refused += 1
                    assert f"{path.name} was altered around byte" in error.reason
        assert refused >= 20
