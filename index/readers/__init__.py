"""The bytes of a file in, rendered articles out: one small reader per format, chosen in `READERS`.

Reading order: ``rendered`` (what every reader returns) → ``encodings`` (bytes to characters) →
``plain``, ``html``, ``pdf``, ``json_lines`` → ``sandbox`` (HTML and PDF in processes of their own). A
reader sees bytes that are in memory already, no more than `rendered.MAX_BYTES` unless the user
allows it; it knows nothing of folders, sentences or indexes.
"""

from index.readers.html import read_html
from index.readers.json_lines import read_json_lines
from index.readers.pdf import read_pdf
from index.readers.plain import read_plain
from index.readers.rendered import Reader
from index.readers.sandbox import sandboxed

DIRECT: dict[str, Reader] = {
    ".txt": read_plain,
    ".text": read_plain,
    ".md": read_plain,
    ".markdown": read_plain,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
}
"""Suffix to what reads it in this process. Each may be followed by ``.gz``."""

SANDBOXED = (".html", ".htm", ".xhtml", ".pdf")
"""Read by large libraries in C, so in processes of their own: several at once, if several threads ask."""

READERS: dict[str, Reader] = DIRECT | {kind: sandboxed(kind) for kind in SANDBOXED}
"""Suffix to the reader that is used."""
