"""A question in, what it wants of the collection of articles out, if it wants that: a list, a count, a summary.

Whether the collection has it is found out later (`qa.collection`); a question that can be read either way ("What has
Ann Lee written?") is answered like any other one where it has not. Looks at no index.
"""

import re
from dataclasses import dataclass

from qa.questions import Question
from qa.types import Wanted

_END = re.compile(r"(?<![\s?!.…,;:])[\s?!.…,;:]+\Z")
_AROUND = " \t\"'“”‘’«»()[]"


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted of the collection, or of the product.

    Attributes:
        wanted: see `Wanted`.
        topic: what the articles are about; empty where that is not said.
        words: that they hold.
        author: who wrote them.
        writer: likewise, where it may be somebody that the collection has nothing of.
        title: the title of the one that is meant, or a piece of it.
    """

    wanted: Wanted
    topic: str = ""
    words: str = ""
    author: str = ""
    writer: str = ""
    title: str = ""


def request_of(question: Question) -> Request | None:
    """What a question wants of the collection; None if it asks what articles say."""
    patterns = question.language.requests
    plain = _END.sub("", " ".join(question.text.split()))
    bare = _END.sub("", patterns.courtesy.sub("", patterns.courtesy.sub("", plain)))
    for wanted, pattern in patterns.wanted:
        match = pattern.match(bare) or pattern.match(plain)
        if match:
            groups = {name: text.strip(_AROUND) for name, text in match.groupdict().items() if text}
            if all(any(character.isalnum() for character in text) for text in groups.values()):
                return Request(wanted, **groups)
    return None
