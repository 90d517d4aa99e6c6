"""The compiled loop beside C, NumPy, OpenFisca, ttsim and the memory itself, on one set of people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench import case, data, reference
from bench.data import Columns
from bench.measure import say, taking_turns
from bench.parts import Section, Target
from bench.rivals import Absent, Run, c, numpy_, openfisca, outputs, ttsim
from bench.settings import Settings

SHEBAO, LOOP, C, C_CHECKED, COPY = "Shebao", "Shebao, the loop alone", "C", "C with the same checks", "memory copy"
OPENFISCA, OPENFISCA_INT = "OpenFisca", "OpenFisca in whole fen"
TTSIM, TTSIM_INT = "ttsim on JAX", "ttsim on JAX in whole fen"
CHUNK = 65_536


@dataclass(frozen=True)
class Engine:
    """One contestant. ``most`` people are enough for one that takes seconds for them."""

    prepare: Callable[[Columns, int], Run]
    note: str
    most: int = 1 << 62
    unit: int = 1  # fen in what it returns; 0 if its results are not judged


def shebao(people: Columns, threads: int) -> Run:
    batch = data.batch(people)
    kernel = case.law().kernel(case.full_names(), batch.schema)

    def run() -> Columns:
        result = kernel.run(batch, threads)
        if result.report.reasons:
            raise AssertionError(f"rows were refused: {dict(result.report.reasons)}")
        return {name: result.table.column(name) for name in case.RULES}

    return run


def shebao_loop(people: Columns, threads: int) -> Run:
    batch = data.batch(people)
    kernel = case.law().kernel(case.full_names(), batch.schema)
    arrays, made = kernel.read(batch), outputs(len(people["region"]))
    status = np.zeros(len(people["region"]), dtype=np.int16)

    def part(start: int) -> None:
        kernel.fill(arrays, list(made.values()), status, range(start, min(start + CHUNK, len(status))))

    def run() -> Columns:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(part, range(0, len(status), CHUNK)):
                pass
        return made

    return run


def copy(people: Columns, threads: int) -> Run:
    """As many bytes as the loop writes, copied: no engine can be faster."""
    made, source = outputs(len(people["region"])), people["account_balance"]

    def part(start: int) -> None:
        for values in made.values():
            values[start : start + CHUNK] = source[start : start + CHUNK]

    def run() -> Columns:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(part, range(0, len(source), CHUNK)):
                pass
        return made

    return run


def engines() -> dict[str, Engine]:
    t = case.tables()

    def rival(prepare: Callable[..., Run], *words: Any) -> Callable[[Columns, int], Run]:
        return lambda people, threads: prepare(t, people, threads, *words)

    def alone(prepare: Callable[..., Run], style: str) -> Callable[[Columns, int], Run]:
        return lambda people, _: prepare(t, people, style)

    return {
        SHEBAO: Engine(shebao, "Arrow in, Arrow out; every range, table bound and gap checked; status column"),
        LOOP: Engine(shebao_loop, "the same loop over ready columns into existing arrays, as C has it"),
        C: Engine(rival(c.prepare, False), "gcc -O3 -march=native -fopenmp, input trusted, national formula only"),
        C_CHECKED: Engine(rival(c.prepare, True), "the same, ranges and gaps checked, status column"),
        "NumPy": Engine(rival(numpy_.prepare), "int64, chunks of 16 384 people on threads, input trusted"),
        TTSIM_INT: Engine(alone(ttsim.prepare, "integers"), "int64, program already built and compiled, input trusted"),
        TTSIM: Engine(alone(ttsim.prepare, "floats"), "float64 and RoundingSpec, as its users write it", unit=100),
        OPENFISCA_INT: Engine(alone(openfisca.prepare, "integers"), "widened by hand to int64", most=1_000_000),
        OPENFISCA: Engine(
            alone(openfisca.prepare, "floats"), "float32, fancy indexing, as its users write it", 200_000, unit=100
        ),
        COPY: Engine(copy, "the results' bytes read and written, nothing computed", unit=0),
    }


def run(settings: Settings) -> Section:
    section = Section("kernel", f"Award and adjustment, {settings.people:,} people, {settings.threads} threads")
    say("  making people and the exact reference")
    people = data.columns(settings.people)
    judged = {name: values[: settings.reference] for name, values in people.items()}
    reference.check_against_explain(case.tables(), judged)
    truth = reference.exact(case.tables(), judged)
    runs, wrong, counts, absent = {}, {}, {}, {}  # type: tuple[dict[str, Run], dict[str, int], dict[str, int], dict[str, str]]
    for name, engine in engines().items():
        counts[name] = min(settings.people, engine.most)
        some = {key: values[: counts[name]] for key, values in people.items()}
        try:
            runs[name] = engine.prepare(some, settings.threads)
        except Absent as reason:
            absent[name] = str(reason)
            say(f"  {name}: left out, {reason}")
            continue
        say(f"  {name}: first run")
        results = runs[name]()
        if engine.unit:
            wrong[name] = reference.wrong(results, truth, engine.unit)
    took = taking_turns(runs, settings.rounds)
    speed = {name: counts[name] / took[name] for name in took}
    for name, engine in engines().items():
        section.rows.append(_row(name, engine, speed, wrong, counts, absent, min(settings.reference, settings.people)))
    section.targets = list(_targets(speed))
    section.remarks = _remarks(settings)
    return section


def _row(
    name: str,
    engine: Engine,
    speed: dict[str, float],
    wrong: dict[str, int],
    counts: dict[str, int],
    absent: dict[str, str],
    judged: int,
) -> dict[str, Any]:
    if name in absent:
        return {"engine": name, "million people/s": None, "note": f"left out: {absent[name]}"}
    return {
        "engine": name,
        "million people/s": speed[name] / 1e6,
        "Shebao is": f"{speed[SHEBAO] / speed[name]:.2f}×",
        "people": f"{counts[name]:,}",
        "wrong by a fen, per million": round(wrong[name] * 1e6 / min(judged, counts[name])) if name in wrong else None,
        "note": engine.note,
    }


def _targets(speed: dict[str, float]) -> Any:
    pairs = (
        ("the loop, of hand-written C that trusts its input", 0.7, LOOP, (C,)),
        ("the loop, of hand-written C with the same checks", 0.7, LOOP, (C_CHECKED,)),
        ("Arrow to Arrow, times OpenFisca as its users write it", 40, SHEBAO, (OPENFISCA,)),
        ("Arrow to Arrow, times ttsim on JAX as its users write it", 3, SHEBAO, (TTSIM,)),
        ("Arrow to Arrow, times ttsim on JAX made exact", 3, SHEBAO, (TTSIM_INT,)),
    )
    for text, promised, own, others in pairs:
        found = [speed[name] for name in others if name in speed]
        if found:
            yield Target(text, promised, speed[own] / max(found))


def _remarks(settings: Settings) -> list[str]:
    provinces = ", ".join(str(code) for code in case.standard_provinces())
    return [
        f"Everybody belongs to a province that follows the national formula in everything ({provinces}), in random "
        "order. The rivals know only that formula; Shebao's loop carries every province's variant.",
        "The rivals read their numbers from the rulebook. The adjustment amounts are synthetic.",
        f"Fen are compared for the first {min(settings.reference, settings.people):,} people with a reference in exact "
        "fractions, which is itself compared with `explain` for the first hundred.",
        "OpenFisca is timed with fewer people: ten million would take it from seconds to a minute and gigabytes.",
    ]
