"""Folders that tests change: as they were before manifests had digests, or signed anew; and a place
in which another process is at work."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.folders import FILES, MANIFEST, SEAL, seal


def as_of_before(place: Path, manifest: str = MANIFEST) -> None:
    """Make the manifest of a folder, and of those in it, one that only lists names."""
    for inner in (one for one in place.iterdir() if (one / manifest).is_file()):
        as_of_before(inner, manifest)
    file = place / manifest
    said = json.loads(file.read_text())
    del said[SEAL]
    replicates = said.get("replicates", [])
    inner_names = replicates if isinstance(replicates, list) else []  # a study has a number of them
    said |= {"format": 1, FILES: sorted([manifest, *said[FILES], *inner_names])}
    said.pop("data_sha256", None)
    file.write_text(json.dumps(said))


def sign(place: Path, manifest: str = MANIFEST, **changes: object) -> None:
    """Write the manifest of a folder anew, as whoever forges it would: with the digests of what is
    there now, and `changes` of what it says."""
    said = json.loads((place / manifest).read_text()) | changes
    names = [name for name in said[FILES] if (place / name).is_file()]
    seal(place, said, manifest, names=names)


HOLD = """
import sys
from pathlib import Path
from sim.locks import at_work
with at_work(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def locked_elsewhere(place: Path) -> Iterator[int]:
    """Another process is at work in `place`; gives its number."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield other.pid
        other.communicate()


__all__ = ["as_of_before", "locked_elsewhere", "sign"]
