"""The commands that look whether all is as it was: ``check``, ``verify`` and ``info``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import ArticlesMissing
from index.places import DEFAULT_INDEX, open_store
from shell.messages import message, reason_with_way
from shell.options import EXIT_DIFFERS, IndexOption, Json
from shell.printing import printable

if TYPE_CHECKING:
    from index.stores.protocol import Snapshot, Store


def check(
    citations: Annotated[Path, typer.Argument(help="What `articleqa cite` printed, or a chat copied or exported.")],
    articles: Annotated[Path, typer.Option("--articles", help="The folder of articles.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say of each citation whether it is valid, moved, changed or missing. Exit code 4 unless all are valid."""
    from qa.citations import check_citations, read_citations

    checks = check_citations(read_citations(citations), articles)
    if as_json:
        print(json.dumps([found.as_json() for found in checks]))
    for found in () if as_json else checks:
        now = f" → {found.location}" if found.state == "moved" else f" ({found.reason})" if found.reason else ""
        print(printable(f"{found.state}: {found.citation.location}{now}"))
    if any(found.state != "valid" for found in checks):
        raise typer.Exit(EXIT_DIFFERS)


def verify(index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Check every file of the index, and every article against its sha256. Exit code 4 if one differs."""
    from index.verify import verify as verify_index

    found = verify_index(index)
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        print(f"Index {printable(str(index))}: whole, generation {found.generation}")
        print(f"Articles: {len(found.unchanged)} unchanged, {len(found.changed)} changed, {len(found.missing)} missing")
        for state, paths in (("changed", found.changed), ("missing", found.missing), ("new", found.new)):
            for path in paths:
                print(printable(f"  {state}: {path}"))
    if not found.whole:
        raise typer.Exit(EXIT_DIFFERS)


def info(index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Say what the index holds and whether the articles have changed since."""
    facts = _facts(index)
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}: {_listed(value)}")


def _facts(folder: Path) -> dict[str, Any]:
    store = open_store(folder)
    snapshot = store.snapshot()
    about, settings = snapshot.about, snapshot.about.settings
    unread = [{"path": entry.path, "reason": reason_with_way(entry.reason)} for entry in snapshot.unread()]
    remarks = [{"path": info.path, "reason": info.notice} for info in snapshot.articles() if info.notice]
    return {
        "index": str(folder),
        "generation": about.generation,
        "created": about.created,
        "articles_folder": str(about.articles_folder),
        "articles": about.articles,
        "passages": about.chunks,
        "sentences": about.sentences,
        "model": settings.model,
        "model_fingerprint": settings.fingerprint,
        "dimension": settings.dimension,
        "max_tokens": settings.max_tokens,
        "changed_since": _changed(snapshot, store),
        "not_indexed": unread,
        "remarks": remarks,
    }


def _changed(snapshot: "Snapshot", store: "Store") -> list[str] | str:
    """Paths of files that were added, changed or removed since; or why that can't be told."""
    from index.scope import Scope

    before = snapshot.sources()
    try:
        now = Scope.of(snapshot, store.folder).scan()
    except ArticlesMissing as error:
        return message(error)
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def _listed(value: object) -> str:
    """A fact of `info` for people."""
    if not isinstance(value, list):
        return printable(str(value))
    lines = [f"{entry['path']}: {entry['reason']}" if isinstance(entry, dict) else str(entry) for entry in value]
    return "".join(f"\n  {printable(line)}" for line in lines) or "nothing"
