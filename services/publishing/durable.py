"""Files that are there whole or not at all, and on the disk before anybody is told of them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MAKING = ".making-"


def durable_write(path: Path, body: bytes) -> None:
    """Put ``body`` at ``path`` whole or not at all, and on the disk before returning."""
    with moved_into(path) as made:
        made.write_bytes(body)


@contextmanager
def moved_into(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to be filled; it is at ``path`` afterwards, or nothing where filling fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    os.close(handle)
    made = Path(name)
    try:
        yield made
        durable_move(made, path)
    finally:
        made.unlink(missing_ok=True)


def durable_move(source: Path, path: Path) -> None:
    """Move ``source``, a finished file of the same disk, to ``path``, as strongly as ``durable_write``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    source.chmod(0o644)  # the public process may be another account
    source.replace(path)
    _sync_folder(path.parent)


@contextmanager
def folder_for_making(store: Path) -> Iterator[Path]:
    """A folder of its own beside the objects of ``store``, gone afterwards with whatever was left in it."""
    store.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=store, prefix=_MAKING))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_unfinished(store: Path, before: float) -> None:
    """Take away what a publisher that was killed left half made, last touched ``before`` (epoch s)."""
    for folder in store.glob(f"{_MAKING}*"):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
