"""The words the law is written in: ``rule``, ``fact``, ``choice``, ``accrual``, ``total``, ``Room``.

They only note what was declared; :mod:`shebao.engine.rulebook` collects the notes of a package,
wires the names and refuses what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from shebao.engine.errors import BookError
from shebao.engine.source import where
from shebao.engine.units import Choice, Region, Unit, parse_number, unit_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Room:
    """A scheme's room: its label, the month its rules are dated by, and what it borrows.

    ``dated_by`` names a fact or rule of unit ``Month``; ``borrow`` maps another room to the names
    taken from it; ``modules`` lists the room's rule modules in reading order.
    """

    label: str
    dated_by: str | None = None
    borrow: Mapping[str, Iterable[str]] = field(default_factory=dict)
    modules: tuple[str, ...] | list[str] = ()


@dataclass(frozen=True)
class FactNote:
    """A declared fact of a person, or of a record of the history ``over``."""

    unit: Unit
    low: Fraction
    high: Fraction
    label: str
    scale: int
    presumed: Any = None
    over: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleNote:
    """What a decorator said about a function."""

    kind: str  # rule, accrual, total
    cite: str
    label: str
    since: str | None
    until: str | None
    region: frozenset[int] | None
    dated_by: str | None
    over: str | None = None
    initial: Any = None
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)


def fact(
    unit: Any,
    low: Any = None,
    high: Any = None,
    *,
    label: str,
    scale: int | None = None,
    presumed: Any = None,
    over: str | None = None,
) -> Any:
    """Declare a fact. The variable it is assigned to is its name.

    ``low..high`` is the range beyond which a value is refused (the unit's own if omitted);
    ``scale`` the storage units per unit; ``presumed`` the value the law assumes until a claim or
    certificate is shown; ``over`` the history whose records carry it.
    """
    its = unit_of(unit)
    if its.kind == "choice":
        raise BookError("an enumerated fact is declared with choice(...)")
    if not label:
        raise BookError(f"a fact of unit {its.name} has no label")
    bounds = [parse_number(its.low if low is None else low), parse_number(its.high if high is None else high)]
    if bounds[0] > bounds[1]:
        raise BookError(f"fact {label}: its range {low}..{high} is empty")
    if presumed is not None and not _may_be_presumed(its, presumed, *bounds):
        raise BookError(f"fact {label}: it cannot be presumed to be {presumed!r}")
    return FactNote(its, bounds[0], bounds[1], label, scale or its.scale, presumed, over)


def _may_be_presumed(unit: Unit, value: Any, low: Fraction, high: Fraction) -> bool:
    return isinstance(value, bool) if unit.kind == "yes_no" else low <= parse_number(value) <= high


def choice(*values: str, label: str, presumed: str | None = None, over: str | None = None) -> Any:
    """Declare a fact that is one of ``values``; stored as the position in this order."""
    if len(values) < 2 or len(set(values)) != len(values):
        raise BookError(f"choice {label}: two or more distinct values are needed")
    if not label:
        raise BookError(f"choice {values} has no label")
    if presumed is not None and presumed not in values:
        raise BookError(f"choice {label}: it cannot be presumed to be {presumed!r}, which is none of its values")
    last = Fraction(len(values) - 1)
    return FactNote(unit_of(Choice), Fraction(0), last, label, 1, presumed, over, values)


def rule(
    *,
    cite: str,
    label: str,
    since: str | None = None,
    until: str | None = None,
    region: int | str | Iterable[int | str] | None = None,
    dated_by: str | None = None,
) -> Callable[[F], F]:
    """Declare a rule, or one variant of it.

    ``cite`` is the document and article; ``label`` the official term; ``since`` and ``until``
    (``YYYY-MM``, inclusive) the time in force at the rule's own date; ``region`` the provinces it
    holds in (none: the whole nation); ``dated_by`` the month the rule is dated by, if not the room's.
    """
    return _note(RuleNote("rule", cite, label, since, until, _regions(region), dated_by))


def accrual(
    *,
    over: str,
    initial: Any,
    high: Any,
    low: Any = 0,
    cite: str,
    label: str,
    since: str | None = None,
    until: str | None = None,
    region: int | str | Iterable[int | str] | None = None,
    dated_by: str | None = None,
) -> Callable[[F], F]:
    """Declare a rule that steps a state through the records of a history.

    The argument ``before`` is the state before the record, ``initial`` (a number or the name of a
    node) the state before the first; the value returned is the state after it, kept in ``low..high``.
    """
    bounds = parse_number(low), parse_number(high)
    return _note(RuleNote("accrual", cite, label, since, until, _regions(region), dated_by, over, initial, *bounds))


def total(*, over: str, high: Any, low: Any = 0, cite: str, label: str) -> Callable[[F], F]:
    """Declare a sum over the records of a history (months, years, members of a household).

    The whole sum must lie in ``low..high``; with ``low=1`` an empty history is refused.
    """
    return _note(RuleNote("total", cite, label, None, None, None, None, over, 0, parse_number(low), parse_number(high)))


def _regions(region: int | str | Iterable[int | str] | None) -> frozenset[int] | None:
    if region is None:
        return None
    codes = [region] if isinstance(region, (int, str)) else list(region)
    unit = unit_of(Region)
    found = frozenset(int(code) for code in codes)
    wrong = [code for code in found if not unit.low <= code <= unit.high]
    if wrong or not found:
        raise BookError(f"{wrong or region!r} is not a province code {unit.low}..{unit.high}")
    return found


def _note(note: RuleNote) -> Callable[[F], F]:
    def declare(fn: F) -> F:
        for word in ("cite", "label"):
            if not getattr(note, word):
                raise BookError(f"rule {fn.__name__} has no {word}", where(fn))
        fn.__shebao__ = note  # type: ignore[attr-defined]
        _DECLARED.setdefault(fn.__module__, []).append(fn)
        return fn

    return declare


#: module -> its rule functions in reading order; variants share a name, so a module's dict cannot hold them.
_DECLARED: dict[str, list[Callable[..., Any]]] = {}


def declared(module: str) -> list[Callable[..., Any]]:
    """The rule functions of a module, in the order they are written."""
    return list(_DECLARED.get(module, ()))


def forget(module: str) -> None:
    """Drop a module's declarations before it is read anew."""
    _DECLARED.pop(module, None)
