"""Where each node of the fused loop is computed.

Nodes are ordered as an explanation would visit them. Each is placed in the innermost branch that
contains all its uses, so a rule that only one province's variant needs is run, and can fail, only
for that province's people. A node is certain where it is surely needed: it may leave the row at its
first failure. One that only may be needed remembers the reason for its users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Place = tuple[str, int] | None  # a branch (rule, variant), or the outermost block


@dataclass(frozen=True)
class Use:
    """One node that another reads; ``sure`` if it is read on every path."""

    name: str
    sure: bool = True


@dataclass(frozen=True)
class Parts:
    """What a node reads: whichever branch is taken, and in each of its branches."""

    direct: tuple[Use, ...] = ()
    branches: tuple[tuple[Use, ...], ...] = ()

    def everywhere(self) -> tuple[Use, ...]:
        """All of them."""
        return (*self.direct, *(use for branch in self.branches for use in branch))

    def only(self, keep: Callable[[str], bool]) -> Parts:
        """The parts whose names are kept."""
        branches = tuple(tuple(u for u in b if keep(u.name)) for b in self.branches)
        return Parts(tuple(u for u in self.direct if keep(u.name)), branches)


@dataclass
class Graph:
    """Order, place and certainty of the nodes that some roots need."""

    roots: tuple[str, ...]
    parts: Callable[[str], Parts]
    order: list[str] = field(default_factory=list)
    place: dict[str, Place] = field(default_factory=dict)
    certain: dict[str, bool] = field(default_factory=dict)
    _standing: dict[Place, list[str]] = field(default_factory=dict)  # the nodes of each place, in order

    def __post_init__(self) -> None:
        users: dict[str, list[tuple[str, int | None, bool]]] = {}
        asked = set(self.roots)
        for root in self.roots:
            self._visit(root, users)
        for name in reversed(self.order):
            used = users[name]
            spots = [self.place[u] if k is None else (u, k) for u, k, _ in used]
            if name in asked:
                self.place[name], self.certain[name] = None, True
            else:
                own = self.place[name] = self._shared(spots)
                here = zip(used, spots, strict=True)
                self.certain[name] = any(sure and self.certain[u] for (u, _, sure), spot in here if spot == own)
                self.certain[name] |= any(self.certain[u] and self._in_all(name, u) for u in self._at(used, own))
        for name in self.order:
            self._standing.setdefault(self.place[name], []).append(name)

    def _at(self, used: list[tuple[str, int | None, bool]], own: Place) -> set[str]:
        """Users that stand in a block and read in their branches."""
        return {u for u, k, sure in used if k is not None and sure and self.place[u] == own}

    def _in_all(self, name: str, user: str) -> bool:
        """Whether every branch of a user surely reads a node."""
        branches = self.parts(user).branches
        return bool(branches) and all(any(use.sure and use.name == name for use in b) for b in branches)

    def _visit(self, name: str, users: dict[str, list[tuple[str, int | None, bool]]]) -> None:
        if name in users:
            return
        users[name] = []
        parts = self.parts(name)
        for k, branch in ((None, parts.direct), *enumerate(parts.branches)):
            for use in branch:
                self._visit(use.name, users)
                users[use.name].append((name, k, use.sure))
        self.order.append(name)

    def _shared(self, spots: list[Place]) -> Place:
        paths = [self._path(spot) for spot in spots]
        shared: Place = None
        for level in zip(*paths, strict=False):
            if len(set(level)) > 1:
                break
            shared = level[0]
        return shared

    def _path(self, spot: Place) -> list[Place]:
        path: list[Place] = []
        while spot is not None:
            path.append(spot)
            spot = self.place[spot[0]]
        return [None, *reversed(path)]

    def at(self, spot: Place) -> Iterable[str]:
        """The nodes that stand in a place, in their order."""
        return self._standing.get(spot, ())
