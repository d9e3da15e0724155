"""What questions want of the collection, and questions that want nothing of it."""

import time

import pytest

from qa.questions import parse_question
from qa.requests import Request, request_of
from qa.types import Wanted


@pytest.mark.parametrize(
    ("question", "request_"),
    [
        ("Which articles are about ferries?", Request(Wanted.ARTICLES, topic="ferries")),
        ("LIST ALL ARTICLES ABOUT FERRIES", Request(Wanted.ARTICLES, topic="FERRIES")),
        ("what articles do you have on the old bridge", Request(Wanted.ARTICLES, topic="the old bridge")),
        ("Do you have any stories about ferries?", Request(Wanted.ARTICLES, topic="ferries")),
        ("Could you please show me articles on ferries, please?", Request(Wanted.ARTICLES, topic="ferries")),
        ("Show me everything about ferries.", Request(Wanted.ARTICLES, topic="ferries")),
        ("Is there anything on ferries?", Request(Wanted.ARTICLES, topic="ferries")),
        ("articles covering the ferry's return", Request(Wanted.ARTICLES, topic="the ferry's return")),
        ("What has been written about ferries?", Request(Wanted.ARTICLES, topic="ferries")),
        ("Which articles mention the word “Tarn”?", Request(Wanted.ARTICLES, words="Tarn")),
        ("What has Ann Lee written?", Request(Wanted.ARTICLES, writer="Ann Lee")),
        ("What has Ann Lee written about bridges?", Request(Wanted.ARTICLES, writer="Ann Lee", topic="bridges")),
        ("Which articles did Ann Lee write?", Request(Wanted.ARTICLES, writer="Ann Lee")),
        ("Show me stories by Ann Lee about bridges", Request(Wanted.ARTICLES, author="Ann Lee", topic="bridges")),
        ("List all articles", Request(Wanted.ARTICLES)),
        ("How many articles mention Tarn?", Request(Wanted.COUNT, words="Tarn")),
        ("how many articles contain the words stone bridge", Request(Wanted.COUNT, words="stone bridge")),
        ("How many articles are about ferries?", Request(Wanted.COUNT, topic="ferries")),
        ("How many articles do you have about ferries?", Request(Wanted.COUNT, topic="ferries")),
        ("How many articles has Ann Lee written?", Request(Wanted.COUNT, writer="Ann Lee")),
        ("How many articles are by Ann Lee?", Request(Wanted.COUNT, author="Ann Lee")),
        ("How many articles do you have?", Request(Wanted.COUNT)),
        ("How many articles are there in the index?", Request(Wanted.COUNT)),
        ("Who wrote the piece about the ferry's return?", Request(Wanted.AUTHOR, topic="the ferry's return")),
        ("Who is the author of the article on ferries?", Request(Wanted.AUTHOR, topic="ferries")),
        ("Who wrote “Old bridge closes”?", Request(Wanted.AUTHOR, title="Old bridge closes")),
        ("What is the headline of the story on ferries?", Request(Wanted.TITLE, topic="ferries")),
        ("When was the article about ferries published?", Request(Wanted.PUBLISHED, topic="ferries")),
        ("What is this article about?", Request(Wanted.SUMMARY)),
        ("what's it about", Request(Wanted.SUMMARY)),
        ("Can you summarise this for me?", Request(Wanted.SUMMARY)),
        ("tl;dr", Request(Wanted.SUMMARY)),
        ("Give me the gist of the article.", Request(Wanted.SUMMARY)),
        ("What is the article about the ferry about?", Request(Wanted.SUMMARY, topic="the ferry")),
        ("Can you sum up the story of the ferry that sank?", Request(Wanted.SUMMARY, topic="the ferry that sank")),
        ("Summarize the ferry story", Request(Wanted.SUMMARY, topic="ferry")),
        ("Give me a short summary of the bridge repairs", Request(Wanted.SUMMARY, topic="the bridge repairs")),
        ("Summarise the articles about ferries", Request(Wanted.SUMMARIES, topic="ferries")),
        ("Hello", Request(Wanted.GREETING)),
        ("hi there!", Request(Wanted.GREETING)),
        ("Thank you very much.", Request(Wanted.THANKS)),
        ("Bye!", Request(Wanted.FAREWELL)),
        ("Hi, what can you do?", Request(Wanted.HELP)),
        ("help", Request(Wanted.HELP)),
    ],
)  # fmt: skip
def test_what_is_wanted_of_the_collection(question: str, request_: Request) -> None:
    assert request_of(parse_question(question)) == request_


@pytest.mark.parametrize(
    "question",
    [
        "How many articles of the constitution mention slavery?",
        "How many articles are there in the constitution?",
        "Who wrote One Hundred Years of Solitude?",
        "What is the story behind the old bridge?",
        "What is the story of the old bridge?",
        "Which companies make electric cars?",
        "Hello Kitty's creator?",
        "Thanks to whom was it saved?",
        "How many stories does the building have?",
        "How many documents were found?",
        "What is the film about?",
        "What is the war about?",
        "Who reported the attack?",
        "How many people mention the bridge?",
        "What can you do to prevent flu?",
        "What did Ann Lee write about the mayor?",
        "Which stories did he tell?",
        "Are there any reports of injuries?",
        "What does it say on the label?",
        "How do I use a solar filter?",
        "Which columns support the roof?",
        "Which articles are about ???",
        "Welche Artikel handeln von Fähren?",
    ],
)
def test_what_is_asked_of_the_articles_is_no_request(question: str) -> None:
    assert request_of(parse_question(question)) is None


def test_a_language_that_is_not_written_down_has_no_requests() -> None:
    assert request_of(parse_question("Which articles are about ferries?", ("fr",))) is None


@pytest.mark.parametrize(
    "piece", ["hi ", "please ", "about ", "a summary of ", "articles by ", "the article about x ", "? ", "the the "]
)
def test_a_long_question_is_read_at_once(piece: str) -> None:
    question = parse_question(f"Show {piece * (1_900 // len(piece))}x")
    started = time.process_time()
    request_of(question)
    assert time.process_time() - started < 0.3  # 0.02 s at most
