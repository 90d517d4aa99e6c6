"""Opening the books of a province with synthetic people, and what their employers declare.

>>> from shebao.books import connect
>>> from shebao.month.opening import declare_month, open_province
>>> with connect() as books:                                   # doctest: +SKIP
...     open_province(books, 11, "2025-01", 200_000)
...     declare_month(books, 11, month_of("2025-01"))
"""

from shebao.month.opening.declare import declare_month, payroll_files
from shebao.month.opening.province import Opened, open_province

__all__ = ["Opened", "declare_month", "open_province", "payroll_files"]
