"""One citizen's award explained: from a cold process, as the command does it, and within a process."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import case, data
from bench.measure import median_of, say, seconds
from bench.parts import Section, Target
from bench.settings import Settings

RULE = "employee_pension.monthly_pension"


def citizen() -> dict[str, Any]:
    """The first person of the benchmark as people write facts."""
    row = {name: int(values[0]) for name, values in data.block(0, 1).items()}

    def month(index: int) -> str:
        return f"{index // 12}-{index % 12 + 1:02d}"

    return {
        "region": row["region"],
        "birth_month": month(row["birth_month"]),
        "retirement_month": month(row["retirement_month"]),
        "contribution_months": row["contribution_months"],
        "deemed_months": row["deemed_months"],
        "average_index": f"{row['average_index'] / 10_000:.4f}",
        "account_balance": f"{row['account_balance'] // 100}.{row['account_balance'] % 100:02d}",
    }


def run(settings: Settings) -> Section:
    from shebao.law import rulebook

    section = Section("explain", "A full award explained for one citizen")
    law, facts = rulebook().at(case.MONTH), citizen()
    say("  from a cold process")
    with tempfile.TemporaryDirectory(prefix="shebao-bench-") as folder:
        file = Path(folder, "citizen.json")
        file.write_text(json.dumps(facts), encoding="utf-8")
        command = [sys.executable, "-m", "shebao", "explain", RULE, "--facts", str(file), "--month", case.MONTH]

        def cold() -> None:
            subprocess.run(command, check=True, capture_output=True)

        cold()
        process = statistics.median(seconds(cold) for _ in range(settings.rounds))
    say("  within a process")
    law.explain(RULE, facts).to_markdown()
    warm = median_of(lambda: law.explain(RULE, facts), 200)
    text = median_of(lambda: law.explain(RULE, facts).to_markdown(), 200)
    section.rows = [
        {"what": "`shebao explain`, the whole process", "milliseconds": process * 1e3},
        {"what": "`law.explain(…)` in a process, the tree", "milliseconds": warm * 1e3},
        {"what": "the tree and its Markdown text", "milliseconds": text * 1e3},
    ]
    section.targets = [
        Target("`shebao explain` from a cold process, seconds", 1, process, at_most=True),
        Target("explained and written out in a running process, milliseconds", 5, text * 1e3, at_most=True),
    ]
    return section
