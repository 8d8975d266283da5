"""How often the 95 % intervals of what a touchpoint adds hold the truth, counted.

    make coverage

1,000 seeds of a small market with queues, talk and ratings (`worlds.shop`, 3,000 customers),
each with its interval over customers; and the same runs as 200 repetitions of 5 replicates,
with Student's interval over seeds. The truth is the mean of 4 very large runs of the same
market, whose own error is printed. 95 % intervals should hold it between 91 and 98 % of the
time: the error of a share of 200 is 1.5 points, of 1,000 .7.
"""

import math
from typing import Any

from sim.engine.day import run_fast
from sim.measures.incrementality import effects
from sim.measures.intervals import Effect, interval
from sim.scenario.schema import Scenario
from tools.paired import without
from worlds.shop import AGENTS, shop

SEEDS, SET = 1000, 5
LARGE, LARGE_RUNS = 200_000, 4
FIRST_LARGE = 10_000  # a seed that no repetition has
NAMES = ("site", "display", "letter")
WANTED = ("purchases", "margin")


def what_it_adds(seed: int, agents: int) -> dict[str, dict[str, Effect]]:
    """The knock-out effects of each of `NAMES` with one seed."""

    def market(*changes: dict[str, Any]) -> Scenario:
        # the firm's money and servers are those of as many people, however many stand for them
        made = shop({"seed": seed}, *changes)
        return made.model_copy(update={"agents": agents, "population": AGENTS})

    base = run_fast(market())
    return {name: effects(run_fast(market(without(name))), base) for name in NAMES}


def main() -> None:
    """Print the counts."""
    large = [what_it_adds(FIRST_LARGE + number, LARGE) for number in range(LARGE_RUNS)]
    small = [what_it_adds(seed, AGENTS) for seed in range(SEEDS)]
    print(f"{SEEDS:,} seeds of {AGENTS:,} customers; truth from {LARGE_RUNS} runs of {LARGE:,}.")
    print(f"Held by the 95 % interval, %: of one seed; of {SEEDS // SET} sets of {SET} seeds.\n")
    print(f"{'touchpoint':12}{'outcome':12}{'truth':>10}{'its error':>11}{'one':>7}{'sets':>7}")
    for name in NAMES:
        for outcome in WANTED:
            of_large = [run[name][outcome] for run in large]
            truth = math.fsum(each.value for each in of_large) / LARGE_RUNS
            error = math.hypot(*(each.se for each in of_large)) / LARGE_RUNS
            found = [run[name][outcome] for run in small]
            one = [interval([each]) for each in found]
            sets = [interval(found[at : at + SET]) for at in range(0, SEEDS, SET)]
            shares = [
                100.0 * sum(low <= truth <= high for _, low, high in held) / len(held)
                for held in (one, sets)
            ]
            print(
                f"{name:12}{outcome:12}{truth:10.1f}{error:11.2f}{shares[0]:7.1f}{shares[1]:7.1f}"
            )


if __name__ == "__main__":
    main()
