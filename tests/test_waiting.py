"""Uploads that wait to become articles: bounded in size, number and age."""

import os
import time
from pathlib import Path

import pytest

from chat import waiting
from chat.waiting import MAX_WAITING_BYTES, NoRoom, WaitingRoom


def test_room_is_kept_for_what_is_coming_in(tmp_path: Path) -> None:
    room = WaitingRoom(tmp_path)
    half = MAX_WAITING_BYTES // 2
    with room.place_for(half), room.place_for(half), pytest.raises(NoRoom, match="Too many files wait"):
        room.place_for(1).__enter__()
    with room.place_for(MAX_WAITING_BYTES):
        pass


def test_what_lies_there_takes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MAX_WAITING_BYTES", 100)
    monkeypatch.setattr(waiting, "MAX_WAITING_FILES", 3)
    room = WaitingRoom(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"x" * 60)
    with room.place_for(40):
        pass
    with pytest.raises(NoRoom), room.place_for(41):
        pass
    for name in "bc":
        (tmp_path / f"{name}.txt").write_bytes(b"")
    with pytest.raises(NoRoom), room.place_for(1):
        pass


def test_what_nobody_added_goes_after_an_hour(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (time.time() - 3700, time.time() - 3700))
    with WaitingRoom(tmp_path).place_for(1):
        assert not old.exists()
        assert new.exists()
