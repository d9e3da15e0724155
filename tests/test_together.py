"""Which sentences are quoted as one."""

from index.stores.types import StoredChunk
from index.types import ArticleInfo, Role
from qa.evidence import Evidence
from qa.quotes import Finding
from qa.retrieve import Candidate
from qa.together import MOST, together, with_its_neighbours

INFO = ArticleInfo(path="a.txt", sha256="0" * 64, language="en")
NOTHING = Evidence(0, 0, 0, (), 0, 0, 0)


class Margins:
    """What of a `Ranker` is asked here."""

    quote_margin = 6.0
    join_margin = 2.0

    def passage_score(self, evidence: Evidence) -> float:
        raise NotImplementedError

    def sentence_score(self, passage: Evidence, sentence: object) -> float:
        raise NotImplementedError


def candidate(text: str, sentences: list[str], roles: list[Role] | None = None, number: int = 0) -> Candidate:
    spans = tuple((text.index(one), text.index(one) + len(one)) for one in sentences)
    chunk = StoredChunk(number, INFO, 0, len(text), 1, 1, text, spans, tuple(roles or [Role.BODY] * len(spans)))
    return Candidate(chunk, NOTHING, 0.0)


def quoted(passage: Candidate, scores: list[float]) -> list[str]:
    findings = [Finding(passage, number, score, (number, number)) for number, score in enumerate(scores)]
    findings.sort(key=lambda finding: -finding.score)
    spans = [finding.span for finding in together(findings, Margins())]
    return [passage.chunk.text[start:end] for start, end in spans]


PLAIN = ["Ada Lovelace was born in London.", "The town has a bridge.", "Rain fell all day."]


def test_sentences_stand_alone_unless_they_are_nearly_as_good() -> None:
    passage = candidate(" ".join(PLAIN), PLAIN)
    assert quoted(passage, [9, 5, 2.5]) == PLAIN[:2]  # the third is worth none
    assert quoted(passage, [9, 7, 2.5]) == [" ".join(PLAIN[:2])]
    assert quoted(passage, [9, 7.1, 7]) == [" ".join(PLAIN)]


def test_neighbours_belong_together_in_their_paragraph_only() -> None:
    passage = candidate("\n".join(PLAIN), PLAIN)
    assert quoted(passage, [9, 8.5, 1]) == PLAIN[:2]


def test_what_leans_comes_with_what_it_leans_on_also_over_a_line_end() -> None:
    said = ["Ada Lovelace was born in London.", "She wrote the first program."]
    assert quoted(candidate("\n\n".join(said), said), [1, 9]) == ["\n\n".join(said)]
    heading = candidate("\n\n".join(said), said, [Role.HEADING, Role.BODY])
    assert quoted(heading, [1, 9])[0] == said[1]


def test_what_leads_to_something_comes_with_it() -> None:
    said = ["Why did it fall?", "A beam was too thin.", "Nobody was hurt."]
    assert quoted(candidate(" ".join(said), said), [9, 2, 0]) == [" ".join(said[:2])]


def test_no_sentence_is_quoted_twice_and_none_grows_without_end() -> None:
    said = ["Ada was born here.", *(f"She said {word}." for word in "one two three four five".split())]
    found = quoted(candidate(" ".join(said), said), [9, 6.5, 6.4, 6.3, 6.2, 6.1])
    assert found[0] == said[0]
    assert max(quote.count(".") for quote in found) <= MOST
    assert [sum(one in quote for quote in found) for one in said] == [1] * len(said)


def test_a_finding_knows_its_span() -> None:
    passage = candidate(" ".join(PLAIN), PLAIN)
    joined = with_its_neighbours(Finding(passage, 1, 5.0, (1, 1)), {0: 4.0, 1: 5.0, 2: 2.0}, 2.0)
    assert joined.together == (0, 1)
    assert joined.span == (0, len(" ".join(PLAIN[:2])))
