"""What came back for each news question in, figures by kind and a table of them out.

Where ``../shared/eval/score_news.py`` counts the same thing, the number is the same (tests/test_evaluate_news.py).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.news_questions import ITEMISED, PLAIN, NewsQuestion
from index.types import Role

NOT_ANSWERS = frozenset((Role.HEADING, Role.TITLE, Role.DATELINE, Role.BOILERPLATE))
"""Roles that no quote should have, unless it was asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back for one question.

    Attributes:
        question: what was asked.
        found, score: of the answer.
        certainty: in a word, see `qa.types.Certainty`.
        hits: for each quote and each gold line, whether the quote answers on it.
        roles: of each quote, see `index.types.Role`.
        articles: paths that were listed, or else of the quotes.
        count: the number that was given, if one was.
        seconds: that `ask` took.
    """

    question: NewsQuestion
    found: bool
    score: float
    certainty: str
    hits: tuple[tuple[bool, ...], ...]
    roles: tuple[Role, ...]
    articles: frozenset[str]
    count: int | None
    seconds: float

    def right_within(self, quotes: int | None) -> bool:
        """Whether one of the first quotes (of all, if None) answers."""
        return any(map(any, self.hits[:quotes]))

    @property
    def items(self) -> int:
        """How many gold lines any quote answers on."""
        return sum(any(hit[at] for hit in self.hits) for at in range(len(self.question.gold)))

    @property
    def listed(self) -> tuple[float, float, bool]:
        """Recall and precision of the articles, and whether all are there with few others."""
        gold = {line.article for line in self.question.gold}
        hit = sum(any(path.endswith(name) for path in self.articles) for name in gold)
        right = sum(path.endswith(tuple(gold)) for path in self.articles)
        precision = right / len(self.articles) if self.articles else 0.0
        return hit / len(gold), precision, hit == len(gold) and len(self.articles) <= 1.5 * len(gold)

    @property
    def first(self) -> bool:
        """Whether the first thing that is said is right; silence is counted apart."""
        if self.question.expect == "articles":
            return self.listed[2]
        if self.question.expect == "count":
            return self.count == self.question.count
        return self.question.expect == "answer" and self.right_within(1)


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Figures of one kind of question; shares are 0 to 1, None where the kind has no such thing.

    Attributes:
        questions: how many.
        answered: share of them with an answer.
        first, one_of_three, any: share of which the first, one of the first three, or any quote is right.
        items: gold lines that were quoted, and how many there are.
        recall, precision: of the articles that were listed.
        silent: share without an answer.
        silent_or_unsure: share without an answer or with one that is marked as unsure.
    """

    questions: int
    answered: float
    first: float
    one_of_three: float
    any: float
    items: tuple[int, int] | None = None
    recall: float | None = None
    precision: float | None = None
    silent: float | None = None
    silent_or_unsure: float | None = None


@dataclass(frozen=True, slots=True)
class NewsFigures:
    """Figures of one part of the set; shares are nan where there is nothing to count.

    Attributes:
        kinds: by kind of question.
        plain_first, plain_one_of_three, plain_any: of the plain kinds.
        all_first: of all that expect anything but silence.
        silent: of all that expect silence.
        near_misses_silent_or_unsure: of those of kind nearmiss.
        lost: of those that expect a quote, the share without an answer.
        auroc: how well the score tells questions that expect something from those that expect silence.
        certain: by word of certainty, how many answers that should be a quote or nothing, and the share of them whose
            first quote is right.
        quotes: how many were given.
        not_answers: share of them that are headings, titles, datelines or boilerplate.
        quotes_by_role: how many of each.
        ask_p50_ms, ask_p95_ms: latency of `ask`.
    """

    kinds: dict[str, KindFigures]
    plain_first: float
    plain_one_of_three: float
    plain_any: float
    all_first: float
    silent: float
    near_misses_silent_or_unsure: float
    lost: float
    auroc: float
    certain: dict[str, tuple[int, float]]
    quotes: int
    not_answers: float
    quotes_by_role: dict[str, int]
    ask_p50_ms: float
    ask_p95_ms: float

    def as_json(self) -> dict[str, Any]:
        """The figures as a JSON object; null where there is nothing to count."""
        return {name: None if value != value else value for name, value in asdict(self).items()}


def figures_of(outcomes: Sequence[Outcome]) -> NewsFigures:
    """Count what came back."""

    def share(counts: Callable[[Outcome], bool], among: Callable[[Outcome], bool]) -> float:
        return _share(counts(outcome) for outcome in outcomes if among(outcome))

    def plain(outcome: Outcome) -> bool:
        return outcome.question.kind in PLAIN

    def silence(outcome: Outcome) -> bool:
        return outcome.question.expect == "silence"

    roles = [role for outcome in outcomes for role in outcome.roles]
    milliseconds = sorted(outcome.seconds * 1000 for outcome in outcomes)
    kinds = sorted({outcome.question.kind for outcome in outcomes})
    return NewsFigures(
        kinds={kind: _of_kind([outcome for outcome in outcomes if outcome.question.kind == kind]) for kind in kinds},
        plain_first=share(lambda outcome: outcome.right_within(1), plain),
        plain_one_of_three=share(lambda outcome: outcome.right_within(3), plain),
        plain_any=share(lambda outcome: outcome.right_within(None), plain),
        all_first=share(lambda outcome: outcome.first, lambda outcome: not silence(outcome)),
        silent=share(lambda outcome: not outcome.found, silence),
        near_misses_silent_or_unsure=share(_held_back, lambda outcome: outcome.question.kind == "nearmiss"),
        lost=share(lambda outcome: not outcome.found, lambda outcome: outcome.question.expect == "answer"),
        auroc=_auroc(outcomes),
        certain=_certain(outcomes),
        quotes=len(roles),
        not_answers=_share(role in NOT_ANSWERS for role in roles),
        quotes_by_role={str(role): roles.count(role) for role in Role if role in roles},
        ask_p50_ms=_quantile(milliseconds, 0.5),
        ask_p95_ms=_quantile(milliseconds, 0.95),
    )


def _certain(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, float]]:
    """How often the first quote is right, by how sure the answer was said to be."""
    quoted = [one for one in outcomes if one.found and one.question.expect in ("answer", "silence")]
    words = [word for word in ("sure", "likely", "unsure") if any(one.certainty == word for one in quoted)]
    found = {word: [one.first for one in quoted if one.certainty == word] for word in words}
    return {word: (len(rights), round(_share(rights), 3)) for word, rights in found.items()}


def _held_back(outcome: Outcome) -> bool:
    return not outcome.found or outcome.certainty == "unsure"


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found) if found else math.nan


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def _of_kind(outcomes: Sequence[Outcome]) -> KindFigures:
    """The figures of the questions of one kind, which expect the same."""
    kind, expect = outcomes[0].question.kind, outcomes[0].question.expect
    asked = [outcome for outcome in outcomes if outcome.question.expect == "answer"]
    listed = [outcome.listed for outcome in outcomes if outcome.question.expect == "articles"]
    gold = sum(len(outcome.question.gold) for outcome in asked)
    number = len(outcomes)
    return KindFigures(
        questions=number,
        answered=sum(outcome.found for outcome in outcomes) / number,
        first=sum(outcome.first for outcome in outcomes) / number,
        one_of_three=sum(outcome.right_within(3) for outcome in asked) / number,
        any=sum(outcome.right_within(None) for outcome in asked) / number,
        items=(sum(outcome.items for outcome in asked), gold) if kind in ITEMISED else None,
        recall=sum(recall for recall, _, _ in listed) / len(listed) if listed else None,
        precision=sum(precision for _, precision, _ in listed) / len(listed) if listed else None,
        silent=_share(not outcome.found for outcome in outcomes) if expect == "silence" else None,
        silent_or_unsure=_share(map(_held_back, outcomes)) if expect == "silence" else None,
    )


def _auroc(outcomes: Sequence[Outcome]) -> float:
    """The chance that a question with an answer scores higher than one without; ties count half."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for outcome in outcomes:
        scores[outcome.question.expect != "silence"].append(outcome.score)
    pairs = [(high > low) + 0.5 * (high == low) for high in scores[True] for low in scores[False]]
    return sum(pairs) / len(pairs) if pairs else math.nan


def table(figures: NewsFigures) -> str:
    """The figures for people."""
    lines = [f"{'kind':12} {'n':>3} {'answered':>8} {'first':>6} {'of 3':>6} {'any':>6}  other"]
    for kind, found in figures.kinds.items():
        shares = (found.answered, found.first, found.one_of_three, found.any)
        columns = " ".join(f"{share:{width}.2f}" for share, width in zip(shares, (8, 6, 6, 6), strict=True))
        lines.append(f"{kind:12} {found.questions:3d} {columns}  {_others(found)}".rstrip())
    rows = {
        "plain: first, of three, any": [figures.plain_first, figures.plain_one_of_three, figures.plain_any],
        "all answerable: first, lost": [figures.all_first, figures.lost],
        "silent where they should be": [figures.silent],
        "near misses silent or unsure": [figures.near_misses_silent_or_unsure],
        "AUROC of the score": [figures.auroc],
        "quotes that are no answers": [figures.not_answers],
    }
    lines += ["", *(f"{f'{word}: answers, right':30} {n} {right:.3f}" for word, (n, right) in figures.certain.items())]
    lines += ["", *(f"{name:30} {' '.join(f'{value:.3f}' for value in values)}" for name, values in rows.items())]
    by_role = ", ".join(f"{count} {role}" for role, count in figures.quotes_by_role.items())
    lines.append(f"{f'{figures.quotes} quotes by role':30} {by_role}")
    lines.append(f"{'ask p50, p95':30} {figures.ask_p50_ms:.0f} ms, {figures.ask_p95_ms:.0f} ms")
    return "\n".join(lines)


def _others(found: KindFigures) -> str:
    parts = [
        f"{name.replace('_', ' ')} {getattr(found, name):.2f}"
        for name in ("silent", "silent_or_unsure", "recall", "precision")
        if getattr(found, name) is not None
    ]
    return ", ".join([*parts, *([f"items {found.items[0]}/{found.items[1]}"] if found.items else [])])
