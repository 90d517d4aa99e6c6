"""Compiling a kernel's text, and keeping it on disk where no stale one can ever be met.

A kernel's file is named by the hash of its text, its argument types, the versions of Python, Numba,
LLVM and NumPy, and the processor with its features. Numba's own cache lives beside that file. The
folder is the user's own; a folder that others may write is refused.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from shebao.engine.errors import BookError

_LOADED: dict[str, Callable[..., None]] = {}


def cache_folder() -> Path | None:
    """Where kernels are kept (``SHEBAO_CACHE_DIR``, else the user's cache folder); None if it cannot be used."""
    base = os.environ.get("SHEBAO_CACHE_DIR")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shebao"
    folder = root / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        info = folder.stat()
    except OSError:
        return None
    if info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o022:
        raise BookError("the kernel cache can be written by others; chmod go-w it or set SHEBAO_CACHE_DIR", str(folder))
    return folder if os.access(folder, os.W_OK) else None


def fingerprint(source: str, types: tuple[str, ...]) -> str:
    """The name under which a kernel is kept."""
    import llvmlite
    import llvmlite.binding as llvm
    import numba
    import numpy

    parts = [source, *types, sys.version, numba.__version__, llvmlite.__version__, numpy.__version__]
    parts += [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), str(sys.maxsize)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def compiled(source: str, types: tuple[str, ...]) -> Callable[..., None]:
    """The machine code of a kernel's text for arguments of these types (NumPy type names; ``!`` = written to)."""
    name = f"kernel_{fingerprint(source, types)}"
    found = _LOADED.get(name)
    if found is None:
        found = _LOADED[name] = _compile(name, source, types)
    return found


def _compile(name: str, source: str, types: tuple[str, ...]) -> Callable[..., None]:
    folder = cache_folder()
    keep = folder is not None
    file = (folder or Path(tempfile.mkdtemp(prefix="shebao-"))) / name / f"{name}.py"
    _write(file, source)
    try:
        return _jit(file, name, types, keep)
    except Exception:
        if not keep:
            raise
        shutil.rmtree(file.parent, ignore_errors=True)  # a damaged cache entry is made anew
        _write(file, source)
        return _jit(file, name, types, keep)


def _write(file: Path, source: str) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    if file.is_file() and file.read_text(encoding="utf-8") == source:
        return
    handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(source)
    Path(temporary).replace(file)


def _jit(file: Path, name: str, types: tuple[str, ...], keep: bool) -> Callable[..., None]:
    import numba

    module = _module(file, name)
    signature = numba.void(*(_type(t) for t in types))
    made: Callable[..., None] = numba.njit(signature, nogil=True, cache=keep, error_model="numpy")(module.kernel)
    return made


def _module(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _type(text: str) -> Any:
    import numba

    if text == "int":
        return numba.int64
    base = getattr(numba, text.rstrip("!"))
    return numba.types.Array(base, 1, "C", readonly=not text.endswith("!"))
