"""The command that shows an article as it is in the index: ``show``."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import ArticleUnknown
from index.places import DEFAULT_INDEX, open_store
from shell.options import IndexOption, Json
from shell.printing import as_line, printable

if TYPE_CHECKING:
    from index.stores.protocol import Snapshot

NEAR_SHOWN = 3
"""Paths that are named where the one that was asked for is not there."""

NEAR_SHARE = 0.7
"""Of their letters, which paths that are mistyped share."""

MIN_STEM_CHARS = 3
"""A shorter name without its suffix stands in too many others."""


def show(
    article: Annotated[str, typer.Argument(help="The path of an article, as answers cite it.", show_default=False)],
    roles: Annotated[bool, typer.Option("--roles", help="Say in front of each line what it is.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: Json = False,
) -> None:
    """Show the lines of an article as they are in the index, with their numbers."""
    snapshot = open_store(index).snapshot()
    if snapshot.find(article) is None:
        raise ArticleUnknown(article, near_paths(article, (info.path for info in snapshot.articles())))
    lines = list(_lines(snapshot, article))
    width, role_width = len(str(len(lines))), max(len(role) for _, role, _ in lines)
    for number, role, text in lines:
        if as_json:
            print(as_line({"line": number, "role": role, "text": text}))
        else:
            front = f"{role:{role_width}}  " if roles else ""
            print(f"{front}{number:{width}}" + (f"  {printable(text)}" if text else ""))


def _lines(snapshot: "Snapshot", path: str) -> Iterator[tuple[int, str, str]]:
    """Number, role and text of each line; a blank one has no role."""
    article = snapshot.article(path)
    roles: dict[int, str] = {}
    for block in snapshot.blocks(path):
        first, last = article.lines.lines(block.start, block.end)
        roles |= dict.fromkeys(range(first, last + 1), str(block.role))
    for number in range(1, len(article.lines.starts) + 1):
        text = article.text[slice(*article.lines.span(number))]
        if text or number == 1:  # behind the last line end an editor shows an empty line, `sed -n` none
            yield number, roles.get(number, ""), text.rstrip("\r\n")


def near_paths(path: str, paths: Iterable[str]) -> list[str]:
    """At most `NEAR_SHOWN` paths that may have been meant: of the same file in another folder first."""
    import difflib

    known, name = list(paths), path.rsplit("/", 1)[-1].casefold()
    stem = name.rsplit(".", 1)[0]
    same = [other for other in known if other.rsplit("/", 1)[-1].casefold() == name]
    holding = [other for other in known if len(stem) >= MIN_STEM_CHARS and stem in other.casefold()]
    close = difflib.get_close_matches(path, known, NEAR_SHOWN, NEAR_SHARE)
    return list(dict.fromkeys([*same, *holding, *close]))[:NEAR_SHOWN]
