"""English: all that is known of it, put together."""

from qa.language.english.cues import CUES, LEANING
from qa.language.english.follow_ups import FOLLOW_UPS
from qa.language.english.listing import LISTING
from qa.language.english.questions import ANSWER_TYPES, HEADER_FIELDS, QUESTION_WORDS
from qa.language.english.requests import REQUESTS
from qa.language.english.slips import PHRASE_SLIPS, SLIPS
from qa.language.english.times import TIMES
from qa.language.tables import Language

ENGLISH = Language(
    code="en",
    question_words=QUESTION_WORDS,
    answer_types=ANSWER_TYPES,
    header_fields=HEADER_FIELDS,
    cues=CUES,
    leaning=LEANING,
    follow_ups=FOLLOW_UPS,
    requests=REQUESTS,
    listing=LISTING,
    times=TIMES,
    slips=SLIPS,
    phrase_slips=PHRASE_SLIPS,
)

__all__ = ["ENGLISH"]
