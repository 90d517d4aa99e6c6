"""The law as a book to read: a static site made from the rulebook itself, in Chinese and English.

``write`` fills a folder with it; ``gaps`` says which values are missing or assumed, and where. Pure: no network,
no database, no clock; the same rulebook gives the same bytes.
"""

from shebao.lawbook.gaps import Cell, gaps
from shebao.lawbook.site import write

__all__ = ["Cell", "gaps", "write"]
