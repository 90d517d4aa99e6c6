"""Files that nobody vouches for: each is read whole or refused, with a place and a reason."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from bankfiles import payment_file, transfer
from hypothesis import given
from hypothesis import strategies as st

from shebao.bank import BankFileError, read_statement, read_status
from shebao.bank.simulate import Bank

AT = datetime(2025, 3, 15, 18)
READERS = [read_status, read_statement]


@pytest.fixture(scope="module")
def answers() -> dict[Callable, bytes]:
    bank = Bank("4400000000000001", 10**9)
    report = bank.pay(payment_file([transfer(1), transfer(2)]), AT)
    return {read_status: report, read_statement: bank.statement(AT)}


LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://localhost/x"> %b;]>'


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", [LAUGHS, OUTSIDE, b"<!DOCTYPE Document>", b" " * 70_000 + b"<!DOCTYPE Document>"])
def test_document_types_are_refused(reader: Callable, kind: bytes, answers: dict[Callable, bytes]) -> None:
    declaration, rest = answers[reader].split(b"\n", 1)
    for head in (declaration + b"\n" + kind, kind.lstrip()):
        with pytest.raises(BankFileError):
            reader(io.BytesIO(head + rest.replace(b"44-2025-03-1", b"&a;")))


@pytest.mark.parametrize("reader", READERS)
def test_every_truncation_is_refused(reader: Callable, answers: dict[Callable, bytes]) -> None:
    data = answers[reader].rstrip()
    for length in range(0, len(data), 7):
        with pytest.raises(BankFileError):
            reader(io.BytesIO(data[:length]))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"PK\x03\x04",
        b"<html/>",
        b"<Document/>",
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.09"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.01"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.99"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"/>',
    ],
)
def test_other_files_are_refused(reader: Callable, data: bytes) -> None:
    with pytest.raises(BankFileError):
        reader(io.BytesIO(data))


@pytest.mark.parametrize("reader", READERS)
def test_a_message_inside_another_root_is_refused(reader: Callable, answers: dict[Callable, bytes]) -> None:
    rest = answers[reader].split(b"\n", 1)[1]
    with pytest.raises(BankFileError, match="Document"):
        reader(io.BytesIO(b"<wrap>" + rest + b"</wrap>"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_other_encodings_than_utf8_are_refused(reader: Callable, encoding: str, answers: dict[Callable, bytes]) -> None:
    text = answers[reader].decode().replace("UTF-8", encoding).replace("</Document>", "<!--养老--></Document>")
    with pytest.raises(BankFileError):
        reader(io.BytesIO(text.encode(encoding)))


@pytest.mark.parametrize("reader", READERS)
def test_bottomless_nesting_is_refused(reader: Callable, answers: dict[Callable, bytes]) -> None:
    head = answers[reader].split(b"<GrpHdr>")[0]
    with pytest.raises(BankFileError):
        reader(io.BytesIO(head + b"<a>" * 100_000))


@pytest.mark.parametrize("reader", READERS)
def test_comments_and_pretty_printing_do_not_matter(reader: Callable, answers: dict[Callable, bytes]) -> None:
    data = answers[reader]
    airy = data.replace(b"><", b">\n  <!-- <Ntry/> --><?x y?><")
    assert reader(io.BytesIO(airy)) == reader(io.BytesIO(data))


@pytest.mark.parametrize("reader", READERS)
@given(st.data())
def test_any_mutation_is_read_or_refused(reader: Callable, answers: dict[Callable, bytes], data: st.DataObject) -> None:
    file = bytearray(answers[reader])
    inserted = st.binary(max_size=8) | st.sampled_from([b"<Ntry>", b"</Ntry>", b"&", b"<TxDtls/>"])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(file) - 1))
        end = min(len(file), start + data.draw(st.integers(0, 30)))
        file[start:end] = data.draw(inserted)
    with suppress(BankFileError):  # whatever else comes out of the reader is a fault of ours
        reader(io.BytesIO(bytes(file)))
