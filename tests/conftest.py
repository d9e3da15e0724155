"""What the tests share: an encoder whose vectors can be read by eye, tiny articles, the seed index."""

import asyncio
import os
import shutil
import zlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from filelock import FileLock

from index.build import BuildReport, build
from index.chunks import Budget
from index.encoders.load import load_encoder
from index.encoders.models import Model, find_model
from index.encoders.protocol import Progress, SentenceEncoder, Vectors
from index.passages import passages
from index.sentences import language_of
from index.structure import structure
from index.types import Article, Chunk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from qa import Assistant

REPOSITORY = Path(__file__).resolve().parent.parent
SEEDS = REPOSITORY / "seeds"
SHARED = Path(os.environ.get("ARTICLEQA_SHARED", REPOSITORY.parent / "shared"))
"""Data to measure with; tests that need it are skipped where it is not."""

SEED_NAME = "000_883b0ecb052fe686.txt"

HASH_MODEL = Model("hash", Path("no-such-folder"), "5" * 64)

TINY_ARTICLES = {
    "bridge.txt": (
        "Old bridge closes for repairs\n"
        "\n"
        "By Ann Lee\n"
        "3 May 2021\n"
        "\n"
        "The stone bridge over the river Tarn will close on Monday for eleven weeks. Engineers found cracks in two of "
        "its nine arches.\n"
        "\n"
        "Buses will use the northern bridge instead. The repairs cost 2.4 million euros, the council said.\n"
    ),
    "deep/harbour.md": (
        "---\n"
        "title: Ferry returns to the harbour\n"
        "author: Bob Ray\n"
        "date: 2022-11-30\n"
        "---\n"
        "# Ferry returns to the harbour\n"
        "\n"
        "The ferry Sirius sails again from the old harbour after a winter of repairs in the northern yard.\n"
        "\n"
        "It carries 140 passengers and thirty cars. Tickets are sold on board, and children travel free.\n"
    ),
    "observatory.txt": (
        "Observatory opens its dome\n"
        "\n"
        "Visitors may look through the great telescope on clear evenings until the end of October, its keeper said.\n"
        "\n"
        "The telescope was built in 1911. Its lens measures 66 centimetres, and it was ground in Jena by hand.\n"
    ),
}


TINY_TOKENS = 40
"""Budget with which each of `TINY_ARTICLES` has two passages."""


def word_axis(word: str) -> int:
    """The axis of a `HashEncoder` vector on which a word counts."""
    return zlib.crc32(word.lower().strip(".,;:!?“”\"'()#").encode()) % HashEncoder.dimension


class HashEncoder:
    """A `SentenceEncoder` without a model: each word counts 1 on the axis its checksum names.

    `calls` and `texts` tell how often it was asked to embed passages, and which.
    """

    name = HASH_MODEL.name
    fingerprint = HASH_MODEL.fingerprint
    dimension = 64
    max_tokens = 254

    def __init__(self) -> None:
        self.calls = 0
        self.texts: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def encode_question(self, question: str) -> Vectors:
        vector: Vectors = self._rows([question])[0]
        return vector

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.calls += 1
        self.texts += texts
        if progress:
            progress(len(texts), len(texts))
        return self._rows(texts)

    def _rows(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[word_axis(word)] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return rows


def hash_build(
    articles: Path,
    folder: Path,
    encoder: SentenceEncoder | None = None,
    *,
    full: bool = False,
    max_tokens: int = TINY_TOKENS,
) -> BuildReport:
    """`build` with a `HashEncoder`, and passages that are short."""
    used = encoder or HashEncoder()
    return build(articles, folder, model=HASH_MODEL, loader=lambda _model: used, full=full, max_tokens=max_tokens)


def plain_article(text: str, *, pages: tuple[int, ...] = ()) -> Article:
    """An article as it is read from a file, without one."""
    return Article(path="a.txt", text=text, sha256="", pages=pages, language=language_of(text))


def chunks_of(article: Article, budget: Budget) -> list[Chunk]:
    """The passages of an article, without what they stand under."""
    return [placed.chunk for placed in passages(article, structure(article), budget)]


def write_articles(folder: Path, articles: dict[str, str]) -> Path:
    """Write files below `folder`, line ends as given."""
    for name, text in articles.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


@pytest.fixture
def hash_encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def tiny_articles(tmp_path: Path) -> Path:
    """A folder with three small articles, see `TINY_ARTICLES`."""
    return write_articles(tmp_path / "articles", TINY_ARTICLES)


@pytest.fixture(scope="session", autouse=True)
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of exported models of its own for the tests and the processes they start."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("ARTICLEQA_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def real_encoder() -> SentenceEncoder:
    """The packaged model, loaded once for all tests."""
    return load_encoder(find_model())


def waited_for(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives, run in a thread: Playwright leaves a running loop in the one of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker of a run makes, and the others take."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(folder.with_suffix(".lock")):
        if not folder.with_suffix(".made").exists():
            make(folder)
            folder.with_suffix(".made").touch()
    return folder


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder) -> Path:
    """The folder of an index over the seed articles, made with the real model."""
    return made_once(
        tmp_path_factory, "seed_index", lambda folder: build(SEEDS, folder, loader=lambda _model: real_encoder)
    )


@pytest.fixture(scope="session")
def seed_assistant(seed_index: Path) -> "Assistant":
    """An assistant over `seed_index`."""
    from qa import Assistant

    return Assistant.open(seed_index)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One Chromium for all tests of the chat."""
    from browsing import opened_browser

    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the seed article and the 18 of `encyclopedia_dev`."""
    articles = SHARED / "eval" / "encyclopedia_dev" / "articles"
    if not articles.is_dir():
        pytest.skip(f"the articles to measure with are not there: {articles}")

    def copy(folder: Path) -> None:
        folder.mkdir()
        for path in (*articles.glob("*.txt"), *SEEDS.glob("*.txt")):
            shutil.copy(path, folder)

    return made_once(tmp_path_factory, "library", copy)


@pytest.fixture(scope="session")
def library_assistant(
    library: Path, tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder
) -> "Assistant":
    """An assistant over `library` with the real model; embedding it takes a quarter of a minute.

    Without the reader, which would take minutes for the questions of a whole test; see tests/test_reader.py.
    """
    from qa import Assistant

    def embed(folder: Path) -> None:
        build(library, folder, loader=lambda _model: real_encoder)

    return Assistant.open(made_once(tmp_path_factory, "library_index", embed), real_encoder, reader=False)
