"""The rulebook of China's social security, one room per scheme.

``rulebook()`` is the whole book; ``rulebook().at("2025-03")`` the law of a month.
"""

import functools
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from shebao.engine import Room, Rulebook, load

ROOM = Room(label="社会保险法总则", modules=["facts", "contribution"])


@functools.cache
def rulebook() -> Rulebook:
    """The rulebook of China, read and checked once per process."""
    with _here_to_stay():
        return load(__name__, "中国社会保障法规")


@contextmanager
def _here_to_stay() -> Iterator[None]:
    """What is made here lives as long as the process: no search for garbage need go through it, now or at the end."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if running:
            gc.enable()
