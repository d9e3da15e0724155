"""`ArticleIndex`: everything about a folder of articles that a question needs, on disk.

An index folder holds generations, each whole and never changed after it was written, and a
small file `CURRENT` that names the one to open::

    index/built/CURRENT                 {"format", "generation", "manifest_sha256"}
    index/built/generations/NAME/       manifest.json, texts.bin, chunks.npy, sentences.npy,
                                        sentence_vectors.npy, word_starts.npy, word_vectors.npy,
                                        vectors.faiss, lexical/…

`CURRENT` is replaced in one atomic step after everything else is on the disk. The checks form
a chain (CURRENT → manifest → every file), so damage anywhere is found when the index is
opened. No pickle anywhere. This module does not read articles and does not embed.
"""

import contextlib
import copy
import datetime
import functools
import json
import mmap
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.digests import sha256_of, sha256_of_file
from index.errors import IndexCorrupt, IndexMissing, IndexStale, IndexUnwritable
from index.lexical import LexicalIndex, TermTable
from index.readers.rendered import MAX_BYTES
from index.sentences import language_of
from index.types import Article, Field, Span
from index.vectors import VectorIndex
from index.words import WordVectors

FORMAT = 7
"""Raised whenever an index written before can't be read any more, or would hold other sentences or texts."""

CACHED_ARTICLES = 64
"""Articles kept decoded; a question touches about ten."""

_CURRENT = "CURRENT"
_GENERATIONS = "generations"
_MANIFEST = "manifest.json"
_TEXTS = "texts.bin"
_CHUNKS = "chunks.npy"
_SENTENCES = "sentences.npy"
_SENTENCE_VECTORS = "sentence_vectors.npy"
_WORD_STARTS = "word_starts.npy"
_WORD_VECTORS = "word_vectors.npy"
_VECTORS = "vectors.faiss"
_LEXICAL = "lexical"

_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")

Table = npt.NDArray[np.int64]
HalfVectors = npt.NDArray[np.float16]
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides, beside the articles themselves, what the rows of an index are.

    Attributes:
        model, fingerprint, dimension: see `Model` and `SentenceEncoder`.
        max_tokens, max_model_tokens: see `Budget`.
        follow_links: whether linked folders and files elsewhere are read.
        max_bytes: the largest file that is read.
    """

    model: str
    fingerprint: str
    dimension: int
    max_tokens: int
    max_model_tokens: int
    follow_links: bool = False
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """One row of the article table.

    Attributes:
        path, sha256, title, author, published, pages, record, url, notice: as in `Article`.
        text_sha256: digest of the text in UTF-8, as it was read.
        text_start, text_end: bytes of `texts.bin`.
        chunk_start, chunk_end: rows of the chunk table.
    """

    path: str
    sha256: str
    text_sha256: str
    title: Field | None
    author: Field | None
    published: Field | None
    text_start: int
    text_end: int
    chunk_start: int
    chunk_end: int
    pages: tuple[int, ...] = ()
    record: int = 0
    url: str = ""
    notice: str = ""

    @property
    def file(self) -> str:
        """The path of the file that holds the article."""
        return self.path.removesuffix(f"#{self.record}") if self.record else self.path


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of the folder, or a record of one, that is not in the index, and why.

    Attributes:
        sha256: digest of the file's bytes; empty where they could not be read.
        file: path of the file, if that isn't `path`.
    """

    path: str
    reason: str
    sha256: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """One row of the chunk table, with its text.

    Attributes:
        row: the row, the same in the chunk table, in FAISS and in BM25.
        article: row of the article table.
        start, end: span of the article's text.
        start_line, end_line: 1-based, inclusive.
        text: the article's text from `start` to `end`.
        sentences: spans of the article's text.
        sentence_start: row of the sentence table that the first of them has.
    """

    row: int
    article: int
    start: int
    end: int
    start_line: int
    end_line: int
    text: str
    sentences: tuple[Span, ...]
    sentence_start: int


CHUNK_COLUMNS = (
    "article",
    "start",
    "end",
    "byte_start",
    "byte_end",
    "start_line",
    "end_line",
    "sentence_start",
    "sentence_end",
)
"""Columns of the chunk table: article row; code point span of the article's text; byte span
of the article's UTF-8 text; lines; rows of the sentence table."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an index in memory, ready to be written as a generation.

    Attributes:
        articles: the article table.
        unread: files of the folder that are no articles.
        chunks: ``(n_chunks, len(CHUNK_COLUMNS))`` int64.
        sentences: ``(n_sentences, 2)`` int64, spans of the article's text.
        sentence_vectors: ``(n_sentences, dimension)`` float16 unit rows.
        word_starts: ``(n_sentences + 1,)`` int64, where each sentence begins in `word_vectors`.
        word_vectors: ``(n_words, DIMENSION)`` int8, see `index.words`, of the content words in order.
        vectors, lexical: row *i* of each is chunk *i*.
    """

    articles: Sequence[ArticleRecord]
    unread: Sequence[Unread]
    chunks: Table
    sentences: Table
    sentence_vectors: HalfVectors
    word_starts: Table
    word_vectors: WordVectors
    vectors: VectorIndex
    lexical: LexicalIndex

    def __post_init__(self) -> None:
        chunks = {"chunks": len(self.chunks), "vectors": self.vectors.size, "BM25 rows": self.lexical.size}
        sentences = {
            "sentences": len(self.sentences),
            "sentence vectors": len(self.sentence_vectors),
            "beginnings of words": len(self.word_starts) - 1,
        }
        words = {"words": int(self.word_starts[-1]), "word vectors": len(self.word_vectors)}
        for sizes in (chunks, sentences, words):
            if len(set(sizes.values())) > 1:
                found = ", ".join(f"{count} {name}" for name, count in sizes.items())
                raise IndexCorrupt("", f"its parts don't belong together: {found}")


class ArticleIndex:
    """An opened generation. It stays valid, and the same, while newer ones are written.

    Attributes:
        folder: the index folder.
        generation: name of the generation that was opened.
        articles_folder: where the articles were when they were read.
        created: ISO time of the build, UTC.
        settings: see `Settings`.
        sources: sha256 of every file of the articles folder by its path, as it was read; empty
            where its bytes could not be.
        rows: the tables, see `Rows`.
    """

    def __init__(self, folder: Path, generation: str, manifest: dict[str, Any]) -> None:
        home = folder / _GENERATIONS / generation
        self.folder = folder
        self.generation = generation
        self.articles_folder = Path(manifest["articles_folder"])
        self.created: str = manifest["created"]
        self.settings = Settings(**manifest["settings"])
        self.sources: dict[str, str] = dict(manifest["sources"])
        self.rows = Rows(
            articles=tuple(_article_record(entry) for entry in manifest["articles"]),
            unread=tuple(Unread(**entry) for entry in manifest["unread"]),
            chunks=_map_array(home / _CHUNKS),
            sentences=_map_array(home / _SENTENCES),
            sentence_vectors=_map_array(home / _SENTENCE_VECTORS),
            word_starts=_map_array(home / _WORD_STARTS),
            word_vectors=_map_array(home / _WORD_VECTORS),
            vectors=VectorIndex.load(home / _VECTORS),
            lexical=LexicalIndex.load(home / _LEXICAL),
        )
        with (home / _TEXTS).open("rb") as file:
            self._texts = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._rows_by_path = {record.path: row for row, record in enumerate(self.rows.articles)}
        self._cached_article = functools.lru_cache(CACHED_ARTICLES)(self._read_article)

    @classmethod
    def open(cls, folder: Path) -> "ArticleIndex":
        """Open the current generation and check every byte of it.

        Raises:
            IndexMissing: there is none.
            IndexStale: another format version wrote it.
            IndexCorrupt: a file is missing or altered.
        """
        while True:
            before = _pointer_bytes(folder)
            try:
                return cls._open(folder)
            except IndexCorrupt:
                if _pointer_bytes(folder) == before:
                    raise  # else a build has replaced the generation meanwhile: the new one is opened

    @classmethod
    def _open(cls, folder: Path) -> "ArticleIndex":
        generation, manifest = _read_manifest(folder)
        home = folder / _GENERATIONS / generation
        for name, expected in manifest["files"].items():
            _check_file(home / name, expected, folder)
        try:
            return cls(folder, generation, manifest)
        except (KeyError, TypeError, ValueError, OSError, RuntimeError) as error:
            raise IndexCorrupt(folder, f"it can't be read: {error}") from error

    def only(self, articles: Iterable[int]) -> "ArticleIndex":
        """The same index as if only some rows of the article table had been indexed, in memory."""
        wanted = np.isin(self.rows.chunks[:, 0], list(articles))
        rows = np.flatnonzero(wanted)
        now = np.concatenate([[0], np.cumsum(wanted)]).tolist()  # from an old row to the new one
        part = copy.copy(self)
        part.rows = replace(
            self.rows,
            articles=tuple(
                replace(record, chunk_start=now[record.chunk_start], chunk_end=now[record.chunk_end])
                for record in self.rows.articles
            ),
            chunks=self.rows.chunks[rows],
            vectors=VectorIndex.of(self.rows.vectors.take(rows)),
            lexical=LexicalIndex.of_table(TermTable.joined(self.rows.lexical.terms, rows, [])),
        )
        return part

    def article(self, row: int) -> Article:
        """The article of a row of the article table, its text compared with its digest.

        Raises:
            IndexCorrupt: the stored text is not the one that was indexed.
        """
        return self._cached_article(row)

    def find_article(self, path: str) -> int | None:
        """The row of the article at `path`, or None if the index holds no such article."""
        return self._rows_by_path.get(path)

    def article_row(self, path: str) -> int:
        """The row of the article at `path`.

        Raises:
            KeyError: the index holds no such article.
        """
        return self._rows_by_path[path]

    def text_bytes(self, row: int) -> bytes:
        """An article's text in UTF-8.

        Raises:
            IndexCorrupt: the stored text is not the one that was indexed.
        """
        record = self.rows.articles[row]
        data = self._texts[record.text_start : record.text_end]
        if sha256_of(data) != record.text_sha256:
            raise IndexCorrupt(self.folder, f"the text of {record.path} has changed since it was written")
        return data

    def _read_article(self, row: int) -> Article:
        record = self.rows.articles[row]
        values = {name: getattr(record, name) for name in _SHARED}
        text = self.text_bytes(row).decode()
        return Article(text=text, language=language_of(text), **values)

    def chunk(self, row: int) -> ChunkRecord:
        """One row of the chunk table; costs the chunk's text, not the article's."""
        article, start, end, byte_start, byte_end, start_line, end_line, first, last = (
            int(value) for value in self.rows.chunks[row]
        )
        base = self.rows.articles[article].text_start
        text = self._texts[base + byte_start : base + byte_end].decode()
        spans = tuple((int(a), int(b)) for a, b in self.rows.sentences[first:last])
        return ChunkRecord(row, article, start, end, start_line, end_line, text, spans, first)


def rows_of(firsts: npt.ArrayLike, counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The rows of several blocks of a table, one block after the other.

    Args:
        firsts: ``(n,)``, the first row of each block.
        counts: ``(n,)``, how many rows it has.
    """
    firsts, counts = np.asarray(firsts, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    begins = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) + np.repeat(firsts - begins, counts), dtype=np.int64)


_SHARED = ("path", "sha256", "title", "author", "published", "pages", "record", "url", "notice")
"""What a record says of an article as the article itself does."""

_FIELDS = ("title", "author", "published")


def _map_array(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))  # a plain array: a memmap's slices are slow


def _article_record(entry: dict[str, Any]) -> ArticleRecord:
    fields = {name: Field(*entry[name]) if entry[name] else None for name in _FIELDS}
    return ArticleRecord(**{**entry, **fields, "pages": tuple(entry["pages"])})


def _as_entry(record: ArticleRecord) -> dict[str, Any]:
    """A record as JSON; `dataclasses.asdict` takes ten times as long."""
    entry = {name: getattr(record, name) for name in ArticleRecord.__slots__}
    for name in _FIELDS:
        field: Field | None = entry[name]
        entry[name] = (field.value, field.start, field.end) if field else None
    return entry


def current_stamp(folder: Path) -> Stamp | None:
    """What differs once a build has made another generation the current one; costs one stat."""
    try:
        found = (folder / _CURRENT).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _pointer_bytes(folder: Path) -> bytes | None:
    try:
        return (folder / _CURRENT).read_bytes()
    except OSError:
        return None


def last_manifest(folder: Path) -> dict[str, Any]:
    """What the current generation says of itself, unchecked and in whatever format; empty where it can't be read.

    For telling what an index was built from that has to be built again, never for answering.

    Raises:
        IndexMissing: there is none.
    """
    if not (folder / _CURRENT).exists() and not (folder / _GENERATIONS).is_dir():
        raise IndexMissing(folder)
    try:
        generation = json.loads((folder / _CURRENT).read_bytes())["generation"]
        if generation is None:
            raise IndexMissing(folder, "its first build was not finished")
        found = json.loads((folder / _GENERATIONS / Path(generation).name / _MANIFEST).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def check_index_folder(folder: Path) -> None:
    """Make sure that an index can be where it is said to be.

    Raises:
        IndexMissing: there is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise IndexMissing(folder, "it is a file, and no folder of an index")


def _read_manifest(folder: Path) -> tuple[str, dict[str, Any]]:
    """The name and the checked manifest of the current generation."""
    check_index_folder(folder)
    try:
        pointer_text = (folder / _CURRENT).read_bytes()
    except FileNotFoundError:
        if (folder / _GENERATIONS).is_dir() and any((folder / _GENERATIONS).iterdir()):
            raise IndexCorrupt(folder, f"{_CURRENT} is missing") from None
        raise IndexMissing(folder) from None
    except OSError as error:
        raise IndexCorrupt(folder, f"{_CURRENT} can't be read ({error.strerror})") from error
    try:
        pointer = json.loads(pointer_text)
        version, generation, digest = pointer["format"], pointer["generation"], pointer["manifest_sha256"]
        if generation is None:
            raise IndexMissing(folder, "its first build was not finished")
        if not _NAME.fullmatch(generation):
            raise ValueError("no name of a generation")
        path = folder / _GENERATIONS / generation / _MANIFEST
    except (ValueError, KeyError, TypeError) as error:
        raise IndexCorrupt(folder, f"{_CURRENT} is damaged") from error
    if version != FORMAT:
        raise IndexStale(folder, version, FORMAT)
    _check_file(path, digest, folder)
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    return generation, manifest


def _check_file(path: Path, expected: str, folder: Path) -> None:
    try:
        found = sha256_of_file(path)
    except OSError as error:
        raise IndexCorrupt(folder, f"{path.relative_to(folder)} can't be read ({error.strerror})") from error
    if found != expected:
        raise IndexCorrupt(folder, f"the sha256 of {path.relative_to(folder)} is {found}, expected {expected}")


class GenerationWriter:
    """A new generation on its way to the disk; nobody sees it before `publish`.

    Texts are written as they come, so that a build holds one article's text at a time.
    """

    def __init__(self, folder: Path) -> None:
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S")
        self.folder = folder
        self.name = f"{stamp}-{uuid.uuid4().hex[:8]}"
        self._home = folder / _GENERATIONS / self.name
        with writing(folder):
            _announce_first(folder)
            (self._home / _LEXICAL).mkdir(parents=True)
            self._texts = (self._home / _TEXTS).open("wb")

    def add_text(self, data: bytes) -> tuple[int, int]:
        """Append an article's UTF-8 text; returns its span in bytes."""
        start = self._texts.tell()
        with writing(self.folder):
            self._texts.write(data)
        return start, start + len(data)

    def publish(self, rows: Rows, settings: Settings, articles_folder: Path, sources: Mapping[str, str]) -> None:
        """Write the rest, sync it, and make this generation the current one in one step.

        Raises:
            IndexUnwritable: the disk is full or refuses; the index is as it was.
        """
        with writing(self.folder):
            self._publish(rows, settings, articles_folder, sources)

    def _publish(self, rows: Rows, settings: Settings, articles_folder: Path, sources: Mapping[str, str]) -> None:
        self._texts.close()
        np.save(self._home / _CHUNKS, rows.chunks, allow_pickle=False)
        np.save(self._home / _SENTENCES, rows.sentences, allow_pickle=False)
        np.save(self._home / _SENTENCE_VECTORS, rows.sentence_vectors, allow_pickle=False)
        np.save(self._home / _WORD_STARTS, rows.word_starts, allow_pickle=False)
        np.save(self._home / _WORD_VECTORS, rows.word_vectors, allow_pickle=False)
        rows.vectors.save(self._home / _VECTORS)
        rows.lexical.save(self._home / _LEXICAL)
        files = sorted(path for path in self._home.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "articles_folder": str(articles_folder),
            "settings": asdict(settings),
            "sources": dict(sources),
            "articles": [_as_entry(record) for record in rows.articles],
            "unread": [asdict(unread) for unread in rows.unread],
            "files": {path.relative_to(self._home).as_posix(): sha256_of_file(path) for path in files},
        }
        data = json.dumps(manifest).encode()
        (self._home / _MANIFEST).write_bytes(data)
        _sync(self._home)
        _sync_folder(self.folder / _GENERATIONS)
        pointer = {"format": FORMAT, "generation": self.name, "manifest_sha256": sha256_of(data)}
        _replace(self.folder / _CURRENT, json.dumps(pointer).encode())

    def discard(self) -> None:
        """Remove what was written so far; the index stays as it was."""
        with contextlib.suppress(OSError):  # on a full disk what is still buffered can't be written
            self._texts.close()
        (self.folder / f"{_CURRENT}.new").unlink(missing_ok=True)
        if self.name.encode() not in (_pointer_bytes(self.folder) or b""):  # an error may come after the switch
            shutil.rmtree(self._home, ignore_errors=True)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Name the errors that writing an index can meet (faiss raises `RuntimeError`)."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise IndexUnwritable(folder, reason) from error


def _announce_first(folder: Path) -> None:
    """Tell an index that was never finished from one whose `CURRENT` was lost."""
    if not (folder / _CURRENT).exists() and not (folder / _GENERATIONS).exists():
        pointer = {"format": FORMAT, "generation": None, "manifest_sha256": ""}
        _replace(folder / _CURRENT, json.dumps(pointer).encode())


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader sees the old or the new file, never a part."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync_folder(path.parent)


def _sync(folder: Path) -> None:
    """Force a folder and all below it to the disk."""
    for parent, _folders, files in os.walk(folder):
        for name in files:
            with Path(parent, name).open("rb+") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(parent))


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows can't open a folder; its journal keeps renames in order
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_other_generations(folder: Path, keep: str) -> None:
    """Delete superseded and unfinished generations. Open readers keep their mapped files."""
    (folder / f"{_CURRENT}.new").unlink(missing_ok=True)
    for home in list((folder / _GENERATIONS).iterdir()):
        if home.name != keep:
            shutil.rmtree(home, ignore_errors=True)
