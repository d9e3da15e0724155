"""An `Article` in, `Block`s out: what each of its lines is for, from title to boilerplate.

What the file says comes first (title, author and date as they were read, the marks of Markdown, hints of a reader),
then what form and place tell, which holds in any language, then phrases that publishers write in English
(`index.phrases`). When in doubt it is body, which can be quoted. What stands alike in several articles is not known
here (`index.repeated`), and nothing is cut into sentences or passages.
"""

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from index.line_forms import Line, Mark, read_line
from index.line_spans import line_spans
from index.repeated import line_key
from index.types import Article, Block, Role

MAX_HEADING_WIDTH = 90
"""Of 237 labelled headings none is wider."""

MAX_QUESTION_WIDTH = 85
"""A wider question is one that the text asks."""

MAX_ABOVE_QUESTION = 60
"""A wider heading above a question is mostly a link to another article."""

MARKED_HEADINGS = 2

LIST_LINES = 4
"""So many short lines without an end, one after the other, are a list and no headings."""

TAIL_LINES = 6
"""From the end: where authors, addresses and links to other articles stand."""

ENDED_SHARE = 0.8
"""Of the long lines of an article that end as sentences do: then one that doesn't is a headline of another article."""

MAX_HEADLINE_WIDTH = 160

MIN_SUMMARY_WIDTH = 40
"""What an article says in short under its head has a line as wide; names and papers there don't."""

_FRONT_MATTER = ("---", "+++")
_MARKED = {
    Mark.HEADING: Role.HEADING,
    Mark.QUOTE: Role.QUOTATION,
    Mark.ITEM: Role.LIST_ITEM,
    Mark.ROW: Role.TABLE_ROW,
    Mark.IMAGE: Role.CAPTION,
    Mark.RULE: Role.BOILERPLATE,
}


@dataclass(slots=True)
class _Sheet:
    """An article while its lines get their roles; each rule fills in what is still open.

    Attributes:
        article: the article.
        lines: its lines in order.
        roles: theirs; None where no rule has spoken.
        names: of who wrote it, as its bylines say.
    """

    article: Article
    lines: list[Line]
    roles: list[Role | None]
    names: list[str] = field(default_factory=list)

    @property
    def headed(self) -> bool:
        """Whether the file marks its headings, so that they need not be guessed."""
        marked = sum(line.mark is Mark.HEADING for line in self.lines[1:])
        return marked + sum(hint.role is Role.HEADING for hint in self.article.hints) >= MARKED_HEADINGS

    def open(self) -> Iterator[tuple[int, Line]]:
        """The lines without a role, with their numbers."""
        for number, line in enumerate(self.lines):
            if self.roles[number] is None:
                yield number, line

    def role(self, number: int) -> Role | None:
        """The role of a line; None also beyond the ends."""
        return self.roles[number] if 0 <= number < len(self.roles) else None


def structure(article: Article) -> tuple[Block, ...]:
    """The blocks of an article, in order; together they hold every line that isn't blank.

    Args:
        article: as its reader gave it.
    """
    lines = [read_line(article.text, *span) for span in line_spans(article)]
    sheet = _Sheet(article, lines, [None] * len(lines))
    for rule in _RULES:
        rule(sheet)
    return tuple(
        Block(role or Role.BODY, start, end, line_key(article.text[start:end]))
        for role, (start, end) in zip(sheet.roles, (line.span for line in lines), strict=True)
    )


def _by_header(sheet: _Sheet) -> None:
    """Lines that title, author and date were read from; the rest of front matter is nothing to quote."""
    article = sheet.article
    starts = [line.span[0] for line in sheet.lines]
    fields = {Role.TITLE: article.title, Role.BYLINE: article.author, Role.DATELINE: article.published}
    for role, value in fields.items():
        number = bisect.bisect_right(starts, value.start) - 1 if value else -1
        begins = role is Role.TITLE and number >= 0 and _begins_the_text(article, sheet.lines[number])
        if number >= 0 and sheet.roles[number] is None and not begins:
            sheet.roles[number] = role
    fences = [number for number, line in enumerate(sheet.lines[:60]) if _text(sheet, line) in _FRONT_MATTER]
    if fences[:1] == [0] and len(fences) > 1 and any(sheet.roles[1 : fences[1]]):
        for number in range(fences[1] + 1):
            sheet.roles[number] = sheet.roles[number] or Role.BOILERPLATE
    sheet.names.append(article.value("author"))


def _begins_the_text(article: Article, line: Line) -> bool:
    """Whether a line was taken for the title for want of one: it is a sentence, or goes on in the next line."""
    title = article.title
    if title is None or title.start != line.span[0] or article.author or article.published or line.mark:
        return False
    return line.states or line.span[1] > title.end


def _text(sheet: _Sheet, line: Line) -> str:
    return sheet.article.text[line.span[0] : min(line.span[1], line.span[0] + 8)]


def _by_repeated_title(sheet: _Sheet) -> None:
    """Lines near the top that say the title again, with or without the name of the paper."""
    title = _letters(sheet.article.value("title"))
    if sheet.lines and _begins_the_text(sheet.article, sheet.lines[0]):
        return
    for number, line in enumerate(sheet.lines[:8]):
        said = _letters(line.text)
        if sheet.roles[number] is None and len(said) >= 12 and (title.startswith(said) or said == title):
            sheet.roles[number] = Role.TITLE


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _by_words(sheet: _Sheet) -> None:
    """Teasers, newsletters and captions, whatever else the file says of them."""
    for number, line in sheet.open():
        if line.mark is Mark.NONE and line.is_caption():
            sheet.roles[number] = Role.CAPTION
        elif line.is_teaser() or line.is_link() or _is_below_label(sheet, number):
            sheet.roles[number] = Role.BOILERPLATE


def _is_below_label(sheet: _Sheet, number: int) -> bool:
    """Whether a short line is the link that "Read also:" right above it speaks of."""
    above, line = sheet.lines[max(0, number - 1)], sheet.lines[number]
    labelled = sheet.role(number - 1) is Role.BOILERPLATE and above.introduces
    return labelled and line.mark is not Mark.HEADING and _is_heading_form(line)


def _by_hints(sheet: _Sheet) -> None:
    """What the reader knows of the file's own markup. What looks like a sentence isn't held for a heading."""
    hints = sheet.article.hints
    starts = [hint.start for hint in hints]
    for number, line in sheet.open():
        at = bisect.bisect_right(starts, line.span[0]) - 1
        if at < 0 or line.span[0] >= hints[at].end:
            continue
        sentence = line.width > 2 * MAX_HEADING_WIDTH or (line.ended and not line.asks)
        if hints[at].role is not Role.HEADING or not sentence:
            sheet.roles[number] = hints[at].role


def _by_marks(sheet: _Sheet) -> None:
    """The marks of Markdown and of print. A short item by itself above a paragraph heads it."""
    for number, line in sheet.open():
        role = _MARKED.get(line.mark)
        strong = line.bold and not line.ended and line.width <= MAX_HEADING_WIDTH
        if strong or (line.mark is Mark.ITEM and _is_heading_form(line) and _is_lone_item(sheet, number)):
            role = Role.HEADING
        elif line.mark is Mark.RULE and number and _is_underline(sheet, number):
            sheet.roles[number - 1] = Role.HEADING
        sheet.roles[number] = role


def _is_lone_item(sheet: _Sheet, number: int) -> bool:
    before, after = sheet.lines[max(0, number - 1)], sheet.lines[min(number + 1, len(sheet.lines) - 1)]
    return before.mark is not Mark.ITEM and after.mark is not Mark.ITEM and after.ended


def _is_underline(sheet: _Sheet, number: int) -> bool:
    """Whether a rule of Markdown stands right under a line of text, which makes that a heading."""
    start, end = sheet.lines[number].span
    between = sheet.article.text[sheet.lines[number - 1].span[1] : start]
    rule = sheet.article.text[start : min(end, start + 200)]
    above = sheet.roles[number - 1] in (None, Role.BODY)
    return above and len(rule) >= 3 and len({*rule}) == 1 and rule[0] in "=-" and between.strip(" \t") in ("\n", "\r\n")


def _in_head(sheet: _Sheet) -> None:
    """Names, papers, dates and places between the title and the first sentence."""
    for number, line in enumerate(sheet.lines[:16]):
        place = line.width <= 60 and (line.text[-1:] in "—–" or line.text.endswith("--"))
        above = sheet.role(number - 1)
        if sheet.roles[number] is None and line.width > MAX_HEADING_WIDTH:
            return
        if sheet.roles[number] is not None or above in (None, Role.HEADING):
            continue
        if line.is_date() or place:
            sheet.roles[number] = Role.DATELINE
        elif line.width <= 60 and (line.has_mailbox() or line.is_name(5) or _is_plain_name(line)):
            sheet.roles[number] = Role.BYLINE
            sheet.names.append(line.text)
        else:
            return


def _is_plain_name(line: Line) -> bool:
    """A name in small letters, as some systems give it."""
    return line.text.islower() and len(line.text.split()) == 2 and line.text.replace(" ", "").isalpha()


def _by_signature(sheet: _Sheet) -> None:
    """Who wrote what stands above: "— Joey Garrison", or "Thomas Kerth, Naples" between text and heading."""
    for number, line in sheet.open():
        after = sheet.lines[number + 1] if number + 1 < len(sheet.lines) else None
        below = after is None or (_is_heading_form(after) and not after.mark)
        text_above = sheet.role(number - 1) is None and number > 0 and sheet.lines[number - 1].ended
        signed = line.mark is Mark.DASH and line.is_name(12)
        if signed or (text_above and below and "," in line.text and line.width <= 60 and line.is_name()):
            sheet.roles[number] = Role.BYLINE


def _is_heading_form(line: Line) -> bool:
    """Short and without an end, or a short question."""
    limit = MAX_QUESTION_WIDTH if line.asks else MAX_HEADING_WIDTH
    if line.width > limit or line.mark not in (Mark.NONE, Mark.ITEM, Mark.HEADING):
        return False
    return line.asks or not (line.ended or line.has_address())


def _by_runs(sheet: _Sheet) -> None:
    """Short lines: headings where a text follows, a list where many stand together."""

    def kind(numbered: tuple[int, Line]) -> str:
        number, line = numbered
        if sheet.roles[number] is not None:
            return "known"
        if line.text[:1].isdigit() and line.width <= 200:
            return "counted"
        if line.last in ";；" or line.text.endswith(("; and", "; or")):
            return "enumerated"
        return "short" if _is_heading_form(line) and not line.asks else "text"

    headed = sheet.headed
    for name, group in groupby(enumerate(sheet.lines), kind):
        run = [number for number, _line in group]
        if name == "enumerated" or (name == "counted" and len(run) >= 3):
            for number in run:
                sheet.roles[number] = Role.LIST_ITEM
        elif name in ("short", "counted") and not headed:
            _place_short(sheet, run)


def _place_short(sheet: _Sheet, run: list[int]) -> None:
    """Short lines that stand together. Two or three under the head of an article are what it says in short."""
    above, below = sheet.role(run[0] - 1), sheet.role(run[-1] + 1)
    widest = max(sheet.lines[number].width for number in run)
    in_short = len(run) > 1 and widest > MIN_SUMMARY_WIDTH and above in (Role.TITLE, Role.BYLINE, Role.DATELINE)
    inside = above is below is Role.LIST_ITEM and sheet.lines[run[0]].text[:1].isdigit()
    for number in run:
        line = sheet.lines[number]
        if not _is_heading_form(line) or line.asks:
            continue
        if number == len(sheet.lines) - 1 and len(run) < LIST_LINES:
            sheet.roles[number] = Role.BYLINE if line.is_name(4) else Role.BOILERPLATE
        elif line.introduces or (line.shouts and not inside):
            sheet.roles[number] = Role.HEADING
        elif len(run) >= LIST_LINES or in_short or inside or line.is_field() or line.text[:1].islower():
            sheet.roles[number] = Role.LIST_ITEM
        else:
            sheet.roles[number] = Role.HEADING


def _by_questions(sheet: _Sheet) -> None:
    """Questions that head the paragraph below: not those that come first under a heading, the text asks these."""
    for number, line in sheet.open():
        above = sheet.lines[number - 1] if number else None
        headed = sheet.role(number - 1) is Role.HEADING and above is not None and above.width <= MAX_ABOVE_QUESTION
        first = headed and above is not None and (not above.introduces or above.text[:-1].istitle())
        if line.asks and _is_heading_form(line) and not first and number < len(sheet.lines) - 1:
            sheet.roles[number] = Role.HEADING


def _in_tail(sheet: _Sheet) -> None:
    """At the end: who the author is and where to reach them, thanks and agencies in brackets."""
    names = [name for name in sheet.names if len(name) >= 6]
    for number, line in list(sheet.open())[-TAIL_LINES:]:
        if number < len(sheet.lines) - 2 * TAIL_LINES:
            continue
        bracketed = line.text.startswith(("(", "[")) and line.text.endswith((")", "]"))
        of_author = any(line.text.startswith(name) for name in names)
        if line.has_mailbox() or of_author or bracketed:
            sheet.roles[number] = Role.BOILERPLATE


def _by_missing_end(sheet: _Sheet) -> None:
    """Long lines that end without a sign where the others have one: headlines of other articles."""
    long = [line for _number, line in sheet.open() if line.width > MAX_HEADING_WIDTH]
    if sum(line.ended for line in long) < max(1, ENDED_SHARE * (len(long) - 1)):  # of the others, whichever it is
        return
    for number, line in sheet.open():
        headline = MAX_HEADING_WIDTH < line.width <= MAX_HEADLINE_WIDTH and not line.has_inner_end()
        if headline and not (line.ended or line.introduces or line.last in ",;"):
            sheet.roles[number] = Role.BOILERPLATE


_RULES: tuple[Callable[[_Sheet], None], ...] = (
    _by_header,
    _by_repeated_title,
    _by_words,
    _by_hints,
    _by_marks,
    _in_head,
    _by_signature,
    _by_runs,
    _by_questions,
    _in_tail,
    _by_missing_end,
)
"""In the order in which they may speak."""
