"""The vocabulary of everything after a question: what it may want, passages, quotes and the answer.

Plain frozen values. Nothing here searches, ranks or decides.
"""

import enum
from dataclasses import asdict, dataclass
from typing import Any

from index.types import LINE_END, Source, Span

NOT_FOUND = "The articles don't answer that."


class AnswerType(enum.Enum):
    """What a question wants to be told."""

    PERCENT = "percent"
    TIME = "time"
    MEASURE = "measure"
    COUNT = "count"
    AMOUNT = "amount"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    NAME = "name"
    ANY = "any"


class AnswerKind(enum.StrEnum):
    """What an answer consists of; the values are in JSON."""

    QUOTES = "quotes"
    ARTICLES = "articles"
    COUNT = "count"
    SUMMARY = "summary"
    PRODUCT = "product"


class Certainty(enum.StrEnum):
    """How sure an answer is, in a word; what it was measured to mean is in `qa.calibration`."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


class Wanted(enum.Enum):
    """What a question wants of the collection of articles, or of the product."""

    ARTICLES = "articles"
    COUNT = "count"
    SUMMARY = "summary"
    SUMMARIES = "summaries"
    TITLE = "title"
    AUTHOR = "author"
    PUBLISHED = "published"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    HELP = "help"


class HeaderField(enum.Enum):
    """A field of an article's header that a question may ask for."""

    TITLE = "title"
    AUTHOR = "author"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A verbatim piece of an article, and what it scored for a question.

    Attributes:
        source: the article and, of a PDF, the page on which the piece starts.
        text: exactly ``article.text[start:end]``.
        start, end: offsets of the article's text, in code points.
        start_line, end_line: 1-based, inclusive, as an editor and ``sed -n`` count.
        score: higher is better, see `Passage` and `Quote`.
        also_in: other places that say the same.
    """

    source: Source
    text: str
    start: int
    end: int
    start_line: int
    end_line: int
    score: float
    also_in: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The article, relative to the articles folder."""
        return self.source.path

    @property
    def sha256(self) -> str:
        """Digest of the article's file."""
        return self.source.sha256

    @property
    def title(self) -> str:
        """Of the article; empty where it doesn't say, like the next two."""
        return self.source.title

    @property
    def author(self) -> str:
        """Of the article."""
        return self.source.author

    @property
    def published(self) -> str:
        """ISO date of the article."""
        return self.source.published

    @property
    def page(self) -> int | None:
        """Of a PDF, the page from 1; None for formats without pages."""
        return self.source.page

    @property
    def citation(self) -> str:
        """``path:line`` or ``path:first-last``; of a PDF ``path:line, page 3``."""
        return self.source.citation(self.start_line, self.end_line)


@dataclass(frozen=True, slots=True)
class Passage(Excerpt):
    """A chunk of an article that was ranked for a question.

    Its score is mostly 0 to 1, and comparable between questions; `also_in` has locations.
    """

    @property
    def location(self) -> str:
        """``path:first-last``, also of a single line; of a PDF with ``, page 3``."""
        return f"{self.path}:{self.start_line}-{self.end_line}" + (f", page {self.page}" if self.page else "")

    def as_json(self) -> dict[str, Any]:
        """The passage as a JSON object."""
        return _piece(self) | _source(self.source) | {"sha256": self.sha256} | _score(self)


@dataclass(frozen=True, slots=True)
class Quote(Excerpt):
    """A piece of an article that answers; its text was compared with the article when it was made.

    Its score says how sure it is that it answers, 0 to 1; `also_in` has citations.

    Attributes:
        answer: span of the article's text with the words that answer; empty where nobody marked them.
    """

    answer: Span = (0, 0)

    @property
    def answer_in_text(self) -> Span:
        """The span of `text` with the words that answer; empty where nobody marked them."""
        start, end = self.answer
        return (start - self.start, end - self.start) if start < end else (0, 0)

    @property
    def answer_text(self) -> str:
        """The words that answer, verbatim; empty where nobody marked them."""
        return self.text[slice(*self.answer_in_text)]

    @property
    def cited(self) -> str:
        """``“text” (path:line)``, as it is copied and handed on; `qa.citations` reads it back. Lines end in ``\\n``."""
        return f"“{LINE_END.sub(chr(10), self.text)}” ({self.citation})"

    def as_json(self) -> dict[str, Any]:
        """The quote as a JSON object."""
        start, end = self.answer
        answer = {"text": self.answer_text, "start": start, "end": end} if start < end else None
        return _piece(self) | {"answer": answer, "sha256": self.sha256} | _source(self.source) | _score(self)


def _piece(excerpt: Excerpt) -> dict[str, Any]:
    return {"text": excerpt.text, "path": excerpt.path} | {
        name: getattr(excerpt, name) for name in ("start_line", "end_line", "start", "end")
    }


def _source(source: Source) -> dict[str, Any]:
    return {"title": source.title, "author": source.author, "published": source.published}


def _score(excerpt: Excerpt) -> dict[str, Any]:
    return {"score": excerpt.score, "also_in": excerpt.also_in, "page": excerpt.page}


@dataclass(frozen=True, slots=True)
class Period:
    """A time that a question names.

    Attributes:
        since, until: first and last day, ISO; empty where any year is meant ("on 3 March").
        words: as the question says it: "in April 2023".
    """

    since: str
    until: str
    words: str


_STRAIGHT = str.maketrans("“”", '""')


@dataclass(frozen=True, slots=True)
class Listed:
    """An article that is itself the answer, or a part of it.

    Attributes:
        source: the article.
        lines: numbers of the lines that say what was asked for, from 1, in order.
        best: the line that says it best; None where nothing but the header does.
    """

    source: Source
    lines: tuple[int, ...] = ()
    best: Quote | None = None

    @property
    def path(self) -> str:
        """The article, relative to the articles folder."""
        return self.source.path

    @property
    def title(self) -> str:
        """Of the article; empty where it doesn't say."""
        return self.source.title

    @property
    def text(self) -> str:
        """The article as plain text: title, file and lines, and below its best line with the citation.

        Quotation marks of a title are straight, so that `qa.citations` reads back the best line alone.
        """
        title = f"{self.title.translate(_STRAIGHT)}, " if self.title else ""
        lines = f", line{'s' * (len(self.lines) > 1)} {', '.join(map(str, self.lines))}" if self.lines else ""
        best = f"\n{self.best.cited}" if self.best else ""
        return f"{title}{self.path}{lines}{best}"

    def as_json(self) -> dict[str, Any]:
        """The article as a JSON object."""
        best = self.best.as_json() if self.best else None
        return {"path": self.path, **_source(self.source), "lines": self.lines, "best": best}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question.

    Attributes:
        question: as it was asked.
        found: whether the articles answer it.
        score: how sure, 0 to 1, comparable between questions and indexes.
        quotes: verbatim quotes, most useful first; empty when nothing was found.
        passages: the passages looked at, best first; when nothing was found, the nearest ones.
        understood: the question with what it took over from the turn before, and without its slips of the pen; else as
            it was asked.
        kind: what it consists of.
        certainty: the score in a word.
        articles: the articles that were asked for, or counted.
        count: how many articles there are, where that was asked.
        period: the time that articles and sentences were preferred for; None without one.
        corrected: words that no article has, each with the one that was read for it.
        remark: what a reader has to know of how it was found, a sentence; empty mostly.
        told: what the product says itself: how many articles there are, say; empty where only quotes are.
        filters: what the articles were narrowed to, in words; empty if they were not.
        generation: of the index that was asked, see `About`.
    """

    question: str
    found: bool
    score: float
    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]
    understood: str = ""
    filters: str = ""
    generation: str = ""
    kind: AnswerKind = AnswerKind.QUOTES
    certainty: Certainty = Certainty.LIKELY
    articles: tuple[Listed, ...] = ()
    count: int | None = None
    period: Period | None = None
    corrected: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    told: str = ""

    @property
    def text(self) -> str:
        """The answer as plain text: a sentence, articles, quotes with their citations; or that there is none."""
        if not self.found:
            return self.told or NOT_FOUND
        lines = [self.told, *(article.text for article in self.articles), *(quote.cited for quote in self.quotes)]
        return "\n".join(filter(None, lines))

    def as_json(self) -> dict[str, Any]:
        """The answer as a JSON object, the same from the shell, the chat and Python."""
        return {
            "question": self.question,
            "found": self.found,
            "score": self.score,
            "text": self.text,
            "quotes": [quote.as_json() for quote in self.quotes],
            "kind": self.kind,
            "certainty": self.certainty if self.found else "",
            "articles": [article.as_json() for article in self.articles],
            "count": self.count,
            "period": asdict(self.period) if self.period else None,
            "corrected": dict(self.corrected),
            "remark": self.remark,
            "told": self.told,
            "understood": self.understood,
            "filters": self.filters,
            "passages": [passage.as_json() for passage in self.passages],
        }
