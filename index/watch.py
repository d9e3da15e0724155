"""A folder of articles in, a build whenever it changes; the only importer of watchfiles.

What has changed is found by `build` itself, by content: an event only says when to look.
"""

import functools
import threading
from collections.abc import Iterator
from pathlib import Path

from index.build import BuildReport, EncoderLoader, build
from index.encoders.load import load_encoder
from index.encoders.models import Model
from index.errors import ArticleQAError
from index.places import open_store
from index.stores.protocol import Store

QUIET_MS = 1000
"""A build begins when the folder was quiet for so long: copying many files is one change."""


def watch(
    articles_folder: Path,
    index: Store | Path | str,
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
    load = functools.cache(loader)
    store = open_store(index) if isinstance(index, Path | str) else index
    before = store.recorded()

    def rebuild() -> BuildReport:
        return build(articles_folder, store, model_name, if_lost=before, loader=load, model=model)

    if not articles_folder.is_dir():
        rebuild()  # says what is wrong with it
    # The watcher starts before the first build, so that nothing that happens meanwhile is missed.
    events = _events(articles_folder, store.folder, stop, quiet_ms)
    next(events)
    yield rebuild()
    failed = ""
    for changed in events:
        if not changed and not failed:
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


def _events(folder: Path, leave_out: Path | None, stop: threading.Event | None, quiet_ms: int) -> Iterator[bool]:
    """Whether something has changed, told when the folder is quiet again and now and then when it is quiet."""
    import watchfiles

    ignored = leave_out.resolve() if leave_out else None

    def concerns(_change: watchfiles.Change, path: str) -> bool:
        return ignored is None or not Path(path).resolve().is_relative_to(ignored)

    for changes in watchfiles.watch(
        folder,
        watch_filter=concerns,
        debounce=quiet_ms * 10,
        step=quiet_ms,
        stop_event=stop,
        yield_on_timeout=True,
        rust_timeout=quiet_ms,
        raise_interrupt=True,
    ):
        yield bool(changes)
