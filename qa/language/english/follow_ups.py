"""How English questions lean on the one before: "And how many were injured?", "What did he say?"."""

import re

from qa.language.tables import FollowUps

_OPENING = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|what else|who else|where else|anything else)\b"
)
_ABOUT = r"^(?:and |but |so )?(?:what|how) about "
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs)\b")
_EMPTY_IT = re.compile(r"\b(?:made?|makes|finds?|found) it\b|\b(?:is|was) it (?=\w+ed that\b|held that\b|said that\b)")
_POINTING = re.compile(
    r"\b(?:about|of|for|after|before|during|by|with|from|in|to|at|on|than) (?:that|this|these|those)\b"
    r"(?! \w+ (?:is|was|are|were)\b)"
    r"|\b(?:is|was|are|were|did|does|do|has|had) (?:that|this|these|those)\b"
    r"|\b(?:this|these|those|such an?|the former|the latter|the other|the others|another one|that one)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\W*$|\bthen\W*$"
    r"|\b(?:of|on|in|at|for|from|about|with|by|to) (?:it|him|her|them)\W*$|\bwhile there\b"
)
_ANTECEDENT = re.compile(r"\b(?:the|an?|every|each|all|most|some|many|any|both|one|two|whose) [a-z]\w*")
_ELLIPSIS = (
    r"^(?:and |but |so )?(?:how many|how much|which(?: one| ones)?|what|how|who|where|when|why)"
    r"(?: (?:more|else|exactly|of them|others?))*"
    r"(?: (?:were|was|are|is|did|do|does|have|has|had|died|survived)(?: \w+ed| injured| hurt| lost| left| found)?)?\W*$"
)
_DANGLING_COUNT = re.compile(
    r"^(?:and |but |so )?how many(?: more| of them)? (?:were|was|are|is|have|had|has|did|died|do|does)\b"
)

FOLLOW_UPS = FollowUps(
    opening=_OPENING,
    incomplete=re.compile(f"{_ELLIPSIS}|{_ABOUT}"),
    pronoun=_PRONOUN,
    empty_pronoun=_EMPTY_IT,
    pointing=_POINTING,
    dangling_count=_DANGLING_COUNT,
    antecedent=_ANTECEDENT,
    things=frozenset(["it", "its"]),
    owners=frozenset(["its", "their"]),
    event=re.compile(
        r"\bthe (?:[A-Z][\w-]{1,40} ){1,8}[a-z]{1,40}"
        r"(?= (?:begin|start|end|happen|occur|stop|finish|strike|take place)\b)"
    ),
    owning=re.compile(r"(?:his|hers?|its|their) (?=[a-z])(?!(?:in|on|at|to|for|from|with|after|before|as|when|and)\b)"),
    light=frozenset("many much else about after and also then so but long".split()),
)
