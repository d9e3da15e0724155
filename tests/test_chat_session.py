"""What all pages of a chat share: rebuilding with the settings and the model of the index, and going over to it."""

from pathlib import Path

import pytest
from conftest import HASH_MODEL, HashEncoder, hash_build, write_articles

from chat.session import RebuildFailed, Session
from chat.turns import Turn
from index import build as build_module
from index.build import build, silent
from index.encoders.models import Model
from index.encoders.protocol import SentenceEncoder
from qa import Assistant

NEW = "The lighthouse of the harbour burns gas since the spring of the year 1901.\n"


@pytest.fixture(autouse=True)
def only_hash_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "find_model", lambda _name: HASH_MODEL)


def session_over(folder: Path, encoder: SentenceEncoder | None = None) -> Session:
    """A session that follows its folder, as the command starts it."""
    return Session(Assistant.open(folder, encoder or HashEncoder()))


def paths(session: Session) -> list[str]:
    return [info.path for info in session.snapshot.articles()]


def test_a_rebuild_keeps_the_settings_of_the_index(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": NEW, "large.txt": NEW * 30})
    (articles / "linked.txt").symlink_to(write_articles(tmp_path / "else", {"b.txt": "Other words.\n"}) / "b.txt")
    options = {"max_tokens": 40, "follow_links": True, "max_bytes": 5_000}
    build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), **options)  # type: ignore[arg-type]
    session = session_over(tmp_path / "index")
    before = session.snapshot.about.settings
    write_articles(articles, {"new.txt": NEW * 2, "huge.txt": NEW * 90})
    report = session.rebuild(silent)
    assert (report.added, report.removed, report.embedded) == (
        ("new.txt",),
        (),
        2,
    )  # of one sentence each: the small budget is kept
    assert paths(session) == ["a.txt", "large.txt", "linked.txt", "new.txt"]
    assert session.snapshot.about.settings == before


def test_a_rebuild_embeds_with_the_model_of_the_index_that_is_there_now(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another model has built the index since the chat was started."""
    first, second = HashEncoder(), HashEncoder()
    hash_build(tiny_articles, tmp_path / "index", first)
    session = session_over(tmp_path / "index", first)
    other = Model("other", Path("no-such-folder"), "7" * 64)
    build(tiny_articles, tmp_path / "index", model=other, loader=lambda _model: second)
    session.assistant._encoders[other.fingerprint] = second
    monkeypatch.setattr(build_module, "find_model", lambda _name: other)
    write_articles(tiny_articles, {"new.txt": NEW})
    calls = first.calls
    assert session.rebuild(silent).embedded == 1
    assert first.calls == calls
    assert second.texts[-1].endswith(NEW.strip())


def test_a_session_follows_its_folder_also_after_a_rebuild_that_changed_nothing(
    tmp_path: Path, tiny_articles: Path
) -> None:
    hash_build(tiny_articles, tmp_path / "index")
    session = session_over(tmp_path / "index")
    assert not session.rebuild(silent).written
    write_articles(tiny_articles, {"new.txt": NEW})
    hash_build(tiny_articles, tmp_path / "index")
    assert "new.txt" in paths(session)


def test_a_session_goes_over_to_what_it_has_rebuilt(tmp_path: Path, tiny_articles: Path) -> None:
    hash_build(tiny_articles, tmp_path / "index")
    session = session_over(tmp_path / "index")
    write_articles(tiny_articles, {"new.txt": NEW})
    assert session.rebuild(silent).written
    assert "new.txt" in paths(session)
    turn = session.look_up(Turn("When does the lighthouse burn gas?"))
    assert turn.generation == session.snapshot.about.generation


def test_a_rebuild_loads_the_model_of_an_index_that_has_not_been_asked(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another model has built the index, and this assistant has not seen it."""
    hash_build(tiny_articles, tmp_path / "index")
    first, second = HashEncoder(), HashEncoder()
    session = session_over(tmp_path / "index", first)
    other = Model("other", Path("no-such-folder"), "7" * 64)
    build(tiny_articles, tmp_path / "index", model=other, loader=lambda _model: HashEncoder())
    monkeypatch.setattr(build_module, "find_model", lambda _name: other)
    monkeypatch.setattr("qa.assistant.load_exported", lambda _model, _fingerprint: second)
    write_articles(tiny_articles, {"new.txt": NEW})
    calls = first.calls
    assert session.rebuild(silent).written
    assert session.snapshot.about.settings.fingerprint == other.fingerprint
    assert first.calls == calls
    assert second.texts[-1].endswith(NEW.strip())


def test_an_error_without_a_name_is_told_and_the_index_stays(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hash_build(tiny_articles, tmp_path / "index")
    encoder = HashEncoder()
    session = session_over(tmp_path / "index", encoder)
    write_articles(tiny_articles, {"new.txt": NEW})

    def fail(*_arguments: object) -> None:
        raise ValueError("odd vectors")

    monkeypatch.setattr(encoder, "encode_passages", fail)
    with pytest.raises(RebuildFailed, match=r"stays as it was\. ValueError: odd vectors"):
        session.rebuild(silent)
    assert "new.txt" not in paths(session)
