"""One person's facts from a file: JSON or YAML, every number as the text that stands there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shebao.engine.errors import BookError


def read_facts(file: str) -> dict[str, Any]:
    """The facts of one person from a JSON or YAML file, or from standard input (``-``).

    Numbers stay as written, so ``0.1`` is one tenth. ``BookError`` for what is no single person, or says a fact twice.
    """
    name = "standard input" if file == "-" else file
    text = sys.stdin.read() if file == "-" else _text(Path(file))
    looks_json = not file.endswith((".yaml", ".yml")) and text.lstrip().startswith(("{", "["))
    as_json = file.endswith(".json") or looks_json
    facts = _json(text, name) if as_json else _yaml(text, name)
    if not isinstance(facts, dict):
        kind = "a list" if isinstance(facts, list) else "nothing" if facts in (None, "") else "a single value"
        raise BookError(f'holds {kind}; one person is an object of facts: {{"region": 44, …}}', name)
    return facts


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BookError("is no UTF-8 text", str(path)) from None


def _json(text: str, name: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _check_once((key for key, _ in pairs), name)
        return dict(pairs)

    try:
        return json.loads(text, parse_float=str, parse_constant=str, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise BookError(f"is no JSON: {error}", name) from None


def _yaml(text: str, name: str) -> Any:
    import yaml

    try:
        tree = yaml.compose(text, yaml.BaseLoader)
        return None if tree is None else _plain(tree, name)
    except yaml.YAMLError as error:
        raise BookError(f"is no YAML: {' '.join(str(error).split())}", name) from None


def _plain(node: Any, name: str) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        _check_once((key.value for key, _ in node.value), name)
        return {key.value: _plain(value, name) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, name) for value in node.value]
    empty = node.style is None and node.value in ("", "~", "null")
    return None if empty else node.value


def _check_once(keys: Iterable[str], name: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BookError(f"gives {key!r} twice", name)
        seen.add(key)
