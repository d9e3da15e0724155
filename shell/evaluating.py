"""The command that measures: ``eval``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from shell.options import DEFAULT_EVAL_INDEX, EXIT_ERROR, Json, ReaderOption, Switch
from shell.printing import progress_bars


def evaluate(
    articles: Annotated[Path, typer.Option(help="The folder of articles that the questions are about.")],
    questions: Annotated[Path, typer.Option(help="A JSON Lines file of questions, see evaluation/questions.py.")],
    sample: Annotated[int | None, typer.Option(min=1, help="Ask a fixed random sample of so many questions.")] = None,
    about: Annotated[
        list[str] | None, typer.Option(help="Only questions about articles with this in their path.")
    ] = None,
    index: Annotated[
        Path, typer.Option("--index", help="Where the index for the evaluation is kept, apart from your own.")
    ] = DEFAULT_EVAL_INDEX,
    reader: ReaderOption = Switch.ON,
    as_json: Json = False,
    output: Annotated[Path | None, typer.Option(help="Write the figures as JSON to this file, too.")] = None,
) -> None:
    """Measure retrieval, quotes and abstention on a file of questions with gold lines."""
    from evaluation import evaluate as evaluation
    from evaluation.figures import table
    from evaluation.questions import read_questions
    from qa import Assistant

    gold = read_questions(questions, sample, about or ())
    with progress_bars() as progress:
        assistant = Assistant.over(articles, index=index, progress=progress, reader=reader is Switch.ON)
        figures = evaluation.evaluate(assistant, gold, articles, progress)
    told = json.dumps(figures.as_json(), indent=2)
    if output:
        output.write_text(told + "\n", encoding="utf-8")
    print(told if as_json else table(figures))
    if figures.verbatim != 1:
        raise typer.Exit(EXIT_ERROR)
