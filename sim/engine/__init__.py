"""The fast engine: the rules compiled over plain arrays.

The compiled code is kept in a cache folder named by a hash of every source file it is made
of. numba by itself looks only at the file of the kernel: after a change of a rule in another
file it would run the old machine code in silence.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import llvmlite
import numba

# Every file that a kernel takes code, a constant, a column or the layout of a tuple from.
SOURCES = (
    "vocabulary.py",
    "compiled.py",
    "draws.py",
    "scenario/arrays.py",
    "scenario/tables.py",
    "model",
    "records.py",
    "engine",
)


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
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    for file in source_files(root):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root).as_posix()} {len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where this version's machine code is kept; JOURNEYSIM_CACHE moves it.

    Where nothing can be written, a folder of this process's own: numba would otherwise
    fall back to folders that are not named by the hash.
    """
    base = os.environ.get("JOURNEYSIM_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    folder = root / "journeysim" / source_hash(Path(__file__).parent.parent)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="journeysim-"))
    return folder


# numba makes its settings when it is imported, out of the type checker's sight
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
