"""A folder of articles in, a build whenever it changes; the only importer of watchfiles.

What has changed is found by `build` itself, by content: an event only says when to look.
"""

import functools
import threading
from collections.abc import Iterator
from pathlib import Path

from index.build import BuildReport, EncoderLoader, build, recorded
from index.encoders.load import load_encoder
from index.encoders.models import Model
from index.errors import ArticleQAError

QUIET_MS = 1000
"""A build begins when the folder was quiet for so long: copying many files is one change."""


def watch(
    articles_folder: Path,
    folder: Path,
    model_name: str | None = None,
    *,
    loader: EncoderLoader = load_encoder,
    model: Model | None = None,
    stop: threading.Event | None = None,
    quiet_ms: int = QUIET_MS,
) -> Iterator[BuildReport | ArticleQAError]:
    """Build at once and after every change; gives what each build reports, or the error it met.

    The model is loaded at most once. Builds that find nothing new are not told, but for the first.

    Raises:
        ArticleQAError: the first build failed.
    """
    import watchfiles

    load = functools.cache(loader)
    before = recorded(folder)

    def rebuild() -> BuildReport:
        return build(articles_folder, folder, model_name, if_lost=before, loader=load, model=model)

    if not articles_folder.is_dir():
        rebuild()  # says what is wrong with it
    index_folder = folder.resolve()

    def concerns(_change: watchfiles.Change, path: str) -> bool:
        return not Path(path).resolve().is_relative_to(index_folder)

    # The watcher starts before the first build, so that nothing that happens meanwhile is missed.
    events = watchfiles.watch(
        articles_folder,
        watch_filter=concerns,
        debounce=quiet_ms * 10,
        step=quiet_ms,
        stop_event=stop,
        yield_on_timeout=True,
        rust_timeout=quiet_ms,
        raise_interrupt=True,
    )
    next(events)
    yield rebuild()
    failed = ""
    for changes in events:
        if not changes and not failed:
            continue
        try:
            report = rebuild()
        except ArticleQAError as error:
            if str(error) != failed:  # it is tried again and again, and told once
                yield error
            failed = str(error)
        else:
            failed = ""
            if report.written:
                yield report
