"""The books: who is insured, what was declared, paid and awarded, and the journal, in PostgreSQL.

``Books`` is one connection in one role; ``migrate`` brings a database to the present schema.
"""

from shebao.books.connect import Books, BooksError, Role, Unreachable, connect, migrate, month_of

__all__ = ["Books", "BooksError", "Role", "Unreachable", "connect", "migrate", "month_of"]
