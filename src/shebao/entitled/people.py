"""The same over a whole population: who is entitled, and to what they have not laid claim (政策找人).

The benefits of a scheme are judged in one compiled pass (:mod:`shebao.entitled.passes`) over those of whom a fact is
given that makes one of them a question. People come in batches, and each batch goes out as one row for each claim.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.batch import files
from shebao.batch.compute import in_order, located
from shebao.batch.fresh import fresh_file
from shebao.engine.book import MONTH, Fact
from shebao.engine.columns import Inputs
from shebao.engine.errors import BookError
from shebao.engine.history import history_name
from shebao.engine.reading import Reading
from shebao.engine.rulebook import Law
from shebao.engine.units import show_month
from shebao.entitled.catalogue import Benefit, Catalogue, load_catalogue
from shebao.entitled.exclusive import NONE, Loss, resolve
from shebao.entitled.passes import DUE, UNKNOWN, Pass

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[int, "int | None"], None]
CODED = pa.dictionary(pa.int16(), pa.string())
AT_ONCE = 65_536  # people judged together: what they need stays near the processor
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
    """Pieces of the batches, each with the number of rows before it."""
    first = 0
    for batch in batches:
        for start in range(0, batch.num_rows, AT_ONCE):
            yield batch.slice(start, AT_ONCE), first + start
        first += batch.num_rows


# -- the judges of a schema ------------------------------------------------------------------------


class Judges:
    """The compiled passes of all benefits that a schema allows. Called with a batch, the claims of its people."""

    def __init__(
        self, law: Law, catalogue: Catalogue, schema: pa.Schema, region: int | None = None, keep: tuple[str, ...] = ()
    ) -> None:
        _check_kept(schema, keep)
        if region is not None and REGION not in schema.names:
            raise BookError(f"the table has no column {REGION!r} to choose a province by")
        self.law, self.catalogue, self.source, self.region, self.keep = law, catalogue, schema, region, keep
        self.shared = _shared_columns(catalogue, schema)
        self.lacking: dict[str, str] = {}
        self.groups: list[Group] = []
        for claimed_in in dict.fromkeys(benefit.claimed_in for benefit in catalogue.benefits.values()):
            self._add(claimed_in)
        judged = {benefit.id: benefit for group in self.groups for benefit in group.benefits}
        self.benefits = [judged[name] for name in catalogue.benefits if name in judged]
        self.numbers = {benefit.id: k for k, benefit in enumerate(self.benefits)}
        self.statuses = list(dict.fromkeys(text for group in self.groups for text in group.judges.reasons)) or [OK]
        self.headings = self.groups[0].judges.inputs.headings if self.groups else {}
        self.deducted = {e.unless for e in catalogue.exclusions if e.unless in self.headings}
        self.columns = self._columns()
        self.schema = self._schema()

    def _add(self, claimed_in: str) -> None:
        """The passes of the benefits that are claimed in such a month, a pass for each scheme."""
        rules = tuple(rule for benefit in self.catalogue.benefits.values() for rule in benefit.rules)
        inputs = Inputs(self.law.book, rules, self._claim_schema(claimed_in))
        _check_names(inputs)
        by_room: dict[str, list[Benefit]] = {}
        for benefit in self.catalogue.benefits.values():
            if benefit.claimed_in == claimed_in:
                if lacks := _lacks(self.law, benefit, inputs):
                    self.lacking[benefit.id] = lacks
                else:
                    by_room.setdefault(benefit.room, []).append(benefit)
        self.groups += [Group(claimed_in, Pass(self.law, found, inputs)) for found in by_room.values()]

    def _columns(self) -> tuple[str, ...]:
        """The columns of the file that are read."""
        needed = {name for group in self.groups for name in group.reads} | {*self.keep, REGION, *self.shared.values()}
        needed |= {f"{DRAWN}{benefit.id}" for benefit in self.benefits} | {self.headings[n] for n in self.deducted}
        return tuple(name for name in self.source.names if name in needed) or tuple(self.source.names[:1])

    def _schema(self) -> pa.Schema:
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

    # -- what is read --------------------------------------------------------------------------------
    def _claim_schema(self, claimed_in: str) -> pa.Schema:
        """The schema with the month of the claim where the law asks for it, and with what schemes share."""
        fields = [field for field in self.source if field.name not in self.shared.values() or "." in field.name]
        fields += [self.source.field(column).with_name(name) for name, column in self.shared.items()]
        if claimed_in and claimed_in not in self.source.names:
            fields.append(pa.field(claimed_in, pa.int32()))
        return pa.schema(fields)

    def _claiming(self, batch: pa.RecordBatch, claimed_in: str) -> pa.RecordBatch:
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

    # -- one batch -----------------------------------------------------------------------------------
    def __call__(self, batch: pa.RecordBatch, first_row: int = 0) -> tuple[pa.RecordBatch, PeopleReport]:
        """The claims of one batch, and their sums."""
        rows = np.arange(first_row + 1, first_row + batch.num_rows + 1)
        if self.region is not None:
            chosen = _codes(batch) == self.region
            batch, rows = batch.filter(pa.array(chosen)), rows[chosen]
        for name, column in self.shared.items():
            batch = batch.append_column(name, batch.column(column))
        report, found = PeopleReport(batch.num_rows), dict[str, Found]()
        for claimed_in in dict.fromkeys(group.claimed_in for group in self.groups):
            claiming = self._claiming(batch, claimed_in)
            for group in self.groups:
                if group.claimed_in == claimed_in:
                    found |= group.judge(claiming, first_row, self.statuses)
        found = {name: found[name] for name in self.numbers if name in found}
        for name, each in found.items():
            each.drawn = self._drawn(batch, name, each.at, first_row)
            if each.refusals:
                report.not_judged[name] = each.refusals
        losses = self._losses(batch, found, first_row)
        places = _codes(batch) if REGION in self.source.names else None
        report.sums = {benefit.id: Sum() for benefit in self.benefits}
        for name, each in found.items():
            _count(report, name, each, losses.get(name), places)
        return self._output(batch, rows, found, losses), report

    def _drawn(self, batch: pa.RecordBatch, name: str, at: NDArray[np.int64], first_row: int) -> NDArray[np.int8]:
        """Who of some draws a benefit, by the column of its own or by the fact that shows it; -1 where none tells."""
        own, fact = f"{DRAWN}{name}", self.benefits[self.numbers[name]].drawn
        if own in batch.schema.names:
            return _flags(batch.column(own).take(pa.array(at)), own).astype(np.int8)
        if fact not in self.headings:
            return np.full(len(at), -1, dtype=np.int8)
        told = self._read(batch, fact, first_row)[at]
        return np.where(told == np.iinfo(told.dtype).min, -1, told > 0).astype(np.int8)

    def _read(self, batch: pa.RecordBatch, fact: str, first_row: int) -> NDArray[Any]:
        """A fact of everybody as integers; the least of their type where the cell is empty."""
        return self.groups[0].judges.inputs.read(batch, fact, first_row)

    def _losses(self, batch: pa.RecordBatch, found: Mapping[str, Found], first_row: int) -> dict[str, Loss]:
        """What of the claims gives way to another, of the benefits that any exclusion names."""
        rows = batch.num_rows
        named = {name for exclusion in self.catalogue.exclusions for name in exclusion.benefits}
        due, amounts, held = dict[str, Any](), dict[str, Any](), dict[str, Any]()
        for name, each in found.items():
            if name in named and len(each.at):
                due[name] = _spread(each.at, np.True_, rows, np.bool_)
                amounts[name] = _spread(each.at, each.amounts, rows, np.int64)
                held[name] = _spread(each.at, each.drawn == 1, rows, np.bool_)
        deducted = {fact: self._read(batch, fact, first_row) > 0 for fact in self.deducted}
        losses = resolve(self.catalogue.exclusions, due, amounts, held, deducted)
        return {name: loss.of(found[name].at) for name, loss in losses.items()}

    def _output(
        self,
        batch: pa.RecordBatch,
        rows: NDArray[np.int64],
        found: Mapping[str, Found],
        losses: Mapping[str, Loss],
    ) -> pa.RecordBatch:
        """One row for each claim, in the order of the people."""
        at = _joined([each.at for each in found.values()], np.int64)
        order = np.argsort(at, kind="stable")
        people = at[order]

        def column(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
            return _joined(parts, kind)[order]

        number = column([np.full(len(f.at), self.numbers[name]) for name, f in found.items()], np.int16)
        instead = column([self._kept_instead(losses.get(name), len(f.at)) for name, f in found.items()], np.int16)
        drawn = column([f.drawn for f in found.values()], np.int8)
        kinds = sorted({benefit.paid for benefit in self.benefits})
        paid = np.array([kinds.index(benefit.paid) for benefit in self.benefits], dtype=np.int16)
        columns = {
            "row": pa.array(rows[people]),
            "benefit": _coded(number, list(self.numbers)),
            "paid": _coded(paid[number], kinds),
            "amount": pa.array(
                column([f.amounts for f in found.values()], np.int64),
                mask=column([f.unknown for f in found.values()], np.bool_),
            ),
            "drawn": pa.array(drawn == 1, mask=drawn < 0),
            "gives_way_to": _coded(instead, list(self.numbers)),
            "status": _coded(column([f.status for f in found.values()], np.int16), self.statuses),
        }
        columns |= {name: batch.column(name).take(pa.array(people)) for name in self.keep}
        return pa.RecordBatch.from_arrays([columns[name] for name in self.schema.names], schema=self.schema)

    def _kept_instead(self, loss: Loss | None, rows: int) -> NDArray[np.int16]:
        """The number of the benefit that is kept in place of one; -1 for none."""
        numbers = np.full(rows, -1, dtype=np.int16)
        for at in np.unique(loss.exclusion[loss.exclusion != NONE]) if loss is not None else ():
            names = self.catalogue.exclusions[at].benefits
            places = np.array([self.numbers.get(name, -1) for name in names], dtype=np.int16)
            mine = loss.exclusion == at  # type: ignore[union-attr]
            numbers[mine] = places[loss.kept[mine]]  # type: ignore[union-attr]
        return numbers


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=kind), *parts]).astype(kind, copy=False)


def _spread(at: NDArray[np.int64], values: Any, rows: int, kind: type[np.generic]) -> NDArray[Any]:
    """Values at some places of a column that is 0 elsewhere."""
    whole = np.zeros(rows, dtype=kind)
    whole[at] = values
    return whole


def _coded(numbers: NDArray[np.int16], texts: list[str]) -> pa.DictionaryArray:
    """Numbers as the texts they stand for; null for -1."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers, mask=numbers < 0), pa.array(texts, pa.string()))


# -- what a schema allows --------------------------------------------------------------------------


def _shared_columns(catalogue: Catalogue, schema: pa.Schema) -> dict[str, str]:
    """Facts that several schemes ask alike, and the one column that answers them all."""
    found: dict[str, str] = {}
    for group in catalogue.same:
        given = [name for name in schema.names if name in group or name in {n.rpartition(".")[2] for n in group}]
        if len(given) == 1:
            found |= {name: given[0] for name in group if name not in given}
    return found


def _check_names(inputs: Inputs) -> None:
    """``BookError`` for a column whose name means several facts: it is not known which it gives."""
    for name in inputs.ignored:
        meant = [fact.full_name for fact in inputs.book.facts() if fact.name == name and not fact.over]
        if len(meant) > 1:
            raise BookError(f"column {name!r} stands for {' or '.join(meant)}; write the full name")


def _lacks(law: Law, benefit: Benefit, inputs: Inputs) -> str:
    """Why the columns do not allow a benefit to be judged; empty if they do."""
    if not benefit.is_asked({*inputs.columns, *inputs.histories}):
        besides = f" and {' or '.join(benefit.besides)}" if benefit.besides else ""
        return f"the table lacks {' or '.join(benefit.when)}{besides}"
    asked = Reading(law.book, law.month, conditions(benefit), inputs.columns, inputs.histories)
    try:
        inputs.check_used(asked)  # type: ignore[arg-type]
    except BookError as error:
        return str(error)
    missing = sorted({_needed(asked, name) for name in asked.always} - {""})
    return f"the table lacks {', '.join(missing)}" if missing else ""


def _needed(asked: Reading, name: str) -> str:
    """The fact or history that must be given for a node; empty if none must, or it is."""
    if name.startswith("fold:"):
        history = history_name(asked.book, asked.fold_states(name)[0])
        return "" if history in asked.histories else history
    node = asked.book.nodes.get(name)
    absent = isinstance(node, Fact) and node.presumed is None and name != MONTH and not asked.is_given(name)
    return name if absent else ""


def conditions(benefit: Benefit) -> tuple[str, ...]:
    """The rules that decide: of eligibility, or where there are none, of the amount."""
    return benefit.entitled or (benefit.amount,)


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


# -- one batch -------------------------------------------------------------------------------------


@dataclass
class Found:
    """The claims to one benefit in a batch: whose (``at``, in order), how much, and what is not known.

    ``unknown``: the amount is not known, or the benefit is a service. ``refusals``: why others were not judged.
    """

    at: NDArray[np.int64]
    amounts: NDArray[np.int64]
    unknown: NDArray[np.bool_]
    status: NDArray[np.int16]  # of the amount; positions in the judges' statuses
    refusals: Counter[str]
    drawn: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))


class Group:
    """The benefits of a scheme that are claimed in one month, and their pass."""

    def __init__(self, claimed_in: str, judges: Pass) -> None:
        self.claimed_in, self.judges, self.benefits = claimed_in, judges, judges.benefits
        judges.compile()
        headings = judges.inputs.headings
        self.asks = judges.reads
        self.reads = self.asks | {headings[b.drawn] for b in self.benefits if b.drawn in headings}
        self.when = {headings[name] for b in self.benefits for name in b.when if name in headings}

    def judge(self, batch: pa.RecordBatch, first_row: int, statuses: list[str]) -> dict[str, Found]:
        """What is due to the people of a batch, by benefit."""
        at = self._asked(batch)
        if not len(at):
            return {}
        few = batch.select([name for name in batch.schema.names if name in self.asks])
        few = few if len(at) == batch.num_rows else few.take(pa.array(at))
        verdicts, amounts = self.judges.judge(few, first_row)
        reasons = self.judges.reasons
        places = np.array([statuses.index(text) for text in reasons], dtype=np.int16)
        return {
            benefit.id: _found(verdict, amounts.get(benefit.id), at, reasons, places)
            for benefit, verdict in zip(self.benefits, verdicts, strict=True)
        }

    def _asked(self, batch: pa.RecordBatch) -> NDArray[np.int64]:
        """The rows that give any of the facts that make one of these benefits a question."""
        asked = np.zeros(batch.num_rows, dtype=np.bool_)
        for name in self.when:
            column = batch.column(name)
            given = pc.not_equal(column, "") if pa.types.is_string(column.type) else column.is_valid()
            asked |= np.asarray(given.fill_null(False))
        return np.flatnonzero(asked)


def _found(
    verdict: NDArray[np.int16],
    amounts: NDArray[np.int64] | None,
    at: NDArray[np.int64],
    reasons: list[str],
    places: NDArray[np.int16],
) -> Found:
    """The claims among the verdicts on one benefit; ``at``: which rows of the batch they are on."""
    mine = np.flatnonzero(verdict > 0)
    due = verdict[mine]
    refused = np.bincount(-verdict[verdict < 0], minlength=1)
    why = Counter({reasons[number]: int(refused[number]) for number in np.flatnonzero(refused)})
    unknown = (due > DUE) | (amounts is None)
    fen = np.where(unknown, 0, amounts[mine]) if amounts is not None else np.zeros(len(mine), dtype=np.int64)
    status = places[np.where(due > DUE, due - UNKNOWN, 0)]
    return Found(at[mine], fen, unknown, status, why)


def _count(report: PeopleReport, name: str, found: Found, loss: Loss | None, places: NDArray[np.int64] | None) -> None:
    """Adds the claims to one benefit to the sums, of all and by province."""
    if not len(found.at):
        return
    kept = np.ones(len(found.at), dtype=np.bool_) if loss is None else loss.exclusion == NONE
    drawn, not_drawn = kept & (found.drawn == 1), kept & (found.drawn == 0)
    lacks = kept & found.unknown & (found.status != 0)
    figures = np.stack(
        [kept, found.amounts * kept, lacks, drawn, not_drawn, found.amounts * not_drawn, ~kept]
    )  # as in ``Sum``
    report.sums[name] = Sum(*figures.sum(axis=1).tolist())
    if places is not None:
        codes = places[found.at]
        order = np.argsort(codes, kind="stable")
        provinces, starts = np.unique(codes[order], return_index=True)
        for code, sums in zip(provinces, np.add.reduceat(figures[:, order], starts, axis=1).T, strict=True):
            report.by_region[name, int(code)] = Sum(*sums.tolist())


def _flags(column: pa.Array, name: str) -> NDArray[np.bool_]:
    """A column of yes and no, or of amounts that are more than 0; empty is no."""
    if pa.types.is_string(column.type):
        texts = pc.utf8_lower(column)
        if not pc.all(pc.is_in(texts, pa.array(["", "true", "false", "yes", "no", "1", "0", "是", "否"]))).as_py():
            raise BookError(f"column {name!r} holds texts other than yes and no")
        column = pc.is_in(texts, pa.array(["true", "yes", "1", "是"]))
    if not (pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)):
        raise BookError(f"column {name!r} is {column.type}; it says yes or no, or an amount")
    filled = pc.fill_null(column, False if pa.types.is_boolean(column.type) else 0)
    return np.asarray(filled.cast(pa.int64())) > 0
