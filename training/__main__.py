"""``python -m training prepare | train | export | record | evaluate``; ``make reader`` runs them in order."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Run = Annotated[Path, typer.Option(help="The run's folder: data, checkpoint, snapshots, log.")]
DEFAULT_RUN = Path("reader-run")


@app.command()
def prepare(
    files: Annotated[list[Path], typer.Argument(help="SQuAD's JSON, 1.1 or 2.0, or our rows (.jsonl, .jsonl.gz).")],
    run: Run = DEFAULT_RUN,
    dense: Annotated[bool, typer.Option(help="Mix the cosine of MiniLM into the ranking of negatives.")] = False,
    seed: int = 1,
) -> None:
    """Turn files of questions into a training set; refuses the articles that figures are reported on."""
    from training.prepare import prepare as make

    print(f"{len(make(files, run, seed, dense)):,} questions in {run / 'corpus.npz'}")


@app.command()
def train(
    run: Run = DEFAULT_RUN,
    hours: Annotated[float, typer.Option(help="Training time over all sittings; the rate falls to 0 by then.")] = 8.0,
    threads: int = 2,
    frozen: Annotated[int, typer.Option(help="Let so many of the lowest layers stay as they are from now on.")] = 0,
    seed: int = 1,
) -> None:
    """Train until the time is spent, from the run's checkpoint if there is one. May be killed at any moment."""
    from training.corpus import Corpus
    from training.train import Plan
    from training.train import train as learn

    learn(Corpus.load(run / "corpus.npz"), run, Plan(hours=hours, threads=threads, frozen=frozen, seed=seed))


@app.command()
def export(
    output: Annotated[Path, typer.Argument(help="Folder for reader.onnx, its sha256 and model card.")],
    run: Run = DEFAULT_RUN,
    average: Annotated[int, typer.Option(help="Mean of so many of the last snapshots.")] = 3,
) -> None:
    """Write the reader as ONNX, float32 and int8."""
    from training.export import export as write

    write(run, output, average)


@app.command()
def record(
    shared: Annotated[Path, typer.Argument(help="Folder with encyclopedia_dev and news_dev.")],
    run: Run = DEFAULT_RUN,
    answerable: int = 500,
    unanswerable: int = 400,
    widen: Annotated[
        int, typer.Option(help="News passages with the lines around them, up to so many characters.")
    ] = 900,
) -> None:
    """Ask the product that Python finds for the passages that `evaluate` reads."""
    from training.candidates import kept_apart_questions, news_questions
    from training.candidates import record as ask

    six, news = shared / "encyclopedia_dev", shared / "news_dev"
    kept = kept_apart_questions(six / "questions.jsonl", answerable, unanswerable)
    ask(six / "articles", run / "index-encyclopedia", [(question, "") for question in kept], run / "six.jsonl")
    ask(news / "articles", run / "index-news", news_questions(news / "questions.jsonl"), run / "news.jsonl", widen)


@app.command()
def evaluate(
    reader: Annotated[Path, typer.Argument(help="A reader.onnx.")],
    run: Run = DEFAULT_RUN,
    output: Annotated[Path, typer.Option(help="Where the figures go, as JSON.")] = Path("figures.json"),
    threads: int = 1,
    limit: Annotated[int, typer.Option(help="At most so many questions of a set and sort; 0: all.")] = 0,
) -> None:
    """Figures of the six kept-apart articles and of news_dev, of what `record` wrote."""
    from training.evaluate import evaluate as measure

    for name, figures in measure(reader, [run / "six.jsonl", run / "news.jsonl"], output, threads, limit).items():
        print(name)
        for figure, value in figures.items():
            print(f"  {figure:40} {value}")


if __name__ == "__main__":
    app()
