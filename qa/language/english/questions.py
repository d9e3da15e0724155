"""What English questions want: question words, answer types, and fields of an article's header."""

import re

from qa.types import AnswerType, HeaderField

QUESTION_WORDS = frozenset(["what", "which", "who", "whom", "whose", "when", "where", "why", "how", "name"])

_WHICH = r"\b(?:what|which) (?:\w+ )?"

ANSWER_TYPES: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        AnswerType.PERCENT,
        re.compile(
            r"\b(?:what|which) (?:percent|percentage|proportion|fraction|share)|percentage|how (?:much|many) percent"
        ),
    ),
    (
        AnswerType.TIME,
        re.compile(
            r"^(?!(?:who|how|why|where)\b)(?!(?:when|while|after) .*\b(?:what|who|which|where|how)\b).*"
            rf"(?:\bwhen\b|{_WHICH}(?:years?|date|day|month|decade|century|time(?: period)?|era)\b)"
        ),
    ),
    (
        AnswerType.MEASURE,
        re.compile(r"\bhow (?:long|far|tall|high|wide|deep|old|fast|large|big|heavy|hot|cold|often|late|early)\b"),
    ),
    (
        AnswerType.COUNT,
        re.compile(
            r"\bhow many\b|\bwhat number\b"
            r"|\bwhat (?:was|is|were|are) the (?:total |average |estimated )?(?:number|population|rate|amount)\b"
        ),
    ),
    (AnswerType.AMOUNT, re.compile(r"\bhow much\b")),
    (AnswerType.PERSON, re.compile(r"\bwho(?:m|se)?\b")),
    (
        AnswerType.PLACE,
        re.compile(
            rf"\bwhere\b|{_WHICH}(?:country|countries|city|cities|state|region|continent|town|river|island|county"
            r"|province|place|area|location)\b"
        ),
    ),
    (AnswerType.REASON, re.compile(r"\bwhy\b|\bfor what reason|\bwhat (?:caused|causes|reason)")),
    (
        AnswerType.NAME,
        re.compile(
            rf"{_WHICH}(?:person|man|woman|king|queen|president|scientist|author|artist|leader|general|emperor|company"
            r"|organi[sz]ation|university|school|college|nation|group|party|team|war|battle|treaty|law|book|film|network"
            r"|channel|act)\b|\bnamed?\b|\bcalled\b|\btitle\b"
        ),
    ),
)

_ARTICLE = (
    r"(?:th(?:is|e|at)(?: \w+)? (?:article|story|piece|report|text|page|post|essay|news(?: article| story)?)|this|it)"
)
_OF_ARTICLE = rf"(?: (?:of|for|to|on) {_ARTICLE})?"
_WRITTEN = r"(?:written|authored|reported|published|posted|released|printed|dated|put out)"

HEADER_FIELDS: tuple[tuple[HeaderField, re.Pattern[str]], ...] = (
    (
        HeaderField.AUTHOR,
        re.compile(
            rf"^(?:and )?(?:who (?:wrote|authored|reported|penned) {_ARTICLE}"
            rf"|who(?: is|'s|’s| was|)? (?:the )?(?:author|writer|reporter|journalist){_OF_ARTICLE}"
            rf"|who(?: is|'s|’s) (?:this|it) by|(?:by whom|who) (?:is|was) {_ARTICLE} {_WRITTEN}(?: by)?"
            rf"|what(?: is|'s|’s| was) the (?:name of the )?(?:author|writer|reporter|byline)(?:['’]s name)?"
            rf"{_OF_ARTICLE})\W*$"
        ),
    ),
    (
        HeaderField.PUBLISHED,
        re.compile(
            rf"^(?:and )?(?:(?:when|on (?:what|which) (?:date|day)|what (?:date|day|year)|in (?:what|which) year)"
            rf" (?:was|is|did) {_ARTICLE} (?:{_WRITTEN}|come out|appear)"
            rf"|what(?: is|'s|’s| was) the (?:publication )?date(?: of publication)?{_OF_ARTICLE}"
            rf"|how old is {_ARTICLE}|when is {_ARTICLE} from)\W*$"
        ),
    ),
    (
        HeaderField.TITLE,
        re.compile(
            rf"^(?:and )?what(?: is|'s|’s| was) (?:the )?(?:title|headline|name){_OF_ARTICLE}\W*$"
            rf"|^what is {_ARTICLE} (?:called|titled)\W*$"
        ),
    ),
)
