"""The same over a whole population: who is entitled, and to what they have not laid claim (政策找人).

The conditions of all benefits are judged in one compiled loop. The rows that it refuses, because a fact is empty or a
value is not published, are judged benefit by benefit; amounts are computed for those who are entitled.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.batch import files
from shebao.batch.compute import in_order, located
from shebao.batch.fresh import fresh_file
from shebao.engine.columns import Inputs
from shebao.engine.compute import Kernel
from shebao.engine.errors import BookError
from shebao.engine.rulebook import Law
from shebao.engine.units import show_month
from shebao.entitled.catalogue import Benefit, Catalogue, load_catalogue
from shebao.entitled.exclusive import NONE, Loss, resolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[int, "int | None"], None]
CODED = pa.dictionary(pa.int16(), pa.string())
OK = "ok"
REGION = "region"
DRAWN = "drawn_"  # a column `drawn_<benefit>` says who draws it


# -- the report ------------------------------------------------------------------------------------


@dataclass
class Sum:
    """People and money of one benefit; the sums leave out those whose amount is not known.

    ``drawn`` and ``not_drawn`` count those of whom a column tells; ``gives_way`` those to whom another is paid.
    """

    people: int = 0
    fen: int = 0
    amount_unknown: int = 0
    drawn: int = 0
    not_drawn: int = 0
    fen_not_drawn: int = 0
    gives_way: int = 0

    def add(self, other: Sum) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class PeopleReport:
    """How many people were judged, and each benefit's sums: of all, by province, and why rows were not judged.

    ``lacking`` says of each benefit that was not judged which columns the file lacks.
    """

    rows: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)
    by_region: dict[tuple[str, int], Sum] = field(default_factory=dict)
    not_judged: dict[str, Counter[str]] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)

    def add(self, other: PeopleReport) -> None:
        self.rows += other.rows
        for key, value in other.sums.items():
            self.sums.setdefault(key, Sum()).add(value)
        for place, value in other.by_region.items():
            self.by_region.setdefault(place, Sum()).add(value)
        for key, count in other.not_judged.items():
            self.not_judged.setdefault(key, Counter()).update(count)


def entitled_people(
    law: Law,
    src: str | Path,
    dst: str | Path,
    region: int | None = None,
    keep: Sequence[str] = (),
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> PeopleReport:
    """Every benefit that the columns of ``src`` allow, for every person (of a province); a row each in ``dst``.

    ``dst`` holds ``row`` (the person's row in ``src``, from 1), the columns of ``keep``, ``benefit``, ``paid``,
    ``amount`` in fen (null for a service, or where ``status`` says why it is not known), ``drawn`` (null where no
    column tells) and ``gives_way_to`` (the benefit that is kept where two exclude each other). Raises ``BookError`` for
    a request that is wrong; then nothing stands under ``dst`` that did not before.
    """
    src, dst = Path(src), Path(dst)
    if dst.exists() and src.exists() and src.samefile(dst):
        raise BookError("is both input and output", str(src))
    files.check_suffix(dst)
    people = files.source(src)
    judges = located(Judges, src)(law, catalogue or load_catalogue(law.book), people.schema, region, tuple(keep))
    report = PeopleReport(lacking=judges.lacking)
    with fresh_file(dst, overwrite) as part, files.sink(part, dst, judges.schema, [*keep, "row"]) as out:
        done = in_order(located(judges, src), _numbered(people.batches(judges.columns)), threads or os.cpu_count() or 1)
        with contextlib.closing(done):
            for batch, found in done:
                out.write(batch)
                report.add(found)
                if progress:
                    progress(report.rows, people.rows)
    return report


def _numbered(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, int]]:
    first = 0
    for batch in batches:
        yield batch, first
        first += batch.num_rows


# -- the judges of a schema ------------------------------------------------------------------------


class Judges:
    """The compiled loops of all benefits that a schema allows. Called with a batch, the claims of its people."""

    def __init__(
        self, law: Law, catalogue: Catalogue, schema: pa.Schema, region: int | None = None, keep: tuple[str, ...] = ()
    ) -> None:
        self.law, self.catalogue, self.source, self.region, self.keep = law, catalogue, schema, region, keep
        self.lacking: dict[str, str] = {}
        self.alone: dict[str, Alone] = {}
        for benefit in catalogue.benefits.values():
            self._add(benefit)
        _check_kept(schema, keep)
        if region is not None and REGION not in schema.names:
            raise BookError(f"the table has no column {REGION!r} to choose a province by")
        self.together = [
            group
            for name in dict.fromkeys(b.claimed_in for b in self.benefits)
            if (group := Together.of(self, [b for b in self.benefits if b.claimed_in == name and b.entitled]))
        ]

    def _add(self, benefit: Benefit) -> None:
        lacks = f"the table lacks {' or '.join(benefit.when)}"
        if not {w for name in benefit.when for w in (name, name.rpartition(".")[2])} & set(self.source.names):
            self.lacking[benefit.id] = lacks
            return
        try:
            given = Inputs(self.law.book, benefit.rules, self.source)
            if {*given.columns, *given.histories} & set(benefit.when):
                self.alone[benefit.id] = Alone(self, benefit, given)
            else:  # a column of that name, which means another fact to these rules
                self.lacking[benefit.id] = lacks
        except BookError as error:
            self.lacking[benefit.id] = str(error)

    @property
    def benefits(self) -> list[Benefit]:
        return [alone.benefit for alone in self.alone.values()]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that are read."""
        needed = {name for alone in self.alone.values() for name in alone.reads} | {*self.keep, REGION}
        needed |= {f"{DRAWN}{benefit.id}" for benefit in self.benefits}
        return tuple(name for name in self.source.names if name in needed) or tuple(self.source.names[:1])

    @cached_property
    def schema(self) -> pa.Schema:
        money = {"shebao.unit": "Yuan", "shebao.scale": "100"}
        return pa.schema(
            [
                pa.field("row", pa.int64()),
                *(self.source.field(name) for name in self.keep),
                *(pa.field("benefit", CODED), pa.field("paid", CODED)),
                pa.field("amount", pa.int64(), metadata=money),
                *(pa.field("drawn", pa.bool_()), pa.field("gives_way_to", CODED), pa.field("status", CODED)),
            ]
        )

    def claim_schema(self, claimed_in: str) -> pa.Schema:
        """The schema in which the month of the claim stands where the law asks for it."""
        if not claimed_in or claimed_in in self.source.names:
            return self.source
        return self.source.append(pa.field(claimed_in, pa.int32()))

    def claiming(self, batch: pa.RecordBatch, claimed_in: str) -> pa.RecordBatch:
        """The batch with the month of the claim: of this run, or the month in the past in which it was."""
        if not claimed_in:
            return batch
        month = self.law.month
        if claimed_in not in batch.schema.names:
            return batch.append_column(claimed_in, pa.repeat(pa.scalar(month, pa.int32()), batch.num_rows))
        at = batch.schema.get_field_index(claimed_in)
        column, kind = batch.column(at), batch.schema.field(at)
        if pa.types.is_string(column.type):
            text = pc.if_else(pc.equal(column, ""), show_month(month), column)
            padded = pc.replace_substring_regex(text, r"-(\d)$", r"-0\1")
            return batch.set_column(at, kind, pc.min_element_wise(padded, show_month(month)))
        if not pa.types.is_integer(column.type):
            raise BookError(f"column {claimed_in!r} is {column.type}; a month is an integer or a text")
        return batch.set_column(at, kind, pc.min_element_wise(column, pa.scalar(month, column.type)))

    def __call__(self, batch: pa.RecordBatch, first_row: int = 0) -> tuple[pa.RecordBatch, PeopleReport]:
        """The claims of one batch, and their sums."""
        rows = np.arange(first_row + 1, first_row + batch.num_rows + 1)
        if self.region is not None:
            chosen = _codes(batch) == self.region
            batch, rows = batch.filter(pa.array(chosen)), rows[chosen]
        found = {b.id: Found(batch.num_rows) for b in self.benefits}
        for claimed_in in dict.fromkeys(b.claimed_in for b in self.benefits):
            self._judge(self.claiming(batch, claimed_in), claimed_in, found, first_row)
        due = {name: each.due for name, each in found.items()}
        drawn = {name: self.alone[name].drawn(batch, first_row) for name in found}
        held = {name: mask for name, mask in drawn.items() if mask is not None}
        amounts = {name: each.amounts for name, each in found.items()}
        losses = resolve(self.catalogue.exclusions, due, amounts, held)
        return self._output(batch, rows, found, drawn, losses)

    def _judge(self, batch: pa.RecordBatch, claimed_in: str, found: dict[str, Found], first_row: int) -> None:
        """Conditions of everybody, then amounts of those who fulfil them."""
        everybody = np.ones(batch.num_rows, dtype=np.bool_)
        left = {
            benefit.id: rows
            for group in self.together
            if group.claimed_in == claimed_in
            for rows in [group(batch, found, first_row)]
            for benefit in group.benefits
        }
        for benefit in self.benefits:
            if benefit.claimed_in == claimed_in:
                alone, each = self.alone[benefit.id], found[benefit.id]
                alone.judge(batch, left.get(benefit.id, everybody), each, first_row)
                alone.pay(batch, each, first_row)

    def _output(
        self,
        batch: pa.RecordBatch,
        rows: NDArray[np.int64],
        found: Mapping[str, Found],
        drawn: Mapping[str, NDArray[np.bool_] | None],
        losses: Mapping[str, Loss],
    ) -> tuple[pa.RecordBatch, PeopleReport]:
        """One row for each claim, in the order of the people; and the sums."""
        report = PeopleReport(batch.num_rows)
        regions = _codes(batch) if REGION in self.source.names else None
        kept = {name: each.due & (losses[name].exclusion == NONE) for name, each in found.items()}
        texts = list(dict.fromkeys(text for each in found.values() for text in each.statuses)) or [OK]
        parts, people = list[pa.RecordBatch](), [np.empty(0, dtype=np.int64)]
        for name, each in found.items():
            at = np.flatnonzero(each.due)
            columns = self._columns(name, each, at, drawn[name], texts)
            columns["gives_way_to"] = self._named(self._kept_instead(losses[name])[at])
            columns["row"] = pa.array(rows[at])
            columns |= {word: batch.column(word).take(pa.array(at)) for word in self.keep}
            ordered = [columns[word] for word in self.schema.names]
            parts.append(pa.RecordBatch.from_arrays(ordered, schema=self.schema))
            people.append(at)
            _count(report, name, each, kept[name], drawn[name], regions)
        table = pa.Table.from_batches(parts, self.schema)
        return _one(table, np.argsort(np.concatenate(people), kind="stable")), report

    def _columns(
        self, name: str, found: Found, at: NDArray[np.int64], drawn: NDArray[np.bool_] | None, texts: list[str]
    ) -> dict[str, pa.Array]:
        """What the output says of one benefit and the people at these places."""
        number = np.full(len(at), self.numbers[name], dtype=np.int16)
        unknown = found.unknown[at] | (not self.alone[name].benefit.amount)
        status = np.array([texts.index(text) for text in found.statuses], dtype=np.int16)[found.status[at]]
        paid = pa.array([benefit.paid for benefit in self.benefits], pa.string())
        return {
            "benefit": self._named(number),
            "paid": pa.DictionaryArray.from_arrays(pa.array(number), paid),
            "amount": pa.array(found.amounts[at], mask=unknown),
            "drawn": pa.nulls(len(at), pa.bool_()) if drawn is None else pa.array(drawn[at]),
            "status": pa.DictionaryArray.from_arrays(pa.array(status), pa.array(texts, pa.string())),
        }

    def _named(self, numbers: NDArray[np.int16]) -> pa.DictionaryArray:
        """Numbers of benefits as their ids; null for -1."""
        ids = pa.array(list(self.numbers), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(numbers, mask=numbers < 0), ids)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The benefits that are judged, in the order of the catalogue."""
        return {benefit.id: k for k, benefit in enumerate(self.benefits)}

    def _kept_instead(self, loss: Loss) -> NDArray[np.int16]:
        """The number of the benefit that is kept in place of one; -1 for none."""
        numbers = np.full_like(loss.kept, -1)
        for at in np.unique(loss.exclusion[loss.exclusion != NONE]):
            names = self.catalogue.exclusions[at].benefits
            places = np.array([self.numbers.get(name, -1) for name in names], dtype=np.int16)
            mine = loss.exclusion == at
            numbers[mine] = places[loss.kept[mine]]
        return numbers


def _one(table: pa.Table, order: NDArray[np.int64]) -> pa.RecordBatch:
    """A table in another order, as one batch."""
    found = table.combine_chunks().take(pa.array(order)).combine_chunks().to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.schema)


def _check_kept(schema: pa.Schema, keep: tuple[str, ...]) -> None:
    own = ("row", "benefit", "paid", "amount", "drawn", "gives_way_to", "status")
    for name in keep:
        if name not in schema.names:
            raise BookError(f"no column {name!r} to keep; there are {', '.join(schema.names)}")
        if name in own or keep.count(name) > 1:
            raise BookError(f"the output would have two columns {name!r}")


def _codes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """The province of each row; -1 where the column holds none."""
    column = batch.column(REGION)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        column = pc.if_else(pc.equal(column, ""), None, column)
    try:
        codes = pc.cast(column, pa.int64())
    except pa.ArrowInvalid as error:
        raise BookError(f"column {REGION!r} holds no province codes: {error}") from None
    return np.asarray(pc.fill_null(codes, -1))


def _count(
    report: PeopleReport,
    name: str,
    found: Found,
    kept: NDArray[np.bool_],
    drawn: NDArray[np.bool_] | None,
    regions: NDArray[np.int64] | None,
) -> None:
    report.sums[name] = _sum(found, kept, drawn, np.ones(len(kept), dtype=np.bool_))
    why = Counter({text: int(count) for text, count in found.refusals.items() if count})
    if why:
        report.not_judged[name] = why
    for code in np.unique(regions[found.due]) if regions is not None else ():
        report.by_region[name, int(code)] = _sum(found, kept, drawn, regions == code)  # type: ignore[operator]


def _sum(found: Found, kept: NDArray[np.bool_], drawn: NDArray[np.bool_] | None, among: NDArray[np.bool_]) -> Sum:
    mine = kept & among
    made = Sum(int(mine.sum()), int(found.amounts[mine].sum()), int((found.unknown & mine).sum()))
    made.gives_way = int((found.due & ~kept & among).sum())
    if drawn is not None:
        made.drawn, made.not_drawn = int((mine & drawn).sum()), int((mine & ~drawn).sum())
        made.fen_not_drawn = int(found.amounts[mine & ~drawn].sum())
    return made


# -- one batch -------------------------------------------------------------------------------------


class Found:
    """What is known of one benefit for the people of a batch."""

    def __init__(self, rows: int) -> None:
        self.due = np.zeros(rows, dtype=np.bool_)
        self.amounts = np.zeros(rows, dtype=np.int64)
        self.unknown = np.zeros(rows, dtype=np.bool_)  # due, but the amount is not known
        self.status = np.zeros(rows, dtype=np.int16)  # of the amount; positions in `statuses`
        self.statuses = [OK]
        self.refusals: Counter[str] = Counter()


class Together:
    """The conditions of many benefits in one loop; a row of which one condition is refused stays open."""

    def __init__(self, judges: Judges, benefits: list[Benefit]) -> None:
        self.benefits, self.claimed_in = benefits, benefits[0].claimed_in
        self.rules = tuple(dict.fromkeys(rule for benefit in benefits for rule in conditions(benefit)))
        self.kernel = judges.law.kernel(self.rules, judges.claim_schema(self.claimed_in))
        self.kernel.compile()

    @staticmethod
    def of(judges: Judges, benefits: list[Benefit]) -> Together | None:
        """The loop, or None where a column's name means different things to them: then each is judged alone."""
        try:
            return Together(judges, benefits) if benefits else None
        except BookError:
            return None

    def __call__(self, batch: pa.RecordBatch, found: Mapping[str, Found], first_row: int) -> NDArray[np.bool_]:
        """Fills in what was judged; the rows that stay open."""
        result, _ = self.kernel.run_batch(batch, first_row)
        refused = _status(result) != OK_CODE
        at = np.flatnonzero(~refused)
        values = {rule: _whole(column)[at] for rule, column in zip(self.rules, result.columns, strict=False)}
        for benefit in self.benefits:
            _fulfil(benefit, found[benefit.id], [values[rule] for rule in conditions(benefit)], at)
        return refused


def conditions(benefit: Benefit) -> tuple[str, ...]:
    """The rules that decide: of eligibility, or where there are none, of the amount."""
    return benefit.entitled or (benefit.amount,)


def _fulfil(benefit: Benefit, found: Found, values: list[NDArray[np.int64]], at: NDArray[np.int64]) -> None:
    """Writes who of the rows ``at`` is due, and their amounts if these decided."""
    found.due[at] = np.logical_and.reduce([value > 0 for value in values])
    if not benefit.entitled:
        found.amounts[at] = values[0]


class Alone:
    """One benefit by itself: its conditions for the rows left open, its amount for those entitled."""

    def __init__(self, judges: Judges, benefit: Benefit, given: Inputs) -> None:
        self.judges, self.benefit, self.given = judges, benefit, given
        schema = judges.claim_schema(benefit.claimed_in)
        self.conditions = judges.law.kernel(conditions(benefit), schema)
        paid = bool(benefit.entitled and benefit.amount)
        self.amount = judges.law.kernel((benefit.amount,), schema) if paid else None

    @cached_property
    def reads(self) -> set[str]:
        """The columns of the file that are needed."""
        kernels = [k for k in (self.conditions, self.amount) if k is not None]
        drawn = self.given.headings.get(self.benefit.drawn)
        return {name for kernel in kernels for name in kernel.reads} | ({drawn} if drawn else set())

    def judge(self, batch: pa.RecordBatch, open_rows: NDArray[np.bool_], found: Found, first_row: int) -> None:
        """The rows that the common loop left open."""
        at = np.flatnonzero(open_rows)
        if not len(at):
            return
        result, report = self.conditions.run_batch(_taken(batch, self.conditions, at), first_row)
        good = _status(result) == OK_CODE
        values = [_whole(column)[good] for column in result.columns[: len(conditions(self.benefit))]]
        _fulfil(self.benefit, found, values, at[good])
        found.refusals.update(report.reasons)

    def pay(self, batch: pa.RecordBatch, found: Found, first_row: int) -> None:
        """The amounts of those who fulfil the conditions; an amount of 0 is no claim."""
        if self.amount is None:
            return
        at = np.flatnonzero(found.due)
        if not len(at):
            return
        result, _ = self.amount.run_batch(_taken(batch, self.amount, at), first_row)
        status = _status(result)
        good = status == OK_CODE
        found.amounts[at] = _whole(result.columns[0])
        found.unknown[at] = ~good
        found.status[at] = status
        found.statuses = result.column(result.num_columns - 1).dictionary.to_pylist()
        found.due[at] = ~good | (found.amounts[at] > 0)

    def drawn(self, batch: pa.RecordBatch, first_row: int) -> NDArray[np.bool_] | None:
        """Who draws the benefit, by the column of its own or by the fact that shows it; None where no column tells."""
        own = f"{DRAWN}{self.benefit.id}"
        if own in batch.schema.names:
            return _flags(batch.column(own), own)
        if self.benefit.drawn not in self.given.headings:
            return None
        return np.asarray(self.given.read(batch, self.benefit.drawn, first_row) > 0)


OK_CODE = 0


def _status(result: pa.RecordBatch) -> NDArray[np.int16]:
    return np.asarray(result.column(result.num_columns - 1).indices)


def _whole(column: pa.Array) -> NDArray[np.int64]:
    """A result's column as integers, 0 where it is null."""
    filled = pc.fill_null(column, False if pa.types.is_boolean(column.type) else 0)
    return np.asarray(filled.cast(pa.int64()))


def _taken(batch: pa.RecordBatch, kernel: Kernel, at: NDArray[np.int64]) -> pa.RecordBatch:
    """The columns that a kernel reads, of these rows."""
    names = [name for name in batch.schema.names if name in kernel.reads] or batch.schema.names[:1]
    few = batch.select(names)
    return few if len(at) == batch.num_rows else few.take(pa.array(at))


def _flags(column: pa.Array, name: str) -> NDArray[np.bool_]:
    """A column of yes and no, or of amounts that are more than 0; empty is no."""
    if pa.types.is_string(column.type):
        texts = pc.utf8_lower(column)
        if not pc.all(pc.is_in(texts, pa.array(["", "true", "false", "yes", "no", "1", "0", "是", "否"]))).as_py():
            raise BookError(f"column {name!r} holds texts other than yes and no")
        column = pc.is_in(texts, pa.array(["true", "yes", "1", "是"]))
    if not (pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)):
        raise BookError(f"column {name!r} is {column.type}; it says yes or no, or an amount")
    return _whole(column) > 0
