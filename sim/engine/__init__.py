"""The fast engine: the rules compiled over plain arrays.

The compiled code is kept in a cache folder named by a hash of every source file it is made
of. numba by itself looks only at the file of the kernel: after a change of a rule in another
file it would run the old machine code in silence.
"""

import hashlib
import os
from pathlib import Path

import numba

SOURCES = ("compiled.py", "draws.py", "vocabulary.py", "records.py", "model", "engine")


def source_hash(root: Path, extra: str = "") -> str:
    """Hash of the sources that kernels compile, and of the versions that compile them."""
    digest = hashlib.sha256((numba.__version__ + extra).encode())
    for part in SOURCES:
        place = root / part
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where this version's machine code is kept; JOURNEYSIM_CACHE moves it."""
    base = os.environ.get("JOURNEYSIM_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "journeysim" / source_hash(Path(__file__).parent.parent)


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
