"""A folder of articles in, a new generation of the index out: the steps in their order.

Articles whose bytes are unchanged keep their chunks and vectors; only the others are read,
split and embedded. Nothing here prints; progress goes to a callback.
"""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np

from index.articles import READERS, Article, Span, list_articles, parse_article, read_bytes, sha256_of
from index.chunks import MAX_TOKENS, Budget, Chunk, embedding_prefix, split_article
from index.embedding import DEFAULT_MODEL, Model, SentenceEncoder, Vectors, find_model, load_encoder
from index.errors import ArticlesEmpty, ArticleUnreadable, IndexBusy, IndexCorrupt, IndexMissing, IndexStale
from index.lexical import LexicalIndex, terms
from index.store import (
    CHUNK_COLUMNS,
    ArticleIndex,
    ArticleRecord,
    ChunkRecord,
    GenerationWriter,
    HalfVectors,
    Rows,
    Settings,
    Unread,
    remove_other_generations,
)
from index.vectors import VectorIndex

_LOCK = "build.lock"

LOCK_WAIT_SECONDS = 10.0
"""How long a second build waits for the first before it says so."""

BuildProgress = Callable[[str, int, int], None]
"""Called with (step, done, total); steps are "reading" and "embedding"."""

EncoderLoader = Callable[[Model], SentenceEncoder]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build found and did.

    Attributes:
        folder, articles_folder: the index and what it was built from.
        articles, chunks: how many the index holds now.
        added, changed, removed: paths, against the index as it was.
        unread: files of the folder that could not be indexed, and why.
        embedded: chunks that went through the model.
        written: whether a new generation was written (False: all was up to date).
        repaired: why the old index could not be used as a base, if so.
        seconds: wall time.
    """

    folder: Path
    articles_folder: Path
    articles: int
    chunks: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unread: tuple[Unread, ...]
    embedded: int
    written: bool
    repaired: str | None
    seconds: float


def build(
    articles_folder: Path,
    folder: Path,
    model_name: str = DEFAULT_MODEL,
    *,
    max_tokens: int = MAX_TOKENS,
    full: bool = False,
    progress: BuildProgress | None = None,
    loader: EncoderLoader = load_encoder,
    model: Model | None = None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the articles in `articles_folder`.

    Args:
        articles_folder: searched with everything below it.
        folder: the index folder; made when missing.
        model_name: the default, a folder, or a name on the model hub.
        max_tokens: budget of a chunk.
        full: read, split and embed everything again.
        progress: see `BuildProgress`.
        loader: makes the encoder, and is called only if something has to be embedded.
        model: the model, if the caller has found it already.

    Raises:
        ArticlesMissing, ArticlesEmpty: nothing to index; the index stays as it was.
        ModelUnavailable, ModelMismatch: see `find_model`.
        IndexBusy: another process is building this index.
    """
    import filelock

    started = time.perf_counter()
    articles_folder = articles_folder.absolute()
    found = _scan(articles_folder, folder)  # a wrong folder is told before anything is made
    model = model or find_model(model_name)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / _LOCK, timeout=LOCK_WAIT_SECONDS):
            before, repaired = _old(folder)
            same = before and (before.settings.fingerprint, before.settings.max_tokens) == (
                model.fingerprint,
                max_tokens,
            )
            base = before if same and not full else None
            if base is None or found != _files_of(base) or base.articles_folder != articles_folder:
                embedded = _write_generation(
                    articles_folder, found, base, folder, model, max_tokens, loader, progress or silent
                )
            else:
                embedded = None
    except filelock.Timeout as error:
        raise IndexBusy(
            f"Another process is building the index in {folder} and was not done within "
            f"{LOCK_WAIT_SECONDS:.0f} s. Try again when it is."
        ) from error
    return _report(before, ArticleIndex.open(folder), embedded, repaired, time.perf_counter() - started)


def recorded_sources(folder: Path) -> tuple[Path | None, str | None]:
    """The articles folder and the model that the index in `folder` was built from, if it can be told."""
    try:
        index = ArticleIndex.open(folder)
    except (IndexMissing, IndexStale, IndexCorrupt):
        return None, None  # `build` finds the same and says so in its report
    return index.articles_folder, index.settings.model


def changes(index: ArticleIndex) -> list[str]:
    """Paths of articles that were added, changed or removed since the index was built.

    Raises:
        ArticlesMissing: the folder is gone.
    """
    before, now = _files_of(index), _scan(index.articles_folder, index.folder)
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def silent(step: str, done: int, total: int) -> None:
    """The progress of whoever doesn't want to be told."""


def _scan(articles_folder: Path, index_folder: Path) -> dict[str, str]:
    """Path to sha256 of every file; an empty digest where the bytes can't be read."""
    found = {}
    for path in list_articles(articles_folder, leave_out=index_folder):
        try:
            found[path] = sha256_of(read_bytes(articles_folder, path))
        except ArticleUnreadable:
            found[path] = ""
    return found


def _files_of(index: ArticleIndex) -> dict[str, str]:
    """What `_scan` found when an index was built."""
    return {record.path: record.sha256 for record in index.rows.articles} | {
        entry.path: entry.sha256 for entry in index.rows.unread
    }


def _old(folder: Path) -> tuple[ArticleIndex | None, str | None]:
    """The index to start from, or None; and why there is none, if it was there but unusable."""
    try:
        return ArticleIndex.open(folder), None
    except IndexMissing:
        return None, None
    except (IndexStale, IndexCorrupt) as error:
        return None, str(error)


@dataclass(slots=True)
class _Tables:
    """The tables of a generation while articles are added to it."""

    writer: GenerationWriter
    records: list[ArticleRecord] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    chunks: list[tuple[int, ...]] = field(default_factory=list)
    sentences: list[Span] = field(default_factory=list)
    terms: list[list[str]] = field(default_factory=list)
    base_rows: list[int] = field(default_factory=list)
    """For each chunk its row in the index started from, -1 where it has to be embedded."""
    base_sentence_rows: list[int] = field(default_factory=list)
    """The same for each sentence."""
    texts: list[str] = field(default_factory=list)
    """What to embed, one for each -1 above."""
    text_sentences: list[list[Span]] = field(default_factory=list)
    """Where the sentences are in each of `texts`."""

    def add(self, article: Article, chunks: Sequence[Chunk | ChunkRecord]) -> None:
        """Append an article; chunks that are records of the base keep their vectors."""
        data = article.text.encode()
        text_start, text_end = self.writer.add_text(data)
        first = len(self.chunks)
        at, byte = 0, 0
        for chunk in chunks:
            text = article.text[chunk.start : chunk.end]
            byte_start = byte + len(article.text[at : chunk.start].encode())
            at, byte = chunk.end, byte_start + len(text.encode())
            lines = article.lines.lines(chunk.start, chunk.end)
            sentence = len(self.sentences)
            self.sentences.extend(chunk.sentences)
            self.chunks.append(
                (len(self.records), chunk.start, chunk.end, byte_start, byte, *lines, sentence, len(self.sentences))
            )
            self._add_row(embedding_prefix(article.title), text, chunk)
        self.records.append(
            ArticleRecord(
                article.path,
                article.sha256,
                sha256_of(data),
                article.title,
                article.author,
                article.published,
                text_start,
                text_end,
                first,
                len(self.chunks),
            )
        )

    def _add_row(self, prefix: str, text: str, chunk: Chunk | ChunkRecord) -> None:
        self.terms.append(terms(prefix + text))
        count = len(chunk.sentences)
        if isinstance(chunk, ChunkRecord):
            self.base_rows.append(chunk.row)
            self.base_sentence_rows.extend(range(chunk.sentence_start, chunk.sentence_start + count))
            return
        self.base_rows.append(-1)
        self.base_sentence_rows.extend([-1] * count)
        self.texts.append(prefix + text)
        shift = len(prefix) - chunk.start
        self.text_sentences.append([(start + shift, end + shift) for start, end in chunk.sentences])


def _write_generation(
    articles_folder: Path,
    found: dict[str, str],
    base: ArticleIndex | None,
    folder: Path,
    model: Model,
    max_tokens: int,
    loader: EncoderLoader,
    progress: BuildProgress,
) -> int:
    """Write and publish a generation of what was found; returns how many chunks were embedded."""
    known = {_kind(record): row for row, record in enumerate(base.rows.articles)} if base else {}
    unread = {_kind(entry): entry for entry in base.rows.unread if entry.sha256} if base else {}
    load = functools.cache(lambda: loader(model))
    writer = GenerationWriter(folder)
    try:
        tables = _Tables(writer)
        for done, (path, digest) in enumerate(found.items()):
            progress("reading", done, len(found))
            kind = (PurePosixPath(path).suffix.lower(), digest)
            if base and kind in known:
                _keep(tables, base, known[kind], path)
            elif kind in unread:
                tables.unread.append(replace(unread[kind], path=path))
            else:
                _read(tables, articles_folder, path, max_tokens, load)
        _check_some(tables, articles_folder)
        encoder = load() if tables.texts else None
        settings = _settings(model, max_tokens, encoder, base)
        vectors, sentence_vectors = _vectors(tables, base, encoder, settings.dimension, progress)
        rows = Rows(
            tables.records,
            tables.unread,
            np.array(tables.chunks, dtype=np.int64).reshape(-1, len(CHUNK_COLUMNS)),
            np.array(tables.sentences, dtype=np.int64).reshape(-1, 2),
            sentence_vectors,
            VectorIndex.of(vectors),
            LexicalIndex.of(tables.terms),
        )
        writer.publish(rows, settings, articles_folder)
    except BaseException:
        writer.discard()
        raise
    remove_other_generations(folder, keep=writer.name)
    return len(tables.texts)


def _kind(entry: ArticleRecord | Unread) -> tuple[str, str]:
    """What decides how a file is read: its suffix and its bytes."""
    return PurePosixPath(entry.path).suffix.lower(), entry.sha256


def _settings(model: Model, max_tokens: int, encoder: SentenceEncoder | None, base: ArticleIndex | None) -> Settings:
    if encoder:
        return Settings(model.name, model.fingerprint, encoder.dimension, max_tokens, encoder.max_tokens)
    assert base is not None  # without an index to start from there is always an encoder
    return replace(base.settings, model=model.name)


def _keep(tables: _Tables, base: ArticleIndex, row: int, path: str) -> None:
    """Take over an article of the base that has the same bytes, maybe under another name."""
    record = base.rows.articles[row]
    chunks = [base.chunk(number) for number in range(record.chunk_start, record.chunk_end)]
    tables.add(replace(base.article(row), path=path), chunks)


def _read(
    tables: _Tables, articles_folder: Path, path: str, max_tokens: int, load: Callable[[], SentenceEncoder]
) -> None:
    """Read and split one article, or note why it can't be."""
    digest = ""
    try:
        data = read_bytes(articles_folder, path)
        digest = sha256_of(data)
        article = parse_article(path, data)
    except ArticleUnreadable as error:
        tables.unread.append(Unread(path, error.reason, digest))
        return
    encoder = load()
    budget = Budget(max_tokens, encoder.max_tokens, encoder.count_tokens)
    tables.add(article, split_article(article, budget.without(embedding_prefix(article.title))))


def _check_some(tables: _Tables, articles_folder: Path) -> None:
    if tables.chunks:
        return
    found = f"{len(tables.unread)} files, none of them readable as an article" if tables.unread else "no files"
    reasons = "".join(f"\n  {entry.path}: {entry.reason}" for entry in tables.unread[:10])
    raise ArticlesEmpty(
        f"There is nothing to index in {articles_folder}: {found}. "
        f"Put articles there ({', '.join(sorted(READERS))}) and build again.{reasons}"
    )


def _vectors(
    tables: _Tables,
    base: ArticleIndex | None,
    encoder: SentenceEncoder | None,
    dimension: int,
    progress: BuildProgress,
) -> tuple[Vectors, HalfVectors]:
    """Vectors of chunks and of sentences: from the base where they are known, else from the encoder."""
    rows, sentence_rows = np.array(tables.base_rows), np.array(tables.base_sentence_rows)
    vectors = np.empty((len(rows), dimension), dtype=np.float32)
    sentence_vectors = np.empty((len(sentence_rows), dimension), dtype=np.float16)
    if base:
        kept, kept_sentences = rows >= 0, sentence_rows >= 0
        vectors[kept] = base.rows.vectors.rows()[rows[kept]]
        sentence_vectors[kept_sentences] = base.rows.sentence_vectors[sentence_rows[kept_sentences]]
    if encoder and tables.texts:
        vectors[rows < 0], sentence_vectors[sentence_rows < 0] = encoder.encode_passages(
            tables.texts, tables.text_sentences, lambda done, total: progress("embedding", done, total)
        )
    return vectors, sentence_vectors


def _report(
    base: ArticleIndex | None, index: ArticleIndex, embedded: int | None, repaired: str | None, seconds: float
) -> BuildReport:
    before = {record.path: record.sha256 for record in base.rows.articles} if base else {}
    now = {record.path: record.sha256 for record in index.rows.articles}
    return BuildReport(
        folder=index.folder,
        articles_folder=index.articles_folder,
        articles=len(index.rows.articles),
        chunks=len(index.rows.chunks),
        added=tuple(path for path in now if path not in before),
        changed=tuple(path for path in now if path in before and before[path] != now[path]),
        removed=tuple(path for path in before if path not in now),
        unread=tuple(index.rows.unread),
        embedded=embedded or 0,
        written=embedded is not None,
        repaired=repaired,
        seconds=seconds,
    )
