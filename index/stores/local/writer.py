"""A new generation on its way to the disk: parts are written as they come, nobody sees it before it is whole."""

import contextlib
import datetime
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.digests import sha256_of
from index.repeated import repeated
from index.segment import BlockColumn, Column, Segment, of_later_articles, shifted
from index.stores.local import snapshot as names
from index.stores.local.articles import ArticleTableWriter, Row
from index.stores.local.files import ArrayWriter, FileDigest, write_array
from index.stores.local.generations import FORMAT, begin, drop, switch, writing
from index.stores.local.lexical_writer import LexicalWriter
from index.stores.local.vectors import VectorWriter
from index.stores.types import Publication


class GenerationWriter:
    """Writes a generation; of the articles only the table is held in memory.

    Raises:
        IndexUnwritable: from every method, if the disk is full or refuses.
    """

    def __init__(self, folder: Path) -> None:
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S")
        self.folder = folder
        self.name = f"{stamp}-{uuid.uuid4().hex[:8]}"
        self._counts = {"articles": 0, "chunks": 0, "sentences": 0, "blocks": 0}
        self._arrays: dict[str, ArrayWriter] = {}
        self._vectors: VectorWriter | None = None
        self._open = contextlib.ExitStack()  # what has to be let go of
        try:
            with writing(folder):
                self._begin()
        except BaseException:
            self.discard()
            raise

    def _begin(self) -> None:
        self._home = begin(self.folder, self.name)
        self._texts = self._open.enter_context((self._home / names.TEXTS).open("wb"))
        self._articles = ArticleTableWriter()
        self._open.callback(self._articles.discard)
        self._lexical = LexicalWriter(self._home)
        self._open.callback(self._lexical.discard)

    def add(self, part: Segment) -> None:
        """Append the articles of a segment."""
        with writing(self.folder):
            counts = self._counts
            self._articles.add(self._rows(part))
            self._append(names.CHUNKS, shifted(part.chunks, counts["articles"], counts["sentences"]))
            self._append(names.SENTENCES, part.sentences)
            self._append(names.BLOCKS, of_later_articles(part.blocks, counts["articles"]))
            if self._vectors is None:
                self._vectors = VectorWriter(self._home, part.vectors.shape[1])
                self._open.callback(self._vectors.discard)
            self._vectors.add(part.vectors)
            self._lexical.add(part.terms.vocabulary, part.terms.ids, part.terms.starts)
            counts["articles"] += len(part.articles)
            counts["chunks"] += len(part.chunks)
            counts["sentences"] += len(part.sentences)
            counts["blocks"] += len(part.blocks)

    def _rows(self, part: Segment) -> Iterator[Row]:
        """Rows of the article table; the texts are written on the way."""
        numbers = np.arange(len(part.articles) + 1)
        edges = (np.searchsorted(part.chunks[:, Column.ARTICLE], numbers) + self._counts["chunks"]).tolist()
        block_edges = (np.searchsorted(part.blocks[:, BlockColumn.ARTICLE], numbers) + self._counts["blocks"]).tolist()
        for number, (info, data) in enumerate(zip(part.articles, part.texts, strict=True)):
            start = self._texts.tell()
            self._texts.write(data)
            placed = (start, start + len(data), *edges[number : number + 2], *block_edges[number : number + 2])
            yield Row(info, sha256_of(data), *placed)

    def _append(self, name: str, rows: npt.NDArray[Any]) -> None:
        if name not in self._arrays:
            columns = rows.shape[1] if rows.ndim > 1 else None
            self._arrays[name] = ArrayWriter(self._home / name, rows.dtype, columns)
            self._open.callback(self._arrays[name].discard)
        self._arrays[name].append(rows)

    def publish(self, publication: Publication) -> None:
        """Write the rest, sync it, and make this generation the current one in one step."""
        with writing(self.folder):
            self._texts.close()
            for array in self._arrays.values():
                array.close()
            if self._vectors:
                self._vectors.finish()
            self._find_repeated()
            self._lexical.finish()
            about = self._articles.finish(self._home / names.ARTICLES, publication.unread, publication.sources)
            files = sorted(path for path in self._home.rglob("*") if path.is_file())
            manifest = {
                "format": FORMAT,
                "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "articles_folder": str(publication.articles_folder),
                "settings": asdict(publication.settings),
                "about": about,
                "files": {path.relative_to(self._home).as_posix(): FileDigest.of(path).as_json() for path in files},
            }
            switch(self.folder, self.name, manifest)

    def _find_repeated(self) -> None:
        """Write which blocks stand alike in several articles, see `index.repeated`; all have been written by now."""
        blocks = np.load(self._home / names.BLOCKS, mmap_mode="r") if names.BLOCKS in self._arrays else None
        found = np.empty(0, np.int64)
        if blocks is not None:
            found = repeated(blocks[:, BlockColumn.ARTICLE], blocks[:, BlockColumn.KEY], self._articles.title)
        write_array(self._home / names.REPEATED, found)

    def discard(self) -> None:
        """Remove what was written so far; the index stays as it was."""
        with contextlib.suppress(OSError):  # on a full disk what is still buffered can't be written
            self._open.close()
        drop(self.folder, self.name)
