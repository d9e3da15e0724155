"""Answers to citations that can be handed to someone else, and citations checked against articles.

Two formats, both in UTF-8. Plain text, one citation after the other, as `Quote.cited` has it::

    “At least 25 people had been killed.” (news.txt:10)

and JSON, one object or several, which keeps line ends and names of every kind, and finds an article that was renamed::

    {"format": "articleqa citations 1",
     "answers": [{"question": "…", "found": true,
                  "quotes": [{"text", "path", "start_line", "end_line", "start", "end", "sha256",
                              "title", "author", "published", "page", "score"}, …]}, …]}

A quote's fields are those of `Quote`. Checking needs only ``text``, ``path``, ``start_line`` and
``end_line`` (1-based, inclusive) of each; ``sha256`` finds an article that was renamed. No index
and no model is needed to check, only the articles. A line end is a line end: ``\\n`` in a citation
also stands for the ``\\r\\n`` that a clipboard or an editor has changed.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from index.articles import list_articles, parse_file, read_bytes
from index.errors import ArticleUnreadable, CitationsUnreadable, NoCitations
from index.types import LINE_END, Article, citation_of
from qa.types import Answer

FORMAT = "articleqa citations 1"

State = Literal["valid", "moved", "changed", "missing"]


def citations_json(*answers: Answer) -> dict[str, Any]:
    """The quotes of answers as a JSON object that `check` understands."""
    return {
        "format": FORMAT,
        "answers": [
            {
                "question": answer.question,
                "found": answer.found,
                "quotes": [quote.as_json() for quote in answer.quotes],
            }
            for answer in answers
        ],
    }


@dataclass(frozen=True, slots=True)
class Citation:
    """One quote of a file of citations, as far as checking needs it."""

    text: str
    path: str
    start_line: int
    end_line: int
    sha256: str = ""

    @property
    def location(self) -> str:
        """``path:line`` or ``path:first-last``."""
        return citation_of(self.path, self.start_line, self.end_line)


@dataclass(frozen=True, slots=True)
class Check:
    """What has become of a citation.

    Attributes:
        citation: as it was handed over.
        state: "valid": the text stands in these lines of this article; "moved": it stands in other
            lines, or in a renamed article; "changed": the article is there, the text is not in it;
            "missing": there is no such article, or it can't be read.
        path, start_line, end_line: where the text stands now; the citation's own if nowhere.
        reason: why an article that is there counts as missing; else empty.
    """

    citation: Citation
    state: State
    path: str
    start_line: int
    end_line: int
    reason: str = ""

    @property
    def location(self) -> str:
        """``path:line`` or ``path:first-last`` of where the text stands now."""
        return citation_of(self.path, self.start_line, self.end_line)

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


_SPACE = re.compile(r"\s*")
_PLAIN = re.compile(
    r"“(?P<text>.+?)” \((?P<path>[^\n”]+?):(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?"
    r"(?:, page [0-9]+)?\)[ \t]*(?:\n\s*|\Z)",
    re.DOTALL,
)
"""A citation as plain text. It ends at a line's end, so that a quote may hold quotes and brackets of its own."""


def read_citations(file: Path) -> list[Citation]:
    """The citations of a file in either format, in order.

    Raises:
        CitationsUnreadable: it is not there, or holds something else than citations.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig").strip()
        if not text:
            raise CitationsUnreadable(f"{file} is empty.")
        return _read_json(file, text) if text.startswith(("{", "[")) else _read_plain(file, text)
    except OSError as error:
        raise CitationsUnreadable(f"{file} can't be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoCitations(f"{file} holds no citations ({type(error).__name__}: {error}).") from error


def _read_json(file: Path, text: str) -> list[Citation]:
    decoder, found, at = json.JSONDecoder(), list[Citation](), 0
    while at < len(text):  # one object after the other, as `cite --json >> FILE` writes them
        data, at = decoder.raw_decode(text, at)
        if not isinstance(data, dict) or "format" not in data:
            raise NoCitations(f"{file} holds other JSON than citations.", json=True)
        if data["format"] != FORMAT:
            raise CitationsUnreadable(f"{file} has the format {data['format']!r}, this articleqa reads {FORMAT!r}.")
        found += [_citation(quote) for answer in data["answers"] for quote in answer["quotes"]]
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    return found


def _read_plain(file: Path, text: str) -> list[Citation]:
    """Nothing between the citations is passed over: it may be one that was garbled."""
    text = LINE_END.sub("\n", text)
    found: list[Citation] = []
    at = 0
    while at < len(text) or not found:
        match = _PLAIN.match(text, at)
        if not match:
            line = text.count("\n", 0, at) + 1
            raise CitationsUnreadable(f"Line {line} of {file} is no citation: “words of the article” (article.txt:3)")
        first, last = int(match["first"]), int(match["last"] or match["first"])
        found.append(Citation(match["text"], match["path"], first, last))
        at = match.end()
    return found


def _citation(quote: dict[str, Any]) -> Citation:
    found = Citation(quote["text"], quote["path"], quote["start_line"], quote["end_line"], quote.get("sha256", ""))
    strings, lines = (found.text, found.path, found.sha256), (found.start_line, found.end_line)
    if not (all(isinstance(value, str) for value in strings) and all(type(value) is int for value in lines)):
        raise ValueError("a field of a quote has the wrong type")
    if not found.text:
        raise ValueError("a quote is empty")
    return found


def check_citations(citations: Sequence[Citation], articles_folder: Path) -> list[Check]:
    """Look every citation up in a folder of articles, in order.

    Raises:
        ArticlesMissing: there is no such folder.
    """
    folder = _Folder(articles_folder)
    return [_check(citation, folder) for citation in citations]


class _Folder:
    """The articles of a folder, read when they are asked for; only listed files are ever opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed = set(list_articles(folder))
        self._read: dict[str, list[Article] | ArticleUnreadable] = {}

    def file_of(self, path: str) -> str | None:
        """The file of the article that a citation names, if it is there."""
        file, _, record = path.rpartition("#")
        return next((name for name in (path, file if record.isdecimal() else "") if name in self._listed), None)

    def articles(self, file: str) -> list[Article] | ArticleUnreadable:
        """The articles in a listed file, or why it can't be read."""
        if file not in self._read:
            try:
                parsed = parse_file(file, read_bytes(self._folder, file))
                self._read[file] = [article for article in parsed if isinstance(article, Article)]
            except ArticleUnreadable as error:
                self._read[file] = error
        return self._read[file]

    def with_digest(self, sha256: str) -> Iterator[Article]:
        """Articles with the same bytes under whatever name."""
        for file in sorted(self._listed):
            found = self.articles(file)
            if not isinstance(found, ArticleUnreadable):
                yield from (article for article in found if article.sha256 == sha256)


def _check(citation: Citation, folder: _Folder) -> Check:
    file = folder.file_of(citation.path)
    found = folder.articles(file) if file else []
    if isinstance(found, ArticleUnreadable):
        return _here(citation, "missing", found.reason)
    named = [article for article in found if article.path == citation.path]
    others = [article for article in found if article.path != citation.path]
    for article in named:
        if _stands(citation, article):
            return _here(citation, "valid")
    for article in [*named, *others]:
        if moved := _nearest(citation, article):
            return moved
    if not file and citation.sha256:
        for article in folder.with_digest(citation.sha256):
            if moved := _nearest(citation, article):
                return moved
    return _here(citation, "changed" if named else "missing")


def _here(citation: Citation, state: State, reason: str = "") -> Check:
    return Check(citation, state, citation.path, citation.start_line, citation.end_line, reason)


def _places(text: str, article: Article) -> Iterator[tuple[int, int]]:
    """First and last line of every place where a text stands in an article, whatever ends its lines."""
    pattern = re.compile(f"(?:{LINE_END.pattern})".join(map(re.escape, LINE_END.split(text))))
    match = pattern.search(article.text)
    while match:
        yield article.lines.lines(*match.span())
        match = pattern.search(article.text, match.start() + 1)


def _stands(citation: Citation, article: Article) -> bool:
    return (citation.start_line, citation.end_line) in _places(citation.text, article)


def _nearest(citation: Citation, article: Article) -> Check | None:
    """The place of the text in an article that is nearest to the cited lines."""
    places = list(_places(citation.text, article))
    if not places:
        return None
    first, last = min(places, key=lambda place: (abs(place[0] - citation.start_line), place))
    return Check(citation, "moved", article.path, first, last)
