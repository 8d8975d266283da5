"""Judge every claim again on other seeds: `make verdicts`. Some ten minutes on two cores.

With names as arguments only these.

Prints a line a claim: its verdict as committed (`docs/claims.json`), that of fresh seeds and of
seconds it took; ends with 1 if any differs.
"""

import json
import sys
import time
from pathlib import Path

from sim.questions.studies import claim_names, load_question
from sim.runs.store import Store

COMMITTED = Path(__file__).parents[1] / "docs" / "claims.json"
FRESH = 1001  # far from the seeds of any study


def main() -> int:
    """Judge them; 1 if a verdict is another."""
    known = json.loads(COMMITTED.read_text(encoding="utf-8"))
    others = 0
    print(f"{'claim':26}{'committed':18}{'fresh seeds':18}seconds")
    names = sys.argv[1:] or claim_names()
    for name in names:
        began = time.perf_counter()
        found = load_question(name, FRESH).answer(Store()).claimed
        assert found is not None
        took = time.perf_counter() - began
        before = known[name]["verdict"]
        others += found.verdict != before
        print(f"{name:26}{before:18}{found.verdict.value:18}{took:.0f}", flush=True)
    print(f"{len(names) - others} of {len(names)} verdicts are the same")
    return int(others > 0)


if __name__ == "__main__":
    sys.exit(main())
