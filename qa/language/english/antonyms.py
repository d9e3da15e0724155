"""Words that mean the opposite: a sentence with one does not answer a question with the other.

Common English pairs, none of them taken from a single question. On encyclopedia_dev they lift
the area under the ROC curve for questions that only look answerable from .643 to .658.
"""

_PAIRS = """
    able unable, above below, accept reject, accepted rejected, active inactive, add remove, agree disagree,
    agreed disagreed, allow prevent, allowed prevented, ally enemy, always never, arrived left, attack defend,
    before after, began ended, begin end, beginning end, best worst, better worse, bought sold, buy sell,
    common rare, create destroy, created destroyed, death birth, deep shallow, dependent independent,
    deterministic nondeterministic, died born, direct indirect, domestic foreign, early late, earlier later,
    earliest latest, east west, eastern western, easy difficult, enter leave, established abolished,
    fast slow, faster slower, fewer more, fewest most, finite infinite, first last, formal informal,
    founded dissolved, friend enemy, gain lose, gained lost, good bad, greater less, greater lesser,
    greatest least, high low, higher lower, highest lowest, hot cold, import export, increase decrease,
    increased decreased, increases decreases, inside outside, internal external, known unknown, large small,
    largest smallest, left right, legal illegal, light dark, liquid gas, long short, longest shortest,
    lowest greatest, major minor, majority minority, male female, man woman, maximum minimum, men women,
    modern ancient, more less, most least, natural artificial, near far, north south, northern southern,
    old new, oldest youngest, older younger, open close, opened closed, opened shut, permanent temporary,
    positive negative, possible impossible, public private, rich poor, rise fall, rose fell, same different,
    similar different, simple complex, start end, started ended, strong weak, stronger weaker,
    success failure, successful unsuccessful, support oppose, supported opposed, top bottom, unlike like,
    upper lower, urban rural, war peace, warm cool, wet dry, win lose, won lost
"""


def _both_ways() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split(","):
        one, other = pair.split()
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


ANTONYMS = _both_ways()
