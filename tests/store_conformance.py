"""What every store has to hold to. A test module of a store subclasses `StoreConformance` and says how one is made.

Each check compares the store with `MemoryStore`, which looks at everything for every question, or with values that
are told here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import HASH_MODEL, TINY_ARTICLES, TINY_TOKENS, HashEncoder
from memory_store import MemoryStore

from index.articles import parse_article
from index.drafts import make_segment
from index.errors import ArticleUnknown, IndexBusy, IndexMissing
from index.filters import NO_FILTERS, Filters
from index.repeated import line_key
from index.segment import Segment
from index.stores.protocol import Snapshot, Store
from index.stores.types import Publication, Settings, StoredChunk
from index.structure import structure
from index.types import Block, Role, Unread
from index.wording import Wording

SETTINGS = Settings("hash", HASH_MODEL.fingerprint, HashEncoder.dimension, TINY_TOKENS, HashEncoder.max_tokens)
SOURCES = {"bridge.txt": "1" * 64, "deep/harbour.md": "2" * 64, "scan.png": ""}
UNREAD = (Unread("scan.png", "format .png is not read", ""), Unread("n.jsonl#2", "no text in it", "3" * 64, "n.jsonl"))

ARTICLES = {
    **TINY_ARTICLES,
    "Zürich [2].txt": "Zürich – ÉTÉ 🌉\r\n\r\nÜber die Brücke geht niemand mehr, sagte die Bürgermeisterin am Montag "
    "in der Stadt.\r\nDie Reparatur der alten Brücke kostet 3 Millionen Franken.\r\n",
    "half\udcff.txt": "A name that is no text\n\nThe file of this article has a name that no editor can show.\n",
}
HEADED = (
    "# Brücke 🌉 gesperrt\n\nBy Ann Lee\n\nThe bridge over the river is closed from Monday on, says the council.\n\n"
    "## Über die Kosten\n\nIt costs 3 million francs to repair all of it.\n\n"
    "- half from the town\n- half from others\n\n"
    "## Umwege\n\n### By road\n\nThe way over the dam takes twenty minutes longer.\n\nPhoto: the dam in May\n"
)
"""An article with headings; they and the title have letters of several bytes."""

ASIDE = "Every morning the letter of this paper tells what happens in town."
ASIDES = {
    "one.txt": f"Brücke gesperrt\n\nThe bridge is closed from Monday on, says the council.\n\n{ASIDE}\n",
    "three.txt": f"Telescope opens\n\n{ASIDE}\n\nVisitors may look at the moon on clear evenings.\n",
    "two.txt": f"Ferry returns\n\nThe ferry sails again.\n\n  {ASIDE.upper()}\n\nTickets are sold on board.\n",
}
"""A line that stands in all of them, however it is written."""

TERMS = ["bridg", "repair", "telescop", "harbour", "northern", "brücke", "brucke", "unheard"]
QUESTIONS = ["Which buses use the northern bridge?", "repairs in the harbour", "telescope lens", "Brücke kostet", "x"]
FILTERS = [
    NO_FILTERS,
    Filters.parse(since="2022"),
    Filters.parse(until="2021-12-31"),
    Filters.parse(since="2021-05-03", until="2021-05-03"),
    Filters.parse(author="LEE"),
    Filters.parse(path="deep/*"),
    Filters.parse(path="bridge.txt"),
    Filters.parse(path="*.TXT"),
    Filters.parse(path="zürich [2]"),
    Filters.parse(path="[bo]*.txt"),
    Filters.parse(path="half\udcff.txt"),
    Filters.parse(title="ferry"),
    Filters.parse(title="O*"),
    Filters.parse(title="100%"),
    Filters.parse(author="nobody"),
]


WORDINGS = [
    *map(
        Wording,
        ["bridge", "the", "BRÜCKE", "brucke", "northern bridge", "2.4", "half", "été", "on board, and", "unheard"],
    ),
    *(Wording(text, "en") for text in ("repaired", "northern bridges", "Tickets")),
    Wording("Brücken", "de"),
]


def segment_of(articles: Mapping[str, str]) -> Segment:
    return make_segment(
        [parse_article(path, text.encode()) for path, text in articles.items()], HashEncoder(), SETTINGS.max_tokens
    )


def chunks_in(snapshot: Snapshot) -> list[StoredChunk]:
    return snapshot.chunks(snapshot.candidates(vector_of("bridge"), [], 1000).ids)


def aside_roles(snapshot: Snapshot) -> dict[str, Role]:
    """The role of `ASIDE` in each article, by its block; that of its sentence is the same."""
    found = {}
    for info in snapshot.articles():
        text = snapshot.article(info.path).text
        at = text.casefold().index(ASIDE.casefold())
        (found[info.path],) = [block.role for block in snapshot.blocks(info.path) if block.start == at]
        said = [
            role
            for chunk in chunks_in(snapshot)
            if chunk.article.path == info.path
            for (start, _), role in zip(chunk.sentences, chunk.roles, strict=True)
            if start == at
        ]
        assert said == [found[info.path]]
    return found


def segments() -> list[Segment]:
    """The articles as two segments."""
    articles = [parse_article(path, text.encode()) for path, text in sorted(ARTICLES.items())]
    return [make_segment(part, HashEncoder(), SETTINGS.max_tokens) for part in (articles[:2], articles[2:])]


def published() -> Publication:
    return Publication(Path("/articles"), SETTINGS, SOURCES, UNREAD)


def vector_of(question: str) -> np.ndarray:
    return HashEncoder().encode_question(question)


class StoreConformance:
    """Subclass it as ``TestSomeStore`` with a fixture `store` that makes an empty one."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        raise NotImplementedError

    @pytest.fixture
    def snapshot(self, store: Store) -> Snapshot:
        store.publish(segments(), published)
        return store.snapshot()

    @pytest.fixture
    def plain(self) -> Snapshot:
        """The same in memory."""
        store = MemoryStore()
        store.publish(segments(), published)
        return store.snapshot()

    def test_an_empty_store_has_no_index(self, store: Store) -> None:
        assert store.recorded().articles_folder is None
        with pytest.raises(IndexMissing):
            store.snapshot()

    def test_a_snapshot_says_what_it_is_of(self, store: Store, snapshot: Snapshot, plain: Snapshot) -> None:
        about = snapshot.about
        assert about == replace(plain.about, place=store.place, generation=about.generation, created=about.created)
        assert (about.articles, about.undated, about.unread) == (5, 3, 2)
        assert (about.first_date, about.last_date) == ("2021-05-03", "2022-11-30")
        assert about.settings == SETTINGS
        assert store.recorded().articles_folder == Path("/articles")
        assert store.recorded().model == "hash"

    def test_articles_are_as_they_were_read(self, snapshot: Snapshot) -> None:
        for path, text in ARTICLES.items():
            read = parse_article(path, text.encode())
            assert snapshot.article(path) == read
            assert snapshot.article(path).text == text
            info = snapshot.find(path)
            assert info is not None
            assert (info.title, info.author, info.published) == (read.title, read.author, read.published)
        assert [info.path for info in snapshot.articles()] == sorted(ARTICLES)
        assert snapshot.find("nowhere.txt") is None
        with pytest.raises(ArticleUnknown):
            snapshot.article("nowhere.txt")

    def test_what_was_not_read_is_kept(self, snapshot: Snapshot) -> None:
        assert tuple(snapshot.unread()) == UNREAD
        assert snapshot.sources() == SOURCES

    @pytest.mark.parametrize("filters", FILTERS, ids=str)
    def test_filters_select_what_they_allow(self, snapshot: Snapshot, plain: Snapshot, filters: Filters) -> None:
        chosen, expected = snapshot.select(filters), plain.select(filters)
        assert (chosen.articles, chosen.chunks) == (expected.articles, expected.chunks)
        assert snapshot.articles(chosen) == plain.articles(expected)
        if filters.path != "bridge.txt":
            allowed = [info for info in snapshot.articles() if filters.allows(info)]
            assert list(snapshot.articles(chosen)) == allowed

    def test_a_selection_can_be_of_named_articles(self, snapshot: Snapshot) -> None:
        chosen = snapshot.select(Filters.parse(since="2000"), ["observatory.txt", "bridge.txt", "gone.txt"])
        assert [info.path for info in snapshot.articles(chosen)] == ["bridge.txt"]
        assert snapshot.select(NO_FILTERS, []).articles == 0

    @pytest.mark.parametrize(
        "filters", [NO_FILTERS, Filters.parse(since="2021"), Filters.parse(author="nobody")], ids=str
    )
    @pytest.mark.parametrize("question", QUESTIONS)
    @pytest.mark.parametrize("k", [1, 3, 50])
    def test_candidates_are_the_nearest_and_the_best(
        self, snapshot: Snapshot, plain: Snapshot, filters: Filters, question: str, k: int
    ) -> None:
        terms = [term for term in TERMS if term[:5] in question.lower()]
        vector = vector_of(question)
        for one, other in ((None, None), (snapshot.select(filters), plain.select(filters))):
            found = snapshot.candidates(vector, terms, k, one)
            expected = plain.candidates(vector, terms, k, other)
            if k == 50 or self._without_ties(expected.cosines):
                assert self._places(snapshot, found.ids) == self._places(plain, expected.ids)
                assert np.allclose(found.cosines, expected.cosines, atol=1e-6)
                assert np.allclose(found.bm25, expected.bm25, rtol=1e-5)

    def _without_ties(self, values: np.ndarray) -> bool:
        return len(np.unique(values.round(5))) == len(values)

    def _places(self, snapshot: Snapshot, ids: Sequence[int]) -> list[tuple[str, int, int]]:
        return [(chunk.article.path, chunk.start, chunk.end) for chunk in snapshot.chunks(ids)]

    def test_ids_are_ordered_as_articles_and_chunks_are(self, snapshot: Snapshot) -> None:
        ids = snapshot.candidates(vector_of("bridge"), [], 1000).ids
        assert len(ids) == snapshot.about.chunks
        assert list(ids) == sorted(ids)
        assert self._places(snapshot, ids) == sorted(self._places(snapshot, ids))

    def test_document_frequencies_are_counted_in_chunks(self, snapshot: Snapshot, plain: Snapshot) -> None:
        found = snapshot.document_frequencies(TERMS)
        assert found == plain.document_frequencies(TERMS)
        assert found["unheard"] == 0
        assert found["bridg"] >= 2

    @pytest.mark.parametrize("word", ["brigd", "repiar", "telescop", "ferri", "brucke", "eeleven", "b", "zzz"])
    @pytest.mark.parametrize("edits", [1, 2])
    def test_similar_terms_are_those_a_few_edits_away(
        self, snapshot: Snapshot, plain: Snapshot, word: str, edits: int
    ) -> None:
        found = snapshot.similar_terms(word, edits)
        assert found == plain.similar_terms(word, edits)
        assert word not in found
        assert found == {term: snapshot.document_frequencies([term])[term] for term in found}

    def test_a_swap_of_neighbours_is_one_edit(self, snapshot: Snapshot) -> None:
        assert snapshot.similar_terms("brigd", 1) == {"bridg": snapshot.document_frequencies(["bridg"])["bridg"]}
        assert snapshot.similar_terms("ridg", 1) == {}

    def test_every_chunk_is_the_slice_of_its_article(self, snapshot: Snapshot) -> None:
        ids = snapshot.candidates(vector_of("bridge"), [], 1000).ids
        for chunk in snapshot.chunks(ids):
            article = snapshot.article(chunk.article.path)
            assert article.text[chunk.start : chunk.end] == chunk.text
            assert article.lines.lines(chunk.start, chunk.end) == (chunk.start_line, chunk.end_line)
            assert all(chunk.start <= start < end <= chunk.end for start, end in chunk.sentences)
            assert (chunk.sentences[0][0], chunk.sentences[-1][1]) == (chunk.start, chunk.end)
        assert snapshot.chunks(ids[::-1])[0].id == ids[-1]

    def test_blocks_are_those_that_the_article_has(self, snapshot: Snapshot) -> None:
        for path, text in ARTICLES.items():
            assert snapshot.blocks(path) == structure(parse_article(path, text.encode()))
        assert [(str(block.role), block.start, block.end) for block in snapshot.blocks("bridge.txt")] == [
            ("title", 0, 29),
            ("byline", 31, 41),
            ("dateline", 42, 52),
            ("body", 54, 179),
            ("body", 181, 278),
        ]
        assert snapshot.blocks("bridge.txt")[0].key == line_key("Old bridge closes for repairs")
        for path in ("nowhere.txt", "BRIDGE.txt", "bridge.txt#1"):
            with pytest.raises(ArticleUnknown, match=path):
                snapshot.blocks(path)

    def test_a_chunk_tells_the_role_of_each_sentence(self, snapshot: Snapshot) -> None:
        for chunk in chunks_in(snapshot):
            blocks = snapshot.blocks(chunk.article.path)
            holding = [
                block.role
                for start, end in chunk.sentences
                for block in blocks
                if block.start <= start and end <= block.end
            ]
            assert list(chunk.roles) == holding

    def test_a_chunk_tells_the_heading_that_it_stands_under(self, store: Store) -> None:
        store.publish([segment_of({"a.md": HEADED}), segment_of({"b.md": f"Über alles\n\n{HEADED}"})], published)
        chunks = chunks_in(store.snapshot())
        told = [
            (chunk.heading, [str(role) for role in chunk.roles]) for chunk in chunks if chunk.article.path == "a.md"
        ]
        assert told == [
            ("", ["body"]),
            ("## Über die Kosten", ["body", "list item", "list item"]),
            ("## Umwege\n\n### By road", ["body", "caption"]),
        ]
        others = [chunk.heading for chunk in chunks if chunk.article.path == "b.md"]
        assert others == ["# Brücke 🌉 gesperrt", "## Über die Kosten", "## Umwege\n\n### By road"]

    @pytest.mark.parametrize("together", [True, False], ids=["one part", "three parts"])
    def test_a_line_in_three_articles_is_boilerplate_and_in_two_it_is_not(self, store: Store, together: bool) -> None:
        alone = [segment_of({path: text}) for path, text in ASIDES.items()]
        store.publish([segment_of(ASIDES)] if together else alone, published)
        assert aside_roles(store.snapshot()) == dict.fromkeys(ASIDES, Role.BOILERPLATE)
        read = structure(parse_article("two.txt", ASIDES["two.txt"].encode()))
        expected = [replace(block, role=Role.BOILERPLATE) if block.key == line_key(ASIDE) else block for block in read]
        assert list(store.snapshot().blocks("two.txt")) == expected
        store.publish(alone[1:], published)
        assert aside_roles(store.snapshot()) == {"three.txt": Role.BODY, "two.txt": Role.BODY}

    def test_lines_become_boilerplate_and_stop_being_it_as_articles_come_and_go(self, store: Store) -> None:
        """What is kept of an article is taken over; what it repeats is found again, as a full build finds it."""
        store.publish([segment_of({path: ASIDES[path] for path in ("one.txt", "two.txt")})], published)
        before = store.snapshot()
        assert aside_roles(before) == {"one.txt": Role.BODY, "two.txt": Role.BODY}
        kept = [
            before.segment(["one.txt"]),
            segment_of({"three.txt": ASIDES["three.txt"]}),
            before.segment(["two.txt"]),
        ]
        store.publish(kept, published)
        grown = store.snapshot()
        assert aside_roles(grown) == dict.fromkeys(ASIDES, Role.BOILERPLATE)
        assert aside_roles(before) == {"one.txt": Role.BODY, "two.txt": Role.BODY}
        full = MemoryStore()
        full.publish([segment_of(ASIDES)], published)
        assert_same_segment(grown.segment(list(ASIDES)), full.snapshot().segment(list(ASIDES)))
        assert {path: grown.blocks(path) for path in ASIDES} == {path: full.snapshot().blocks(path) for path in ASIDES}
        store.publish([grown.segment(["two.txt", "three.txt"])], published)
        assert aside_roles(store.snapshot()) == {"two.txt": Role.BODY, "three.txt": Role.BODY}

    def test_articles_about_one_thing_may_say_the_same(self, store: Store) -> None:
        same = {path: text.replace("\n", " and the eclipse\n", 1) for path, text in ASIDES.items()}
        store.publish([segment_of(same)], published)
        assert aside_roles(store.snapshot()) == dict.fromkeys(ASIDES, Role.BODY)

    def test_an_article_without_blocks_shifts_no_other(self, store: Store) -> None:
        empty = replace(
            segment_of({}),
            articles=tuple(replace(info, path="b.md") for info in segment_of({"b.md": "x"}).articles),
            texts=(b"",),
        )
        store.publish([segment_of({"a.md": HEADED}), empty, segment_of({"c.txt": ASIDES["one.txt"]})], published)
        snapshot = store.snapshot()
        assert snapshot.blocks("b.md") == ()
        assert [block.role for block in snapshot.blocks("c.txt")] == [Role.TITLE, Role.BODY, Role.BODY]
        assert snapshot.blocks("a.md")[0] == Block(Role.TITLE, 0, 19, line_key("# Brücke 🌉 gesperrt"))

    def test_a_sample_is_spread_and_the_same_every_time(self, snapshot: Snapshot, plain: Snapshot) -> None:
        sample = [(chunk.article.path, chunk.start) for chunk in snapshot.sample(4)]
        assert sample == [(chunk.article.path, chunk.start) for chunk in plain.sample(4)]
        assert len(set(sample)) == 4
        assert len(list(snapshot.sample(1000))) == snapshot.about.chunks

    @pytest.mark.parametrize("order", ["title", "author", "published", "length", "else"])
    @pytest.mark.parametrize("down", [False, True])
    @pytest.mark.parametrize("words", [[], ["bridge"], ["o", "e"], ["2021"], ["zürich", "été"], ["%"]], ids=str)
    def test_browsing_lists_what_matches_in_order(
        self, snapshot: Snapshot, plain: Snapshot, order: str, down: bool, words: list[str]
    ) -> None:
        assert snapshot.browse(words, order, down=down, count=3) == plain.browse(words, order, down=down, count=3)

    def test_authors_are_listed_once(self, snapshot: Snapshot) -> None:
        assert snapshot.authors(10) == ["Ann Lee", "Bob Ray"]
        assert snapshot.authors(1) == ["Ann Lee"]

    def test_a_segment_of_kept_articles_is_the_one_that_was_published(
        self, snapshot: Snapshot, plain: Snapshot
    ) -> None:
        for paths in (sorted(ARTICLES), ["observatory.txt", "bridge.txt"], ["deep/harbour.md"]):
            assert_same_segment(snapshot.segment(paths), plain.segment(paths))

    @pytest.mark.parametrize(
        "filters", [NO_FILTERS, Filters.parse(since="2021"), Filters.parse(author="nobody")], ids=str
    )
    @pytest.mark.parametrize("wording", WORDINGS, ids=str)
    def test_every_article_that_holds_some_words_is_found(
        self, snapshot: Snapshot, plain: Snapshot, filters: Filters, wording: Wording
    ) -> None:
        found = snapshot.holding(wording, snapshot.select(filters))
        assert list(found) == list(plain.holding(wording, plain.select(filters)))
        if not filters.active:
            assert list(snapshot.holding(wording)) == list(found)

    def test_words_are_found_in_titles_and_in_lines_with_any_end(self, snapshot: Snapshot) -> None:
        (held,) = snapshot.holding(Wording("DIE REPARATUR der alten brücke"))
        assert (held.article.path, held.lines) == ("Zürich [2].txt", (4,))
        assert [snapshot.article(held.article.path).text[slice(*span)] for span in held.spans] == [
            "Die Reparatur der alten Brücke"
        ]
        assert [(held.article.path, held.lines) for held in snapshot.holding(Wording("bridge"))] == [
            ("bridge.txt", (1, 6, 8))
        ]
        ferries = snapshot.holding(Wording("ferries", "en"))
        assert [(held.article.path, held.lines) for held in ferries] == [("deep/harbour.md", (2, 6, 8))]
        assert list(snapshot.holding(Wording("ferries"))) == []

    def test_a_snapshot_stays_as_it_is_when_another_is_published(self, store: Store, snapshot: Snapshot) -> None:
        before, stamp = snapshot.article("bridge.txt"), store.stamp()
        ids = snapshot.candidates(vector_of("bridge"), ["bridg"], 5)
        store.publish(segments()[1:], published)
        assert store.stamp() != stamp
        assert snapshot.article("bridge.txt") == before
        again = snapshot.candidates(vector_of("bridge"), ["bridg"], 5)
        assert again.ids == ids.ids
        assert store.snapshot().find("bridge.txt") is None
        assert store.snapshot().about.generation != snapshot.about.generation
        snapshot.verify()

    def test_a_publication_that_fails_changes_nothing(self, store: Store, snapshot: Snapshot) -> None:
        def broken() -> Iterator[Segment]:
            yield segments()[0]
            raise RuntimeError("the model broke")

        with pytest.raises(RuntimeError, match="the model broke"):
            store.publish(broken(), published)
        with pytest.raises(ValueError, match="nothing to say"):
            store.publish(segments(), self._refuse)
        assert store.snapshot().about == snapshot.about

    def _refuse(self) -> Publication:
        raise ValueError("nothing to say")

    def test_two_builders_keep_out_of_each_others_way(self, store: Store) -> None:
        with store.locked(1), pytest.raises(IndexBusy), store.locked(0.05):
            pass
        with store.locked(1):
            pass

    def test_a_whole_index_is_found_whole(self, snapshot: Snapshot) -> None:
        snapshot.verify()


def assert_same_segment(one: Segment, other: Segment) -> None:
    """Two segments are equal to the last bit."""
    assert one.articles == other.articles
    assert one.texts == other.texts
    assert one.terms.vocabulary == other.terms.vocabulary
    for name in ("chunks", "sentences", "blocks", "vectors"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert np.array_equal(one.terms.ids, other.terms.ids)
    assert np.array_equal(one.terms.starts, other.terms.starts)
