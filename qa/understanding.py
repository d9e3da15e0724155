"""A question as it was typed in, as it is read out: its language, its slips of the pen, its time. In that order."""

from dataclasses import dataclass

from index.stores.protocol import Snapshot
from qa.foreign import Foreign, foreign_language, without_function_words
from qa.questions import Question, parse_question
from qa.spelling import Change, Speller
from qa.times import NO_WISH, Wish, read_times


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is read.

    Attributes:
        question: taken apart.
        asked: the text as it was asked.
        corrected: words as they were written, each with the one that was read.
        wish: what it wants of the time of articles.
        foreign: that it is in a language that no article is in; None mostly.
    """

    question: Question
    asked: str
    corrected: tuple[Change, ...] = ()
    wish: Wish = NO_WISH
    foreign: Foreign | None = None


class Understanding:
    """Reads questions to one snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._about = snapshot.about
        self._snapshot = snapshot
        self._speller = Speller(snapshot)

    def read(self, text: str, *, literally: bool = False) -> Understood:
        """A question as it is read; literally as it stands.

        Raises:
            QuestionRejected: it is empty, or too long.
        """
        languages = self._about.languages
        question = parse_question(text, languages)
        language = foreign_language(question.text, languages)
        if language:
            content = without_function_words(question, language)
            return Understood(self._known(content), question.text, foreign=Foreign(language, content.names))
        if literally:
            return Understood(question, question.text)
        meant, corrected = self._speller.correct(question)
        read = parse_question(meant, languages) if corrected else question
        timed, wish = read_times(read, self._about.last_date)
        return Understood(timed, question.text, corrected, wish)

    def _known(self, question: Question) -> Question:
        """A question of another language with the words that the articles have as well."""
        found = self._snapshot.document_frequencies(question.terms)
        return question.without(frozenset(term for term in question.terms if not found[term]))
