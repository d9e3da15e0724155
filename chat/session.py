"""A question in, its turn of the conversation out; what all pages of one chat share. Knows no page."""

import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from pathlib import Path

from chat.messages import page_message
from chat.options import Options
from chat.rate_limit import RateLimiter
from chat.starters import find_questions
from chat.turns import Conversation, Turn
from index.build import BuildReport, Recorded, build
from index.embedding import load_encoder
from index.errors import ArticleQAError, QuestionRejected
from index.store import ArticleIndex
from qa import Assistant
from qa.filters import NO_FILTERS, FilterRejected, Filters

STARTERS_WAIT_SECONDS = 2.0
"""How long the first page waits for the questions that it proposes; later pages have them."""

_log = logging.getLogger("articleqa.chat")


class RebuildFailed(ArticleQAError):
    """A build ended with an error that has no name. Seen by whoever added articles."""


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


class Session:
    """What all pages of one chat share from its start to its end: assistant, proposed questions, how fast one may ask.

    Args:
        assistant: answers.
        options: of the chat.
    """

    def __init__(self, assistant: Assistant, options: Options | None = None) -> None:
        options = options or Options()
        self.assistant = assistant
        self.ratings = options.ratings or assistant.index.folder / "ratings.jsonl"
        self.limiter = RateLimiter(options.questions_a_minute)
        self._starters: dict[str, Future[tuple[str, ...]]] = {}
        self._lock = threading.Lock()
        self.starters(0)

    @property
    def index(self) -> ArticleIndex:
        """The generation that is asked at the moment."""
        return self.assistant.newest().index

    @property
    def folders(self) -> tuple[Path, Path]:
        """Where the articles are, and where the index is."""
        index = self.index
        return index.articles_folder, index.folder

    def starters(self, wait_seconds: float = STARTERS_WAIT_SECONDS) -> tuple[str, ...]:
        """Questions that this generation answers, found once beside the chat; empty while they are looked for."""
        index = self.index
        with self._lock:
            found = self._starters.get(index.generation)
            if found is None:
                found = self._starters[index.generation] = Future()
                work = functools.partial(self._find_starters, index, found)
                threading.Thread(target=work, name="articleqa-starters", daemon=True).start()
        try:
            return found.result(wait_seconds)
        except NotYet:
            return ()

    def _find_starters(self, index: ArticleIndex, found: Future[tuple[str, ...]]) -> None:
        try:
            found.set_result(find_questions(index, self.assistant.ask))
        except Exception:  # a proposal is no answer: the chat goes on without
            _log.exception("no questions to begin with")
            found.set_result(())

    def look_up(self, turn: Turn, history: Conversation = (), filters: Filters = NO_FILTERS) -> Turn:
        """Ask, and keep what comes of it. A failure is kept as one; it must never look like "not found".

        Raises:
            QuestionRejected, FilterRejected: as the assistant does.
        """
        try:
            answers = [earlier.answer for earlier in history if earlier.answer]
            asked = self.assistant.newest()
            answer = asked.ask(turn.question, answers, filters)
            return replace(turn, answer=answer, generation=asked.index.generation)
        except (QuestionRejected, FilterRejected):
            raise
        except ArticleQAError as error:
            return replace(turn, error=page_message(error))
        except Exception as error:
            _log.exception("the question %r failed", turn.question)
            return replace(turn, error=f"articleqa failed on this question, so there is no answer. {_named(error)}")

    def rebuild(self, progress: Callable[[str, int, int], None]) -> BuildReport:
        """Bring the index up to date and go over to it; questions are answered from the old one meanwhile.

        Raises:
            ArticleQAError: see `build`; the index stays as it was.
        """
        asked = self.assistant.newest()
        index = asked.index
        try:
            report = build(
                index.articles_folder,
                index.folder,
                if_lost=Recorded.of(index),
                progress=progress,
                loader=lambda model: (
                    asked.encoder if model.fingerprint == index.settings.fingerprint else load_encoder(model)
                ),
            )
        except ArticleQAError:
            raise
        except Exception as error:
            _log.exception("the index could not be rebuilt")
            raise RebuildFailed(
                f"articleqa failed while building the index, so it stays as it was. {_named(error)}"
            ) from error
        if report.written and self.index is index:  # one that follows its folder has gone over by itself
            self.assistant = asked.over_another(ArticleIndex.open(index.folder))
        return report
