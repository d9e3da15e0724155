"""How English questions ask for several things: "Which companies …?", "Where can I …?", "Name the …"."""

import re

_NOT_IN_BETWEEN = (
    r"(?:is|are|was|were|be|been|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|of|in|on|at"
    r"|to|for|by|from|with|and|or|than|that|the|a|an|i|we|you|it|he|she|they|his|her|its|their)\b"
)
_ONE_BUT_S = (
    r"(?:\w*(?:ss|us|is)|does|was|has|hours|odds|chances|terms|news|series|sports|politics|physics|congress|happens"
    r"|causes|makes|means|comes|counts|goes|helps|matters|owns|runs|plays|sells|leads|wins|holds|ranks|says|wants|gives"
    r"|gets|takes|pays|produces|hosts|uses|spends|works|lives|provides|offers|becomes|needs|keeps|shows|stars|supports"
    r"|costs|remains|stands|sits|follows|texas|kansas|arkansas|illinois|massachusetts|los|angeles|las|vegas|orleans"
    r"|dallas|wales|netherlands|philippines|olympics|christmas|james|thomas|charles)\b"
)
_SEVERAL = (
    rf"(?!{_ONE_BUT_S})(?:\w+s\b(?!['’]| (?:the|a|an|between)\b)|people\b|men\b|women\b|children\b|media\b|ones\b)"
)
_SOME = rf"(?:(?!{_NOT_IN_BETWEEN})[\w'’.-]+ ){{0,2}}{_SEVERAL}"
_COUNT = r"(?:all|some|a list|every|two|three|four|five)"
_ARTICLES = r"(?!.{0,30}\b(?:articles|stories|pieces|posts|reports)\b)"

LISTING = re.compile(
    rf"^{_ARTICLES}(?:and |so )?(?:"
    rf"(?:(?:in|at|on|to|from|for|by|with|against) )?(?:which|what)(?: of the)? {_SOME}"
    rf"|(?:what|which|who)(?: are| were|['’]re) (?:all |some )?(?:of )?(?:the )?(?:\w+ )?{_SOME}"
    r"|where (?:can|could|should|do) (?:i|you|we|one|people|someone)\b"
    rf"|(?:please )?(?:name|list|enumerate|give me|tell me|show me) (?:{_COUNT}\b|the {_SOME})"
    r"|(?:a )?list of\b|who (?:all|else)\b)"
)
"""Of the plain form of a question that wants a list. It looks at the beginning only: a long one costs no more."""
