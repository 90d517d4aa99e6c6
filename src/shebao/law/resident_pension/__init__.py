"""Basic pension of urban and rural residents (城乡居民基本养老保险)."""

from shebao.engine import Room

ROOM = Room(label="城乡居民基本养老保险", modules=["contribution", "account", "award"])
