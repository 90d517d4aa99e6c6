"""Machine code of kernels, made once and kept on disk where no stale one can ever be met.

A kernel is kept under the hash of its text, its argument types, the versions of this compiler and of
LLVM, and the processor with its features; the file carries its own checksum. The folder is the user's
own; one that others may write to is refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shebao.engine.errors import BookError
from shebao.engine.machine import assembly

Machine = Callable[..., None]

_LOADED: dict[str, Machine] = {}


def cache_folder() -> Path | None:
    """Where kernels are kept: ``SHEBAO_CACHE_DIR``, else the user's cache folder; None if neither can be written."""
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


def _target() -> Any:
    """A description of this processor; an engine owns and frees the one it is given."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3, reloc="pic", jit=True
    )


def fingerprint(source: str, types: tuple[str, ...]) -> str:
    """The name under which a kernel is kept."""
    import llvmlite
    import llvmlite.binding as llvm

    parts = [source, *types, llvmlite.__version__, str(llvm.llvm_version_info), _compiler_version()]
    parts += [llvm.get_default_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@functools.cache
def _compiler_version() -> str:
    """A changed compiler must not meet the code of the one before it."""
    texts = [Path(str(f)).read_bytes() for f in (assembly.__code__.co_filename, __file__)]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def compiled(source: str, types: tuple[str, ...]) -> Machine:
    """The machine code of a kernel's text for arguments of these types (see :func:`assembly`).

    Called with integers and contiguous arrays of those types; releases the GIL while it runs.
    """
    name = fingerprint(source, types)
    found = _LOADED.get(name)
    if found is None:
        found = _LOADED[name] = _load(_object_code(name, source, types), types)
    return found


def _object_code(name: str, source: str, types: tuple[str, ...]) -> bytes:
    folder = cache_folder()
    file = folder / f"{name}.o" if folder else None
    kept = _read(file) if file else None
    if kept is None:
        kept = _make(source, types)
        if file:
            with contextlib.suppress(OSError):  # a full disk costs the next process a second, not this one its result
                _write(file, kept)
    return kept


def _read(file: Path) -> bytes | None:
    """A kept kernel whose checksum holds, or None."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content[32:] if hashlib.sha256(content[32:]).digest() == content[:32] else None


def _write(file: Path, code: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(hashlib.sha256(code).digest() + code)
        Path(temporary).replace(file)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _make(source: str, types: tuple[str, ...]) -> bytes:
    import llvmlite.binding as llvm

    machine = _target()
    module = llvm.parse_assembly(assembly(source, types))
    module.triple = llvm.get_default_triple()
    module.data_layout = str(machine.target_data)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    return code


def _load(code: bytes, types: tuple[str, ...]) -> Machine:
    import llvmlite.binding as llvm

    empty = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(empty, _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address("kernel"))
    frame = ctypes.c_int64 * len(types)

    def run(*args: Any) -> None:
        call(frame(*(a if kind == "int" else a.ctypes.data for a, kind in zip(args, types, strict=True))))

    run.__dict__["engine"] = engine  # the code lives as long as its engine
    return run
