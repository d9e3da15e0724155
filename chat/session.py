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
from index.build import BuildReport, build
from index.encoders.load import load_encoder
from index.errors import ArticleQAError, FilterRejected, QuestionRejected
from index.filters import NO_FILTERS, Filters
from index.stores.protocol import Snapshot
from index.stores.types import Recorded
from qa import Answer, Assistant

STARTERS_WAIT_SECONDS = 2.0
"""How long the first page waits for the questions that it proposes; later pages have them."""

_log = logging.getLogger("articleqa.chat")


class RebuildFailed(ArticleQAError):
    """A build ended with an error that has no name. Seen by whoever added articles."""


class _Ending(Exception):
    """The program ends, so that nobody needs an answer any more."""


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
        self.ratings = options.ratings or (assistant.live.store.folder or Path()) / "ratings.jsonl"
        self.limiter = RateLimiter(options.questions_a_minute)
        self.programs = RateLimiter(options.questions_a_minute)  # apart: a program leaves its reader the page
        self.thumbs = RateLimiter(options.questions_a_minute, what="thumbs")
        self._starters: dict[str, Future[tuple[str, ...]]] = {}
        self._lock = threading.Lock()
        self.starters(0)

    @property
    def snapshot(self) -> Snapshot:
        """What is asked at the moment."""
        return self.assistant.snapshot

    @property
    def folders(self) -> tuple[Path, Path | None]:
        """Where the articles are, and where the index is, if that is a folder."""
        return self.snapshot.about.articles_folder, self.assistant.live.store.folder

    def starters(self, wait_seconds: float = STARTERS_WAIT_SECONDS) -> tuple[str, ...]:
        """Questions that this generation answers, found once beside the chat; empty while they are looked for."""
        snapshot = self.snapshot
        with self._lock:
            found = self._starters.get(snapshot.about.generation)
            if found is None:
                found = self._starters[snapshot.about.generation] = Future()
                work = functools.partial(self._find_starters, snapshot, found)
                threading.Thread(target=work, name="articleqa-starters").start()
        try:
            return found.result(wait_seconds)
        except NotYet:
            return ()

    def _find_starters(self, snapshot: Snapshot, found: Future[tuple[str, ...]]) -> None:
        try:
            found.set_result(find_questions(snapshot, self._ask_while_serving))
        except _Ending:
            found.set_result(())
        except Exception:  # a proposal is no answer: the chat goes on without
            _log.exception("no questions to begin with")
            found.set_result(())

    def _ask_while_serving(self, question: str) -> Answer:
        """Ask, unless the program ends: it waits for the thread that asks, since one that is cut off aborts it."""
        if not threading.main_thread().is_alive():
            raise _Ending
        return self.assistant.ask(question)

    def look_up(self, turn: Turn, history: Conversation = (), filters: Filters = NO_FILTERS) -> Turn:
        """Ask, and keep what comes of it. A failure is kept as one; it must never look like "not found".

        Raises:
            QuestionRejected, FilterRejected: as the assistant does.
        """
        try:
            answers = [earlier.answer for earlier in history if earlier.answer]
            answer = self.assistant.ask(turn.question, answers, filters, literally=turn.literally)
            return replace(turn, answer=answer, generation=answer.generation)
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
        about = self.snapshot.about
        try:
            return build(
                about.articles_folder,
                self.assistant.live.store,
                if_lost=Recorded.of(about),
                progress=progress,
                loader=lambda model: (
                    self.assistant.encoder if model.fingerprint == about.settings.fingerprint else load_encoder(model)
                ),
            )
        except ArticleQAError:
            raise
        except Exception as error:
            _log.exception("the index could not be rebuilt")
            raise RebuildFailed(
                f"articleqa failed while building the index, so it stays as it was. {_named(error)}"
            ) from error
