"""What can go wrong, in two families: the law as written, and one person under the law."""

from __future__ import annotations

__all__ = ["BookError", "LawError", "Refused", "Unstorable"]


class LawError(Exception):
    """Any refusal of the engine. The message says what was expected, what came, and where."""


class BookError(LawError):
    """The rulebook, a reform or a request is wrong as written; nothing was computed.

    ``where`` is ``file:line`` of the law's source, or empty.
    """

    def __init__(self, message: str, where: str = "") -> None:
        self.where = where
        super().__init__(f"{where}: {message}" if where else message)


class Unstorable(BookError):
    """A rule's value is a quotient of no fixed denominator: it can be explained, but no column can hold it."""


class Refused(LawError):
    """One person cannot be computed, and why.

    ``kind`` is one of :data:`KINDS`; ``name`` the full name of the fact, rule or parameter that
    stopped the computation; ``detail`` the key, date and region.
    """

    KINDS = ("missing fact", "null", "out of range", "missing parameter", "not covered")

    def __init__(self, kind: str, name: str, detail: str = "") -> None:
        assert kind in self.KINDS, kind
        self.kind, self.name, self.detail = kind, name, detail
        self.path: list[str] = []
        super().__init__(kind, name, detail)

    @property
    def status(self) -> str:
        """The reason as the status column states it."""
        return f"{self.kind}: {self.name}"

    def __str__(self) -> str:
        via = f" (needed by {' ← '.join(self.path)})" if self.path else ""
        return f"{self.status}{': ' if self.detail else ''}{self.detail}{via}"
