"""Unemployment insurance (失业保险)."""

from shebao.engine import Room

ROOM = Room(label="失业保险", modules=["contribution", "benefit"])
