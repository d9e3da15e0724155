"""Everything after a question: an opened index and a question in, checked quotes out.

    >>> from qa import Assistant
    >>> assistant = Assistant.open("articleqa-index")
    >>> assistant.ask("How many people were killed?").quotes[0].citation
    '000_883b0ecb052fe686.txt:10'

Reading order: ``types`` → ``language`` → ``questions`` → ``evidence`` → ``calibration`` → ``ranking`` → ``retrieve`` →
``quotes`` → ``answer`` → ``conversation`` → ``requests`` → ``collection`` → ``assistant``.
"""

from index.errors import ArticleQAError
from index.filters import Filters
from qa.assistant import Assistant
from qa.types import Answer, Passage, Quote

__all__ = ["Answer", "ArticleQAError", "Assistant", "Filters", "Passage", "Quote"]
