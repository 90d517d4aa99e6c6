"""A small law that uses every word of the language; the engine's tests run on it."""

from shebao.engine import Room

ROOM = Room(label="小法", modules=["facts"])
