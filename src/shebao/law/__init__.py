"""The rulebook of China's social security, one room per scheme.

``rulebook()`` is the whole book; ``rulebook().at("2025-03")`` the law of a month.
"""

import functools

from shebao.engine import Room, Rulebook, load

ROOM = Room(label="社会保险法总则", modules=["facts", "contribution"])


@functools.cache
def rulebook() -> Rulebook:
    """The rulebook of China, read and checked once per process."""
    return load(__name__, "中国社会保障法规")
