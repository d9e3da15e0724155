"""A folder of articles in, a new generation of the index out: the steps in their order.

Articles whose bytes are unchanged keep their chunks and vectors; only the others are read,
split and embedded. Nothing here prints; progress goes to a callback.
"""

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.analysis import content_spans, terms
from index.articles import Article, Span, check_folder, list_articles, parse_file, read_bytes, sha256_of
from index.chunks import MAX_TOKENS, Budget, Chunk, embedding_prefix, split_article
from index.embedding import DEFAULT_MODEL, Model, SentenceEncoder, Vectors, find_model, load_encoder
from index.errors import ArticlesEmpty, ArticleUnreadable, IndexBusy, IndexCorrupt, IndexMissing, IndexStale
from index.lexical import LexicalIndex, TermTable
from index.readers import READERS
from index.readers.records import record_path
from index.readers.rendered import MAX_BYTES, format_of
from index.store import (
    CHUNK_COLUMNS,
    ArticleIndex,
    ArticleRecord,
    GenerationWriter,
    HalfVectors,
    Rows,
    Settings,
    Table,
    Unread,
    check_index_folder,
    last_manifest,
    remove_other_generations,
    rows_of,
    writing,
)
from index.vectors import VectorIndex
from index.words import DIMENSION as WORD_DIMENSION
from index.words import WordVectors, pack

_LOCK = "build.lock"

LOCK_WAIT_SECONDS = 10.0
"""How long a second build waits for the first before it says so."""

EMBEDDING_BLOCK = 512
"""Passages embedded before their vectors are put in place: a block of them, with about 70 words each,
takes 60 MB as float32; all of a large folder would take ten times what is kept. Reading goes before,
not beside: with every core embedding, both at once saved 2 to 6 % of encyclopedia_dev at best."""

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
        unread: files of the folder, and records of them, that could not be indexed, and why.
        notices: paths of articles that were read with a remark, and the remark.
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
    notices: tuple[tuple[str, str], ...]
    embedded: int
    written: bool
    repaired: str | None
    seconds: float


def build(
    articles_folder: Path,
    folder: Path,
    model_name: str | None = None,
    *,
    max_tokens: int | None = None,
    full: bool = False,
    follow_links: bool | None = None,
    max_bytes: int | None = None,
    if_lost: "Recorded | None" = None,
    progress: BuildProgress | None = None,
    loader: EncoderLoader = load_encoder,
    model: Model | None = None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the articles in `articles_folder`.

    Model, budget, links and size are those of the index that is there, unless others are given; at first
    those of `Recorded`.

    Args:
        articles_folder: searched with everything below it.
        folder: the index folder; made when missing.
        model_name: a folder, or a name on the model hub.
        max_tokens: budget of a chunk.
        full: read, split and embed everything again.
        follow_links: search linked folders, and read linked files outside the folder.
        max_bytes: the largest file that is read.
        if_lost: how the index was built, from whoever has read it before; for one that is gone or too
            damaged to tell.
        progress: see `BuildProgress`.
        loader: makes the encoder, and is called only if something has to be embedded.
        model: the model, if the caller has found it already.

    Raises:
        ArticlesMissing, ArticlesEmpty: nothing to index; the index stays as it was.
        IndexMissing: where the index should be is a file.
        ModelUnavailable, ModelMismatch: see `find_model`.
        IndexBusy: another process is building this index.
        IndexUnwritable: the disk is full or refuses; the index stays as it was.
    """
    import filelock

    started = time.perf_counter()
    articles_folder = articles_folder.absolute()
    check_folder(articles_folder)  # a wrong one is told before anything is made
    check_index_folder(folder)

    def as_asked() -> Recorded:
        was = recorded(folder)
        known = if_lost if if_lost and (was.lost or was.articles_folder is None) else was
        return known.but(model_name, max_tokens, follow_links, max_bytes)

    find = functools.cache(lambda name: model or find_model(name))
    find(as_asked().model)  # so is a model that is not there
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / _LOCK, timeout=LOCK_WAIT_SECONDS):
            wanted = as_asked()  # behind the lock, like the scan: what an earlier build has seen, this one sees
            found_model = find(wanted.model)
            scope = _Scope(articles_folder, folder, wanted.follow_links, wanted.max_bytes)
            before, repaired = _old(folder)
            if before:
                remove_other_generations(folder, keep=before.generation)  # what a killed build has left
            alike = before and (before.settings.fingerprint, before.settings.max_tokens) == (
                found_model.fingerprint,
                wanted.max_tokens,
            )
            base = before if alike and not full else None
            found = scope.scan()
            if base is None or found != base.sources or scope != _Scope.of(base):
                embedded = _write_generation(
                    scope, found, base, found_model, wanted.max_tokens, loader, progress or silent
                )
            else:
                embedded = None
    except filelock.Timeout as error:
        raise IndexBusy(
            f"Another process is building the index in {folder} and was not done within "
            f"{LOCK_WAIT_SECONDS:.0f} s. Try again when it is."
        ) from error
    unchanged = before if embedded is None else None  # opened and checked already
    now = unchanged or ArticleIndex.open(folder)
    return _report(before, now, embedded, repaired, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the index in a folder was built from and how; by default as a first build does it.

    Attributes:
        articles_folder: None where there is no index yet.
        model: its name.
        max_tokens, follow_links, max_bytes: see `build`.
        lost: there is an index, too damaged to tell.
    """

    articles_folder: Path | None = None
    model: str = DEFAULT_MODEL
    max_tokens: int = MAX_TOKENS
    follow_links: bool = False
    max_bytes: int = MAX_BYTES
    lost: bool = False

    @classmethod
    def of(cls, index: ArticleIndex) -> "Recorded":
        """The same of an index that was opened."""
        settings = index.settings
        return cls(
            index.articles_folder, settings.model, settings.max_tokens, settings.follow_links, settings.max_bytes
        )

    def but(
        self, model: str | None, max_tokens: int | None, follow_links: bool | None, max_bytes: int | None
    ) -> "Recorded":
        """The same with what is given, where it is."""
        return replace(
            self,
            model=self.model if model is None else model,
            max_tokens=self.max_tokens if max_tokens is None else max_tokens,
            follow_links=self.follow_links if follow_links is None else follow_links,
            max_bytes=self.max_bytes if max_bytes is None else max_bytes,
        )


def recorded(folder: Path) -> Recorded:
    """What the index in `folder` was built from, as far as it can be told, also of one that must be built again."""
    try:
        manifest = last_manifest(folder)
    except IndexMissing:
        return Recorded()
    try:
        settings = manifest["settings"]
        return Recorded(
            Path(manifest["articles_folder"]),
            str(settings["model"]),
            int(settings.get("max_tokens", MAX_TOKENS)),
            bool(settings.get("follow_links", False)),
            int(settings.get("max_bytes", MAX_BYTES)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Recorded(lost=True)  # `build` finds the same and says so in its report


def changes(index: ArticleIndex) -> list[str]:
    """Paths of files that were added, changed or removed since the index was built.

    Raises:
        ArticlesMissing: the folder is gone.
    """
    before, now = index.sources, _Scope.of(index).scan()
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def silent(step: str, done: int, total: int) -> None:
    """The progress of whoever doesn't want to be told."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which files belong to an index."""

    articles_folder: Path
    folder: Path
    follow_links: bool
    max_bytes: int

    @classmethod
    def of(cls, index: ArticleIndex) -> "_Scope":
        return cls(index.articles_folder, index.folder, index.settings.follow_links, index.settings.max_bytes)

    def scan(self) -> dict[str, str]:
        """Path to sha256 of every file; an empty digest where the bytes can't be read."""
        found = {}
        for path in list_articles(self.articles_folder, leave_out=self.folder, follow_links=self.follow_links):
            try:
                found[path] = sha256_of(self.read(path))
            except ArticleUnreadable:
                found[path] = ""
        return found

    def read(self, path: str) -> bytes:
        return read_bytes(self.articles_folder, path, follow_links=self.follow_links, max_bytes=self.max_bytes)


def _old(folder: Path) -> tuple[ArticleIndex | None, str | None]:
    """The index to start from, or None; and why there is none, if it was there but unusable."""
    try:
        return ArticleIndex.open(folder), None
    except IndexMissing:
        return None, None
    except (IndexStale, IndexCorrupt) as error:
        return None, str(error).partition(" Build it again:")[0]  # that is what happens


class _Tables:
    """The tables of a generation while articles are added to it, blocks of rows for each article."""

    def __init__(self, writer: GenerationWriter, base: ArticleIndex | None) -> None:
        self.writer = writer
        self.base = base
        self.records: list[ArticleRecord] = []
        self.unread: list[Unread] = []
        self.sources: dict[str, str] = {}
        self.terms: list[list[str]] = []  # of new chunks, like the next two
        self.texts: list[str] = []
        self.text_sentences: list[list[Span]] = []
        self.word_counts: list[int] = []  # content words of each sentence
        self.chunk_count = self.sentence_count = 0
        self._chunks: list[Table] = []
        self._sentences: list[Table] = []
        self._base_rows: list[tuple[int, int]] = []  # (first row in the base or -1, how many)
        self._base_sentence_rows: list[tuple[int, int]] = []

    def chunks(self) -> Table:
        """The chunk table."""
        return _stacked(self._chunks, len(CHUNK_COLUMNS))

    def sentences(self) -> Table:
        """The sentence table."""
        return _stacked(self._sentences, 2)

    def base_rows(self) -> npt.NDArray[np.int64]:
        """For each chunk its row in the base, -1 where it is new."""
        return _unrolled(self._base_rows)

    def base_sentence_rows(self) -> npt.NDArray[np.int64]:
        """The same for each sentence."""
        return _unrolled(self._base_sentence_rows)

    def add(self, article: Article, chunks: Sequence[Chunk]) -> None:
        """Append a new article."""
        data = article.text.encode()
        rows: list[tuple[int, ...]] = []
        sentences: list[Span] = []
        at, byte = 0, 0
        prefix = embedding_prefix(article.title)
        for chunk in chunks:
            text = article.text[chunk.start : chunk.end]
            byte_start = byte + len(article.text[at : chunk.start].encode())
            at, byte = chunk.end, byte_start + len(text.encode())
            lines = article.lines.lines(chunk.start, chunk.end)
            first = self.sentence_count + len(sentences)
            sentences.extend(chunk.sentences)
            last = self.sentence_count + len(sentences)
            rows.append((len(self.records), chunk.start, chunk.end, byte_start, byte, *lines, first, last))
            self._embed(prefix, text, chunk)
        self._append(np.array(rows, dtype=np.int64), np.array(sentences, dtype=np.int64), -1, -1)
        self._record(article, sha256_of(data), data, len(rows))

    def keep(self, row: int, path: str, record: int, notice: str | None = None) -> None:
        """Take over an article of the base with its vectors, maybe under another name."""
        assert self.base is not None
        old = self.base.rows.articles[row]
        chunks = np.array(self.base.rows.chunks[old.chunk_start : old.chunk_end])
        first, last = (int(chunks[0, 7]), int(chunks[-1, 8])) if len(chunks) else (0, 0)
        chunks[:, 0] = len(self.records)
        chunks[:, 7:] += self.sentence_count - first
        self._append(chunks, np.array(self.base.rows.sentences[first:last]), old.chunk_start, first)
        notice = old.notice if notice is None else notice
        data = self.base.text_bytes(row)
        self._record(replace(old, path=path, record=record, notice=notice), old.text_sha256, data, len(chunks))

    def _append(self, chunks: Table, sentences: Table, base_row: int, base_sentence_row: int) -> None:
        self._chunks.append(chunks)
        self._sentences.append(sentences)
        self._base_rows.append((base_row, len(chunks)))
        self._base_sentence_rows.append((base_sentence_row, len(sentences)))

    def _record(self, source: Article | ArticleRecord, text_sha256: str, data: bytes, chunks: int) -> None:
        text_start, text_end = self.writer.add_text(data)
        first = self.chunk_count
        self.chunk_count += chunks
        self.sentence_count += len(self._sentences[-1])
        self.records.append(
            ArticleRecord(
                source.path,
                source.sha256,
                text_sha256,
                source.title,
                source.author,
                source.published,
                text_start,
                text_end,
                first,
                self.chunk_count,
                source.pages,
                source.record,
                source.url,
                source.notice,
            )
        )

    def _embed(self, prefix: str, text: str, chunk: Chunk) -> None:
        self.terms.append(terms(prefix + text))
        self.texts.append(prefix + text)
        shift = len(prefix) - chunk.start
        sentences = [(start + shift, end + shift) for start, end in chunk.sentences]
        self.text_sentences.append(sentences)
        self.word_counts += [len(words) for words in _words_of(self.texts[-1], sentences)]


def _words_of(text: str, sentences: Sequence[Span]) -> list[list[Span]]:
    """Content words of each sentence as spans of the text; found twice, since keeping them takes 100 bytes a word."""
    return [[(start + a, start + b) for a, b in content_spans(text[start:end])] for start, end in sentences]


def _stacked(blocks: Sequence[Table], columns: int) -> Table:
    return np.concatenate([np.empty((0, columns), dtype=np.int64), *(block for block in blocks if len(block))])


def _unrolled(runs: Sequence[tuple[int, int]] | Table) -> npt.NDArray[np.int64]:
    """Runs (first, how many) as single numbers; a run of -1 stays -1."""
    firsts, counts = np.array(runs, dtype=np.int64).reshape(-1, 2).T
    return np.where(np.repeat(firsts, counts) < 0, -1, rows_of(firsts, counts))


class _Known:
    """What the index started from holds, by what the files and records said.

    A reader is chosen by the suffix, so the same bytes under another suffix are something else.
    """

    def __init__(self, base: ArticleIndex | None) -> None:
        self.articles: dict[tuple[str, str], int] = {}
        self._files: dict[tuple[str, str], list[int | Unread]] = {}
        if base is None:
            return
        first: dict[tuple[str, str], str] = {}  # of files with the same bytes one is enough
        for row, record in enumerate(base.rows.articles):
            self.articles[format_of(record.file), record.sha256] = row
            self._remember(base.sources, record.file, row, first)
        for entry in base.rows.unread:
            self._remember(base.sources, entry.file or entry.path, entry, first)

    def _remember(
        self, sources: Mapping[str, str], file: str, entry: int | Unread, first: dict[tuple[str, str], str]
    ) -> None:
        key = format_of(file), sources.get(file, "")
        if key[1] and first.setdefault(key, file) == file:
            self._files.setdefault(key, []).append(entry)

    def file(self, path: str, digest: str) -> list[int | Unread] | None:
        """Rows of the articles in a file with this digest, and what could not be read of it."""
        return self._files.get((format_of(path), digest))


def _write_generation(
    scope: _Scope,
    found: dict[str, str],
    base: ArticleIndex | None,
    model: Model,
    max_tokens: int,
    loader: EncoderLoader,
    progress: BuildProgress,
) -> int:
    """Write and publish a generation of what was found; returns how many chunks were embedded."""
    known = _Known(base)
    load = functools.cache(lambda: loader(model))
    writer = GenerationWriter(scope.folder)
    try:
        tables = _Tables(writer, base)
        for done, (path, digest) in enumerate(found.items()):
            progress("reading", done, len(found))
            if entries := known.file(path, digest):
                _keep(tables, path, digest, entries)
            else:
                _read(tables, scope, path, known, max_tokens, load)
        progress("reading", len(found), len(found))
        _check_some(tables, scope.articles_folder)
        encoder = load() if tables.texts else None
        settings = _settings(scope, model, max_tokens, encoder, base)
        vectors, sentence_vectors, word_starts, word_vectors = _vectors(tables, encoder, settings.dimension, progress)
        words = TermTable.joined(base.rows.lexical.terms if base else None, tables.base_rows(), tables.terms)
        rows = Rows(
            tables.records,
            tables.unread,
            tables.chunks(),
            tables.sentences(),
            sentence_vectors,
            word_starts,
            word_vectors,
            VectorIndex.of(vectors),
            LexicalIndex.of_table(words),
        )
        writer.publish(rows, settings, scope.articles_folder, tables.sources)
    except BaseException:
        writer.discard()
        raise
    remove_other_generations(scope.folder, keep=writer.name)
    return len(tables.texts)


def _settings(
    scope: _Scope, model: Model, max_tokens: int, encoder: SentenceEncoder | None, base: ArticleIndex | None
) -> Settings:
    if encoder is None:
        assert base is not None  # without an index to start from there is always an encoder
        dimension, max_model_tokens = base.settings.dimension, base.settings.max_model_tokens
    else:
        dimension, max_model_tokens = encoder.dimension, encoder.max_tokens
    return Settings(
        model.name, model.fingerprint, dimension, max_tokens, max_model_tokens, scope.follow_links, scope.max_bytes
    )


def _keep(tables: _Tables, path: str, digest: str, entries: Sequence[int | Unread]) -> None:
    """Take over what the base knows of a file with the same bytes, maybe under another name."""
    tables.sources[path] = digest
    for entry in entries:
        if isinstance(entry, Unread):
            tables.unread.append(_moved(entry, path))
        else:
            assert tables.base is not None
            record = tables.base.rows.articles[entry].record
            tables.keep(entry, record_path(path, record), record)


def _moved(entry: Unread, path: str) -> Unread:
    if not entry.file:
        return replace(entry, path=path)
    return replace(entry, path=path + entry.path.removeprefix(entry.file), file=path)


def _read(
    tables: _Tables, scope: _Scope, path: str, known: _Known, max_tokens: int, load: Callable[[], SentenceEncoder]
) -> None:
    """Read and split the articles of one file, or note why they can't be."""
    tables.sources[path] = ""
    try:
        data = scope.read(path)
        tables.sources[path] = sha256_of(data)
        for article in parse_file(path, data, scope.max_bytes):
            if isinstance(article, ArticleUnreadable):
                tables.unread.append(Unread(article.path, article.reason, tables.sources[path], path))
            elif (row := known.articles.get((format_of(path), article.sha256))) is not None:
                tables.keep(row, article.path, article.record, article.notice)
            else:
                encoder = load()
                budget = Budget(max_tokens, encoder.max_tokens, encoder.count_tokens)
                tables.add(article, split_article(article, budget.behind(embedding_prefix(article.title))))
    except ArticleUnreadable as error:
        tables.unread.append(Unread(path, error.reason, tables.sources[path]))


def _check_some(tables: _Tables, articles_folder: Path) -> None:
    if tables.chunk_count:
        return
    found = f"{len(tables.unread)} files, none of them readable as an article" if tables.unread else "no files"
    reasons = "".join(f"\n  {entry.path}: {entry.reason}" for entry in tables.unread[:10])
    raise ArticlesEmpty(
        f"There is nothing to index in {articles_folder}: {found}. "
        f"Put articles there ({', '.join(sorted(READERS))}) and build again.{reasons}"
    )


def _vectors(
    tables: _Tables, encoder: SentenceEncoder | None, dimension: int, progress: BuildProgress
) -> tuple[Vectors, HalfVectors, Table, WordVectors]:
    """Vectors of chunks, sentences and words: from the base where they are known, else from the encoder."""
    rows, sentence_rows = tables.base_rows(), tables.base_sentence_rows()
    word_starts, word_rows = _words(tables, sentence_rows)
    vectors = np.empty((len(rows), dimension), dtype=np.float32)
    sentence_vectors = np.empty((len(sentence_rows), dimension), dtype=np.float16)
    word_vectors = np.empty((len(word_rows), WORD_DIMENSION), dtype=np.int8)
    kept, kept_sentences, kept_words = rows >= 0, sentence_rows >= 0, word_rows >= 0
    if tables.base and kept.any():
        vectors[kept] = tables.base.rows.vectors.rows()[rows[kept]]
        sentence_vectors[kept_sentences] = tables.base.rows.sentence_vectors[sentence_rows[kept_sentences]]
        word_vectors[kept_words] = tables.base.rows.word_vectors[word_rows[kept_words]]
    new = _Places(np.flatnonzero(~kept)), _Places(np.flatnonzero(~kept_sentences)), _Places(np.flatnonzero(~kept_words))
    for block, sentences, words in _embedded(tables, encoder, progress):
        vectors[new[0].take(len(block))] = block
        sentence_vectors[new[1].take(len(sentences))] = sentences
        word_vectors[new[2].take(len(words))] = words
    if any(places.left for places in new):
        left = ", ".join(str(places.left) for places in new)
        raise ValueError(f"The model left chunks, sentences and words without vectors: {left}.")
    return vectors, sentence_vectors, word_starts, word_vectors


class _Places:
    """Rows that are still to be filled, taken in order."""

    def __init__(self, rows: npt.NDArray[np.int64]) -> None:
        self._rows = rows
        self.left = len(rows)

    def take(self, count: int) -> npt.NDArray[np.int64]:
        """The next `count` of them."""
        begin = len(self._rows) - self.left
        self.left -= count
        return self._rows[begin : begin + count]


def _words(tables: _Tables, sentence_rows: npt.NDArray[np.int64]) -> tuple[Table, npt.NDArray[np.int64]]:
    """Where each sentence begins in the word table; and for each word its row in the base, -1 where it is new."""
    kept = sentence_rows >= 0
    counts = np.empty(len(sentence_rows), dtype=np.int64)
    counts[~kept] = tables.word_counts
    begins = np.full(len(sentence_rows), -1, dtype=np.int64)
    if tables.base:
        starts = np.asarray(tables.base.rows.word_starts)
        begins[kept] = starts[sentence_rows[kept]]
        counts[kept] = starts[sentence_rows[kept] + 1] - begins[kept]
    return np.concatenate([[0], np.cumsum(counts)]), _unrolled(np.stack([begins, counts], axis=1))


def _embedded(
    tables: _Tables, encoder: SentenceEncoder | None, progress: BuildProgress
) -> Iterator[tuple[Vectors, Vectors, WordVectors]]:
    """Vectors of the new chunks, of their sentences and of the words in these, block by block."""
    begin, total = 0, len(tables.texts)

    def show(done: int, _total: int) -> None:
        progress("embedding", begin + done, total)

    for begin in range(0, total if encoder else 0, EMBEDDING_BLOCK):
        assert encoder is not None
        block = slice(begin, begin + EMBEDDING_BLOCK)
        words = [
            [span for sentence in _words_of(text, sentences) for span in sentence]
            for text, sentences in zip(tables.texts[block], tables.text_sentences[block], strict=True)
        ]
        spans = [[*one, *other] for one, other in zip(tables.text_sentences[block], words, strict=True)]
        vectors, pooled = encoder.encode_passages(tables.texts[block], spans, show)
        is_word = np.concatenate(
            [
                np.repeat([False, True], [len(one), len(other)])
                for one, other in zip(tables.text_sentences[block], words, strict=True)
            ]
        )
        yield vectors, pooled[~is_word], pack(pooled[is_word])


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
        notices=tuple((record.path, record.notice) for record in index.rows.articles if record.notice),
        embedded=embedded or 0,
        written=embedded is not None,
        repaired=repaired,
        seconds=seconds,
    )
