"""How often the 95 % intervals that are shown hold the truth of a large run, counted.

    make coverage

Every question that is answered by paired runs is asked again and again of a small market with
queues, talk and ratings (`worlds.shop`), on 500 and 2,000 simulated customers who stand for
the same people, with other seeds each time:

- *touchpoints*: what each adds (removed), and the marginal return, of one seed and of five;
- *run*: the marginal return, a quarter more of a touchpoint (one seed, as a single run has it);
- *compare*: the difference in profit and purchases of three variants, over five replicates;
- *optimise*: the gain in profit of the optimised plan, on held-out seeds. Every repetition finds
  a plan of its own, whose gain is found by a large pair of runs of that plan;
- *export-mmm*: what a medium adds to revenue and purchases, of one region.

The truth is the mean of large runs of the same market, whose own error is printed: it widens
nothing. `shown` is the share of repetitions in which there is a figure; where nobody was seen
to differ there is none. Of those shown, 91 to 98 of 100 should hold the truth; the error of a
share of 200 is 1.5 points.
"""

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context
from typing import Any, NamedTuple

from sim import compare, export_mmm, optimise, touchpoints
from sim.measures.incrementality import step_return
from sim.measures.intervals import Effect, Estimate, interval
from sim.questions.budget.request import OPTIMISED, TODAY
from sim.questions.touchpoints.next_krone import try_next_krone
from sim.runs.run import run
from sim.runs.store import Store
from sim.scenario.schema import Scenario
from worlds.shop import AGENTS, shop

LARGE, LARGE_RUNS = 200_000, 2
PEOPLE = 240_000  # whom the simulated customers stand for
FIRST_LARGE = 1_000_000  # a seed that no repetition has
VARIANTS = (
    "dearer:offers.offer.price=315",
    f"more display:touchpoints.display.budget_per_day={225 * PEOPLE // AGENTS}",
    "kinder:touchpoints.recovery.quality.mean=0.8",
)
OUTCOMES = ("purchases", "margin")
TOLD = ("economics.profit", "customers.new")
MEDIA = ("display", "search")
ONE_SEED, FIVE_SEEDS = "touchpoints, 1 seed", "touchpoints, 5 seeds"


class Size(NamedTuple):
    """Simulated customers, and how often each question is asked."""

    agents: int
    times: int


SIZES = (Size(500, 200), Size(2_000, 100))
SET = 5  # seeds
Key = tuple[str, str, str]  # question, what of, outcome
Found = dict[Key, Estimate | None]  # None: no figure is shown


def market(agents: int, seed: int) -> Scenario:
    """The shop for `PEOPLE`, whose budgets and servers are as many times those of the small one."""
    times = PEOPLE // AGENTS
    more = {
        "seed": seed,
        "touchpoints": {
            "display": {"budget_per_day": 150.0 * times},
            "search": {"budget_per_day": 60.0 * times},
            "phone": {"capacity": {"servers": times}},
        },
    }
    return shop(more).model_copy(update={"agents": agents, "population": PEOPLE})


def _rows(table: Any, **wanted: Any) -> Iterator[Mapping[str, Any]]:
    for row in table.to_dict("records"):
        if all(row[name] == value for name, value in wanted.items()):
            yield row


def _shown(row: Mapping[str, Any], name: str = "", value: str = "value") -> Estimate | None:
    before = f"{name}_" if name else ""
    cells = Estimate(row[name or value], row[f"{before}low"], row[f"{before}high"])
    # an interval of no width is not shown either (`sim.measures.intervals`)
    return cells if cells.low < cells.high else None


def of_touchpoints(agents: int, seed: int) -> Found:
    """What each adds, and what a tenth more returns."""
    found = touchpoints(
        market(agents, seed), attribution=False, store=Store(threads=1), replicates=1
    ).tables()
    made: Found = {}
    for outcome in OUTCOMES:
        for row in _rows(found["effects"], kind="knock_out", outcome=outcome):
            made[ONE_SEED, row["name"], outcome] = _shown(row)
    for row in _rows(found["money"], kind="step"):
        made[ONE_SEED, row["name"], "marginal return"] = _shown(row, "return")
    return made


def sets_of(found: list[Estimate | None]) -> list[Estimate | None]:
    """The same repetitions taken `SET` at a time, as that many replicates of one question are."""
    made: list[Estimate | None] = []
    for at in range(0, len(found) - SET + 1, SET):
        values = [Effect(0.0 if one is None else one.value, 0.0) for one in found[at : at + SET]]
        one = interval(values)
        made.append(None if one.low == one.high else one)
    return made


def of_next_krone(agents: int, seed: int) -> Found:
    """The marginal return that a single run shows."""
    tried = try_next_krone(run(market(agents, seed), threads=1), threads=1)
    made: Found = {}
    for step in tried.steps:
        one = step_return(step)
        cells = one if isinstance(one, Estimate) else None
        made["run", step.name, "marginal return"] = cells
    return made


def of_compare(agents: int, seed: int) -> Found:
    """Differences from the market as it is."""
    found = compare([market(agents, seed)], VARIANTS, store=Store(threads=1), replicates=5)
    table = found.tables()["differences"]
    made: Found = {}
    for name in (text.partition(":")[0] for text in VARIANTS):
        for key in TOLD:
            for row in _rows(table, variant=name, key=key):
                made["compare, 5 seeds", name, key] = _shown(row, value="difference")
    return made


def of_export(agents: int, seed: int) -> Found:
    """What a medium adds, as the truth behind a media mix has it."""
    found = export_mmm(
        market(agents, seed), store=Store(threads=1), regions=1, years=1, vary=0.0
    ).tables()["truth"]
    made: Found = {}
    for medium in MEDIA:
        for row in _rows(found, region="region_1", kind="contribution", touchpoint=medium):
            for outcome in ("purchases", "revenue"):
                made["export-mmm", medium, outcome] = _shown(row, outcome)
    return made


def gain_of_best(agents: int, seed: int) -> tuple[Estimate, float]:
    """The gain in profit of the plan that `optimise` found, and the gain in a large market."""
    made = optimise(
        market(agents, seed),
        store=Store(threads=1),
        evaluations=30,
        replicates=5,
        frontier=False,
    ).made
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    profit = [
        run(
            made.divided.market(plan.factors, FIRST_LARGE).model_copy(
                update={"agents": LARGE // 2}
            ),
            threads=1,
        ).summary["economics"]["profit"]
        for plan in (best, today)
    ]
    return best.gain.of("profit"), profit[0] - profit[1]


OF_THE_TIMES = {"compare": 0.5, "export-mmm": 0.5, "optimise": 0.5}  # these make many runs

ASKED: Mapping[str, Callable[[int, int], Found]] = {
    "touchpoints": of_touchpoints,
    "run": of_next_krone,
    "compare": of_compare,
    "export-mmm": of_export,
}


def _held(truth: float, shown: list[Estimate]) -> float:
    return 100.0 * sum(one.low <= truth <= one.high for one in shown) / len(shown)


def _ask(name: str, agents: int, seed: int) -> Found:
    return ASKED[name](agents, seed)


def _all_of(pool: ProcessPoolExecutor, name: str, size: Size) -> dict[Key, list[Estimate | None]]:
    """What every repetition found. Seeds stand so far apart that none is in two repetitions."""
    times = int(size.times * OF_THE_TIMES.get(name, 1.0))
    seeds = [size.agents * 1000 + 10 * number for number in range(times)]
    made: dict[Key, list[Estimate | None]] = defaultdict(list)
    for found in pool.map(partial(_ask, name, size.agents), seeds, chunksize=5):
        for key, one in found.items():
            made[key].append(one)
    return made


def truth_of(pool: ProcessPoolExecutor, name: str) -> dict[Key, tuple[float, float]]:
    """The mean of large runs, and its standard error, by what is asked."""
    runs = 1 if name == "compare" else LARGE_RUNS  # it has five seeds itself
    found = list(pool.map(partial(_ask, name, LARGE), [FIRST_LARGE + 10 * n for n in range(runs)]))
    made = {}
    for key in found[0]:
        values = [one for each in found if (one := each[key]) is not None]
        if not values:
            continue  # nobody does anything else, however many there are
        mean = math.fsum(one.value for one in values) / len(values)
        own = [(one.high - one.low) / (2.0 * 1.96) for one in values]
        made[key] = mean, math.hypot(*own) / len(values)
    return made


def main() -> None:
    """Print the counts."""
    print(f"The truth: runs of {LARGE:,} simulated customers. Held, %, of the repetitions shown.\n")
    heads = list(chain.from_iterable((f"{s.agents:,}", "shown") for s in SIZES))
    print(f"{'question':22}{'of':14}{'outcome':18}{'truth':>11}{'its error':>10}", end="")
    print("".join(f"{head:>8}" for head in heads), flush=True)
    wanted = sys.argv[1:] or [*ASKED, "optimise"]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for name in (one for one in ASKED if one in wanted):
            truth = truth_of(pool, name)
            found = [_all_of(pool, name, size) for size in SIZES]
            for key in [key for key in truth if key[0] == ONE_SEED and key[2] in OUTCOMES]:
                together = (FIVE_SEEDS, *key[1:])
                truth[together] = truth[key]
                for each in found:
                    each[together] = sets_of(each[key])
            for key, (value, error) in truth.items():
                print(f"{key[0]:22}{key[1]:14}{key[2]:18}{value:11.2f}{error:10.2f}", end="")
                for each in found:
                    shown = [one for one in each[key] if one is not None]
                    held = f"{_held(value, shown):8.1f}" if shown else f"{'-':>8}"
                    print(f"{held}{100.0 * len(shown) / len(each[key]):8.0f}", end="")
                print(flush=True)
        if "optimise" in wanted:
            print("\nThe gain in profit of the plan that optimise found, held by its interval, %:")
            for size in SIZES:
                times = int(size.times * OF_THE_TIMES["optimise"])
                seeds = [size.agents * 1000 + 100 * number for number in range(times)]
                gains = list(pool.map(partial(gain_of_best, size.agents), seeds, chunksize=2))
                shown = [(one, true) for one, true in gains if one.low < one.high]
                held = sum(one.low <= true <= one.high for one, true in shown)
                share = f"{100.0 * held / len(shown):.1f}" if shown else "-"
                print(f"{size.agents:,} customers: {share} of {len(shown)} shown", flush=True)


if __name__ == "__main__":
    main()
