"""`Assistant`: the public face. Open an index, ask, get an `Answer`."""

import functools
import threading
from collections.abc import Sequence
from pathlib import Path

from index.build import BuildProgress, build
from index.encoders.load import load_encoder, load_exported
from index.encoders.models import Model, find_model
from index.encoders.protocol import SentenceEncoder
from index.errors import ArticleUnknown, ModelMismatch
from index.filters import NO_FILTERS, Filters
from index.places import DEFAULT_INDEX, open_store
from index.stores.protocol import Snapshot
from index.stores.types import About
from index.types import Article
from qa.asking import Asking
from qa.live import LiveIndex
from qa.ranking import Abstainer, Ranker
from qa.retrieve import MAX_PASSAGES
from qa.types import Answer, Listed, Passage


class Assistant:
    """Answers questions from an index, always from the newest snapshot of it.

    Safe to use from several threads. The model is loaded at the first question, unless an encoder is given.

    Args:
        live: which snapshot is current.
        encoder: the model of the index, if it is loaded already.
        ranker, abstainer: other ways to order and to judge, see `qa.ranking`.
        reader: whether the reader reads what was found; without it answers are weighed by hand-made evidence. Kept as
            `reads`.
    """

    def __init__(
        self,
        live: LiveIndex,
        encoder: SentenceEncoder | None = None,
        ranker: Ranker | None = None,
        abstainer: Abstainer | None = None,
        *,
        reader: bool = True,
    ) -> None:
        self.live = live
        self.reads = reader
        self._parts = ranker, abstainer
        self._encoders = {} if encoder is None else {encoder.fingerprint: encoder}
        self._asking: Asking | None = None
        self._loading = threading.Lock()

    @classmethod
    def open(
        cls, index: str | Path = DEFAULT_INDEX, encoder: SentenceEncoder | None = None, *, reader: bool = True
    ) -> "Assistant":
        """Open an index that was built before.

        Raises:
            IndexMissing, IndexStale, IndexCorrupt: see `Store.snapshot`.
        """
        return cls(LiveIndex(open_store(index)), encoder, reader=reader)

    @classmethod
    def over(
        cls,
        articles: str | Path,
        index: str | Path = DEFAULT_INDEX,
        model: str | None = None,
        progress: BuildProgress | None = None,
        *,
        reader: bool = True,
    ) -> "Assistant":
        """Open the index over a folder of articles, building what is missing or out of date.

        The model is the one given, else that of the index, at first the packaged one.

        Raises:
            ArticlesMissing, ArticlesEmpty, ModelUnavailable, IndexBusy: see `build`.
        """
        build(Path(articles), index, model, progress=progress)
        return cls.open(index, reader=reader)

    @property
    def snapshot(self) -> Snapshot:
        """What is asked at the moment."""
        return self.live.current()

    def ask(
        self,
        question: str,
        history: Sequence[Answer | str] = (),
        filters: Filters = NO_FILTERS,
        *,
        literally: bool = False,
    ) -> Answer:
        """Answer a question with quotes, or say that the articles don't.

        Args:
            question: what to ask.
            history: the answers of the conversation so far, or the questions; only a question that
                leans on the last one is read in its light.
            filters: which articles to look in.
            literally: take the question as it stands: no word is read as another one, and a time in it prefers
                nothing.

        Raises:
            QuestionRejected: the question is empty or too long.
            FilterRejected: the filters leave no article.
            IndexCorrupt: the index does not hold what was indexed.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        return self._newest().ask(question, history, filters, literally=literally)

    def search(self, question: str, k: int = 5, filters: Filters = NO_FILTERS) -> list[Passage]:
        """The `k` passages nearest to a question, best first.

        Raises:
            QuestionRejected: the question is empty or too long.
            FilterRejected: the filters leave no article.
            ValueError: `k` is not 1 to `MAX_PASSAGES`.
            IndexCorrupt: the index does not hold what was indexed.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        if not 1 <= k <= MAX_PASSAGES:
            raise ValueError(f"k has to be 1 to {MAX_PASSAGES}, not {k}")
        return self._newest().search(question, k, filters)

    def find(self, words: str, filters: Filters = NO_FILTERS) -> list[Listed]:
        """Every article whose text holds some words one after the other, those with the most lines first.

        Whole words in any case, titles and captions too, see `index.wording`; no model is needed.

        Raises:
            QuestionRejected: there are no words, or too many.
            FilterRejected: the filters leave no article.
            IndexCorrupt: the index does not hold what was indexed.
        """
        return self._newest().find(words, filters)

    def article(self, path: str, sha256: str = "") -> Article:
        """The article at `path` as it was indexed, with its text and line table.

        Args:
            path: of a quote or a passage.
            sha256: of the same; then an article that a build has changed since is only given as
                it was, never as it is.

        Raises:
            ArticleUnknown: the index holds no such article (any more).
            IndexCorrupt: its text in the index has changed.
        """
        for snapshot in self.live.kept() if sha256 else [self.snapshot]:
            info = snapshot.find(path)
            if info and sha256 in ("", info.sha256):
                return snapshot.article(path)
        raise ArticleUnknown(path)

    @property
    def encoder(self) -> SentenceEncoder:
        """The model of the current snapshot, loaded when it is first needed.

        Raises:
            ModelMismatch, ModelUnavailable: it is not to be had.
        """
        return self._encoder_of(self.snapshot.about)

    def _newest(self) -> Asking:
        """What asks the current snapshot."""
        snapshot, asking = self.live.current(), self._asking
        if asking is None or asking.snapshot is not snapshot:
            load = functools.partial(self._encoder_of, snapshot.about)
            self._asking = asking = Asking(snapshot, load, *self._parts, reader=self.reads)
        return asking

    def _encoder_of(self, about: About) -> SentenceEncoder:
        settings = about.settings
        with self._loading:
            if settings.fingerprint not in self._encoders:
                exported = load_exported(settings.model, settings.fingerprint)  # without a look at its weights
                self._encoders[settings.fingerprint] = exported or load_encoder(_model_of(about))
            return self._encoders[settings.fingerprint]


def _model_of(about: About) -> Model:
    """The model that made an index, found again and compared."""
    settings = about.settings
    model = find_model(settings.model)
    if model.fingerprint != settings.fingerprint:
        raise ModelMismatch(settings.model, model.fingerprint, settings.fingerprint, about.place)
    return model
