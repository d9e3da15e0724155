"""Passages in, verbatim `Quote`s out, each checked against the article that it cites."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim piece of an article.

    Attributes:
        text: exactly ``article.text[start:end]``; checked when it was made.
        path: the article, relative to the articles folder.
        start_line, end_line: 1-based, inclusive, as an editor and ``sed -n`` count.
        start, end: offsets of the article's text, in code points.
        sha256: digest of the article's file.
        title, author, published: of the article; empty where it doesn't say. The date is ISO.
        score: how well it answers, 0 to 1, higher is better.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    start: int
    end: int
    sha256: str
    title: str
    author: str
    published: str
    score: float

    @property
    def citation(self) -> str:
        """``path:line`` or ``path:first-last``."""
        lines = f"{self.start_line}" if self.start_line == self.end_line else f"{self.start_line}-{self.end_line}"
        return f"{self.path}:{lines}"
