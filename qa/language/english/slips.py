"""How the small words of English questions are mistyped, and what is meant. Longer words are `qa.spelling`'s."""

import re

_TYPED = """
    what: waht wath whta hwat wat whay, which: wich whcih whihc wihch hwich, who: woh hwo, when: wehn whne hwen wen,
    where: wher whre weher hwere whare, why: wyh hwy, how: ohw, does: deos, did: ddi, the: teh hte, and: adn nad,
    was: wsa, were: wree, with: wiht whit, from: fomr, that: taht
"""

SLIPS = {
    slip: word.strip() for word, slips in (entry.split(":") for entry in _TYPED.split(",")) for slip in slips.split()
}

PHRASE_SLIPS = (
    (re.compile(r"\bhwo(?= (?:many|much|long|far|often|old|big|did|do|does|to)\b)", re.IGNORECASE), "how"),
    (
        re.compile(
            r"(?<=\b(?:how|why) )dose(?= )|(?<=\b(?:when|what) )dose(?= (?:it|this|that|he|she|they|one)\b)"
            r"|(?<=\bwhere )dose(?= )|(?<=\bhow (?:much|many|long) )dose(?= (?:the|an?|it|this|that|he|she)\b)",
            re.IGNORECASE,
        ),
        "does",
    ),
)
