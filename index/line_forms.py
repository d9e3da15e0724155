"""A line of an article in, what it looks like out: its marks, its width, how it ends, whether it is a name or a date.

Knows one line and nothing around it. Whatever it looks for, it looks at no more than `LOOK_CHARS` of the line, so that
no text is slow. Forms hold in any language; what is English is in `index.phrases`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from index import phrases
from index.types import Span

LOOK_CHARS = 700
"""A longer line is a paragraph, whatever it holds; of the labelled boilerplate the longest has 495."""

MAX_LABEL_CHARS = 80
"""Of a link's label in front of its text: "Halloween in Fort Collins:Your guide to …"."""

MAX_TEASER_WIDTH, MAX_CAPTION_WIDTH = 300, 500

MAX_NAME_WORDS = 6


class Mark(StrEnum):
    """What a line starts with, in Markdown and in print."""

    NONE = ""
    HEADING = "#"
    QUOTE = ">"
    ITEM = "-"
    ROW = "|"
    IMAGE = "!"
    DASH = "—"
    RULE = "---"


_MARKS = re.compile(
    r"(?P<HEADING>#{1,6}[ \t]+)|(?P<QUOTE>>[ \t]?)|(?P<ITEM>[-*+•∎■▪‣●○◦►▸✓·][ \t]+|\d{1,3}[.)](?=[\s\"“]))"
    r"|(?P<ROW>\|)|(?P<IMAGE>!\[)|(?P<DASH>[–—−―][ \t]?|--[ \t]?|-(?=[^\W\d_]))"
)
_CLOSERS = "”’»\"')]』」》〉*_ \t"
_ENDS = ".!?…。！？।؟۔።։"
_STOPS = ".。।۔።։"
_ASKS = "?？؟"
_WHOLE_WORD = re.compile(r"(?<![^\W\d_]\.)(?<![^\W\d_])[^\W\d_]{4,60}\.\W*$")
_FOOTNOTE = re.compile(r"\[\^?\w{1,4}\]$")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_DAY = re.compile(r"(?<!\d)[0-3]?\d(?!\d)")
_ADDRESS = re.compile(r"\w@\w|(?<!\w)@\w|https?://|\bwww\.|\w\.com\b|\(?\d{3}\)?[ -]\d{3}-\d{4}")
_MAIL_OR_HANDLE = re.compile(r"\w@\w|(?<!\w)@\w")
_FUSED = re.compile(  # no time of day is one: "7:25 PM"
    rf"[^:\n]{{2,{MAX_LABEL_CHARS}}}(?<=[\w’'”\")?!]):(?!(?<=\d:)\d)(?:\d{{1,3}} )?[“\"'‘]?(?P<first>[^\W\d_])"
)
_FIELD = re.compile(r"[^\s:.!?][^:.!?]{0,24}: \S")
_CREDIT = re.compile(r"[^\W\d_]{4}[.!?][”\"’']? (?P<credit>[^.!?]{2,60})$")
_GLUED = re.compile(r"\b[a-zà-ÿ]{4,20}[A-ZÀ-Þ][a-zà-ÿ]")
_CAPITAL_LABEL = re.compile(r"[^\W_][^:.]{3,40}: \S")
_INNER_END = re.compile(r"[^\W\d_]{3}[.!?][”\"’']?[ –—-]")
_LINK = re.compile(r"\[[^\]]{1,300}\]\([^)]{1,300}\)")
_WIDE = re.compile("[\u2e80-\U0010ffff]")
_STRAIGHT = str.maketrans("’‘“”\u00a0", "''\"\" ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or the run of lines that a hard wrap made of one.

    Attributes:
        span: of the article's text.
        text: the first `LOOK_CHARS` of it without its marks, on one line.
        mark: what it starts with.
        width: columns, wide letters counted twice.
        last: its last letter or sign, what closes it left out.
        bold: marked as strong from its first to its last letter.
        plain: `text` in lower case, apostrophes and quotation marks straight.
    """

    span: Span
    text: str
    mark: Mark
    width: int
    last: str
    bold: bool
    plain: str

    @property
    def ended(self) -> bool:
        """Whether it ends as a sentence does."""
        return self.last in _ENDS

    @property
    def states(self) -> bool:
        """Whether it ends with a full stop, and not with one of an abbreviation: "in the U.S."."""
        return self.last in _STOPS and (self.last != "." or bool(_WHOLE_WORD.search(self.text)))

    @property
    def asks(self) -> bool:
        """Whether it ends as a question does, and nobody is quoted with it."""
        return self.last in _ASKS and self.text[-1:] == self.last

    @property
    def introduces(self) -> bool:
        """Whether it ends with a colon."""
        return self.last in ":："

    @property
    def shouts(self) -> bool:
        """Whether it is in capitals; languages that have none don't shout."""
        return self.text.isupper() and sum(map(str.isalpha, self.text)) >= 4

    def is_name(self, most: int = MAX_NAME_WORDS) -> bool:
        """Whether all that is long in it has a capital, as in "Thomas Kerth, Naples" or "Special to the News"."""
        words = self.text.replace(",", " ").replace("/", " ").split()
        plain = [word for word in words if len(word) > 3]
        return (
            0 < len(words) <= most
            and not (self.ended and not _abbreviated(words[-1]))
            and not any(character.isdigit() or character in ":;?!" for character in self.text)
            and words[0][0].isupper()
            and all(not word[0].islower() for word in plain)
        )

    def is_date(self) -> bool:
        """Whether it has a year and a day and is no sentence."""
        return self.width <= 70 and not self.ended and bool(_YEAR.search(self.text) and _DAY.search(self.text))

    def has_address(self) -> bool:
        """Whether mail, the web, a network or a telephone is named."""
        return bool(_ADDRESS.search(self.text))

    def has_mailbox(self) -> bool:
        """Whether somebody's mail or account is named."""
        return bool(_MAIL_OR_HANDLE.search(self.text))

    def is_field(self) -> bool:
        """Whether it says something of something: "When: 7 p.m. on Saturday"."""
        return bool(_FIELD.match(self.text))

    def is_link(self) -> bool:
        """Whether there is nothing in it but a link of Markdown."""
        return bool(_LINK.fullmatch(self.text))

    def is_teaser(self) -> bool:
        """Whether it links to another article: by its words, or a label and a headline that run into each other."""
        if _is_around(self):
            return True
        if self.width > MAX_TEASER_WIDTH:
            return False
        fused = _FUSED.match(self.text)
        label = self.text[: self.text.find(": ")] if _CAPITAL_LABEL.match(self.text) and not self.ended else ""
        return (
            bool(fused and fused["first"].isupper())
            or (label.isupper() and " " in label)
            or bool(_GLUED.search(self.text))
        )

    def has_inner_end(self) -> bool:
        """Whether a sentence ends before its end, as in few headlines."""
        return bool(_INNER_END.search(self.text))

    def is_caption(self) -> bool:
        """Whether it tells of a picture: by its words, or a sentence with a name behind it, "… humans. Adobe Stock"."""
        plain = self.plain
        if any(words in plain for words in phrases.GALLERY_HOLDS):
            return True
        if self.width > MAX_CAPTION_WIDTH:
            return False
        if plain.startswith(phrases.CAPTION_STARTS) or any(words in plain[-80:] for words in phrases.CAPTION_ENDS):
            return True
        credit = _CREDIT.search(self.text[-200:]) if self.width > 50 and not (self.ended or self.introduces) else None
        words = credit["credit"].split() if credit else []
        return 0 < len(words) <= 5 and words[0][0].isupper() and not any(len(w) > 3 and w[0].islower() for w in words)


def _abbreviated(word: str) -> bool:
    return len(word) <= 4 and word.endswith(".")


def _is_around(line: Line) -> bool:
    """Whether an English line is one that publishers write around articles."""
    plain = line.plain
    return (
        plain.startswith(phrases.STARTS)
        or (
            plain.startswith(phrases.STARTS_WITH_ADDRESS)
            and (line.has_address() or any(name in plain for name in phrases.NETWORKS))
        )
        or (not plain.startswith('"') and any(words in plain for words in phrases.HOLDS))
    )


def read_line(text: str, start: int, end: int) -> Line:
    """The line that stands at a span of a text, without space at its ends."""
    looked = " ".join(text[start : min(end, start + LOOK_CHARS)].split())
    mark, bare = _mark(looked)
    tail = text[max(start, end - 40) : end].rstrip()
    tail = _FOOTNOTE.sub("", tail.rstrip("*_ ")).rstrip(_CLOSERS)
    strong = bare.startswith(("**", "__")) and bare.endswith(("**", "__")) and len(bare) > 4 and "**" not in bare[2:-2]
    bare = bare.strip("*_ ") if mark is not Mark.RULE else bare
    wide = len(_WIDE.findall(looked))
    plain = bare.lower().translate(_STRAIGHT)
    return Line((start, end), bare, mark, end - start + wide, tail[-1:] or " ", strong, plain)


def _mark(looked: str) -> tuple[Mark, str]:
    """The mark at the start of a line, and the line without it."""
    if not looked[:1].isalnum() and not any(map(str.isalnum, looked)):
        return (Mark.ROW if "|" in looked else Mark.RULE), looked
    if looked.count(" | ") >= 2:
        return Mark.ROW, looked
    found = _MARKS.match(looked)
    if not found or found.lastgroup is None:
        return Mark.NONE, looked
    mark = Mark[found.lastgroup]
    return mark, looked if mark is Mark.IMAGE else looked[found.end() :].strip()
