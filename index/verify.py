"""An index in, the state of every article of it out: unchanged, changed or missing.

The files of the index itself are checked when it is opened; here each text is compared with its
digest too, and each article's file with the digest it had when it was read.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.articles import list_articles, parse_file, read_bytes
from index.digests import sha256_of
from index.errors import ArticleUnreadable
from index.store import ArticleIndex, ArticleRecord
from index.types import Article


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found; every article of the index is in one of the first three.

    Attributes:
        generation: of the index whose files were checked.
        unchanged, changed, missing: paths of articles.
        new: paths of files that were added since.
    """

    generation: str
    unchanged: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every article is as it was indexed; new files don't make it untrue."""
        return not (self.changed or self.missing)

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


def verify(folder: Path) -> Verification:
    """Check every file of the index and every article against its digest.

    Raises:
        IndexMissing, IndexStale, IndexCorrupt: see `ArticleIndex.open`.
        ArticlesMissing: the articles folder is gone.
    """
    index = ArticleIndex.open(folder)
    settings = index.settings
    listed = list_articles(index.articles_folder, leave_out=folder, follow_links=settings.follow_links)
    states: dict[str, list[str]] = {"unchanged": [], "changed": [], "missing": []}
    files: dict[str, list[ArticleRecord]] = {}
    for row, record in enumerate(index.rows.articles):
        index.text_bytes(row)
        files.setdefault(record.file, []).append(record)
    for file, records in files.items():
        for record, state in _states(index, file, records):
            states[state].append(record.path)
    return Verification(
        index.generation,
        tuple(states["unchanged"]),
        tuple(states["changed"]),
        tuple(states["missing"]),
        tuple(path for path in listed if path not in index.sources),
    )


def _states(index: ArticleIndex, file: str, records: list[ArticleRecord]) -> Iterator[tuple[ArticleRecord, str]]:
    """What has become of the articles of one file."""
    settings = index.settings
    try:
        data = read_bytes(index.articles_folder, file, follow_links=settings.follow_links, max_bytes=settings.max_bytes)
    except ArticleUnreadable:
        exists = (index.articles_folder / file).exists()
        yield from ((record, "changed" if exists else "missing") for record in records)
        return
    if sha256_of(data) == index.sources[file]:
        yield from ((record, "unchanged") for record in records)
        return
    try:
        found = parse_file(file, data, settings.max_bytes) if records[0].record else iter(())
        now = {article.path: article.sha256 for article in found if isinstance(article, Article)}
    except ArticleUnreadable:
        now = {}
    for record in records:
        if record.record and record.path not in now:
            yield record, "missing"
        else:
            yield record, "unchanged" if now.get(record.path) == record.sha256 else "changed"
