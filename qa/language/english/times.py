"""How English questions name a time: "on 3 March", "in early August 2022", "last week"; and ask for the newest."""

import re

from qa.language.tables import TimeWords

_NAMES = """
    january jan, february feb, march mar, april apr, may, june jun, july jul, august aug, september sept sep,
    october oct, november nov, december dec
"""
_MONTHS = {name: number for number, names in enumerate(_NAMES.split(","), 1) for name in names.split()}
_LONG_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = rf"(?P<month>{_LONG_MONTH}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_PART = r"(?P<part>early|mid|late|the (?:beginning|start|middle|end) of)"
_DAY_OR_NONE = r"(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?"
_DATE = rf"(?:the )?(?:{_PART}[ -])?(?:{_DAY_OR_NONE}{_MONTH}(?: \d{{1,2}}\b)?(?:,? {_YEAR})?|{_YEAR})"
_ANY_DATE = re.sub(r"\?P<\w+>", "?:", _DATE)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d )\b{text}\b", re.IGNORECASE)


TIMES = TimeWords(
    months=_MONTHS,
    weekdays=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    dates=(
        _pattern(r"(?:on |by )?(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])"),
        _pattern(rf"(?:on |by )?(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?"),
        _pattern(rf"(?:on |by )?{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR})?"),
        _pattern(rf"(?:in |during |at |by )?(?:{_PART}[ -])?{_MONTH}(?: of)?,? {_YEAR}"),
        _pattern(rf"(?:in|during|at|by) (?:{_PART}[ -])?(?P<month>{_LONG_MONTH})(?! \d)"),
        _pattern(rf"(?:in|during|throughout|for|of|by) (?:the year )?{_YEAR}(?! [a-z]+ (?:election|season|midterms))"),
        re.compile(rf"(?<=\w ){_YEAR}(?=\s*$)"),
    ),
    apart=re.compile(
        rf"\b(?:before|after|since|until|till|than|prior to|between|from) {_ANY_DATE}"
        rf"(?: (?:and|to|until|till) {_ANY_DATE})?",
        re.IGNORECASE,
    ),
    parts={
        "early": (1, 10),
        "mid": (11, 20),
        "late": (21, 31),
        "the beginning of": (1, 10),
        "the start of": (1, 10),
        "the middle of": (11, 20),
        "the end of": (21, 31),
    },
    back=(
        (re.compile(r"\byesterday\b", re.IGNORECASE), "day", 1),
        (re.compile(r"\b(?:last|in the past|this past|over the past|this) week\b", re.IGNORECASE), "week", 1),
        (re.compile(r"\b(?:last|in the past|this past|over the past|this) month\b", re.IGNORECASE), "month", 1),
        (re.compile(r"\b(?:last|in the past|over the past) year\b", re.IGNORECASE), "year", 1),
    ),
    newest=re.compile(
        r"\b(?:what(?:['’]s| is| are) )?(?:the )?(?:latest|newest|most recent)(?: (?:news|updates?|developments?"
        r"|articles?|stories|story|reports?|information|info|word))?(?: (?:on|about|from|regarding|with|of|for)\b)?"
        r"|\b(?:is there |are there |have you )?any (?:new |more )?(?:news|updates?|developments?) (?:on|about|from)\b"
        r"|^(?:news|updates?) (?:on|about)\b"
        r"|\b(?:where|how) (?:do|does|are) (?:things|matters|it) stand(?: (?:right )?now)?(?: (?:with|on|for)\b)?"
        r"|\bwhat(?:['’]s| is) new (?:with|on|about)\b"
        r"|\bthe last time (?:he|she|it|they|anyone|this) (?:was|were|did|had) ?\w*"
        r"|\bright now\W*$|\bat the moment\W*$|\bas of now\W*$",
        re.IGNORECASE,
    ),
)
