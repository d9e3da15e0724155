"""Which generation of an index folder is current, and how one takes the place of another: whole or not at all.

An index folder holds generations, each whole and never changed after it was written, and a small file `CURRENT`
that names the one to open::

    FOLDER/CURRENT                 {"format", "generation", "manifest_sha256"}
    FOLDER/generations/NAME/       manifest.json and the files that it lists with their digests

`CURRENT` is replaced in one atomic step after everything else is on the disk. The checks form a chain (CURRENT →
manifest → block of a file), so damage anywhere is found before it is answered from. No pickle anywhere.
"""

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

from index.digests import sha256_of
from index.errors import IndexCorrupt, IndexMissing, IndexStale, IndexUnwritable
from index.regular import read_regular

FORMAT = 10
"""Raised whenever an index written before can't be read any more, or would hold other sentences, terms or texts."""

_CURRENT = "CURRENT"
_GENERATIONS = "generations"
MANIFEST = "manifest.json"

OWN_FOLDER, OWN_FILE = 0o700, 0o600
"""Articles may be unpublished: no other user of the machine reads an index of them."""
_MOST_OF_CURRENT = 1 << 20
_MOST_OF_MANIFEST = 1 << 28
"""Bytes that are read of each; a manifest has 250 for each MB of its generation."""

_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")


def home_of(folder: Path, generation: str) -> Path:
    """The folder of a generation."""
    return folder / _GENERATIONS / generation


def check_folder(folder: Path) -> None:
    """Make sure that an index can be where it is said to be.

    Raises:
        IndexMissing: there is a file.
        IndexCorrupt: the system won't say what there is.
    """
    try:
        is_file = folder.exists() and not folder.is_dir()
    except OSError as error:
        raise IndexCorrupt(folder, f"its folder can't be read ({error.strerror})") from error
    if is_file:
        raise IndexMissing(folder, "it is a file, and no folder of an index")


def read_current(folder: Path) -> tuple[str, dict[str, Any]]:
    """The name and the checked manifest of the current generation.

    Raises:
        IndexMissing: there is none.
        IndexStale: another format version wrote it.
        IndexCorrupt: pointer or manifest are missing or altered.
    """
    check_folder(folder)
    version, generation, digest = _read_pointer(folder)
    if generation is None:
        raise IndexMissing(folder, "its first build was not finished")
    if version != FORMAT:
        raise IndexStale(folder, version, FORMAT)
    try:
        data = read_regular(home_of(folder, generation) / MANIFEST, _MOST_OF_MANIFEST)
    except OSError as error:
        raise IndexCorrupt(folder, f"{MANIFEST} can't be read ({error.strerror})") from error
    if (found := sha256_of(data)) != digest:
        raise IndexCorrupt(folder, f"{MANIFEST} was altered: its sha256 is {found}, expected {digest}")
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise IndexCorrupt(folder, f"{MANIFEST} makes no sense ({error})") from error
    if not isinstance(manifest, dict):
        raise IndexCorrupt(folder, f"{MANIFEST} makes no sense")
    return generation, manifest


def _read_pointer(folder: Path) -> tuple[object, str | None, object]:
    try:
        data = _current(folder)
    except FileNotFoundError:
        if (folder / _GENERATIONS).is_dir() and any((folder / _GENERATIONS).iterdir()):
            raise IndexCorrupt(folder, f"{_CURRENT} is missing") from None
        raise IndexMissing(folder) from None
    except OSError as error:
        raise IndexCorrupt(folder, f"{_CURRENT} can't be read ({error.strerror})") from error
    try:
        pointer = json.loads(data)
        version, generation, digest = pointer["format"], pointer["generation"], pointer["manifest_sha256"]
        if generation is not None and not _NAME.fullmatch(generation):
            raise ValueError("no name of a generation")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexCorrupt(folder, f"{_CURRENT} is damaged") from error
    return version, generation, digest


def _current(folder: Path) -> bytes:
    return read_regular(folder / _CURRENT, _MOST_OF_CURRENT)


def last_manifest(folder: Path) -> dict[str, Any] | None:
    """What the current generation says of itself, unchecked and in whatever format.

    Empty where it can't be read, None where there is no index.
    """
    try:
        if not (folder / _CURRENT).exists() and not (folder / _GENERATIONS).is_dir():
            return None
        generation = json.loads(_current(folder))["generation"]
        if generation is None:
            return None
        manifest = home_of(folder, Path(generation).name) / MANIFEST
        found = json.loads(read_regular(manifest, _MOST_OF_MANIFEST))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def current_stamp(folder: Path) -> Hashable:
    """What differs once a build has made another generation the current one; costs one stat."""
    try:
        found = (folder / _CURRENT).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_current(folder: Path, generation: str) -> bool:
    """Whether `CURRENT` names a generation."""
    try:
        return generation.encode() in _current(folder)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody can tell, so it is kept


def begin(folder: Path, generation: str) -> Path:
    """Make the folder of a new generation; nobody sees it before `switch`."""
    make_folder(folder)
    if not (folder / _GENERATIONS).is_dir():
        clear(folder / _GENERATIONS)
    if not (folder / _CURRENT).exists() and not (folder / _GENERATIONS).exists():
        _point(folder, None, "")  # tells an index that was never finished from one whose `CURRENT` was lost
    home = home_of(folder, generation)
    make_folder(home.parent)
    home.mkdir(mode=OWN_FOLDER)
    return home


def make_folder(folder: Path) -> None:
    """Make a folder that only this user can look into; one that is there stays as it is."""
    folder.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)


def switch(folder: Path, generation: str, manifest: dict[str, Any]) -> None:
    """Sync a generation to the disk and make it the current one in one step."""
    home, data = home_of(folder, generation), json.dumps(manifest).encode()
    (home / MANIFEST).write_bytes(data)
    _sync(home)
    _sync_folder(folder / _GENERATIONS)
    _point(folder, generation, sha256_of(data))


def _point(folder: Path, generation: str | None, digest: str) -> None:
    pointer = {"format": FORMAT, "generation": generation, "manifest_sha256": digest}
    _replace(folder / _CURRENT, json.dumps(pointer).encode())


def drop(folder: Path, generation: str) -> None:
    """Remove a generation that was not finished; the index stays as it was."""
    clear(folder / f"{_CURRENT}.new")
    if not is_current(folder, generation):  # an error may come after the switch
        shutil.rmtree(home_of(folder, generation), ignore_errors=True)


def remove_others(folder: Path, keep: str) -> None:
    """Delete superseded and unfinished generations. Open readers keep their mapped files."""
    clear(folder / f"{_CURRENT}.new")
    for home in list((folder / _GENERATIONS).iterdir()):
        if home.name != keep:
            _remove(home)


def _remove(home: Path) -> None:
    """Delete a generation, or what stands in its place: `shutil.rmtree` would wait for a pipe."""
    with contextlib.suppress(OSError):
        home.unlink() if home.is_symlink() or not home.is_dir() else shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Name the errors that writing an index can meet (faiss raises `RuntimeError`)."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise IndexUnwritable(folder, reason) from error


def clear(path: Path) -> None:
    """Make room where a file of the index has to be: what is there is removed, and a folder with something in it, which
    nobody but a user has made, put aside under another name.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        path.rmdir()
    except OSError:
        path.rename(path.with_name(f"{path.name}.aside-{uuid.uuid4().hex[:8]}"))


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader sees the old or the new file, never a part."""
    new = path.with_name(path.name + ".new")
    clear(new)
    if path.is_dir():
        clear(path)
    with new.open("xb") as file:
        new.chmod(OWN_FILE)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync_folder(path.parent)


def _sync(folder: Path) -> None:
    """Force a folder and all below it to the disk."""
    for parent, _folders, files in os.walk(folder):
        for name in files:
            with Path(parent, name).open("rb+") as file:
                Path(parent, name).chmod(OWN_FILE)
                os.fsync(file.fileno())
        _sync_folder(Path(parent))


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows can't open a folder; its journal keeps renames in order
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
