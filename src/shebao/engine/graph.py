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
class Parts:
    """What a node reads: always, and in each of its branches."""

    direct: tuple[str, ...] = ()
    branches: tuple[tuple[str, ...], ...] = ()


@dataclass
class Graph:
    """Order, place and certainty of the nodes that some roots need."""

    roots: tuple[str, ...]
    parts: Callable[[str], Parts]
    order: list[str] = field(default_factory=list)
    place: dict[str, Place] = field(default_factory=dict)
    certain: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        users: dict[str, list[tuple[str, int | None]]] = {}
        for root in self.roots:
            self._visit(root, users)
        for name in reversed(self.order):
            used = users.get(name, [])
            spots = [self.place[u] if k is None else (u, k) for u, k in used]
            if name in self.roots:
                self.place[name], self.certain[name] = None, True
            else:
                self.place[name] = self._shared(spots)
                there = [self.certain[u] for (u, _), spot in zip(used, spots, strict=True) if spot == self.place[name]]
                self.certain[name] = any(there)

    def _visit(self, name: str, users: dict[str, list[tuple[str, int | None]]]) -> None:
        if (name in users and name in self.place) or name in self.order:
            return
        parts = self.parts(name)
        for used in parts.direct:
            users.setdefault(used, []).append((name, None))
            self._visit(used, users)
        for k, branch in enumerate(parts.branches):
            for used in branch:
                users.setdefault(used, []).append((name, k))
                self._visit(used, users)
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
        return (name for name in self.order if self.place[name] == spot)
