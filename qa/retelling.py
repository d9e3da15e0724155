"""A follow-up and the question before it in, the follow-up as a person would ask it by itself out.

"When did it end?" after "When did the Rhine flood begin?" is "When did the Rhine flood end?". Where it is not plain
what is meant, the question before is told with it. Only for people: what is looked for is `qa.conversation`'s.
"""

import re

from qa.questions import Question
from qa.types import AnswerType

_BRACKET = re.compile(r" \((?:about|after) [^()]*\)$")
_AFTER = re.compile(r" \(after (“[^()]*”)\)$")
_NAME = r"(?:[A-Z0-9][\w.’'-]*)"
_INSIDE = r"(?:of|for|the|and|in|de|la|[a-z]+(?= [0-9]))"
_RUN = re.compile(rf"(?:\b[Tt]he )?{_NAME}(?:(?: {_INSIDE}){{0,2}} {_NAME})*")
_POSSESSIVE = re.compile(r"['’]s$|s['’]$")


def retell(question: Question, before: Question) -> str:
    """A question that leans on the one before, as it would be asked alone.

    Args:
        question: that leans.
        before: the question before, as it was understood.
    """
    topic = _topic(before)
    pronouns = list(question.language.follow_ups.pronoun.finditer(question.plain))
    text = " ".join(question.text.split())
    if topic and len(pronouns) == 1 and len(text) == len(question.plain) and _can_mean(pronouns[0][0], before, topic):
        return _put_in(text, pronouns[0], topic, question)
    if topic and not pronouns:
        return f"{text} (about {topic})"
    earlier = _AFTER.search(before.text)
    told = earlier[1] if earlier else f"“{_BRACKET.sub('', before.text)}”"
    return f"{text} (after {told})"


def _topic(question: Question) -> str:
    """The one thing that a question names, as it names it; empty if there are several, or none."""
    event = question.language.follow_ups.event.search(question.text)
    runs = (
        [event[0]]
        if event
        else [
            run[0]
            for run in _RUN.finditer(question.text)
            if run[0].lower() not in question.language.question_words and (run.start() or " " in run[0])
        ]
    )
    whole = [run for run in dict.fromkeys(runs) if not run.isdigit()]
    return whole[0] if len(whole) == 1 and not _POSSESSIVE.search(whole[0]) else ""


def _can_mean(pronoun: str, before: Question, topic: str) -> bool:
    """Whether a pronoun surely means the topic and not who was asked for."""
    if before.answer_type is AnswerType.PERSON:
        return bool(re.search(rf"^who(?:['’]s| \w+) {re.escape(topic.lower())}\W*$", before.plain))
    things = before.language.follow_ups.things
    return pronoun in things or not topic.startswith(("the ", "The "))


def _put_in(text: str, pronoun: re.Match[str], topic: str, question: Question) -> str:
    """The text with a topic for a pronoun, as an owner where the pronoun is one."""
    follow_ups = question.language.follow_ups
    owner = pronoun[0] in follow_ups.owners or bool(follow_ups.owning.match(question.plain, pronoun.start()))
    ending = ("’" if topic.endswith("s") else "’s") if owner else ""
    start, end = pronoun.span()
    meant = topic[:1].lower() + topic[1:] if topic.startswith("The ") and start else topic
    return f"{text[:start]}{meant}{ending}{text[end:]}"
