"""Articles that are about something, and those that only name it."""

import pytest
from conftest import HashEncoder, hash_build, write_articles

from index.filters import Filters
from index.stores.protocol import Snapshot
from qa import Assistant
from qa.language import ENGLISH
from qa.topics import ABOUT, Topic, articles_about


def rest(name: str) -> str:
    """Nine paragraphs that no other article has: what several have alike counts as boilerplate."""
    return "\n\n".join(f"Somebody said something else, {name} has it in sentence {number}." for number in range(9))


ARTICLES = {
    "title.txt": f"Grand Tarn Ferry is late again\n\n2021-03-02\n\nThe boat did not sail on Monday morning.\n\n"
    f"{rest('a')}\n",
    "lead.txt": f"Morning in the harbour\n\nThe Grand Tarn Ferry came in at nine.\n\nThe GTF left.\n\n"
    f"{rest('b')}\n",
    "often.txt": "Notes from town\n\nThe market was full today.\n\nThe baker was ill.\n\nThe school has a new roof.\n\n"
    + "\n\n".join(f"A ferry of number {number} was seen from the pier." for number in range(6)),
    "once.txt": f"Council meets\n\nThe mayor spoke first.\n\nThe clerk was away.\n\nThe vote was close.\n\n"
    f"{rest('d')}\n\nOne member left by ferry.\n",
    "floods.txt": f"Floods in Ys\n\n2019-05-04\n\nThe river rose above the mill of Ys.\n\n"
    f"{rest('e')}\n",
    "later.txt": f"Floods in Ys again\n\n2022-05-04\n\nThe river rose above the mill of Ys.\n\n"
    f"{rest('f')}\n",
    "looks_back.txt": f"Ys is dry\n\n2023-05-04\n\nNo flood came to Ys since 2022, when floods took the mill.\n\n"
    f"{rest('g')}\n",
    "grand.txt": f"A grand day for Tarn\n\nPeople of Tarn had a grand fair.\n\n"
    f"{rest('h')}\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("topics")
    hash_build(write_articles(folder / "articles", ARTICLES), folder / "index")
    return Assistant.open(folder / "index", HashEncoder()).snapshot


def about(snapshot: Snapshot, text: str, least: float = ABOUT) -> dict[str, float]:
    topic = Topic.parse(text, ENGLISH, snapshot)
    return {found.article.path: round(found.score, 2) for found in articles_about(snapshot, topic, None, least)}


def test_title_beginning_and_frequency_say_what_an_article_is_about(snapshot: Snapshot) -> None:
    assert about(snapshot, "ferries") == {"often.txt": 1.0, "title.txt": 1.0, "lead.txt": 0.58}
    assert about(snapshot, "ferries", 0.1)["once.txt"] == 0.26


def test_a_name_counts_as_one_word_and_its_initials_with_it(snapshot: Snapshot) -> None:
    assert about(snapshot, "Grand Tarn Ferry") == {"title.txt": 1.0, "lead.txt": 0.76}
    assert "grand.txt" not in about(snapshot, "the Grand Tarn Ferry", 0.46)


def test_a_year_is_that_of_the_article_or_named_in_it(snapshot: Snapshot) -> None:
    assert set(about(snapshot, "the 2022 floods in Ys")) == {"later.txt", "looks_back.txt"}
    assert set(about(snapshot, "floods in Ys")) == {"floods.txt", "later.txt", "looks_back.txt"}
    assert about(snapshot, "the 1953 floods in Ys") == {}


def test_a_name_that_an_article_never_says_is_missed(snapshot: Snapshot) -> None:
    assert about(snapshot, "floods in Ys and Atlantis") == {}
    assert about(snapshot, "unheard of") == {}


def test_the_places_are_those_of_the_words(snapshot: Snapshot) -> None:
    topic = Topic.parse("Floods in Ys", ENGLISH, snapshot)
    (found,) = articles_about(snapshot, topic, snapshot.select(Filters.parse(path="floods.txt")))
    text = snapshot.article("floods.txt").text
    assert [text[slice(*span)] for span in found.spans] == ["Floods", "Ys", "Ys"]
    assert found.lines == (1, 5)
