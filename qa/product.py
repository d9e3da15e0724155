"""A greeting or a question about the product in, a sentence of the product's own out; never a quote."""

from index.counting import counted
from index.stores.types import About
from qa.types import Answer, AnswerKind, Certainty, Wanted

_OPENINGS = {
    Wanted.GREETING: "Hello. ",
    Wanted.THANKS: "You are welcome. ",
    Wanted.FAREWELL: "Goodbye. ",
    Wanted.HELP: "",
}


def answer_about_product(about: About, wanted: Wanted) -> Answer:
    """What can be asked here, and of how many articles."""
    told = _OPENINGS[wanted]
    if wanted in (Wanted.GREETING, Wanted.HELP):
        told += _abilities(about)
    return Answer(
        question="",
        found=True,
        score=1.0,
        quotes=(),
        passages=(),
        kind=AnswerKind.PRODUCT,
        certainty=Certainty.SURE,
        told=told.strip(),
    )


def _abilities(about: About) -> str:
    articles = counted(about.articles, "article")
    dates = f" of {about.first_date} to {about.last_date}" if about.first_date < about.last_date else ""
    return (
        f"Ask what {articles}{dates} say{'s' * (about.articles == 1)}: who, what, when, where, why, how many. Every "
        "answer is a verbatim quote with file and line; what the articles don't say is not answered. Other questions "
        "that work: Which articles are about …? How many articles mention …? What has … written? Who wrote the article "
        "about …? Summarise the article about …."
    )
