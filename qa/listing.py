"""A request for articles in, the list of them or their number out, exact, with every line that says so."""

from collections.abc import Iterable, Sequence

from index.analysis import fold, written_words
from index.counting import counted
from index.paragraphs import trim
from index.sentences import split_line
from index.stores.types import Holding
from index.types import ANSWERING, Article, ArticleInfo, Role, Span
from index.wording import Wording
from qa.named import Scope
from qa.quotes import make_quote
from qa.requests import Request
from qa.topics import ABOUT, About, Topic, articles_about
from qa.types import Answer, AnswerKind, Certainty, Listed, Quote, Wanted

NEARLY = 0.35
"""Salience of articles that are listed, as unsure, where none is about a topic."""

LONG_LINE = 400
"""Characters from which only the sentence of a line is quoted."""


def answer_listing(scope: Scope, request: Request) -> Answer | None:
    """The articles that are wanted, or how many there are; None where the question must mean something else."""
    if request.writer or request.author:
        return _by(scope, request)
    if request.words:
        return _holding(scope, request)
    if request.topic:
        return _about(scope, request)
    said = f"There {'is' if scope.articles == 1 else 'are'} {counted(scope.articles, 'article')}{_narrowed(scope)}."
    articles = [Listed(info.source(0)) for info in scope.snapshot.articles(scope.within)]
    return _answer(request, articles, said, Certainty.SURE)


def find_words(scope: Scope, words: str) -> list[Listed]:
    """The articles that hold some words one after the other, those with the most lines first."""
    found = [_held(scope, holding) for holding in scope.snapshot.holding(Wording(words), scope.within)]
    return sorted(found, key=lambda listed: (-len(listed.lines), listed.path))


def _holding(scope: Scope, request: Request) -> Answer:
    found = find_words(scope, request.words)
    lines = sum(len(listed.lines) for listed in found)
    where = f", on {counted(lines, 'line')}" if lines else ""
    noun = "words" if len(request.words.split()) > 1 else "word"
    said = f"{_of(scope, len(found))} {'holds' if len(found) < 2 else 'hold'} the {noun} {request.words}{where}."
    return _answer(request, found, said, Certainty.SURE)


def _about(scope: Scope, request: Request) -> Answer:
    topic = Topic.parse(request.topic, scope.language, scope.snapshot)
    found = about_at_all(scope, topic)
    certainty = Certainty.LIKELY if found and found[0].score >= ABOUT else Certainty.UNSURE
    listed = [_told(scope, about) for about in found]
    if certainty is Certainty.UNSURE and listed:
        said = f"No article is plainly about {topic.text}; {counted(len(listed), 'article')} may be."
    else:
        said = f"{_of(scope, len(listed))} {'is' if len(listed) < 2 else 'are'} about {topic.text}."
    score = found[0].score if found else 0.0
    return _answer(request, listed, said, certainty, score)


def about_at_all(scope: Scope, topic: Topic) -> list[About]:
    """The articles about a topic; where none is plainly, those that nearly are."""
    return articles_about(scope.snapshot, topic, scope.within) or articles_about(
        scope.snapshot, topic, scope.within, NEARLY
    )


def _by(scope: Scope, request: Request) -> Answer | None:
    name = request.author or request.writer
    lines = dict(_bylines(scope, name))
    if not lines and request.writer:
        return None
    found = list(scope.snapshot.articles(scope.at(list(lines))))
    about = {}
    if request.topic and found:
        topic = Topic.parse(request.topic, scope.language, scope.snapshot)
        about = {one.article.path: one for one in articles_about(scope.snapshot, topic, scope.at(list(lines)))}
        found = [info for info in found if info.path in about]
    found.sort(key=lambda info: info.path)
    found.sort(key=lambda info: info.value("published"), reverse=True)
    listed = [_told(scope, about[info.path]) if about else Listed(info.source(0), lines[info.path]) for info in found]
    whom = f"by {name}" + (f" about {request.topic}" if request.topic else "")
    said = f"{_of(scope, len(listed))} {'is' if len(listed) < 2 else 'are'} {whom}."
    names = sorted({info.value("author") for info in found} - {""})
    several = len(_name_words(name)) == 1 < len(names) and not _same_person(names, name)
    remark = f"Authors that are called so: {', '.join(names)}." if several else ""
    certainty = Certainty.LIKELY if several else Certainty.SURE
    return _answer(request, listed, said, certainty, remark=remark)


def _bylines(scope: Scope, name: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Articles whose author or byline has all words of a name, and the lines where; case and accents aside."""
    asked = _name_words(name)
    for info in scope.snapshot.articles(scope.within):
        if info.author and asked <= _name_words(info.author.value):
            article = scope.snapshot.article(info.path)
            yield info.path, (article.lines.line(info.author.start),)
    for holding in scope.snapshot.holding(Wording(name), scope.within):
        article = scope.snapshot.article(holding.article.path)
        signed = [block for block in scope.snapshot.blocks(article.path) if block.role is Role.BYLINE]
        starts = [start for start, _ in holding.spans if any(block.start <= start < block.end for block in signed)]
        if starts:
            yield article.path, tuple(dict.fromkeys(map(article.lines.line, starts)))


def _name_words(name: str) -> frozenset[str]:
    return frozenset(map(fold, written_words(name)))


def _same_person(names: Sequence[str], name: str) -> bool:
    """Whether some authors have more in common than the word that was asked for."""
    return frozenset.intersection(*map(_name_words, names)) > _name_words(name)


def _held(scope: Scope, holding: Holding) -> Listed:
    best = _best(scope, holding.article, holding.spans, 1.0)
    return Listed(holding.article.source(0), holding.lines, best)


def _told(scope: Scope, about: About) -> Listed:
    return Listed(about.article.source(0), about.lines, _best(scope, about.article, about.spans, about.score))


def _best(scope: Scope, info: ArticleInfo, spans: Sequence[Span], score: float) -> Quote | None:
    """The line of an article's body that has most of some places, the first of these; None if only others have any."""
    article = scope.snapshot.article(info.path)
    counts = [
        (sum(block.start <= start < block.end for start, _ in spans), block)
        for block in scope.snapshot.blocks(info.path)
        if block.role in ANSWERING
    ]
    most, block = max(counts, key=lambda entry: entry[0], default=(0, None))
    if block is None or not most:
        return None
    first = next(start for start, _ in spans if block.start <= start < block.end)
    return make_quote(scope.snapshot, info.path, line_of(article, first), score)


def whole_line(article: Article, start: int) -> Span:
    """The span of the line in which something starts, without space around it: "By Mark Dovich"."""
    return trim(article.text, *article.lines.span(article.lines.line(start)))


def line_of(article: Article, start: int) -> Span:
    """The same; of a long line the span of the sentence."""
    begin, end = whole_line(article, start)
    if end - begin <= LONG_LINE:
        return begin, end
    for one, two in split_line(article.text[begin:end], article.language):
        if begin + two > start:
            return begin + one, begin + one + len(article.text[begin + one : begin + two].rstrip())
    return begin, end


def _answer(
    request: Request, articles: Sequence[Listed], said: str, certainty: Certainty, score: float = 1.0, remark: str = ""
) -> Answer:
    """A count is an answer also where it is 0; an empty list is none."""
    counts = request.wanted is Wanted.COUNT
    return Answer(
        question="",
        found=counts or bool(articles),
        score=score if counts or articles else 0.0,
        quotes=(),
        passages=(),
        kind=AnswerKind.COUNT if counts else AnswerKind.ARTICLES,
        certainty=certainty,
        articles=tuple(articles),
        count=len(articles) if counts else None,
        told=said,
        remark=remark,
    )


def _of(scope: Scope, number: int) -> str:
    """How many of the articles: "9 of 521 articles", "No article"."""
    return (
        f"{number:,} of {counted(scope.articles, 'article')}{_narrowed(scope)}"
        if number
        else f"No article{_narrowed(scope)}"
    )


def _narrowed(scope: Scope) -> str:
    said = scope.filters.describe()
    return f" ({said})" if said else ""
