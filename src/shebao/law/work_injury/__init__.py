"""Work-injury insurance (工伤保险)."""

from shebao.engine import Room

ROOM = Room(label="工伤保险", modules=["contribution", "benefit"])
