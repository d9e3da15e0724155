"""Reader for plain text and Markdown: decoded, otherwise exactly as the file says."""

from collections.abc import Iterator

from index.errors import ArticleUnreadable
from index.headers import read_header
from index.readers.encodings import decode
from index.readers.rendered import Rendered


def read_plain(path: str, data: bytes) -> Iterator[Rendered | ArticleUnreadable]:
    """The one article of a text file."""
    text, notice = decode(path, data)
    yield Rendered(text, read_header(text), notice=notice)
