"""What in an English sentence could be an answer of which type: words and patterns."""

import re

from qa.language.tables import CuePatterns

_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    """.split()
)
_TIME_WORDS = _MONTHS | frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow century centuries
    decade decades year years month months week weeks day days summer winter spring autumn fall era period
    early late night morning evening
    """.split()
)
_NUMBER_WORDS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds
    thousand thousands million millions billion billions dozen dozens half twice once zero none both third
    quarter single
    """.split()
)
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})s?\b|\b\d{1,2}(?:st|nd|rd|th)[ -]centur|\b\d+ ?(?:BC|AD|BCE|CE)\b")
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|into|of|on|around|throughout|across|between|along|towards?|outside|inside|through"
    r"|over|under|within|by|the|and|via)\s+(?:the\s+)?(?:[a-z]+\s+){0,2}([A-Z][\w'-]+)"
)
_PERCENT = re.compile(r"%|per ?cent|\b(?:half|thirds?|quarters?|majority)\b", re.IGNORECASE)
_UNIT = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|centur(?:y|ies)|decades?|miles?|mi|km"
    r"|kilomet(?:er|re)s?|met(?:er|re)s?|m|ft|feet|foot|inch(?:es)?|cm|mm|acres?|hectares?|tons?|tonnes?|kg"
    r"|pounds?|degrees?|percent|°[cf]?|long|wide|tall|high|old)\b|%|\$|£|€",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|due|since|so that|in order to|as a result|therefore|thus|owing|caus\w+|reason\w*|led to"
    r"|to (?:avoid|prevent|protect|make|allow|help|reduce|get|keep|provide|ensure|gain|increase|escape)"
    r"|for fear|hence|result\w*|fear\w*)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:times|twice|half|most|all|majority|few|little)\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|un(?:able|like)|fail(?:s|ed)?|lack(?:s|ed)?|\w+n['’]t)\b",
    re.IGNORECASE,
)

LEANING = re.compile(
    r"[\"'“‘(]*(?:he|she|it|they|this|that|these|those|his|her|its|their|him|them|such|both|another"
    r"|the (?:two|three|former|latter|same))\b",
    re.IGNORECASE,
)
"""How a sentence begins that can't be understood without the one before. Many with "But" in front can."""

CUES = CuePatterns(
    months=_MONTHS,
    times=_TIME_WORDS,
    numbers=_NUMBER_WORDS,
    year=_YEAR,
    place=_PLACE,
    percent=_PERCENT,
    unit=_UNIT,
    reason=_REASON,
    part=_PART,
    negation=_NEGATION,
)
