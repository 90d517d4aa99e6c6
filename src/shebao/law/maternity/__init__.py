"""Maternity insurance (生育保险), collected with employees' medical insurance since 2020."""

from shebao.engine import Room

ROOM = Room(label="生育保险", modules=["contribution", "benefit"])
