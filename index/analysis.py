"""Temporary: the analysis of texts, until its own module is merged."""

from index.lexical import content_spans as _spans
from index.lexical import terms as _terms


def terms(text: str, language: str = "en") -> list[str]:
    """See index.lexical."""
    return _terms(text)


def content_spans(text: str, language: str = "en") -> list[tuple[int, int]]:
    """See index.lexical."""
    return _spans(text)
