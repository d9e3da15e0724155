"""The bytes of a file in, rendered articles out: one small reader per format, chosen in `READERS`.

Reading order: ``rendered`` (what every reader returns) → ``encodings`` (bytes to characters) →
``plain``, ``html``, ``pdf``, ``records``. A reader sees bytes that are in memory already and are
no more than `rendered.MAX_BYTES`; it knows nothing of folders, sentences or indexes.
"""

from index.readers.html import read_html
from index.readers.pdf import read_pdf
from index.readers.plain import read_plain
from index.readers.records import read_records
from index.readers.rendered import Reader

READERS: dict[str, Reader] = {
    ".txt": read_plain,
    ".text": read_plain,
    ".md": read_plain,
    ".markdown": read_plain,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
    ".jsonl": read_records,
    ".ndjson": read_records,
}
"""Suffix to reader. Each may be followed by ``.gz``."""
