"""A question about the collection of articles itself in, an `Answer` out, or None if it asks what they say."""

from collections.abc import Sequence

from index.filters import Filters
from index.stores.protocol import Selection, Snapshot
from index.types import Field
from qa.listing import answer_listing, whole_line
from qa.named import PLAINLY_MEANT, Nearest, Scope, meant, titled
from qa.product import answer_about_product
from qa.questions import Question
from qa.quotes import make_quote
from qa.requests import Request, request_of
from qa.summaries import answer_summary
from qa.types import Answer, Certainty, Quote, Wanted

_PRODUCT = frozenset((Wanted.GREETING, Wanted.THANKS, Wanted.FAREWELL, Wanted.HELP))
_SUMMARIES = frozenset((Wanted.SUMMARY, Wanted.SUMMARIES))
_LISTINGS = frozenset((Wanted.ARTICLES, Wanted.COUNT))


class Collection:
    """Answers what can be told from the articles as a whole: lists, counts, authors, summaries.

    Args:
        snapshot: of the index.
        nearest: gives the passages nearest to a text, best first.
    """

    def __init__(self, snapshot: Snapshot, nearest: Nearest) -> None:
        self._snapshot = snapshot
        self._nearest = nearest

    def answer(
        self, question: Question, history: Sequence[Answer], filters: Filters, within: Selection | None
    ) -> Answer | None:
        """The answer to a question about the collection; None if it is none, or is better asked of the articles.

        Args:
            question: taken apart.
            history: the answers so far, the last one last.
            filters: of the question.
            within: the articles that meet them; None for all.
        """
        request = request_of(question)
        if request is None:
            return None
        if request.wanted in _PRODUCT:
            return answer_about_product(self._snapshot.about, request.wanted)
        scope = Scope(self._snapshot, filters, within, question.language, self._nearest)
        if request.wanted in _LISTINGS:
            return answer_listing(scope, request)
        if request.wanted in _SUMMARIES:
            return answer_summary(scope, request, history)
        return _answer_header(scope, request)


def _answer_header(scope: Scope, request: Request) -> Answer | None:
    """The line of the header of the article that is meant; None if none is, or it has no such line."""
    if request.title:
        path, value = titled(scope, request.title), PLAINLY_MEANT
    else:
        path, value = meant(scope, request.topic) or (None, 0.0)
    quote = header_quote(scope.snapshot, path, request.wanted.value) if path else None
    if quote is None:
        return None
    certainty = Certainty.LIKELY if value >= PLAINLY_MEANT else Certainty.UNSURE
    return Answer("", True, min(1.0, value), (quote,), (), certainty=certainty)


def header_quote(snapshot: Snapshot, path: str, name: str) -> Quote | None:
    """The line on which an article says its title, author or date, by the name of the field; None if it doesn't."""
    info = snapshot.find(path)
    field: Field | None = getattr(info, name)
    return make_quote(snapshot, path, whole_line(snapshot.article(path), field.start), 1.0) if field else None
