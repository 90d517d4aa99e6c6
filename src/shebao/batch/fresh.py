"""Outputs that are complete or absent: written under a temporary name beside the place, renamed when all is on disk."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from shebao.engine import BookError

PART = ".part"  # ends the temporary names
MANIFEST = "manifest.json"  # lies in every folder that a run wrote


@contextlib.contextmanager
def fresh_file(place: Path, overwrite: bool = False) -> Iterator[Path]:
    """A temporary file that becomes ``place`` when the block ends well, and vanishes otherwise.

    ``BookError`` if something stands there already (unless ``overwrite``) or the folder does not exist.
    """
    _check_free(place, overwrite)
    if place.is_dir():
        raise BookError("is a folder; name a file", str(place))
    part = _temporary(place)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield part
        _sync(part)
        _publish(part, place, overwrite)
    finally:
        part.unlink(missing_ok=True)
    _sync(place.parent)


@contextlib.contextmanager
def fresh_folder(place: Path, overwrite: bool = False) -> Iterator[Path]:
    """A temporary folder that becomes ``place`` when the block ends well, and vanishes otherwise.

    ``overwrite`` replaces only a folder that a run wrote, known by its manifest.
    """
    _check_free(place, overwrite)
    if place.exists() and not (place / MANIFEST).is_file():
        raise BookError(f"holds no {MANIFEST}, so no run wrote it and none may replace it", str(place))
    part = _temporary(place)
    try:
        part.mkdir()
        yield part
        for stray in part.rglob(f".*{PART}"):  # left by a worker that was killed
            stray.unlink()
        for folder in (part, *(p for p in part.rglob("*") if p.is_dir())):
            _sync(folder)
        _check_free(place, overwrite)
        if not (place.exists() and _exchange(part, place)):
            _move(part, place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _sync(place.parent)


def _check_free(place: Path, overwrite: bool) -> None:
    if place.exists() and not overwrite:
        raise BookError("exists already; --overwrite replaces it", str(place))
    if not place.absolute().parent.is_dir():
        raise BookError("no such folder to write into", str(place.absolute().parent))


def _temporary(place: Path) -> Path:
    return place.with_name(f".{place.name}.{secrets.token_hex(4)}{PART}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish(part: Path, place: Path, overwrite: bool) -> None:
    """Rename; without ``overwrite`` not even over a file that appeared meanwhile."""
    if not overwrite:
        try:
            os.link(part, place)
            return
        except FileExistsError:
            _check_free(place, overwrite)
        except OSError:  # a file system without hard links
            _check_free(place, overwrite)
    part.replace(place)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the kernel can (Linux); False where it cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0


def _move(part: Path, place: Path) -> None:
    old = _temporary(place)
    if place.exists():
        place.rename(old)
    part.rename(place)
    shutil.rmtree(old, ignore_errors=True)
