"""The best split of a budget as a measure of a study: its figures, its rules, its names."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from posters import (
    BUDGETS,
    DAILY,
    PRICE,
    UNIT_COST,
    checkouts,
    margin_of,
    scales,
    two_posters,
)
from test_docs import blocks
from test_split_search import HALF, SIZES, TOTAL, searched

import sim.studies.identity
import sim.studies.market
from sim.cli import main
from sim.errors import InputError, Interrupted, ScenarioErrors
from sim.measures.replicates import student
from sim.measures.summary import KEYS as SUMMARY_KEYS
from sim.report.language import speaking
from sim.report.study_words import Words
from sim.report.sweep_page import make_page
from sim.scenario.dump import dump_scenario
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.studies.best_split import (
    GAIN,
    KEEPING,
    KEYS,
    SHARE,
    SLOPE,
    keys_for,
    multiplier,
    parts_of,
    shares_of_plan,
    split_figures,
    split_request,
)
from sim.studies.budget_request import Request
from sim.studies.dataset import RUNS
from sim.studies.executors import Executor, Here, Processes
from sim.studies.identity import model_version, modules_behind, run_name, search_version
from sim.studies.market import market_plan, market_run
from sim.studies.optimise import optimise
from sim.studies.plan import Job
from sim.studies.plans import BY, PURPOSE
from sim.studies.rules import measurable
from sim.studies.search import Room, Round, Searched, gain, least_evaluations
from sim.studies.study import By, Goal, OptimisePart
from sim.studies.study_file import parse_study
from sim.studies.surrogate import LOGARITHMIC, Curve
from sim.studies.sweep import RunIndex, sweep
from sim.studies.trials import GOALS

KEEPS = {"touchpoints.two.purpose": "retention"}
STUDY = """\
name: tiny
scenario: posters.yaml
vary:
  touchpoints.one.budget_per_day: [500, 700]
  offers.offer.unit_cost: [40, 70]
measure: [best_split.share_keeping, "best_split.share.*", best_split.gain, best_split.slope]
"""
SEEDS = range(3, 11)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the market of two posters; west's is there to keep customers, by its label."""
    found = tmp_path_factory.mktemp("posters")
    (found / "posters.yaml").write_text(dump_scenario(two_posters(agents=300, **KEEPS)))
    return found


# --- the figures ---


@pytest.mark.parametrize(
    "request_",
    [
        Request(replicates=2, frontier=False),
        Request(by=PURPOSE, evaluations=21, replicates=2, frontier=False),
        Request(total=30_000.0, bounds={"one": (0.0, 8_000.0)}, replicates=2, frontier=False),
        Request(from_day=15, goal="customer_value", replicates=2, frontier=False),
    ],
)
def test_the_shares_are_those_of_the_plan_that_optimise_finds(request_: Request) -> None:
    scenario = two_posters(agents=400, **KEEPS)
    found = split_figures(scenario, request_)
    made = optimise(scenario, request_, threads=2)
    best, start, last = made.searched.best, made.searched.start, made.searched.rounds[-1]
    whole = max(made.total, sum(best.spent.values()))
    assert {key: found[key] for key in found if key.startswith(SHARE + ".")} == {
        f"{SHARE}.{name}": amount / whole for name, amount in best.spent.items()
    }
    keeps = "retention" if request_.by == PURPOSE else "two"
    assert found[KEEPING] == found[f"{SHARE}.{keeps}"]
    assert found[GAIN] == gain(start, best, last.slope).value
    # the total is spent to the krone here: the gain is the difference of the goal itself
    assert found[GAIN] == pytest.approx(best.worth - start.worth, abs=1e-6 * start.worth)
    parts = parts_of(scenario, OptimisePart(by=By(request_.by)))
    assert set(found) == {key for keys in keys_for(parts).values() for key in keys}


def test_the_known_best_split_and_its_multiplier() -> None:
    """Lagrange: q / s exp(-b / s) = m for both posters, so b = s (ln(q / s) - ln m)."""
    off, exact = [], []
    for seed in SEEDS:
        scenario = two_posters(seed=seed, **KEEPS)
        scale, wanted = scales(scenario), checkouts(scenario)
        inside = sum(s * math.log(wanted[n] / s) for n, s in scale.items())
        log_m = (inside - DAILY) / sum(scale.values())
        best = {n: s * (math.log(wanted[n] / s) - log_m) for n, s in scale.items()}
        figures = split_figures(scenario, Request(evaluations=60))
        budgets = {n: DAILY * (figures[f"{SHARE}.{n}"] or 0.0) for n in BUDGETS}
        assert sum(budgets.values()) == pytest.approx(DAILY, rel=1e-4)
        assert margin_of(budgets, scenario) > 0.99 * margin_of(best, scenario)
        exact.append((PRICE - UNIT_COST) * math.exp(log_m) - 1.0)
        off.append((figures[SLOPE] or 0.0) - exact[-1])
    error = float(np.std(off, ddof=1)) / math.sqrt(len(off))
    assert abs(np.mean(off)) < student(len(off) - 1) * 2.0 * error  # about five standard errors
    assert student(len(off) - 1) * 2.0 * error < 0.1 * min(exact)  # a tenth more would be seen


def test_the_multiplier_of_hyperbolas() -> None:
    """A h / (a + h)^2 = m, the same for all that have money; not a family that the curves have."""
    rooms = {name: Room(high=TOTAL) for name in SIZES}
    found = searched(rooms)
    slopes = [SIZES[n] * HALF[n] / (found.best.spent[n] + HALF[n]) ** 2 for n in "abc"]
    m = multiplier(found, rooms, TOTAL)
    assert m is not None
    # the slopes at the plan differ by a tenth or two: the multiplier is between them
    assert 0.95 * min(slopes) < m < 1.05 * max(slopes)


def one_round(curves: Mapping[str, Curve]) -> Searched:
    """A search whose last round found these curves; all else of it says nothing."""
    nothing: Any = None
    last = Round(nothing, {}, dict(curves), {}, 0.0, 0.0, nothing)
    return Searched(nothing, nothing, {}, [last], 0)


def test_who_is_held_by_the_total_alone_could_take_the_next_krone() -> None:
    # A ln(1 + a/s): all 60 go to the first, whose slope there is 3/70; the second's first krone
    # would bring 0.1/10
    curves = {"one": Curve(LOGARITHMIC, 3.0, 10.0, 0.0), "two": Curve(LOGARITHMIC, 0.1, 10.0, 0.0)}
    free = {name: Room(high=60.0) for name in curves}
    assert multiplier(one_round(curves), free, 60.0) == pytest.approx(3.0 / 70.0, rel=1e-9)
    # a bound of its own holds the first at 59: the second has the last krone and the next
    held = {"one": Room(high=59.0), "two": Room(high=60.0)}
    assert multiplier(one_round(curves), held, 60.0) == pytest.approx(0.1 / 11.0, rel=1e-9)
    # both free: a + s in proportion to A, with the sum 60
    alike = {**curves, "two": Curve(LOGARITHMIC, 1.0, 10.0, 0.0)}
    assert multiplier(one_round(alike), free, 60.0) == pytest.approx(4.0 / 80.0, rel=1e-9)
    # nobody can take it: there is none
    full = {"one": Room(high=30.0), "two": Room(high=30.0)}
    assert multiplier(one_round(curves), full, 60.0) is None
    assert multiplier(one_round(curves)._replace(rounds=[]), free, 60.0) is None


def test_of_new_customers_the_krone_itself_is_not_taken_off() -> None:
    scenario = two_posters(agents=400, **KEEPS)
    in_people = split_figures(scenario, Request(goal="new_customers", evaluations=21))
    in_money = split_figures(scenario, Request(evaluations=21))
    # each sale brings the margin of one purchase, whoever buys; people are at most the purchases
    assert in_money[SLOPE] is not None
    assert in_people[SLOPE] is not None
    assert 0.0 < in_people[SLOPE] <= (in_money[SLOPE] + 1.0) / (PRICE - UNIT_COST) * 1.25


@given(
    st.dictionaries(st.text(min_size=1), st.floats(0.0, 1e12), min_size=2),
    st.floats(1.0, 1e12),
)
def test_shares_add_up_to_no_more_than_all(spent: dict[str, float], total: float) -> None:
    shares = shares_of_plan(spent, total)
    placed = math.fsum(spent.values())
    assert all(0.0 <= share <= 1.0 for share in shares.values())
    assert math.fsum(shares.values()) <= 1.0 + 1e-12
    assert math.fsum(shares.values()) == pytest.approx(min(1.0, placed / total), rel=1e-9)


def test_bounds_bound_the_shares() -> None:
    asked = OptimisePart.model_validate({"bounds": {"one": {"high": 4_500.0}}, "budget": 30_000.0})
    scenario = two_posters(agents=300, **KEEPS)
    found = split_figures(scenario, split_request(scenario, asked))
    assert (found[f"{SHARE}.one"] or 0.0) <= 0.15 * 1.0001
    assert found[KEEPING] == pytest.approx(0.85, rel=1e-3)


@pytest.mark.parametrize(
    "change",
    [
        {"touchpoints.two.enabled": False},  # one part is left
        {"touchpoints.two.budget_per_day": 0.0},
        {"touchpoints.one.flight.start_day": 100, "touchpoints.two.flight.start_day": 100},
    ],
)
@pytest.mark.parametrize("total", [None, 1000.0])
def test_what_cannot_be_split_has_no_figures(change: dict[str, Any], total: float | None) -> None:
    scenario = two_posters(agents=50, **KEEPS, **change)
    found = split_figures(scenario, Request(total=total, evaluations=21))
    assert found
    assert set(found.values()) == {None}


def test_left_open_the_evaluations_are_those_of_one_round() -> None:
    scenario = two_posters(agents=50)
    request = split_request(scenario, OptimisePart())
    assert request.evaluations == least_evaluations(2)
    assert not request.frontier
    assert split_request(scenario, OptimisePart(evaluations=99)).evaluations == 99


# --- what a study file may say ---


def problems(folder: Path, text: str) -> list[str]:
    """The sentences about a study that is wrong."""
    with pytest.raises(ScenarioErrors) as caught:
        parse_study(text, "tiny.yaml", folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_the_star_stands_for_the_parts(folder: Path) -> None:
    by_touchpoint = market_plan(*parse_study(STUDY, "tiny.yaml", folder))
    shares = [f"{SHARE}.one", f"{SHARE}.two"]
    assert list(by_touchpoint.measures) == [KEEPING, *shares, GAIN, SLOPE]
    text = STUDY + "optimise: {by: purpose}\n"
    by_purpose = market_plan(*parse_study(text, "tiny.yaml", folder))
    shares = [f"{SHARE}.acquisition", f"{SHARE}.retention"]
    assert list(by_purpose.measures) == [KEEPING, *shares, GAIN, SLOPE]


def test_the_page_of_studies_tells_every_key_and_a_valid_example(folder: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "studies.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in page] == []
    (example,) = [block for block in blocks(page, "yaml") if "optimise:" in block]
    assert all(f"  {name}: " in example for name in OptimisePart.model_fields)
    head, _, _ = STUDY.partition("measure")
    study, _ = parse_study(head + example, "example", folder)
    assert study.optimise is not None


def test_no_key_is_that_of_a_summary() -> None:
    assert not set(KEYS) & set(SUMMARY_KEYS)
    assert not set(KEYS) & set(measurable(two_posters(agents=50)))  # compare makes no searches
    assert set(KEYS) <= set(measurable(two_posters(agents=50), OptimisePart()))


def test_the_choices_are_those_of_optimise() -> None:
    assert tuple(goal.value for goal in Goal) == GOALS
    assert tuple(by.value for by in By) == BY
    default = Request()
    given_ = OptimisePart()
    names = ("goal", "by", "from_day")
    assert [getattr(given_, n) for n in names] == [getattr(default, n) for n in names]
    assert (given_.budget, dict(given_.bounds)) == (default.total, default.bounds)


@pytest.mark.parametrize(
    ("optimise_", "answer"),
    [
        ("{goal: profits}", 'line 7, optimise.goal: the text "profits" is not one of the choices'),
        ("{goal: profits}", "did you mean `profit`?"),
        ("{by: purposes}", "did you mean `purpose`?"),
        ("{buget: 3}", "did you mean `budget`?"),
        ("{budget: 0}", "line 7, optimise.budget: 0 is out of range"),
        (
            "{budget: 1.0e+11}",
            "optimise.budget: 1e+11 is out of range; allowed: above 0, at most 4e",
        ),
        ("{evaluations: 20}", "evaluations: 20 is out of range; allowed: 21 or more for 2 parts"),
        ("{from_day: 40}", "from_day: 40 is out of range; allowed: 0 to 39, a day of the run"),
        (
            "{bounds: {oen: {low: 1}}}",
            "optimise.bounds.oen: `oen` is not a known name; allowed: one",
        ),
        ("{bounds: {oen: {low: 1}}}", "did you mean `one`?"),
        ("{by: purpose, bounds: {one: {low: 1}}}", "allowed: acquisition, retention"),
        ("{bounds: {one: {}}}", "`optimise.bounds.one` says nothing; give low, high or both"),
        ("{bounds: {one: {low: 9, high: 5}}}", "needs a low that is not above its high"),
        ("{bounds: {one: {low: -9}}}", "optimise.bounds.one.low: -9 is out of range"),
        ("{bounds: {one: 5}}", "optimise.bounds.one: 5 is of the wrong type"),
        (
            "{budget: 100, bounds: {one: {low: 200}}}",
            "optimise.bounds: 200 at least is out of range; allowed: at most the budget, 100",
        ),
    ],
)
def test_a_mistake_gets_its_answer(folder: Path, optimise_: str, answer: str) -> None:
    found = problems(folder, STUDY + f"optimise: {optimise_}\n")
    assert len(found) == 1, found
    assert answer in found[0]
    assert found[0].startswith("tiny.yaml, line 7")
    assert "\n" not in found[0]


def test_it_says_nothing_where_no_best_split_is_measured(folder: Path) -> None:
    head, _, _ = STUDY.partition("measure")
    text = head + "measure: [economics.profit]\noptimise: {by: purpose}\n"
    (found,) = problems(folder, text)
    assert found == (
        "tiny.yaml, line 7: `optimise` says nothing: no key of best_split is measured."
    )


def test_what_is_not_there_cannot_be_measured(folder: Path) -> None:
    (found,) = problems(folder, STUDY.replace("share.*", "share.retention"))
    assert "`best_split.share.retention` is not a known name" in found
    (found,) = problems(folder, STUDY.replace("share_keeping", "share_kept"))
    assert "did you mean `best_split.share_keeping`?" in found
    lonely = STUDY.replace("name: tiny\n", "name: tiny\nset: {touchpoints.two.enabled: false}\n")
    found = problems(folder, lonely.replace("best_split.share.*", "best_split.share.one"))[0]
    assert "line 7, measure.0" not in found
    assert "fewer than two parts can be given more or less: there is nothing to split" in found


def test_a_flight_of_days_on_and_off_cannot_change_at_a_day(folder: Path) -> None:
    own = "set: {touchpoints.one.flight.days_on: 5, touchpoints.one.flight.days_off: 5}"
    text = STUDY.replace("name: tiny\n", f"name: tiny\n{own}\n") + "optimise: {from_day: 15}\n"
    (found,) = problems(folder, text)
    assert "`optimise.from_day` cannot be: one has a flight plan of days on and off" in found


def test_every_row_is_checked_before_any_run(folder: Path) -> None:
    """The window fits the scenario; not every row has that many days."""
    levers = "  days: [10, 40]\n"
    head, _, tail = STUDY.partition("measure")
    text = head + levers + "measure" + tail + "optimise: {from_day: 15}\n"
    plan = market_plan(*parse_study(text, "tiny.yaml", folder))
    with pytest.raises(InputError) as caught:
        RunIndex(plan)
    assert caught.value.message == (
        "row 0 of the design, from-day: 15 is not valid; allowed: 0 to 9, a day of the run."
    )


def test_a_row_that_cannot_change_at_the_day_is_told(folder: Path) -> None:
    """Days on and off by themselves are valid; only not with a plan that begins later."""
    off = "  touchpoints.one.flight.days_off: [0, 5]\n"
    text = STUDY.replace("vary:\n", "set: {touchpoints.one.flight.days_on: 5}\nvary:\n" + off)
    plan = market_plan(*parse_study(text + "optimise: {from_day: 15}\n", "tiny.yaml", folder))
    with pytest.raises(InputError) as caught:
        RunIndex(plan)
    assert caught.value.message.startswith(
        "row 4 of the design: one has a flight plan of days on and off"
    )
    assert "\n" not in caught.value.message


def test_a_row_without_a_split_has_null(folder: Path, tmp_path: Path) -> None:
    text = STUDY.replace(
        "offers.offer.unit_cost: [40, 70]", "touchpoints.two.enabled: [true, false]"
    )
    table = made(folder, text.replace("[500, 700]", "[700]"), Here(), tmp_path / "study")
    columns = [KEEPING, f"{SHARE}.one", f"{SHARE}.two", GAIN, SLOPE]
    assert table[columns].notna().all(axis=1).tolist() == [True, False]
    assert table[columns].isna().all(axis=1).tolist() == [False, True]


# --- names ---


def names_of(folder: Path, text: str) -> list[str]:
    plan = market_plan(*parse_study(text, "tiny.yaml", folder))
    rows = range(plan.design.size)
    return [name for row in rows for name in plan.identify(plan.values(row), plan.seeds)]


def test_other_studies_keep_their_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise AssertionError("nothing of the search is asked for")

    head, _, _ = STUDY.partition("measure")
    text = head + "measure: [economics.profit]\n"
    monkeypatch.setattr(sim.studies.market, "search_version", none)
    levers = [
        f"{path}={value}"
        for path, value in (("touchpoints.one.budget_per_day", 500), ("offers.offer.unit_cost", 40))
    ]
    first = load_scenario(folder / "posters.yaml", levers)
    assert names_of(folder, text)[0] == run_name(first, model_version())
    plan = market_plan(*parse_study(text, "tiny.yaml", folder))
    assert plan.about["source"] == model_version()


def test_the_name_of_a_run_sees_the_request_and_the_search(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _, _ = STUDY.partition("measure")
    plain = names_of(folder, head + "measure: [economics.profit]\n")
    asked = [
        "",
        "optimise: {by: purpose}",
        "optimise: {goal: new_customers}",
        "optimise: {budget: 30_000}",
        "optimise: {evaluations: 30}",
        "optimise: {from_day: 3}",
        "optimise: {bounds: {one: {high: 9_000}}}",
    ]
    found = [names_of(folder, f"{STUDY}{text}\n") for text in asked]
    assert len({name for names in [plain, *found] for name in names}) == 4 * (1 + len(asked))
    assert names_of(folder, STUDY + "optimise: {goal: profit}\n") == found[0]
    more = STUDY.replace("slope]", "slope, economics.profit]")
    assert names_of(folder, more) == found[0]  # what is told of a run does not change it
    monkeypatch.setattr(sim.studies.market, "search_version", lambda: "another")
    assert not set(names_of(folder, STUDY)) & set(found[0])


def test_the_search_is_all_that_it_imports() -> None:
    """A change of any of these may change the split that is found; others do not touch it."""
    found = {file.stem for file in modules_behind("best_split")}
    assert found >= {
        *("best_split", "budget_request", "budget_runs", "frontier", "many_runs", "plans"),
        *("scaling", "search", "surrogate", "trials"),
    }
    assert not found & {"sweep", "market", "executors", "rules", "sensitivity", "compare"}
    assert modules_behind("surrogate") == [
        Path(sim.studies.identity.__file__).with_name("surrogate.py")
    ]
    assert search_version() != model_version()


def test_a_worker_with_another_search_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, scenario = parse_study(STUDY, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    monkeypatch.setattr(sim.studies.market, "search_version", lambda: "another")
    with pytest.raises(Exception, match="another version of journeysim"):
        work(Job("any", plan.values(0), 3))


# --- in a study ---

WITH_PROFIT = STUDY.replace("slope]", "slope, economics.profit]") + "replicates: 2\n"


def made(
    folder: Path,
    text: str,
    executor: Executor,
    place: Path,
    resume: bool = False,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> pd.DataFrame:
    study, scenario = parse_study(text, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    return sweep(plan, work, executor, place, resume=resume, progress=progress)


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, made in one process."""
    place = tmp_path_factory.mktemp("here") / "study"
    made(folder, WITH_PROFIT, Here(), place)
    return place


def test_a_row_is_the_split_of_its_scenario(folder: Path, undisturbed: Path) -> None:
    table = parquet.read_table(undisturbed / RUNS).to_pandas()
    assert len(table) == 8
    assert (table[f"{SHARE}.two"] == table[KEEPING]).all()
    for place in (0, 7):
        row = table.iloc[place]
        levers = ["touchpoints.one.budget_per_day", "offers.offer.unit_cost"]
        scenario = load_scenario(
            folder / "posters.yaml", [f"{name}={row[name]}" for name in levers], seed=row["seed"]
        )
        found = split_figures(scenario, split_request(scenario, OptimisePart()))
        assert {key: row[key] for key in found} == found
    assert table["source"].unique().tolist() == [search_version()]


def test_the_same_table_from_two_workers_and_after_an_interruption(
    folder: Path, undisturbed: Path, tmp_path: Path
) -> None:
    wanted = (undisturbed / RUNS).read_bytes()
    made(folder, WITH_PROFIT, Processes(2), tmp_path / "two")
    assert (tmp_path / "two" / RUNS).read_bytes() == wanted

    def stop(what: str, done: int, of: int) -> None:
        if what == "simulating" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="3 of 8 runs are finished"):
        made(folder, WITH_PROFIT, Here(), tmp_path / "cut", progress=stop)
    made(folder, WITH_PROFIT, Processes(2), tmp_path / "cut", resume=True)
    assert (tmp_path / "cut" / RUNS).read_bytes() == wanted


def test_the_plain_run_is_made_only_where_it_is_measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Scenario] = []
    plain = sim.studies.market.run
    monkeypatch.setattr(
        sim.studies.market, "run", lambda one, threads: runs.append(one) or plain(one, threads=1)
    )
    for text, count in ((STUDY, 0), (WITH_PROFIT, 1)):
        study, scenario = parse_study(text, "tiny.yaml", folder)
        plan = market_plan(study, scenario)
        outcome = market_run(plan, scenario)(Job("any", plan.values(0), 3))
        assert len(runs) == count
        assert None not in outcome


# --- the page ---


def test_measures_have_names_and_units() -> None:
    words = Words(load_scenario("webshop_loop"))
    assert words.measure_and_unit(KEEPING) == "Best share for keeping customers"
    assert words.measure(f"{SHARE}.display") == "Best share: display"
    assert words.measure(f"{SHARE}.acquisition") == "Best share: to win customers"
    assert words.measure_and_unit(GAIN) == "Gain of the best split, DKK"
    assert words.unit(SLOPE) == "DKK per DKK"
    in_people = Words(words.scenario, Goal.NEW_CUSTOMERS)
    assert (in_people.unit(GAIN), in_people.unit(SLOPE)) == ("people", "people per DKK")
    with speaking("da"):
        assert words.measure(f"{SHARE}.display") == "Bedste andel: bannere"
        assert words.unit(SLOPE) == "DKK pr. DKK"


@pytest.mark.parametrize("design", ["{method: one_at_a_time}", "{method: morris, samples: 2}"])
def test_the_page_tells_shares_in_per_cent(design: str, folder: Path, tmp_path: Path) -> None:
    text = WITH_PROFIT.replace("[500, 700]", "{low: 500, high: 700, points: 2}")
    text = text.replace("[40, 70]", "{low: 40, high: 70, points: 2}") + f"design: {design}\n"
    study, scenario = parse_study(text, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    table = sweep(plan, market_run(plan, scenario), Here(), tmp_path / "study")
    page = make_page(study, scenario, plan, table)
    assert 'id="best-split"' in page
    assert "Each run looked for the split of what is spent today that makes profit" in page
    assert "with at most 21 plans" in page
    mean = table[table["row"] == 0][KEEPING].mean()
    assert f"{mean * 100.0:.1f}\u00a0%" in page
    with speaking("da"):
        danish = make_page(study, scenario, plan, table)
    sentences = [line for line in page.splitlines() if line.startswith("<p>")]
    assert len(sentences) > 5
    assert [line for line in sentences if line in danish] == []


def test_the_command_makes_the_page_again_from_its_folder(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    (tmp_path / "tiny.yaml").write_text(
        STUDY.replace("posters.yaml", str(folder / "posters.yaml")).replace("[500, 700]", "[700]")
        + "optimise: {by: purpose, bounds: {retention: {low: 1_000, high: 9_000}}}\n"
    )
    place = tmp_path / "made"
    arguments = ["experiment", str(tmp_path / "tiny.yaml"), "--workers", "1"]
    assert main([*arguments, "--out", str(place), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["measures"][0] == KEEPING
    page = (place / "report.html").read_bytes()
    (place / "report.html").unlink()
    assert main(["report", str(place), "--quiet"]) == 0
    assert (place / "report.html").read_bytes() == page
    assert main(["experiment", str(place / "study.yaml"), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / RUNS).read_bytes() == (place / RUNS).read_bytes()
    capsys.readouterr()
