"""Reader for PDF: the text of each page; the only importer of pypdfium2.

PDFium (Chrome's reader) was taken before pypdf: it is four times as fast on 200 pages of plain
text (0.18 against 0.70 s), with the same words, and others fuzz it without end.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import ArticleUnreadable
from index.headers import Header, read_header
from index.readers.markup import places
from index.readers.rendered import MAX_BYTES, Rendered, render, show
from index.readers.type_sizes import TypedLine, roles
from index.types import LINE_END

if TYPE_CHECKING:
    import pypdfium2

_HYPHEN = re.compile("[\x02\ufffe]\n?")
"""What PDFium gives for a hyphen that only the line end asked for."""

_PAGE_LINE = re.compile(r"[^\r\n]+")

_NO_VALUE = re.compile(
    r"\W*+(?:anonymous|unspecified|untitled|unknown|user|author|title)?\W*+|.*\.(?:docx?|pdf|tex|indd)", re.I
)
"""What programs write into the title and the author when nobody did."""


def read_pdf(path: str, data: bytes) -> Iterator[Rendered | ArticleUnreadable]:
    """The one article of a PDF, a blank line between its pages.

    Raises:
        ArticleUnreadable: it is broken, asks for a password, or holds no text (a scan).
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        reason = "the PDF is encrypted and asks for a password" if locked else f"the PDF is broken ({error})"
        raise ArticleUnreadable(path, reason) from error
    try:
        yield _render(path, document)
    finally:
        document.close()


def _render(path: str, document: "pypdfium2.PdfDocument") -> Rendered:
    import pypdfium2

    pages: list[str] = []
    typed: list[list[TypedLine]] = []
    broken, size = [], 0
    for number in range(len(document)):
        try:
            text, lines = _page_text(document, number)
        except pypdfium2.PdfiumError:
            text, lines = "", []
            broken.append(number + 1)
        size += len(text)
        if size > MAX_BYTES:
            raise ArticleUnreadable(path, f"the PDF unpacks to more than {MAX_BYTES:,} characters")
        pages.append(text)
        typed.append(lines)
    if not any(pages):
        raise ArticleUnreadable(path, "the PDF holds no text (scanned pages are not read)")
    notice = f"pages that can't be read: {', '.join(map(str, broken))}" if broken else ""
    title, author = (_stated(document, key) for key in ("Title", "Author"))
    rendered = _join(pages, title, author, notice)
    return replace(rendered, hints=places(rendered.text, roles(typed)))


def _stated(document: "pypdfium2.PdfDocument", key: str) -> str:
    value = str(document.get_metadata_value(key)).strip()
    return "" if _NO_VALUE.fullmatch(value) else value


def _join(pages: list[str], title: str, author: str, notice: str) -> Rendered:
    """The pages as one text. The date in a PDF is the file's, so only one in the text counts."""
    body, starts = "", []
    for page in pages:
        body += "\n\n" if body and page else ""
        starts.append(len(body))
        body += page
    text, stated = render(body, title, author)
    shift = len(text) - len(body)
    seen = read_header(text)
    header = Header(stated.title or seen.title, stated.author or seen.author, seen.published)
    return Rendered(text, header, pages=(0, *(start + shift for start in starts[1:])), notice=notice)


def _page_text(document: "pypdfium2.PdfDocument", number: int) -> tuple[str, list[TypedLine]]:
    page = document[number]
    try:
        found = page.get_textpage()
        try:
            text = found.get_text_bounded(errors="replace")
            lines = _typed(found, text)
        finally:
            found.close()
    finally:
        page.close()
    return show(_HYPHEN.sub("", LINE_END.sub("\n", text))).strip("\n"), lines


def _typed(found: "pypdfium2.PdfTextPage", text: str) -> list[TypedLine]:
    """The lines of a page with the type that each starts in; none where letters and offsets don't go together."""
    if found.count_chars() != len(text):
        return []
    lines = []
    for match in _PAGE_LINE.finditer(text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if match[0].strip():
            lines.append(TypedLine(match[0].strip(), *_type(found, start)))
    return lines


def _type(found: "pypdfium2.PdfTextPage", at: int) -> tuple[float, bool]:
    """Size in points of a letter, and whether its font is a bold one."""
    from pypdfium2 import raw

    name, flags = ctypes.create_string_buffer(100), ctypes.c_int()
    raw.FPDFText_GetFontInfo(found.raw, at, name, len(name), flags)
    return round(raw.FPDFText_GetFontSize(found.raw, at), 1), b"bold" in name.value.lower()
