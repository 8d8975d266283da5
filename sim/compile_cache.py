"""Machine code kept on disk, and nothing of it run that is not exactly what was written.

The folder is named by a hash of every source file that the code is made of. numba by itself
looks only at the file of the kernel: after a change of a rule in another file it would run the
old machine code in silence. It also unpickles and runs whatever a damaged file holds. Here a
file begins with the digest of the rest, and one that does not fit it counts as not there: it is
made anew. There is one file for each signature of a kernel and no index, and a file comes to
its place whole, so processes that compile at the same time only do the same work twice.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from sim.caches import cache_root
from sim.errors import note

ROOT = Path(__file__).parent  # of the package

# Every file that a kernel takes code, a constant, a column or the layout of a tuple from.
SOURCES = (
    "vocabulary.py",
    "bundles.py",
    "compiled.py",
    "compile_cache.py",
    "draws.py",
    "elementary.py",
    "distributions.py",
    "model",
    "scenario/arrays.py",
    "scenario/parts.py",
    "scenario/days.py",
    "scenario/drawn_days.py",
    "scenario/quantiles.py",
    "scenario/tables_by_day.py",
    "engine",
)
DIGEST = hashlib.sha256
DIGEST_SIZE = DIGEST().digest_size


def source_files(root: Path) -> Iterator[Path]:
    """The files that `SOURCES` names under `root`, the folder of the package, in order."""
    for source in SOURCES:
        place = root / source
        if place.is_dir():
            yield from sorted(place.rglob("*.py"))
        else:
            yield place


def source_hash(root: Path) -> str:
    """Hash of the sources that kernels compile, and of the versions that compile them.

    16 hexadecimal digits. Raises FileNotFoundError if a source is missing.
    """
    digest = DIGEST(f"{numba.__version__} {llvmlite.__version__}".encode())
    for file in source_files(root):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root).as_posix()} {len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


# taken when the code is loaded: a file that is changed later does not change what runs here
OWN_HASH = source_hash(ROOT)


def cache_folder() -> Path | None:
    """Where this version's machine code is kept; None if there is no place for it."""
    root = cache_root()
    return None if root is None else root / OWN_HASH


def is_kept(module: str, name: str) -> bool:
    """Whether machine code of a kernel is there, whole, for some signature."""
    folder = cache_folder()
    if folder is None:
        return False
    try:
        files = list(folder.glob(f"{module}.{name}-*.nbc"))
    except OSError:
        return False
    return any(read_checked(file) is not None for file in files)


def write_checked(file: Path, content: bytes) -> None:
    """Write `content` and its digest so that the file is there whole or not at all."""
    part = file.with_name(f"{file.name}.{uuid.uuid4().hex[:16]}.tmp")
    try:
        part.write_bytes(DIGEST(content).digest() + content)
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)  # nobody's: the name is a hash of ours
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def read_checked(file: Path) -> bytes | None:
    """What was written there; None if it is not there, or not exactly that."""
    try:
        content = file.read_bytes() if file.is_file() else b""
    except OSError:
        return None
    digest, content = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    return content if content and digest == DIGEST(content).digest() else None


class CheckedCache(NullCache):
    """What a compiled function asks for machine code before it compiles, and hands it to after."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        code = function.__code__
        self._code = f"{code.co_firstlineno} {DIGEST(code.co_code).hexdigest()}"

    @property
    def cache_path(self) -> str | None:
        """The folder, as numba's statistics name it."""
        folder = cache_folder()
        return None if folder is None else str(folder)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function, ready to run; None if it has to be compiled."""
        target_context.refresh()
        file = self._file(sig, target_context.codegen())
        content = None if file is None else read_checked(file)
        if content is None:
            return None
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(content))
        except Exception:  # whole, but of other versions of what it refers to
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function; where nothing can be written the user is told, and goes on."""
        if data.library.has_dynamic_globals or not all(loop.can_cache for loop in data.lifted):
            return  # holds addresses of this process
        file = self._file(sig, data.codegen)
        if file is None:
            _tell_not_kept("there is no home folder")
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_checked(file, dumps(data._reduce()))
        except OSError as error:
            _tell_not_kept(f"{file.parent}: {error.strerror or error}")

    def _file(self, sig: Any, codegen: Any) -> Path | None:
        """One for each function, signature and processor."""
        folder = cache_folder()
        if folder is None:
            return None
        key = repr((self._name, self._code, str(sig), codegen.magic_tuple()))
        name = self._name.replace("<", "").replace(">", "")
        return folder / f"{name}-{DIGEST(key.encode()).hexdigest()[:16]}.nbc"


def _tell_not_kept(reason: str) -> None:
    """Say once why the next command compiles again; workers leave that to who started them."""
    if multiprocessing.parent_process() is None:
        note(
            f"the compiled engine cannot be kept ({reason}), so every command compiles it anew,"
            " which takes about a minute; JOURNEYSIM_CACHE names another folder."
        )
