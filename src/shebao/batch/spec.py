"""Which law to run, as plain data that travels to another process; each process reads the law once."""

from __future__ import annotations

import functools
import importlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shebao.engine import BookError, Rulebook

if TYPE_CHECKING:
    import pyarrow as pa

    from shebao.engine.compute import Kernel
    from shebao.engine.rulebook import Law

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class LawSpec:
    """The law of ``month`` (``YYYY-MM``) under ``reforms`` (files), from the rulebook that ``loader`` returns."""

    month: str
    reforms: tuple[str, ...] = ()
    loader: str = "shebao.law:rulebook"

    def book(self) -> Rulebook:
        """The rulebook with its reforms; read once per process."""
        return _book(self.loader, self.reforms)

    def law(self) -> Law:
        return self.book().at(self.month)

    def kernel(self, rules: tuple[str, ...], schema: pa.Schema) -> Kernel:
        """The compiled loop for tables of this schema; planned once per process, whichever thread comes first."""
        with _ONE_AT_A_TIME:
            return _kernel(self, rules, schema.serialize().to_pybytes())


@functools.cache
def _book(loader: str, reforms: tuple[str, ...]) -> Rulebook:
    if reforms:
        return _book(loader, reforms[:-1]).with_reform(reforms[-1])
    module, _, name = loader.partition(":")
    try:
        book: Rulebook = getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError) as error:
        raise BookError(f"no rulebook at {loader!r}: {error}") from None
    return book


@functools.lru_cache(64)
def _kernel(spec: LawSpec, rules: tuple[str, ...], schema: bytes) -> Kernel:
    import pyarrow as pa

    return spec.law().kernel(rules, pa.ipc.read_schema(pa.py_buffer(schema)))
