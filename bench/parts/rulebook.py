"""Every rule of the book, each in a loop of its own, run over a million people."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from bench.measure import in_child
from bench.parts import Section, Target
from bench.settings import Settings

SLOWEST = 10
MEMORY = 2_000  # MB
Row = dict[str, Any]


def run(settings: Settings) -> Section:
    section = Section("rulebook", f"Every rule of the book, {settings.each_rule:,} people, {settings.threads} threads")
    words = {"people": settings.each_rule, "threads": settings.threads, "rounds": min(settings.rounds, 3)}
    found = in_child("every_rule", {"SHEBAO_CACHE_DIR": str(settings.kernels)}, **words, most=settings.rules)
    _measure(section, settings.each_rule, found)
    return section


def _measure(section: Section, people: int, found: Row) -> None:
    """The whole book, the median rule and the slowest ones; all rules go among the details."""
    rules = sorted((rule for rule in found["rules"] if "seconds" in rule), key=lambda rule: -float(rule["seconds"]))
    section.details = [_detail(rule, people, found["copied"]) for rule in rules]
    whole = _whole(rules, people, found["copied"])
    ratios = ("million people/s", "over memory copy", "times CPython", "times explain")
    median = {name: statistics.median(rule[name] for rule in section.details) for name in ratios}
    section.rows = [whole, {"what": "the median of the rules", **median}, *section.details[:SLOWEST]]
    section.targets += [
        Target(
            "the book rule by rule, times a memory copy of its input and output", 6, whole["over memory copy"], True
        ),
        Target("the book rule by rule, times CPython with the same loops", 50, whole["times CPython"]),
        Target("slowest rule, million people/s", 1, section.details[0]["million people/s"]),
        Target("peak memory, MB", MEMORY, found["peak_mb"], at_most=True),
    ]
    never = [rule["rule"] for rule in found["rules"] if "seconds" not in rule]
    section.remarks += _remarks(found, never)


def _detail(rule: Row, people: int, copied: float) -> Row:
    return {
        "what": f"`{rule['rule']}`",
        "million people/s": people / rule["seconds"] / 1e6,
        "refused, %": round(rule["refused"] / people * 100, 1),
        "bytes a person": round(rule["bytes"] / people),
        "over memory copy": rule["seconds"] / (rule["bytes"] / copied),
        "times CPython": rule["plain"] * people / rule["seconds"],
        "times explain": rule["explain"] * people / rule["seconds"],
    }


def _whole(rules: Sequence[Row], people: int, copied: float) -> Row:
    """All rules one after the other, as if the book were one rule."""
    total = {key: sum(rule[key] for rule in rules) for key in ("seconds", "refused", "bytes", "plain", "explain")}
    found = _detail({"rule": "", **total}, people, copied) | {"what": "the book, rule by rule"}
    return found | {"rules": len(rules), "seconds": total["seconds"], "refused, %": found["refused, %"] / len(rules)}


def _remarks(found: Row, never: Sequence[str]) -> list[str]:
    return [
        "Arrow table in, Arrow table out, statuses and a report with an example of each reason included. People are "
        "drawn from the declared facts as by `law check`; of those a rule computes a hundred are repeated in random "
        "order, and one row in twenty is refused.",
        f"Memory copy: the bytes of a rule's columns and of its result, at {found['copied'] / 1e9:.1f} GB/s on the "
        "same threads. CPython runs the text of the same loop over lists of whole numbers on one thread; `explain` "
        "works in exact fractions and builds the tree.",
        f"Computed for nobody that was drawn, and not measured: {', '.join(never) or 'none'}.",
    ]
