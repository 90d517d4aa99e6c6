"""The month's fixtures: see ``tests/database.py``."""

from database import address, books, template

__all__ = ["address", "books", "template"]
