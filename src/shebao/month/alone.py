"""One at a time: whoever writes the books of a region holds it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shebao.books import Books, BooksError
from shebao.books.connect import REGION_LOCK


@contextmanager
def alone(books: Books, region: int, *, wait: bool = False) -> Iterator[None]:
    """Holds a region; ``BooksError`` if another holds it and ``wait`` is not wanted."""
    if not books.lock_region(region, wait=wait):
        raise BooksError(f"another run of region {region} is at work 该地区正在运行，请稍后")
    try:
        yield
    finally:
        if not books.connection.closed and not books.connection.broken:
            books.unlock_region(region)


def until_committed(books: Books, region: int) -> None:
    """Inside a transaction: waits for the region and holds it until the transaction ends."""
    books.execute("SELECT pg_advisory_xact_lock(%(c)s, %(r)s)", c=REGION_LOCK, r=region)
