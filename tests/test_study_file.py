"""Study files: what they may say, and the answer to every mistake."""

from pathlib import Path

import pytest

from sim.cli import main
from sim.errors import InputError, ScenarioErrors
from sim.questions.levers.market import market_plan
from sim.questions.levers.study_file import load_study, parse_study, study_file, study_names
from sim.questions.studies import has_kind
from sim.runs.sweep import RunIndex
from sim.scenario.levers import get
from worlds.studies import TINY, write_tiny

PRICE = "  offers.basic.price: [280, 300, 340]\n"
BUDGET = "  touchpoints.search.budget_per_day: {low: 0, high: 80, points: 4}\n"
MEASURE = "measure: [economics.profit, customers.new, economics.cac, touchpoints.*.spend]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny(tmp_path)
    return tmp_path


def problems(folder: Path, text: str) -> list[str]:
    """The sentences about a study that is wrong."""
    with pytest.raises(ScenarioErrors) as caught:
        parse_study(text, "tiny.yaml", folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_a_study_and_its_scenario(folder: Path) -> None:
    text = TINY.replace("days: 20", "days: 20\nseed: 5\nset: {reviews.chance: 0.25}")
    study, scenario = parse_study(text, "tiny.yaml", folder)
    assert (scenario.agents, scenario.days, scenario.seed) == (200, 20, 5)
    assert get(scenario, "reviews.chance") == 0.25
    plan = market_plan(study, scenario)
    assert plan.design.size == 12
    assert list(plan.seeds) == [5, 6]
    assert plan.values(0) == {
        "touchpoints.search.budget_per_day": 0.0,
        "offers.basic.price": 280,
    }
    assert plan.columns == dict.fromkeys(plan.values(0), "number")
    spends = [f"touchpoints.{name}.spend" for name in scenario.touchpoints]
    assert list(plan.measures) == ["economics.profit", "customers.new", "economics.cac", *spends]


def test_the_kind_of_a_lever_is_that_of_its_column(folder: Path) -> None:
    vary = (
        "  journey.shape: [funnel, loop]\n"
        "  touchpoints.newsletter.personalised: [true, false]\n"
        "  talk.listeners_negative: {low: 1, high: 3, points: 3}\n"
        "  touchpoints.site.habituation: [null, 4]\n"
        "  segments.few.affinities.site: [1, 2]\n"  # one that the scenario leaves out
    )
    study, scenario = parse_study(TINY.replace(PRICE, vary), "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    assert list(plan.columns.values()) == [
        "number",
        "text",
        "boolean",
        "integer",
        "number",
        "number",
    ]
    assert list(plan.values(0).values()) == [0.0, "funnel", True, 1, None, 1]
    assert plan.design.size == 4 * 2 * 2 * 3 * 2 * 2


def test_one_at_a_time_starts_from_the_scenario(folder: Path) -> None:
    text = TINY + "design: {method: one_at_a_time}\n"
    plan = market_plan(*parse_study(text, "tiny.yaml", folder))
    assert list(plan.values(0).values()) == [40.0, 300.0]
    assert list(plan.values(5).values()) == [40.0, 280]
    assert RunIndex(plan).size == 2 * 7  # the base and the price of 300 are one


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        (
            "replicates: 2",
            "replicate: 2",
            "line 5, replicate: `replicate` is not a known name; allow",
        ),
        ("name: tiny\n", "", "name: the field is missing; allowed: a name of a to z"),
        ("town.yaml", "webshop_lop", "line 2, scenario: `webshop_lop` is neither a file nor"),
        ("agents: 200", "agents: 0", "line 3, agents: 0 is out of range; allowed: a whole number"),
        ("agents: 200", "agents: yes", "line 3, agents: expected a whole number from 1"),
        ("days: 20", "days: 20\nset: {talk.perday: 1}", "line 5: `talk.perday` is not a field"),
        ("days: 20", "days: 20\nset: {talk.per_day: 3}", "line 5, talk.per_day: 3 is out of range"),
        ("replicates: 2", "replicates: 2\nreplicates: 3", "line 6, replicates: `replicates` is gi"),
        ("search.budget", "serch.budget", "did you mean `touchpoints.search.budget_per_day`?"),
        ("offers.basic.price", "offers.basic", "`vary.offers.basic` is a group or a list; only"),
        ("offers.basic.price", "name", "`vary.name` is a text; only a number, a switch or"),
        ("offers.basic.price", "seed", "`vary.seed` is varied by replicates; give `replicates`"),
        ("offers.basic.price", "days", "`vary.days` is set as well as varied; give it once"),
        ("[280, 300, 340]", "[280, 300, 280]", "`vary.offers.basic.price` has a value twice"),
        ("[280, 300, 340]", "[280, many]", 'price.1: "many" is out of range; allowed: a number f'),
        ("[280, 300, 340]", "[280, true]", "price.1: true is out of range; allowed: a number fro"),
        ("[280, 300, 340]", "[]", "line 8, vary.offers.basic.price: a list of 0 is out of range"),
        ("[280, 300, 340]", "300", "found 300, expected a list of values"),
        ("[280, 300, 340]", "{}", "is empty; give values, low and high, or a distribution"),
        ("low: 0, high: 80", "low: 80, high: 0", "needs a low that is below its high"),
        ("low: 0, high: 80", "low: 0", "needs high: a range"),
        ("low: 0, high: 80", "low: 0, hihg: 80", "did you mean `high`?"),
        ("points: 4", "scale: log", "needs a low above 0 on a logarithmic scale"),
        ("points: 4", "scale: cubic", 'the text "cubic" is not one of the choices; allowed: line'),
        ("points: 4", "mean: 2", "is a range, where mean has no effect"),
        (
            "low: 0, high: 80, points: 4",
            "distribution: normal, mean: 4",
            "needs sd: a normal distribution",
        ),
        (
            "low: 0, high: 80, points: 4",
            "distribution: normal, mean: 4, sd: 1, low: 50",
            "has almost none of its distribution between low and high",
        ),
        (
            "touchpoints.*.spend",
            "touchpoints.shop.spend",
            "`touchpoints.shop.spend` is not a known",
        ),
        ("economics.profit", "economics.profits", "did you mean `economics.profit`?"),
        ("economics.profit", "seconds", "`seconds` is not a known name"),
        (
            MEASURE,
            MEASURE + "design: {method: sobol}\n",
            "`design.samples` is missing: sobol needs a number of samples",
        ),
        (
            MEASURE,
            MEASURE + "design: {method: sobol, samples: 100}\n",
            "line 10, design.samples: 100 is out of range; allowed: a power of 2, such as 64 or 12",
        ),
        (
            MEASURE,
            MEASURE + "design: {samples: 9}\n",
            "`design.samples` has no effect: grid uses every listed value",
        ),
        (
            MEASURE,
            MEASURE + "design: {method: morris, samples: 9, levels: 5}\n",
            "design.levels: 5 is out of range; allowed: an even number",
        ),
        (
            MEASURE,
            MEASURE + "design: {method: latin_hypercube, samples: 9, levels: 6}\n",
            "`design.levels` applies only to method: morris",
        ),
        (
            MEASURE,
            MEASURE + "draw: [{measure: economics.cac, x: offers.basic.prise}]\n",
            "line 10, draw.0.x: `offers.basic.prise` is not a known name; allowed: touchpoints.sea",
        ),
        (
            MEASURE,
            MEASURE + "draw: [{kind: heat_map, measure: economics.cac, x: offers.basic.price}]\n",
            "`draw.0.y` is missing: a heat map needs a second parameter",
        ),
        (
            "replicates: 2",
            "replicates: 10_000\nseed: 9_223_372_036_854_775_807",
            "is out of range; allowed: at most 9223372036854775807 in the last replicate",
        ),
    ],
)
def test_a_mistake_gets_its_answer(folder: Path, old: str, new: str, answer: str) -> None:
    assert old in TINY
    found = problems(folder, TINY.replace(old, new))
    assert len(found) == 1, found
    assert answer in found[0]
    assert found[0].startswith("tiny.yaml")
    assert "\n" not in found[0]


def test_all_problems_are_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    text = TINY.replace("search.budget", "serch.budget").replace("280,", "-1, tree,")
    found = problems(folder, text.replace("customers.new", "customers.old"))
    assert [sentence.split(":")[0] for sentence in found] == [
        "tiny.yaml, line 7",
        "tiny.yaml, line 8, vary.offers.basic.price.1",
        "tiny.yaml, line 9, measure.1",
    ]


def test_a_design_of_too_many_runs_is_refused(folder: Path) -> None:
    many = BUDGET.replace("points: 4", "points: 1000")
    more = "  talk.per_day: {low: 0, high: 1, points: 1000}\n"
    found = problems(folder, TINY.replace(BUDGET, many + more))
    assert len(found) == 1
    assert "a design of 6000000 runs is out of range; allowed: at most 2000000 runs" in found[0]


def test_every_row_is_checked_before_any_run(folder: Path) -> None:
    """Each value is a price; not every scenario that they make is valid."""
    text = TINY.replace("[280, 300, 340]", "[280, -5, -6]")
    study, scenario = parse_study(text, "tiny.yaml", folder)
    with pytest.raises(InputError) as caught:
        RunIndex(market_plan(study, scenario))
    lines = caught.value.message.splitlines()
    assert len(lines) == 2  # of eight rows that are wrong: each mistake once
    assert lines[0].startswith("row 1 of the design, offers.basic.price: -5 is out of range")
    assert lines[1].startswith("row 2 of the design, offers.basic.price: -6 is out of range")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "it is empty, or has only comments"),
        ("- 1\n", "it is not a mapping"),
        ("name: [\n", "this is not a YAML scenario"),
        ("name: &a tiny\n", "&a is not accepted: anchors"),
    ],
)
def test_what_is_no_study_is_told(folder: Path, text: str, answer: str) -> None:
    assert answer in problems(folder, text)[0]


def test_a_study_is_a_file_or_of_the_library(tmp_path: Path) -> None:
    assert study_file("some/where.yaml") == Path("some/where.yaml")
    sweeps = [name for name in study_names() if not has_kind(name)]
    assert sweeps
    for name in sweeps:
        study, scenario = load_study(name)
        assert study.name == name
        assert study.title
        assert study.title_da
        assert study.description
        assert study.description_da
        assert RunIndex(market_plan(study, scenario)).size > 1
    with pytest.raises(ScenarioErrors, match="did you mean `search_and_price`"):
        study_file("search_and_prices")
    with pytest.raises(ScenarioErrors, match="there is no such file"):
        load_study(tmp_path / "none.yaml")


def test_the_command_refuses_without_a_trace(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    write_tiny(folder, {"customers.new": "customers.old"})
    assert main(["experiment", "tiny.yaml"]) == 2
    assert capsys.readouterr().err.startswith("tiny.yaml, line 9, measure.1: `customers.old` is")
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.yaml", "town.yaml"]


def test_settings_that_must_add_up_are_made_together(folder: Path) -> None:
    memory = "journey.behaviour.memory"
    given = f"set: {{{memory}.peak: 0.5, {memory}.end: 0.5, {memory}.mean: 0.0}}\n"
    _, scenario = parse_study(TINY + given, "tiny.yaml", folder)
    assert scenario.journey.behaviour.memory.mean == 0.0
