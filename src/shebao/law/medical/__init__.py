"""Basic medical insurance of employees and residents (基本医疗保险)."""

from shebao.engine import Room

ROOM = Room(label="基本医疗保险", modules=["contribution"])
