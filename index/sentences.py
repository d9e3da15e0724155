"""A line of text in, the spans of its sentences out; the only importer of sentencex and py3langid."""

import math
import re
from collections.abc import Iterator, Sequence

LANGUAGE_CHARS = 3000
"""Characters that a language is told from; each of the 675 paragraphs of encyclopedia_dev is found English by less."""

_ALSO = {"pcm": "en"}
"""What py3langid calls Nigerian Pidgin is English: two of the 521 articles of news_dev, both of American papers."""

_MARKS = re.compile(r"(?:[*_”’»\"')\]]|\[\^?\w{1,4}\])+(?=\s|\Z)")
"""What closes a sentence behind its full stop, in Markdown and in print. No sign can be read in two ways: a line of
a thousand underscores costs no more than one of letters."""

_WORD_START = r"(?:^|[\s(\[“\"'])"
_BEFORE_A_NAME = re.compile(
    _WORD_START + r"(?:M|Ms|Mx|Messrs|Mme|Mlle|Cdr|Cmdr|Amb|Atty|Supt|Insp|Ft|Mt|vs|[Ii]ncl)\.\s*\Z",
)
_BEFORE_A_NUMBER = re.compile(
    _WORD_START
    + r"(?:vols?|pp?|figs?|nos?|ch|sec|pop|est|ca|approx|eds?|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.\s*\Z",
    re.IGNORECASE,
)
_INSIDE_AN_ABBREVIATION = re.compile(r"(?:^|[\W_])[^\W\d_]\.\Z")  # "D-N.H.", "W.Va.": no space behind the full stop
_BEFORE_A_BRACKET = re.compile(_WORD_START + r"(?:Co|Corp|Inc|Ltd|Bros|St|Ave|Rd|Blvd|Dr)\.\s*\Z")
_HALF_OF_THE_DAY = re.compile(r"(?:^|[\s\d])[ap]\.\s?m\.\s*\Z")
_GOES_ON = re.compile(r"[\d(a-z]")
_DAY_OR_ZONE = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)"
    r"|(?:[ECMP][SD]?T|GMT|UTC|BST|CET)\b|local|[(a-z]"
)


def language_of(text: str) -> str:
    """The language that a text is mostly in, as ISO 639-1 has it."""
    import py3langid

    language: str = py3langid.classify(text[:LANGUAGE_CHARS])[0]
    return _ALSO.get(language, language)


WINDOW_CHARS = 5_000
"""sentencex looks from each quotation mark at all others: 5,000 of them take 0.01 s, a million would take minutes."""

HEAD_START = 5.0
"""By how much (logarithms of likelihoods) another language has to be likelier than the first one. Questions are short:
of 6,888 English ones 14 are then taken for German, French or Spanish; "Wo liegt Berlin?" is German by 14."""


def language_among(text: str, languages: Sequence[str]) -> str:
    """The language of a short text, if it is in one of these; the first where that is hard to tell.

    Args:
        text: a question, say.
        languages: ISO 639-1 codes, at least one, the most usual first.
    """
    if len(languages) == 1:
        return languages[0]
    import py3langid

    likely: dict[str, float] = dict(py3langid.rank(text))
    first, *others = languages
    odds = {first: likely.get(first, -math.inf) + HEAD_START} | {name: likely.get(name, -math.inf) for name in others}
    return max(odds, key=odds.__getitem__)


def language_beyond(text: str, languages: Sequence[str]) -> str:
    """The language of a short text if it is likely in none of these; else empty.

    Args:
        text: a question, say.
        languages: ISO 639-1 codes, at least one, the most usual first.
    """
    import py3langid

    likely: dict[str, float] = dict(py3langid.rank(text))
    best = max(likely, key=likely.__getitem__)
    within = max(likely.get(name, -math.inf) for name in languages)
    return best if _ALSO.get(best, best) not in languages and likely[best] > within + HEAD_START else ""


def split_line(line: str, language: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a line, in order and without gaps.

    Args:
        line: text without line ends; of a long one, `WINDOW_CHARS` are looked at together.
        language: see `language_of`; sentencex has the abbreviations of each.
    """
    begin = 0
    while len(line) - begin > WINDOW_CHARS:
        space = line.rfind(" ", begin, begin + WINDOW_CHARS)  # no word is cut, where there are any
        end = space + 1 if space >= begin else begin + WINDOW_CHARS
        found = [*_split_window(line[begin:end], language)]
        whole = found[:-1] or found  # the last one is cut, and looked at again from its start
        yield from ((begin + start, begin + end) for start, end in whole)
        begin = begin + whole[-1][1] if whole else end
    yield from ((begin + start, begin + end) for start, end in _split_window(line[begin:], language))


def _split_window(line: str, language: str) -> Iterator[tuple[int, int]]:
    import sentencex

    start = end = 0
    for found in sentencex.get_sentence_boundaries(language, line):
        begin, stop = found["start_index"], found["end_index"]
        if start < begin and not _one_sentence(line[start:begin], line[begin:stop]):
            marks = _MARKS.match(line, begin, stop)
            end = marks.end() if marks else begin
            yield start, end
            start = end
        end = stop
    if start < end:
        yield start, end


def _one_sentence(before: str, after: str) -> bool:
    """Whether what sentencex takes for an end is an abbreviation that it lacks, mostly English ones."""
    return bool(
        _BEFORE_A_NAME.search(before)
        or (_INSIDE_AN_ABBREVIATION.search(before) and after[:1].isalpha())
        or (_BEFORE_A_BRACKET.search(before) and after[:1] == "(")
        or (_BEFORE_A_NUMBER.search(before) and _GOES_ON.match(after))
        or (_HALF_OF_THE_DAY.search(before) and _DAY_OR_ZONE.match(after))
    )
