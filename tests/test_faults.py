"""Whatever fails on the disk, and whenever: the old result or the new one, whole (a sample).

`make faults` lets every single call fail.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.tap import Call, Tap

import sim.disk

ROOT = Path(__file__).parent.parent


def test_a_sample_of_faults_harms_no_result() -> None:
    words = ["-m", "benchmarks.faults", "--cases", "70", "--seed", "3"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"70 of \d{4,} faults in \d+ s; 0 did not hold", done.stdout)


def tapped(script: str, around: Path) -> list[str]:
    """The calls that the code makes in the folder `around`, in a process that is tapped."""
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        os.waitpid(process, 0)
        with os.fdopen(read) as stream:
            return stream.read().split()
    try:
        told = os.write

        def listen(call: Call, _: object) -> None:
            told(write, f"{call.kind}:{Path(call.about).name}\n".encode())

        Tap(around, listen).put_in()
        exec(script, {"around": around, "disk": sim.disk, "Path": Path})
    finally:
        os._exit(0)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("disk.write(around / 'a', b'1')", ["open:a", "write:a", "flush:a"]),
        ("(around / 'b').mkdir()", ["mkdir:b"]),
        ("disk.remove(around / 'old')", ["remove:old"]),
        ("disk.read(around / 'old')", ["look:old", "open:old", "read:old", "read:old"]),
        ("disk.exchange(around / 'one', around / 'two')", ["rename:two"]),
        ("disk.rename(around / 'old', around / 'new')", ["rename:new"]),
        ("disk.write(around.parent / 'beside', b'1')", []),
    ],
)
def test_the_tap_sees_every_call_in_its_folder_and_no_other(
    script: str, expected: list[str], tmp_path: Path
) -> None:
    around = tmp_path / "around"
    for name in ("one", "two"):
        (around / name).mkdir(parents=True)
    (around / "old").write_text("old")
    found = tapped(script, around)
    assert found[: len(expected)] == expected
    if not expected:
        assert found == []


def test_a_call_that_fails_does_half_and_raises(tmp_path: Path) -> None:
    def listen(call: Call, half: object) -> None:
        if call.kind == "write":
            half()  # type: ignore[operator]
            raise OSError(28, "No space left on device")

    process = os.fork()
    if not process:
        code = 1
        try:
            Tap(tmp_path, listen).put_in()
            sim.disk.write(tmp_path / "a", b"12345678")
        except OSError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(process, 0)[1] == 0
    assert (tmp_path / "a").read_bytes() == b"1234"
