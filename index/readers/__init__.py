"""The bytes of a file in, rendered articles out: one small reader per format, chosen in `READERS`.

Reading order: ``rendered`` (what every reader returns) → ``encodings`` (bytes to characters) →
``plain``, ``html``, ``pdf``, ``json_lines`` → ``guard`` (HTML and PDF in a process of their own). A
reader sees bytes that are in memory already, no more than `rendered.MAX_BYTES` unless the user
allows it; it knows nothing of folders, sentences or indexes.
"""

from index.readers.guard import guarded
from index.readers.html import read_html
from index.readers.json_lines import read_json_lines
from index.readers.pdf import read_pdf
from index.readers.plain import read_plain
from index.readers.rendered import Reader

UNGUARDED: dict[str, Reader] = {
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
"""Suffix to reader. Each may be followed by ``.gz``."""

READERS: dict[str, Reader] = UNGUARDED | {kind: guarded(kind) for kind in (".html", ".htm", ".xhtml", ".pdf")}
"""The same, with the large libraries in a process of their own."""
