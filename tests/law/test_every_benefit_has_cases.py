"""Every benefit, every amount and every reading of the law is worked out somewhere, three times where money is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest

from shebao.engine import Refused
from shebao.engine.book import Rule, uses
from shebao.engine.explain import Person
from shebao.engine.facts import read_person
from shebao.engine.parameters import Parameter
from shebao.engine.units import parse_month
from shebao.entitled.catalogue import load_catalogue
from shebao.law import rulebook
from shebao.law.cases import Case, load_cases

BOOK = rulebook()
CASES = load_cases()
LEAST = 3


def fewer(names: Iterator[str], count: Counter[str]) -> dict[str, int]:
    """Those of which there are too few examples, and how many there are."""
    return {name: count[name] for name in names if count[name] < LEAST}


def expected() -> Counter[str]:
    """How many examples say what each rule gives."""
    return Counter(BOOK.find(case.full_name(name)) for case in CASES for name in case.expect)


def computed(case: Case) -> set[str]:
    """The rules that are computed on the way to what an example expects."""
    law = BOOK.at(case.month)
    trees = (law.explain(case.full_name(name), case.facts).walk() for name in case.expect)
    return {step.name.partition("[")[0] for tree in trees for step in tree if not step.given}


def paid(rule: Rule) -> bool:
    return rule.unit.kind == "money" and not BOOK.level(rule.full_name)


def unknown(rule: Rule) -> bool:
    """Whether it rests on a table without any value."""
    wires = (BOOK.nodes.get(name) for variant in rule.variants for name in BOOK.wires(rule, variant))
    return any(isinstance(node, Parameter) and not node.entries for node in wires)


def test_every_benefit_has_three_examples() -> None:
    benefits = load_catalogue(BOOK).benefits.values()
    rules = (name for benefit in benefits for name in ([benefit.amount] if benefit.amount else benefit.entitled))
    assert fewer(rules, expected()) == {}


def test_every_amount_that_is_the_end_of_a_reckoning_has_three_examples() -> None:
    read = {used for rule in BOOK.rules() for used in uses(BOOK, rule)}
    ends = (rule.full_name for rule in BOOK.rules() if paid(rule) and rule.full_name not in read)
    assert fewer(ends, expected()) == {}


def test_every_amount_on_the_way_is_reckoned_in_three_examples() -> None:
    count = Counter(name for case in CASES for name in computed(case))
    assert fewer((rule.full_name for rule in BOOK.rules() if paid(rule) and not unknown(rule)), count) == {}


def test_an_amount_that_nobody_has_entered_yet_is_refused_in_an_example() -> None:
    refused = {BOOK.find(case.full_name(name)) for case in CASES for name in case.refused}
    assert {rule.full_name for rule in BOOK.rules() if paid(rule) and unknown(rule)} <= refused


def test_every_reading_of_every_rule_has_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variant: of each province that has its own law, and of each time."""
    met: set[tuple[str, int]] = set()
    choose = Person.variant

    def noted(self: Person, rule: Rule, date: int) -> object:
        found = choose(self, rule, date)
        met.add((rule.full_name, rule.variants.index(found)))
        return found

    monkeypatch.setattr(Person, "variant", noted)
    for case in CASES:
        for wanted in (*case.expect, *case.refused):
            name = BOOK.find(case.full_name(wanted))
            with suppress(Refused):
                Person(BOOK, parse_month(case.month), read_person(BOOK, (name,), case.facts)).explain(name)
    unmet = {
        f"{rule.full_name} at {variant.where}"
        for rule in BOOK.rules()
        for k, variant in enumerate(rule.variants)
        if (rule.full_name, k) not in met
    }
    assert unmet == set()
