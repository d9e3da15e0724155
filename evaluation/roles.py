"""Labelled articles in, precision and recall of the roles that `index.structure` gives their lines out.

``python -m evaluation.roles SHARED_EVAL_FOLDER [--wrong]``. The labels (`roles_labels.json`: file names, line numbers,
roles) were made by reading, before any rule was written. The articles kept aside were not looked at while rules were
tuned. ``--wrong`` lists the lines that differ, of the others only.
"""

import argparse
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.articles import parse_article
from index.readers.rendered import format_of
from index.repeated import repeated, without_repeated
from index.structure import structure
from index.types import Article, Role

LABELS = Path(__file__).with_name("roles_labels.json")

NOT_QUOTED = frozenset((Role.HEADING, Role.BOILERPLATE))

Pair = tuple[Role, Role]
"""The role that a line has, and the one that it was given."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article whose lines were labelled by reading.

    Attributes:
        article: path below the folder of evaluation data.
        aside: kept aside for the figure.
        lines: how many lines aren't blank, to see whether the reader still gives these.
        roles: by line, from 1; blank lines may be among them.
    """

    article: str
    aside: bool
    lines: int
    roles: dict[int, Role]


def read_labels(path: Path = LABELS) -> list[Labelled]:
    """The labels of a file."""
    found = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        roles = {line: Role(role) for role, first, last in entry["roles"] for line in range(first, last + 1)}
        found.append(Labelled(entry["article"], entry["aside"], entry["lines"], roles))
    return found


def given_roles(article: Article, boilerplate: Collection[int] = ()) -> dict[int, Role]:
    """The role of each line that isn't blank, by its number."""
    given: dict[int, Role] = {}
    for block in without_repeated(structure(article), boilerplate):
        first, last = article.lines.lines(block.start, block.end)
        given |= dict.fromkeys(range(first, last + 1), block.role)
    return {line: role for line, role in given.items() if article.text[slice(*article.lines.span(line))].strip()}


def precision_recall(pairs: Iterable[Pair], roles: frozenset[Role]) -> tuple[float, float, int]:
    """Of a set of roles taken as one: precision, recall (nan where there is none), and how many lines have it."""
    both = given = true = 0
    for is_role, was_given in pairs:
        true += is_role in roles
        given += was_given in roles
        both += is_role in roles and was_given in roles
    return both / given if given else float("nan"), both / true if true else float("nan"), true


def table(pairs: list[Pair]) -> str:
    """Precision and recall for people, a line for each role."""
    rows = [("heading or boilerplate", NOT_QUOTED), *((str(role), frozenset((role,))) for role in Role)]
    lines = [f"{'':24}{'precision':>9} {'recall':>7} {'lines':>6}"]
    for name, roles in rows:
        precision, recall, count = precision_recall(pairs, roles)
        lines.append(f"{name:24}{precision:9.3f} {recall:7.3f} {count:6d}")
    right = sum(true is given for true, given in pairs)
    return "\n".join([*lines, f"{'all right':24}{right / len(pairs):9.3f} {'':7} {len(pairs):6d}"])


def folder_boilerplate(folder: Path) -> frozenset[int]:
    """What stands alike in several text articles of a folder, see `index.repeated`."""
    articles = [parse_article(path.name, path.read_bytes()) for path in sorted(folder.glob("*.txt"))]
    rows = [(number, block.key) for number, article in enumerate(articles) for block in structure(article)]
    numbers, keys = np.array(rows, dtype=np.int64).T
    return frozenset(repeated(numbers, keys, lambda number: articles[number].value("title")).tolist())


def main() -> None:
    """Read the labelled articles below a folder and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where news_dev and html_pages are")
    parser.add_argument("--wrong", action="store_true", help="list the lines that differ, of the articles not aside")
    chosen = parser.parse_args()
    boilerplate = folder_boilerplate(chosen.folder / "news_dev" / "articles")
    pairs: dict[bool, list[Pair]] = {False: [], True: []}
    for labelled in read_labels():
        path = chosen.folder / labelled.article
        article = parse_article(path.name, path.read_bytes())
        given = given_roles(article, boilerplate if format_of(path.name) == ".txt" else frozenset())
        if len(given) != labelled.lines:
            raise SystemExit(f"{labelled.article} has {len(given)} lines now, {labelled.lines} when it was labelled")
        pairs[labelled.aside] += [(labelled.roles[line], role) for line, role in given.items()]
        if chosen.wrong and not labelled.aside:
            _print_wrong(article, labelled, given)
    for aside, counted in pairs.items():
        print(f"{'kept aside' if aside else 'tuned on'}\n{table(counted)}\n")


def _print_wrong(article: Article, labelled: Labelled, given: dict[int, Role]) -> None:
    wrong = {line: role for line, role in given.items() if role is not labelled.roles[line]}
    counted = Counter((labelled.roles[line], role) for line, role in wrong.items())
    print(labelled.article, *(f"{number} {true} as {role};" for (true, role), number in counted.items()))
    for line, role in wrong.items():
        text = article.text[slice(*article.lines.span(line))].strip()
        print(f"  {line:4d} {labelled.roles[line]} as {role}: {text[:100]}")


if __name__ == "__main__":
    main()
