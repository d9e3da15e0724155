"""An index in, the state of every article of it out: unchanged, changed or missing.

Opening an index compares what is read of it; here every byte is compared, and each article's file with the digest
that it had when it was read.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.articles import list_articles, parse_file
from index.digests import sha256_of
from index.errors import ArticleUnreadable
from index.places import open_store
from index.scope import Scope
from index.stores.protocol import Store
from index.types import Article, ArticleInfo


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


def verify(index: Store | Path | str) -> Verification:
    """Check every byte of the index and every article against its digest.

    Raises:
        IndexMissing, IndexStale, IndexCorrupt: see `Store.snapshot`.
        ArticlesMissing: the articles folder is gone.
    """
    store = open_store(index) if isinstance(index, Path | str) else index
    snapshot = store.snapshot()
    snapshot.verify()
    scope, sources = Scope.of(snapshot, store.folder), snapshot.sources()
    listed = list_articles(scope.articles_folder, leave_out=scope.leave_out, follow_links=scope.follow_links)
    states: dict[str, list[str]] = {"unchanged": [], "changed": [], "missing": []}
    files: dict[str, list[ArticleInfo]] = {}
    for info in snapshot.articles():
        files.setdefault(info.file, []).append(info)
    for file, articles in files.items():
        for info, state in _states(scope, file, sources.get(file, ""), articles):
            states[state].append(info.path)
    return Verification(
        snapshot.about.generation,
        tuple(states["unchanged"]),
        tuple(states["changed"]),
        tuple(states["missing"]),
        tuple(path for path in listed if path not in sources),
    )


def _states(scope: Scope, file: str, digest: str, articles: list[ArticleInfo]) -> Iterator[tuple[ArticleInfo, str]]:
    """What has become of the articles of one file that had a digest."""
    try:
        data = scope.read(file)
    except ArticleUnreadable:
        exists = (scope.articles_folder / file).exists()
        yield from ((info, "changed" if exists else "missing") for info in articles)
        return
    if sha256_of(data) == digest:
        yield from ((info, "unchanged") for info in articles)
        return
    try:
        found = parse_file(file, data, scope.max_bytes) if articles[0].record else iter(())
        now = {article.path: article.sha256 for article in found if isinstance(article, Article)}
    except ArticleUnreadable:
        now = {}
    for info in articles:
        if info.record and info.path not in now:
            yield info, "missing"
        else:
            yield info, "unchanged" if now.get(info.path) == info.sha256 else "changed"
