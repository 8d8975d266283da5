"""Two commands in one place at the same time: one result, whole, and nothing left (a sample).

`make races` tries ten times as many interleavings.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_two_commands_in_one_place_never_mix_their_results() -> None:
    words = ["-m", "benchmarks.races", "--times", "20", "--seed", "4"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 interleavings" in done.stdout
    assert "0 did not hold what must hold" in done.stdout
    assert "one is refused" in done.stdout
