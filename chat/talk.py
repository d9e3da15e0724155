"""What the page calls while a conversation goes on: each question becomes a turn, each citation an opened article."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from chat import render, shelf
from chat.export import as_json, as_markdown
from chat.messages import page_message
from chat.rate_limit import TooManyQuestions
from chat.ratings import RatingsFull, rate
from chat.sent import asker_of, given
from chat.session import Session
from chat.turns import Conversation, Refusal, Turn
from index.errors import FilterRejected, QuestionRejected
from index.filters import Filters

MAX_TURNS = 200

MAX_ROWS = 10_000
"""Of the table of articles at once."""

FILTERS = {"since": "since", "until": "until", "author": "author", "path": "article"}
"""Filters by the names that the page has for them; Gradio takes whatever is called "path" for a file of its own."""


class Talk:
    """What the page calls while a conversation goes on; the events are wired in `chat.blocks`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def take_question(self, turns: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Show a question, then what came of it. One that can't be taken goes back, and the conversation stays."""
        question = given(event, "question", "")
        again = given(event, "turn", -1)
        before, turns = turns, turns[:again] if again >= 0 else turns
        typed = {sent: given(event, sent, "") for sent in FILTERS.values()}
        turn = Turn(question, typed, literally=given(event, "literally", False))
        yield gr.skip(), self.shown((*turns, turn))
        try:
            self.session.limiter.check(asker_of(request))
            if len(turns) >= MAX_TURNS:
                raise QuestionRejected(f"This conversation has {MAX_TURNS} questions. Clear it to go on.")
            filters = Filters.parse(**{name: turn.filters[sent] for name, sent in FILTERS.items()})
            turns = (*turns, self.session.look_up(replace(turn, narrowed=filters.describe()), turns, filters))
        except (QuestionRejected, FilterRejected) as error:
            wait_seconds = error.wait_seconds if isinstance(error, TooManyQuestions) else 0
            refusal = Refusal(page_message(error), question, again if again >= 0 else None, wait_seconds)
            yield before, self.shown(before, refusal)
            return
        yield turns, self.shown(turns)

    def open_source(self, turns: Conversation, event: gr.EventData) -> str:
        """The article behind a citation, or one of a list."""
        turn, number, listed = (given(event, name, -1) for name in ("turn", "source", "listed"))
        if turn >= 0 and number >= 0:
            return render.render_source(turns, turn, number, self.session.assistant)
        if turn >= 0 and listed >= 0:
            return render.render_listed(turns, turn, listed, self.session.assistant)
        return render.render_trouble(render.LOST)

    def open_link(self, event: gr.EventData) -> str:
        """The article that the page's address names, or that was chosen in the table."""
        return render.render_link(given(event, "article", ""), given(event, "lines", ""), self.session.assistant)

    def rate(self, turns: Conversation, event: gr.EventData, request: gr.Request) -> Conversation:
        """Write down a thumb; where it can't be, the event fails and says why."""
        number, rating = given(event, "turn", -1), given(event, "rating", "")
        if not 0 <= number < len(turns) or rating not in ("", "up", "down"):
            return turns
        rated = replace(turns[number], rating=rating)
        try:
            self.session.thumbs.check(asker_of(request))
            rate(self.session.ratings, rated)
        except (TooManyQuestions, RatingsFull) as error:
            raise gr.Error(page_message(error), print_exception=False) from error
        return (*turns[:number], rated, *turns[number + 1 :])

    def export(self, turns: Conversation, event: gr.EventData) -> str:
        """The conversation as a file."""
        if given(event, "format", "") == "json":
            return render.render_download("conversation.json", as_json(turns))
        return render.render_download("conversation.md", as_markdown(turns))

    def clear(self) -> tuple[Conversation, str, str]:
        """Begin anew, with no article open."""
        return (), self.shown(()), ""

    def browse(self) -> str:
        """The table of articles."""
        return render.render_shelf(shelf.browse(self.session.snapshot))

    def first_page(self, _sent: dict[str, Any]) -> str:
        """The page before the first question; fetched, so that it never comes over an answer."""
        return self.shown(())

    def list_articles(self, asked: dict[str, Any]) -> str:
        """Rows of the table of articles."""
        search, order, count = str(asked.get("search", ""))[:200], str(asked.get("order", "")), asked.get("count")
        count = count if isinstance(count, int) and 0 <= count <= MAX_ROWS else 0
        down = asked.get("down") is True
        return render.render_rows(shelf.browse(self.session.snapshot, search, order, down=down, count=count))

    def list_authors(self, _sent: dict[str, Any]) -> list[str]:
        """Names to choose from among the filters, of the articles as they are now."""
        return shelf.authors(self.session.snapshot)

    def shown(self, turns: Conversation, refusal: Refusal | None = None) -> str:
        """A conversation as the page shows it; before the first question, what can be asked."""
        if turns or refusal:
            return render.render_conversation(turns, refusal)
        return self.welcome(self.session.starters())

    def welcome(self, starters: tuple[str, ...] = ()) -> str:
        """The page before the first question."""
        return render.render_welcome(shelf.stock(self.session.snapshot), starters)
