"""An answer or passages in, what a terminal shows of them out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shell.printing import print_block, printable

if TYPE_CHECKING:
    from qa import Answer, Passage, Quote
    from qa.types import Listed

LINES_SHOWN = 12
"""Numbers of lines that are printed of one article."""


def print_answer(answer: "Answer") -> None:
    """How the question was read, all quotes and articles, and how sure that is."""
    from qa import notes

    if answer.filters:
        print(printable(f"(Only articles {answer.filters}.)\n"))
    told = notes.notes(answer)
    if answer.corrected or answer.period:
        told.append("--literally takes the question as it stands.")
    if told:
        print("".join(f"({printable(note)})\n" for note in told))
    if not answer.found:
        print(printable(answer.text))
        if answer.passages:
            print("\nThe nearest passages, which may not answer:\n")
            print_passages(answer.passages)
        return
    if leading := notes.leading(answer):
        print(f"{printable(leading)}\n")
    if not answer.quotes:
        print_articles(answer.articles)
    for number, quote in enumerate(answer.quotes, 1):
        place = f"{quote.citation}{_source(quote)}{_also(quote)}"
        print_block(str(number), quote.text, place, strong=quote.answer_in_text)
    if certainty := notes.certainty_of(answer):
        print(f"{certainty}.")


def print_articles(articles: "Sequence[Listed]") -> None:
    """Articles, each with the line that says best what was asked for, and the numbers of the others."""
    for number, article in enumerate(articles, 1):
        if best := article.best:
            others = [line for line in article.lines if not best.start_line <= line <= best.end_line]
            place = f"{best.citation}{_source(best)}{_lines('also line', others)}"
            print_block(str(number), best.text, place, strong=best.answer_in_text)
        else:
            said = "".join(f" · {value}" for value in (article.source.author, article.source.published) if value)
            place = f"{article.path}{said}{_lines('line', article.lines)}"
            print_block(str(number), article.title or article.path, place)


def print_passages(passages: "Sequence[Passage]") -> None:
    """Passages with their scores."""
    for number, passage in enumerate(passages, 1):
        place = f"{passage.location}  score {passage.score:.3f}"
        print_block(str(number), passage.text, f"{place}{_source(passage)}{_also(passage)}")


def _lines(noun: str, numbers: "Sequence[int]") -> str:
    if not numbers:
        return ""
    more = f" and {len(numbers) - LINES_SHOWN} more" if len(numbers) > LINES_SHOWN else ""
    return f" · {noun}{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:LINES_SHOWN]))}{more}"


def _source(piece: "Quote | Passage") -> str:
    return "".join(f" · {value}" for value in (piece.title, piece.author, piece.published) if value)


def _also(piece: "Quote | Passage") -> str:
    return f" · also in {', '.join(piece.also_in)}" if piece.also_in else ""
