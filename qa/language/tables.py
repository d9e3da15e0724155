"""What a language has to tell of questions and sentences: patterns and tables, and those that match nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.types import AnswerType, HeaderField, Wanted

Pattern = re.Pattern[str]

NOTHING = re.compile(r"(?!)")
"""Matches nothing."""


@dataclass(frozen=True, slots=True)
class CuePatterns:
    """What in a sentence could be an answer of which type, see `qa.cues`.

    Attributes:
        months, times, numbers: words, lower case; `times` has the months too.
        year: years and centuries.
        place: its group is a capitalised word after a preposition.
        percent, unit, reason, part, negation: whether such words are there.
    """

    months: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    year: Pattern = NOTHING
    place: Pattern = NOTHING
    percent: Pattern = NOTHING
    unit: Pattern = NOTHING
    reason: Pattern = NOTHING
    part: Pattern = NOTHING
    negation: Pattern = NOTHING


@dataclass(frozen=True, slots=True)
class FollowUps:
    """How a question leans on the one before, see `qa.conversation`. Patterns are of the question's plain form.

    Attributes:
        opening: at its beginning, it may go on with something.
        incomplete: at its beginning, it can't stand alone ("How many more?", "What about …").
        pronoun: a word that stands for something named before.
        empty_pronoun: what looks like one and means nothing ("made it").
        pointing: other words that point back ("after that", "there").
        dangling_count: at its beginning, it counts without saying what.
        antecedent: something in the same question that a pronoun can mean.
        things: pronouns that don't mean a person.
        owners: pronouns that mostly mean something of the same question.
        event: what a name and a common noun call together ("the Rhine flood"), where what follows shows it.
        owning: at a pronoun, it is one that owns what follows ("his brothers").
        light: words that carry nothing over, lower case.
    """

    opening: Pattern = NOTHING
    incomplete: Pattern = NOTHING
    pronoun: Pattern = NOTHING
    empty_pronoun: Pattern = NOTHING
    pointing: Pattern = NOTHING
    dangling_count: Pattern = NOTHING
    antecedent: Pattern = NOTHING
    things: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    event: Pattern = NOTHING
    owning: Pattern = NOTHING
    light: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RequestPatterns:
    """What questions want of the collection of articles, or of the product, see `qa.requests`.

    Attributes:
        courtesy: words of courtesy at the beginning or the end, no part of what is wanted.
        wanted: what is wanted by the whole question, single spaces, no end mark; the first pattern that fits. Groups:
            `topic` (what articles are about), `words` (that they hold), `author` (of articles), `writer` (of articles,
            or of something else), `title` (in quotation marks).
        name_joint: what may stand inside a name: "Lord of the Rings".
    """

    courtesy: Pattern = NOTHING
    wanted: tuple[tuple[Wanted, Pattern], ...] = ()
    name_joint: Pattern = NOTHING


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How a question names a time, see `qa.times`. Patterns are of the question as it is written, in any case.

    Attributes:
        months: number of a month by each of its names, lower case.
        weekdays: Monday first, lower case.
        dates: each with some of the groups ``day``, ``month``, ``year``; ``last`` is a later day, ``part`` a third of
            a month; the first that matches at a place counts.
        apart: a time that something is asked to lie before, after or between; left alone.
        parts: first and last day by the words of ``part``.
        back: what lies before the newest article: unit ("day", "week", "month", "year") and how many of them.
        newest: asks for what is newest.
    """

    months: Mapping[str, int] = field(default_factory=dict)
    weekdays: tuple[str, ...] = ()
    dates: tuple[Pattern, ...] = ()
    apart: Pattern = NOTHING
    parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    back: tuple[tuple[Pattern, str, int], ...] = ()
    newest: Pattern = NOTHING


@dataclass(frozen=True, slots=True)
class Language:
    """All that is known of one language, but for its words and stems (`index.analysis`).

    A language that nobody has written down is ``Language(code)``: its questions may be answered by anything.

    Attributes:
        code: ISO 639-1.
        question_words: no names, though they stand in front with a capital.
        answer_types: what a question wants by its plain form; the first pattern that is found.
        header_fields: the field of an article's header that it asks for, likewise.
        cues: see `CuePatterns`.
        leaning: at its beginning, a sentence can't be understood without the one before.
        follow_ups: see `FollowUps`.
        requests: see `RequestPatterns`.
        listing: of the plain form of a question that wants several things, see `qa.lists`.
        times: see `TimeWords`.
        slips: what is often typed for a word of questions, lower case, and the word.
        phrase_slips: the same of words that depend on those around them.
    """

    code: str
    question_words: frozenset[str] = frozenset()
    answer_types: tuple[tuple[AnswerType, Pattern], ...] = ()
    header_fields: tuple[tuple[HeaderField, Pattern], ...] = ()
    cues: CuePatterns = field(default=CuePatterns())
    leaning: Pattern = NOTHING
    follow_ups: FollowUps = field(default=FollowUps())
    requests: RequestPatterns = field(default=RequestPatterns())
    listing: Pattern = NOTHING
    times: TimeWords = field(default=TimeWords())
    slips: Mapping[str, str] = field(default_factory=dict)
    phrase_slips: tuple[tuple[Pattern, str], ...] = ()
