"""Web pages with known article bodies in, precision and recall of what is read of them out.

The measure of the article-extraction-benchmark: runs of four words ("shingles"), counted as
often as they occur; the means over the pages of precision and of recall, and their F1.

    python -m evaluation.html_pages FOLDER [--json]
"""

import argparse
import json
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.articles import parse_article
from index.errors import ArticleQAError, ArticleUnreadable
from index.types import Article

SHINGLE_WORDS = 4

_WORD = re.compile(r"\w+")

Shingles = Counter[tuple[str, ...]]


class PagesMissing(ArticleQAError):
    """The folder does not say what is on its pages. Seen by whoever evaluates."""


@dataclass(frozen=True, slots=True)
class PageFigures:
    """How the body read of one page compares with the true one.

    Attributes:
        page: its id.
        precision, recall: 0 to 1; `precision` is None where nothing was read.
    """

    page: str
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True)
class HtmlFigures:
    """Figures of all pages."""

    pages: tuple[PageFigures, ...]

    @property
    def precision(self) -> float:
        """Mean over the pages of which something was read."""
        return statistics.fmean(page.precision for page in self.pages if page.precision is not None)

    @property
    def recall(self) -> float:
        """Mean over all pages."""
        return statistics.fmean(page.recall for page in self.pages)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two means."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def lost(self) -> list[str]:
        """Pages of which nothing of the article was read."""
        return [page.page for page in self.pages if not page.precision]

    def as_json(self) -> dict[str, Any]:
        """Means and pages as a JSON object."""
        pages = {page.page: {"precision": page.precision, "recall": page.recall} for page in self.pages}
        means = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**means, "lost": self.lost, "pages": pages}


def evaluate(folder: Path) -> HtmlFigures:
    """Read every page of ``folder/html`` that ``folder/ground-truth.json`` knows.

    Raises:
        PagesMissing: there is no such folder.
    """
    try:
        truth = json.loads((folder / "ground-truth.json").read_bytes())
    except OSError as error:
        raise PagesMissing(f"{folder / 'ground-truth.json'} can't be read ({error.strerror})") from error
    return HtmlFigures(tuple(_figures(folder, page, entry["articleBody"]) for page, entry in truth.items()))


def _figures(folder: Path, page: str, body: str) -> PageFigures:
    name = f"{page}.html.gz"
    try:
        read = shingles(body_of(parse_article(name, (folder / "html" / name).read_bytes())))
    except ArticleUnreadable:
        read = Counter()  # counts as lost
    true = shingles(body)
    shared = (read & true).total()
    return PageFigures(page, shared / read.total() if read else None, shared / true.total() if true else 1.0)


def body_of(article: Article) -> str:
    """An article's text without the lines of title, byline and date above it."""
    fields = (article.title, article.author, article.published)
    return article.text[max((field.end for field in fields if field), default=0) :]


def shingles(text: str) -> Shingles:
    """Every run of four words, and how often it occurs; of fewer words the one run there is."""
    words = _WORD.findall(text)
    runs = max(1, len(words) - SHINGLE_WORDS + 1) if words else 0
    return Counter(tuple(words[at : at + SHINGLE_WORDS]) for at in range(runs))


def main() -> None:
    """Measure how much of the article body of web pages is read, and how much else."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.html_pages", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="A folder with html/ID.html.gz and ground-truth.json.")
    parser.add_argument("--json", action="store_true", help="Print JSON, every page with its figures.")
    chosen = parser.parse_args()
    try:
        figures = evaluate(chosen.folder)
    except ArticleQAError as error:
        raise SystemExit(f"error: {error}") from None
    if chosen.json:
        print(json.dumps(figures.as_json()))
        return
    print(
        f"{len(figures.pages)} pages: precision {figures.precision:.4f}, recall {figures.recall:.4f}, "
        f"F1 {figures.f1:.4f}, {len(figures.lost)} lost"
    )


if __name__ == "__main__":
    main()
