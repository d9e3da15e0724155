"""The page's own style and scripts, joined from the files of `page/`. Knows no template."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent / "page"

CHAT_STYLES = ("colours", "frame", "composer", "conversation", "answers", "source", "shelf", "upload", "narrow")
"""Files of ``page/css`` in their order: of two rules that weigh alike the later one counts."""

LOGIN_STYLES = ("colours", "login")

_IMPORT = re.compile(r'^import \{[^{}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


def style(names: tuple[str, ...]) -> str:
    """Style sheets as an element for the head of the page."""
    rules = "".join((PAGE / "css" / f"{name}.css").read_text("utf-8") for name in names)
    return f"<style>{rules}</style>"


@functools.cache
def script(part: str) -> str:
    """What runs when a part of the page is there: its module behind those that it imports, then its `start`.

    gr.HTML takes one string for the body of a function, so that nothing can be imported in the browser: the modules
    of ``page/js`` stand in one scope there, without the words ``import`` and ``export``.
    """
    modules = "\n".join(_with_imports(part, set()))
    return f"{modules}\nstart({{ element, trigger, props, server, upload, watch }});\n"


def _with_imports(name: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    source = (PAGE / "js" / f"{name}.js").read_text("utf-8")
    for imported in _IMPORT.findall(source):
        yield from _with_imports(imported, seen)
    yield re.sub(r"^export ", "", _IMPORT.sub("", source), flags=re.MULTILINE)
