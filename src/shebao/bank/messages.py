"""What all messages share: amounts as text, text as a bank accepts it, and reading XML that nobody vouches for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
CURRENCY = "CNY"
MAX_FEN = 10**15  # no single amount of a message is larger: ten trillion yuan, and sums stay inside int64
HEAD = 1 << 16  # bytes in which the root element must begin
CHUNK = 1 << 18

_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
_FORBIDDEN = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")

Leaves = dict[str, str]


class BankFileError(ValueError):
    """A message that is not written or not believed: the whole file is refused.

    ``where`` names the line, entry or element; the text is Chinese and English.
    """

    def __init__(self, where: str, chinese: str, english: str) -> None:
        self.where = where
        super().__init__(f"{where}: {chinese} / {english}")


def yuan_text(fen: int) -> str:
    """A non-negative amount in fen as the message writes it: ``"12.05"``."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen_of(text: str | None, where: str) -> int:
    """The fen of an amount as a message has it; more than two decimals, signs and exponents are refused."""
    if text is None or not _AMOUNT.fullmatch(text):
        raise BankFileError(where, f"金额无效：{text!r}", f"not an amount of at most two decimals: {text!r}")
    whole, _, part = text.partition(".")
    fen = int(whole) * 100 + int(part.ljust(2, "0"))
    if fen > MAX_FEN:
        raise BankFileError(where, f"金额过大：{text}", f"amount too large: {text}")
    return fen


def fault(value: str | None, limit: int) -> tuple[str, str] | None:
    """Why a text cannot stand in a message, in Chinese and English; None if it can.

    Forbidden are what XML 1.0 forbids, tabs and line ends (they would not arrive as sent), and blanks at either end.
    """
    if not value:
        return "不能为空", "must not be empty"
    if found := _FORBIDDEN.search(value):
        return f"含非法字符 U+{ord(found[0]):04X}", f"has the illegal character U+{ord(found[0]):04X}"
    if value[0] == " " or value[-1] == " ":
        return "首尾不能有空格", "must not begin or end with a blank"
    if len(value) > limit:
        return f"超过 {limit} 个字符", f"is longer than {limit} characters"
    return None


def checked(value: str | None, limit: int, where: str) -> str:
    """The text, escaped for XML; refused as :func:`fault` says."""
    if wrong := fault(value, limit):
        raise BankFileError(where, f"{value!r} {wrong[0]}", f"{value!r} {wrong[1]}")
    assert value is not None
    return escape(value)


def element(tag: str, value: str | None, limit: int, where: str) -> str:
    """``<tag>value</tag>``, or nothing for None."""
    return "" if value is None else f"<{tag}>{checked(value, limit, where)}</{tag}>"


def read(
    stream: BinaryIO, versions: dict[str, range], tags: Sequence[str], take: Callable[[str, etree._Element], None]
) -> tuple[str, etree._Element]:
    """Read a message element by element; returns its name and what was not taken.

    ``versions``: the messages expected with their versions (``{"camt.053.001": range(2, 15)}``). ``take(tag,
    element)`` is called at the end of each element of ``tags`` and must have seen all it needs: the element is
    emptied afterwards, so memory does not grow with the file. Document types and entities, other encodings than
    UTF-8, other roots and XML that is broken or breaks off are refused with :class:`BankFileError`.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=["{*}Document", *(f"{{*}}{tag}" for tag in tags)],
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    message, root = "", None
    try:
        for chunk in _chunks(stream):
            parser.feed(chunk)
            for event, found in parser.read_events():
                if root is None:
                    root, message = found, _message(found, versions)
                elif event == "end" and found is not root:
                    take(_local(found, root), found)
                    _forget(found)
            if root is None:
                raise BankFileError("Document", "不是 ISO 20022 报文", "the file begins as no ISO 20022 message")
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BankFileError(
            f"line {error.lineno}", f"XML 不完整或有误：{error.msg}", f"the XML is broken or breaks off: {error.msg}"
        ) from None
    assert root is not None
    return message, root


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    head = b""
    while len(head) < HEAD and (more := stream.read(HEAD - len(head))):
        head += more
    if not head.strip():
        raise BankFileError("Document", "文件为空", "the file is empty")
    if b"<!DOCTYPE" in head:  # before the parser sees it; a later one is no XML and fails as such
        raise BankFileError("DOCTYPE", "不接受文档类型定义和实体", "document types and entities are not accepted")
    yield head
    while chunk := stream.read(CHUNK):
        yield chunk


def _message(root: etree._Element, versions: dict[str, range]) -> str:
    name = etree.QName(root)
    message, _, version = (name.namespace or "").removeprefix(NAMESPACE).rpartition(".")
    if root.getparent() is not None or not re.fullmatch("[0-9]{2}", version) or message not in versions:
        expected = ", ".join(versions)
        raise BankFileError("Document", f"不是 {expected} 报文：{root.tag}", f"not a {expected} message: {root.tag}")
    if int(version) not in versions[message]:
        raise BankFileError("Document", f"不支持的版本 {version}", f"version {version} of {message} is not supported")
    return f"{message}.{version}"


def _local(found: etree._Element, root: etree._Element) -> str:
    """The element's path below the root without its namespace; a foreign one stays visible and matches nothing."""
    space = _space(root)
    path = [found.tag, *(above.tag for above in found.iterancestors())]
    return "/".join(tag.removeprefix(space) for tag in reversed(path[:-1]))


def _forget(found: etree._Element) -> None:
    # The element itself must stay, the parser still hangs its next sibling on it; its predecessor may go.
    found.clear()
    before, above = found.getprevious(), found.getparent()
    if before is not None and before.tag == found.tag:
        above.remove(before)


def leaves(found: etree._Element, but: str = "") -> Leaves:
    """All texts below an element by path (``"RltdPties/Dbtr/Nm"``), currencies as ``path@Ccy``.

    A path that occurs several times has its texts joined by a blank; empty texts are left out. What is inside an
    element named ``but`` is not looked at.
    """
    texts: Leaves = {}
    _gather(found, "", _space(found), texts, but)
    return texts


def _space(found: etree._Element) -> str:
    return str(found.tag[: found.tag.find("}") + 1])


def _gather(found: etree._Element, above: str, space: str, texts: Leaves, but: str) -> None:
    for child in found:
        name = child.tag.removeprefix(space)
        path = above + name
        if len(child):
            if name != but:
                _gather(child, f"{path}/", space, texts, but)
        elif text := (child.text or "").strip(" \t\r\n"):
            texts[path] = f"{texts[path]} {text}" if path in texts else text
            if currency := child.get("Ccy"):
                texts[f"{path}@Ccy"] = currency


def first(texts: Leaves, *paths: str) -> str | None:
    """The text at the first path that has one: versions of a message differ in where they put it."""
    for path in paths:
        if path in texts:
            return texts[path]
    return None


def needed(texts: Leaves, where: str, *paths: str) -> str:
    """As :func:`first`, but its absence refuses the file."""
    value = first(texts, *paths)
    if value is None:
        raise BankFileError(where, f"缺少 {paths[0]}", f"{paths[0]} is missing")
    return value
