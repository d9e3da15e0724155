"""What questions and sentences look like, a folder a language, chosen by ISO 639-1 code.

Reading order: ``tables`` (what a language has to tell) → ``english``. Another language is another folder with a
`Language` in it, and its line here.
"""

import functools

from qa.language.english import ENGLISH
from qa.language.tables import Language

_WRITTEN_DOWN = {language.code: language for language in (ENGLISH,)}


@functools.cache
def language_of_code(code: str) -> Language:
    """The language with an ISO 639-1 code; one that nobody has written down matches nothing."""
    return _WRITTEN_DOWN.get(code) or Language(code)


__all__ = ["ENGLISH", "Language", "language_of_code"]
