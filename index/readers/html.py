"""Reader for saved web pages: the article's body, title, author and date; the only importer of trafilatura."""

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.errors import ArticleUnreadable
from index.headers import parse_date
from index.readers.encodings import decode_page
from index.readers.markup import places
from index.readers.rendered import Rendered, paragraphs, render
from index.types import Role

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_PAGE_CHARS = 20_000_000
"""A longer page is refused: its tree takes ten times its size, and no article is so long."""


_ROLES = {"head": Role.HEADING, "item": Role.LIST_ITEM, "quote": Role.QUOTATION}
"""Trafilatura's names for what HTML calls h1 to h6, li and blockquote."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_html(path: str, data: bytes) -> Iterator[Rendered | ArticleUnreadable]:
    """The one article of a page, as trafilatura finds it; pages without one are read whole.

    Raises:
        ArticleUnreadable: it is no text, too long, or holds no words.
    """
    page, notice = decode_page(path, data)
    if len(page) > MAX_PAGE_CHARS:
        raise ArticleUnreadable(path, f"the page has {len(page):,} characters, more than {MAX_PAGE_CHARS:,}")
    tree, cut = _tree(page)
    if tree is None:
        raise ArticleUnreadable(path, "the page holds no HTML")
    notices = [notice, "nested too deep, so that its end was left out" if cut else ""]
    found = extract(tree)
    body = found["text"] or ""
    if not body:
        body = _all_text(page)
        notices.append("no article found, so that all its text was taken")
    if not body.strip():
        raise ArticleUnreadable(path, "the page holds no text")
    date = found["date"] or ""
    text, header = render(
        paragraphs(body.split("\n")), found["title"] or "", found["author"] or "", date, parse_date(date) or ""
    )
    hints = places(text, _markup(found["body"])) if found["text"] else ()
    yield Rendered(text, header, url=found["url"] or "", notice="; ".join(filter(None, notices)), hints=hints)


def extract(tree: "HtmlElement") -> dict[str, Any]:
    """Trafilatura's findings: text (a paragraph a line), its tree, title, author, date, url; None where there is none.

    Comments are left out, since their writers are not the article's; tables are kept. Recall and
    precision stay in balance: on html_pages F1 is .953, with favor_recall .948, with
    favor_precision .955 but 1.2 points less of the articles. A date has to be marked as one: searched
    for in the text, "founded on 4 May 1923" would be when the page was published (of 90 pages 89 keep theirs).
    A page of bare paragraphs has nothing around its article, and would lose its lists.
    """
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what goes wrong is in the build report
    found = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        favor_recall=next(tree.iter("article", "main", "div"), None) is None,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    names = ("text", "body", "title", "author", "date", "url")
    return {name: getattr(found, name, None) for name in names}


def _markup(body: "HtmlElement | None") -> Iterator[tuple[Role, str]]:
    """Headings, items and quotations of trafilatura's tree, in order; the top heading above all else is a title.

    Tables have marks of their own in the text, see `rendered.paragraphs`.
    """
    for number, element in enumerate(() if body is None else body.iter("head", "item", "quote")):
        top = element.tag == "head" and element.get("rend") == "h1" and number == 0 and element.getprevious() is None
        role = Role.TITLE if top else _ROLES[element.tag]
        parts = [*element.iter("p")] if element.tag == "quote" else []
        for part in parts or [element]:
            yield role, "".join(part.itertext())


def _tree(page: str) -> "tuple[HtmlElement | None, bool]":
    """The page parsed, and whether libxml2 gave up on what is nested deeper than 2048."""
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = lxml.html.document_fromstring(page.encode(errors="replace"), parser=parser)
    except lxml.etree.ParserError:
        return None, False
    for element in tree.iter():  # lxml reads control characters but refuses to have them written
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and _CONTROL.search(text):
                setattr(element, name, _CONTROL.sub(" ", text))
    return tree, any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)


def _all_text(page: str) -> str:
    import trafilatura

    tree, _cut = _tree(page)
    return trafilatura.html2txt(tree) if tree is not None else ""
