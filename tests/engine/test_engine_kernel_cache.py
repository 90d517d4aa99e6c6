"""Kernels are kept on disk where no stale, damaged or foreign one can be met, and answer alike however they are run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from lawmaking import HERE, MakeLaw

from shebao.engine import BookError, Rulebook
from shebao.engine import compute as compute_module
from shebao.engine import kernel as kernel_module
from shebao.engine.compute import Kernel

RULE = "@rule(cite='一', label='额')\ndef r(x, p) -> Yuan:\n    return to_fen(x * p{})\n"
FACT = "x = fact(Yuan, 0, 10_000, label='额')\n"
TABLE = pa.table({"x": pa.array([100, 12_345, None])})


def parameter(*values: str) -> str:
    entries = "".join(f"    - {{{v}, source: 令, certainty: official}}\n" for v in values)
    return f"p:\n  label: 率\n  unit: Ratio\n  values:\n{entries}"


def kernel_of(make_law: MakeLaw, extra: str = "", *values: str) -> Kernel:
    book = make_law(FACT + RULE.format(extra), parameter(*(values or ("value: 8%",))))
    return book.at("2025-01").kernel(["r"], TABLE.schema)


def name_of(kernel: Kernel) -> str:
    return kernel_module.fingerprint(kernel.plan.source, ("int64",))


def amounts(kernel: Kernel) -> list[int | None]:
    return kernel.run(TABLE).table.column(0).to_pylist()


ALIVE: list[object] = []  # machine code of other tests' kernels stays


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own, with nothing loaded."""
    monkeypatch.setenv("SHEBAO_CACHE_DIR", str(tmp_path))
    forget(monkeypatch)
    return tmp_path / "kernels"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process, nothing is loaded; what was stays alive."""
    loaded: dict[str, kernel_module.Machine] = {}
    ALIVE.append(loaded)
    monkeypatch.setattr(kernel_module, "_LOADED", loaded)


def kept(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


# -- which kernel ---------------------------------------------------------------------------------
def test_a_changed_number_keeps_the_kernel_and_changes_the_result(make_law: MakeLaw) -> None:
    eight, nine = kernel_of(make_law, "", "value: 8%"), kernel_of(make_law, "", "value: 9%")
    assert name_of(eight) == name_of(nine)
    assert (amounts(eight), amounts(nine)) == ([8, 988, None], [9, 1111, None])


@pytest.mark.parametrize(
    ("extra", "values"),
    [
        (" + 0.01", ("value: 8%",)),
        ("", ("value: 8.25%",)),
        ("", ("value: 800%",)),
        ("", ("value: 8%, from: 2020-01",)),
        ("", ("value: 8%, to: 2019-12", "value: 8%, from: 2020-01")),
    ],
)
def test_a_changed_rule_or_table_shape_is_another_kernel(
    make_law: MakeLaw, extra: str, values: tuple[str, ...]
) -> None:
    assert name_of(kernel_of(make_law)) != name_of(kernel_of(make_law, extra, *values))


def test_other_argument_types_and_another_compiler_are_another_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    name = kernel_module.fingerprint("text", ("int64",))
    assert name == kernel_module.fingerprint("text", ("int64",))
    assert name != kernel_module.fingerprint("text", ("int32",))
    assert name != kernel_module.fingerprint("text ", ("int64",))
    monkeypatch.setattr("llvmlite.__version__", "0.0")
    assert name != kernel_module.fingerprint("text", ("int64",))


# -- on disk --------------------------------------------------------------------------------------
def test_a_kernel_is_read_back_not_made_again(make_law: MakeLaw, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert amounts(kernel_of(make_law)) == [8, 988, None]
    before = kept(folder)
    forget(monkeypatch)
    monkeypatch.setattr(kernel_module, "_make", lambda *_: pytest.fail("made again"))
    assert amounts(kernel_of(make_law)) == [8, 988, None]
    assert kept(folder) == before


@pytest.mark.parametrize("damage", ["empty", "truncated", "garbage", "one bit", "at the end"])
def test_a_damaged_file_is_made_anew(
    make_law: MakeLaw, folder: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    amounts(kernel_of(make_law))
    whole = kept(folder)
    assert whole
    for file, content in whole.items():
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        damaged = {
            "empty": b"",
            "truncated": content[:middle],
            "garbage": b"\x00" * len(content),
            "one bit": flipped,
            "at the end": content + b"\x00",
        }
        file.write_bytes(damaged[damage])
    forget(monkeypatch)
    assert amounts(kernel_of(make_law)) == [8, 988, None]
    assert kept(folder) == whole


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_a_folder_that_others_may_write_is_refused(make_law: MakeLaw, folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    with pytest.raises(BookError, match="can be written by others"):
        amounts(kernel_of(make_law))


def test_the_folder_is_made_for_its_user_alone(make_law: MakeLaw, folder: Path) -> None:
    amounts(kernel_of(make_law))
    assert folder.stat().st_mode & 0o077 == 0


def test_without_a_folder_kernels_still_run(make_law: MakeLaw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SHEBAO_CACHE_DIR", str(tmp_path / "file"))
    forget(monkeypatch)
    assert amounts(kernel_of(make_law)) == [8, 988, None]


def test_a_full_disk_leaves_nothing_and_stops_nothing(
    make_law: MakeLaw, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    try:
        assert amounts(kernel_of(make_law)) == [8, 988, None]
    except OSError:
        pytest.fail("a full disk under the cache stopped a computation that needs no disk")
    assert not list(folder.iterdir())


PROCESS = """
import sys
sys.path.insert(0, sys.argv[1])
import pyarrow as pa
from shebao.engine import load
table = pa.table({"index": list(range(0, 60_000, 7)), "months_paid": [120] * 8572, "wage": [500_033] * 8572})
result = load("tinylaw").at("2025-03").compute(["scheme.basic", "scheme.ratio"], table)
print(sum(result.table.column("basic").drop_null().to_pylist()), result.report.computed)
"""


def test_two_processes_at_once_get_the_same_from_an_empty_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "SHEBAO_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", PROCESS, HERE]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert not list((tmp_path / "kernels").glob("*.tmp"))


DROP = """
import gc
import numpy as np
from shebao.engine import kernel
source = "def kernel(start, stop, o0):\\n    for i in range(start, stop):\\n        o0[i] = i * {}\\n"
for k in range(1, 4):
    out = np.zeros(3, dtype=np.int64)
    kernel.compiled(source.format(k), ("int", "int", "int64!"))(0, 3, out)
    assert out.tolist() == [0, k, 2 * k]
    kernel._LOADED.clear()
    gc.collect()
print("done")
"""


def test_a_kernel_no_longer_needed_can_be_dropped(tmp_path: Path) -> None:
    """Its machine code goes, and the next kernel is none the worse."""
    environment = {**os.environ, "SHEBAO_CACHE_DIR": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", DROP], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, found.stdout) == (0, "done\n")


# -- threads and batches --------------------------------------------------------------------------
@pytest.fixture(scope="module")
def many() -> pa.Table:
    rng = np.random.default_rng(7)
    rows = 3_000
    return pa.table(
        {
            "row": np.arange(rows),
            "wage": pa.array(rng.integers(0, 10**8, rows)),
            "index": pa.array(rng.integers(-500, 50_500, rows)),
            "months_paid": pa.array(rng.integers(0, 720, rows), mask=rng.random(rows) < 0.05),
        }
    )


@pytest.mark.parametrize("threads", [1, 2, 5, None])
@pytest.mark.parametrize("batch", [None, 1_000, 257])
def test_threads_and_batches_change_nothing(
    tiny: Rulebook, many: pa.Table, monkeypatch: pytest.MonkeyPatch, threads: int | None, batch: int | None
) -> None:
    kernel = tiny.at("2025-03").kernel(["scheme.basic"], many.schema)
    whole = kernel.run(many, threads=1)
    monkeypatch.setattr(compute_module, "CHUNK", 100)
    table = pa.Table.from_batches(many.to_batches(max_chunksize=batch)) if batch else many
    parts = kernel.run(table, threads)
    assert parts.table.to_pydict() == whole.table.to_pydict()
    assert parts.report == whole.report


def test_one_kernel_may_be_used_by_many_threads_at_once(tiny: Rulebook, many: pa.Table) -> None:
    from concurrent.futures import ThreadPoolExecutor

    kernel = tiny.at("2025-03").kernel(["scheme.basic"], many.schema)
    batches = many.to_batches(max_chunksize=200)
    with ThreadPoolExecutor(4) as pool:
        answers = [out for out, _ in pool.map(kernel.run_batch, batches)]
    assert pa.Table.from_batches(answers).to_pydict() == kernel.run(many, 1).table.to_pydict()


def test_a_loop_may_have_more_arguments_than_a_foreign_call_takes() -> None:
    names = [f"a{k}" for k in range(1_500)]
    source = f"def kernel(start, stop, {', '.join(names)}, out):\n    for i in range(start, stop):\n"
    run = kernel_module.compiled(
        source + "        out[i] = a0[i] + a1499[i]\n", ("int", "int", *["int64"] * 1_500, "int64!")
    )
    given, out = [np.array([k, 2 * k]) for k in range(1_500)], np.zeros(2, np.int64)
    run(0, 2, *given, out)
    assert out.tolist() == [1_499, 2_998]
