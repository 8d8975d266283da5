"""What a study file may say of the best split of a budget, and how it names the runs."""

from pathlib import Path

import pytest

import sim.questions.levers.market
import sim.runs.identity
from sim.errors import InputError, ScenarioErrors
from sim.measures.catalogue import KEYS as SUMMARY_KEYS
from sim.questions.budget.best_split import GAIN, KEEPING, KEYS, SHARE, SLOPE
from sim.questions.budget.plans import BY
from sim.questions.budget.request import SplitRequest
from sim.questions.budget.trials import GOALS
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.rules import measurable
from sim.questions.levers.study import By, Goal, OptimisePart
from sim.questions.levers.study_file import parse_study
from sim.runs.identity import model_version, modules_behind, run_name, search_version
from sim.runs.plan import Job
from sim.runs.sweep import RunIndex
from sim.scenario.load import load_scenario
from tools.documentation import blocks
from worlds.split_study import STUDY, plan_of, write_posters
from worlds.two_posters import two_posters


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the market of two posters."""
    return write_posters(tmp_path_factory.mktemp("posters"))


# --- what a study file may say ---


def problems(folder: Path, text: str) -> list[str]:
    """The sentences about a study that is wrong."""
    with pytest.raises(ScenarioErrors) as caught:
        parse_study(text, "tiny.yaml", folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_the_star_stands_for_the_parts(folder: Path) -> None:
    by_touchpoint = plan_of(folder, STUDY)
    shares = [f"{SHARE}.one", f"{SHARE}.two"]
    assert list(by_touchpoint.measures) == [KEEPING, *shares, GAIN, SLOPE]
    text = STUDY + "optimise: {by: purpose}\n"
    by_purpose = plan_of(folder, text)
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
    default = SplitRequest()
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
        ("{bounds: {one: {}}}", "`optimise.bounds.one` is empty; give low, high or both"),
        ("{bounds: {one: {low: 9, high: 5}}}", "needs a low that is not above its high"),
        ("{bounds: {one: {low: -9}}}", "optimise.bounds.one.low: -9 is out of range"),
        ("{bounds: {one: 5}}", "optimise.bounds.one: expected a group of low, high, found 5"),
        (
            "{budget: 100, bounds: {one: {low: 200}}}",
            "optimise.bounds: a sum of lower bounds of 200 is out of range; allowed: at most the"
            " budget, 100",
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
        "tiny.yaml, line 7: `optimise` has no effect: no key of best_split is measured."
    )


def test_what_is_not_there_cannot_be_measured(folder: Path) -> None:
    (found,) = problems(folder, STUDY.replace("share.*", "share.retention"))
    assert "`best_split.share.retention` is not a known name" in found
    (found,) = problems(folder, STUDY.replace("share_keeping", "share_kept"))
    assert "did you mean `best_split.share_keeping`?" in found
    lonely = STUDY.replace("name: tiny\n", "name: tiny\nset: {touchpoints.two.enabled: false}\n")
    found = problems(folder, lonely.replace("best_split.share.*", "best_split.share.one"))[0]
    assert "line 7, measure.0" not in found
    assert "fewer than two parts of the budget can change, so there is nothing to split" in found


def test_a_flight_of_days_on_and_off_cannot_change_at_a_day(folder: Path) -> None:
    own = "set: {touchpoints.one.flight.days_on: 5, touchpoints.one.flight.days_off: 5}"
    text = STUDY.replace("name: tiny\n", f"name: tiny\n{own}\n") + "optimise: {from_day: 15}\n"
    (found,) = problems(folder, text)
    assert "`optimise.from_day` cannot be: one has a flight of days on and off" in found


def test_every_row_is_checked_before_any_run(folder: Path) -> None:
    """The window fits the scenario; not every row has that many days."""
    levers = "  days: [10, 40]\n"
    head, _, tail = STUDY.partition("measure")
    text = head + levers + "measure" + tail + "optimise: {from_day: 15}\n"
    plan = plan_of(folder, text)
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
        "row 4 of the design: one has a flight of days on and off"
    )
    assert "\n" not in caught.value.message


# --- names ---


def names_of(folder: Path, text: str) -> list[str]:
    plan = plan_of(folder, text)
    rows = range(plan.design.size)
    return [name for row in rows for name in plan.identify(plan.values(row), plan.seeds)]


def test_other_studies_keep_their_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise AssertionError("nothing of the search is asked for")

    head, _, _ = STUDY.partition("measure")
    text = head + "measure: [economics.profit]\n"
    monkeypatch.setattr(sim.questions.levers.market, "search_version", none)
    levers = [
        f"{path}={value}"
        for path, value in (("touchpoints.one.budget_per_day", 500), ("offers.offer.unit_cost", 40))
    ]
    first = load_scenario(folder / "posters.yaml", levers)
    assert names_of(folder, text)[0] == run_name(first, model_version())
    plan = plan_of(folder, text)
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
    monkeypatch.setattr(sim.questions.levers.market, "search_version", lambda: "another")
    assert not set(names_of(folder, STUDY)) & set(found[0])


def test_the_search_is_all_that_it_imports() -> None:
    """A change of any of these may change the split that is found; others do not touch it."""
    found = {file.stem for file in modules_behind("sim.questions.budget.best_split")}
    assert found >= {
        *("best_split", "request", "many", "plans"),
        *("scaling", "search", "trials"),
    }
    assert not found & {"sweep", "market", "rules", "sensitivity", "compare"}
    behind = modules_behind("sim.questions.budget.search")
    assert {file.stem for file in behind} == {"search", "scaling"}
    assert search_version() != model_version()


def test_a_worker_with_another_search_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, scenario = parse_study(STUDY, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    monkeypatch.setattr(sim.questions.levers.market, "search_version", lambda: "another")
    with pytest.raises(Exception, match="another version of journeysim"):
        work(Job("any", plan.values(0), 3))
