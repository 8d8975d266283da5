"""Dotted paths: reading, listing and setting, with the checks of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import ScenarioErrors
from sim.scenario.levers import SET, get, levers, timeline, with_settings
from sim.scenario.load import load_scenario, parse_scenario
from sim.scenario.template import TEMPLATE, template_text

SCENARIO = parse_scenario(template_text("base"))
QUALITY = "touchpoints.website.quality.mean"


def problems_of(*given: str) -> list[tuple[str, str | None]]:
    with pytest.raises(ScenarioErrors) as caught:
        with_settings(SCENARIO, given)
    assert all(problem.file == SET for problem in caught.value.problems)
    assert all(problem.line is None for problem in caught.value.problems)
    return [(problem.kind, problem.field) for problem in caught.value.problems]


def nearest_of(setting: str) -> str | None:
    with pytest.raises(ScenarioErrors) as caught:
        with_settings(SCENARIO, [setting])
    (problem,) = caught.value.problems
    return problem.nearest


def test_every_listed_lever_can_be_read_and_set_to_its_own_value() -> None:
    found = levers(SCENARIO)
    assert len({lever.path for lever in found}) == len(found)
    for lever in found:
        assert get(SCENARIO, lever.path) == lever.value
    own_values = {lever.path: lever.value for lever in found}
    assert with_settings(SCENARIO, [], own_values) == SCENARIO


def test_bounds_of_levers_are_those_of_the_checks() -> None:
    for lever in levers(SCENARIO):
        for bound, beyond in ((lever.low, -1), (lever.high, 1)):
            if bound is None:
                continue
            with pytest.raises(ScenarioErrors) as caught:
                with_settings(SCENARIO, [], {lever.path: bound + beyond})
            (problem,) = caught.value.problems
            assert (problem.kind, problem.field) == ("OutOfRange", lever.path)
            assert problem.allowed == lever.allowed


def test_a_firm_moves_its_own_touchpoints_and_offers_only() -> None:
    text = template_text("base").replace(
        "    norm: 0.1", "    control: uncontrolled\n    norm: 0.1"
    )
    firm = {lever.path for lever in levers(parse_scenario(text)) if lever.firm}
    assert "touchpoints.display.budget_per_day" in firm
    assert "offers.basic.price" in firm
    assert not any(path.startswith(("touchpoints.website", "competitors")) for path in firm)


def test_setting_changes_that_place_and_nothing_else() -> None:
    changed = with_settings(SCENARIO, [f"{QUALITY}=0.7"])
    assert get(changed, QUALITY) == 0.7
    assert with_settings(changed, [f"{QUALITY}={get(SCENARIO, QUALITY)}"]) == SCENARIO
    assert get(SCENARIO, QUALITY) == 0.2  # the original is as it was


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("agents=2_000", "agents", 2000),
        ("journey.shape=loop", "journey.shape", "loop"),
        ("touchpoints.website.personalised=true", "touchpoints.website.personalised", True),
        ("journey.needs=[price, quality]", "journey.needs", ["price", "quality"]),
        ("journey.needs.0=price", "journey.needs.0", "price"),
        ("touchpoints.website.reach={own: 0.5}", "touchpoints.website.reach", {"own": 0.5}),
        ("touchpoints.website.reach.buy=0.5", "touchpoints.website.reach.buy", 0.5),
        ("title=a=b", "title", "a=b"),
        ("segments.thrifty.affinities.display=2", "segments.thrifty.affinities.display", 2.0),
        ("segments.thrifty.patience_minutes.mean=5", "segments.thrifty.patience_minutes.cv", 0.0),
        ("touchpoints.website.effects_in.own.trust=0.1", QUALITY, 0.2),
        ("offers.basic.subscription_days=30", "offers.basic.subscription_days", 30),
        ("touchpoints.display.budget_per_day=", "touchpoints.display.budget_per_day", None),
    ],
)
def test_values_are_written_as_in_a_file(setting: str, path: str, value: object) -> None:
    assert get(with_settings(SCENARIO, [setting]), path) == value


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("agents", "BadSetting"),
        ("=5", "BadSetting"),
        ("", "BadSetting"),
        ("agents=0", "OutOfRange"),
        ("agents=many", "WrongType"),
        ("agents=.inf", "NotFinite"),
        ("agents=[1", "BrokenYaml"),
        ("agents=&a 5", "AliasUsed"),
        ("agents=!!python/object/apply:os.getpid []", "TagUsed"),
        ("journey.shape=circle", "NotOneOf"),
        ("touchpoints.website.reach.byu=0.5", "UnknownKey"),
        ("touchpoints.website.quality={men: 1}", "UnknownKey"),
        ("touchpoints.website.quality=0.5", "WrongType"),
        ("touchpoints.website.trigger=need", "BrokenRule"),
        ("segments.thrifty.share=0.5", "BrokenRule"),
        ("segments.thrifty.patience_minutes.cv=1", "MissingField"),
        ("agents.more=1", "UnknownLever"),
        ("journey.needs.9=price", "UnknownLever"),
        ("touchpoints.another={starts: pull}", "UnknownLever"),
        ("touchpoints=", "WrongType"),
    ],
)
def test_a_bad_setting_is_one_named_problem(setting: str, kind: str) -> None:
    ((found, _),) = problems_of(setting)
    assert found == kind


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("touchpoints.display.budget_per_day*=0.8", "touchpoints.display.budget_per_day", 1600.0),
        ("offers.basic.price*=1.1", "offers.basic.price", 440.0),
        ("offers.basic.price *= 3", "offers.basic.price", 1200.0),
        ("segments.thrifty.lapse.per_day*=3", "segments.thrifty.lapse.per_day", 0.006),
        ("touchpoints.website.reach.own*=0", "touchpoints.website.reach.own", 0.0),
        ("touchpoints.website.quality.mean*=-1", QUALITY, -0.2),
        ("days*=0.5", "days", 365),
        ("population*=1_000", "population", 100_000_000),
    ],
)
def test_a_factor_multiplies_the_number_that_stands_there(
    setting: str, path: str, value: float
) -> None:
    found = get(with_settings(SCENARIO, [setting]), path)
    assert found == value
    assert type(found) is type(get(SCENARIO, path))


def test_factors_apply_in_order_to_what_the_settings_before_them_left() -> None:
    price = "offers.basic.price"
    assert (
        get(with_settings(SCENARIO, [f"{price}=100", f"{price}*=1.1", f"{price}*=3"]), price) == 330
    )
    assert get(with_settings(SCENARIO, [f"{price}*=3", f"{price}=100"]), price) == 100


@pytest.mark.parametrize(
    ("setting", "kind", "said"),
    [
        ("journey.shape*=2", "BadSetting", "only a number can be multiplied"),
        ("touchpoints.website.personalised*=2", "BadSetting", "only a number can be multiplied"),
        ("title*=2", "BadSetting", "only a number can be multiplied"),
        ("journey.needs*=2", "BadSetting", "only a number can be multiplied"),
        ("touchpoints.website.quality*=2", "BadSetting", f"did you mean `{QUALITY}`?"),
        ("touchpoints.website.budget_per_day*=2", "BadSetting", "no value to multiply"),
        ("touchpoints.website.reach.buy*=2", "BadSetting", "no value to multiply"),
        ("segments.thrifty.patience_minutes.mean*=2", "BadSetting", "no value to multiply"),
        ("agents*=80%", "BadSetting", "the factor is not a number; allowed: a number, such as 0.8"),
        ("agents*=true", "BadSetting", "the factor is not a number"),
        ("agents*=", "BadSetting", "the factor is not a number"),
        ("*=2", "BadSetting", "it is not PATH=VALUE or PATH*=FACTOR"),
        ("agents*=.inf", "NotFinite", "not a finite number"),
        ("touchpoints.display.budget_per_day*=1e308", "NotFinite", "not a finite number"),
        ("agnets*=2", "UnknownLever", "did you mean `agents`?"),
        ("agents*=-1", "OutOfRange", "-10000 is out of range"),
        ("days*=0.3333", "WrongType", "expected a whole number from 1 to 7300, found 243.309"),
        ("touchpoints.website.quality.mean*=9", "OutOfRange", "1.8 is out of range"),
        ("segments.thrifty.share*=2", "OutOfRange", "1.2 is out of range"),
        ("segments.thrifty.share*=1.1", "BrokenRule", "add up to 1.06"),
    ],
)
def test_what_cannot_be_multiplied_is_one_clear_problem(setting: str, kind: str, said: str) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        with_settings(SCENARIO, [setting])
    (problem,) = caught.value.problems
    assert problem.kind == kind
    assert problem.file == SET
    assert said in problem.sentence()


def test_a_wrong_value_is_told_once_though_a_factor_follows() -> None:
    found = problems_of("offers.basic.price=much", "offers.basic.price*=2")
    assert found == [("WrongType", "offers.basic.price")]


@pytest.mark.parametrize("second", ["mean=2", "mean*=2", "0=2"])
@pytest.mark.parametrize("first", ["[1]", "3", "[[1]]"])
def test_a_part_below_a_wrong_value_is_told_not_broken(first: str, second: str) -> None:
    found = problems_of(
        f"touchpoints.website.quality={first}", f"touchpoints.website.quality.{second}"
    )
    assert [kind for kind, _ in found] == ["UnknownLever", "WrongType"]


def test_a_change_on_a_day_may_multiply_but_not_what_is_fixed() -> None:
    changes = [
        {"day": 10, "set": ["offers.basic.price*=1.1"]},
        {"day": 20, "set": ["offers.basic.price*=2"]},
    ]
    market = with_settings(SCENARIO, [], {"changes": changes})
    assert [get(at, "offers.basic.price") for _, at in timeline(market)] == [400.0, 440.0, 880.0]
    with pytest.raises(ScenarioErrors, match="cannot change on a day"):
        with_settings(SCENARIO, [], {"changes": [{"day": 10, "set": ["agents*=2"]}]})


def test_problems_of_all_settings_are_told_at_once() -> None:
    assert problems_of("agents=0", "dayz=5", "seed", "panel=2") == [
        ("UnknownLever", "dayz"),
        ("BadSetting", None),
        ("OutOfRange", "agents"),
        ("OutOfRange", "panel"),
    ]


def test_settings_together_may_do_what_one_alone_may_not() -> None:
    shares = ["segments.thrifty.share=0.5", "segments.devoted.share=0.5"]
    assert get(with_settings(SCENARIO, shares), "segments.thrifty.share") == 0.5


def test_the_last_setting_of_a_place_wins() -> None:
    assert with_settings(SCENARIO, ["seed=2", "seed=3"]).seed == 3


def test_the_nearest_path_is_suggested() -> None:
    assert nearest_of("touchpoints.webiste.quality.mean=1") == QUALITY
    assert nearest_of("touchpoints.website.qality.mean=1") == QUALITY
    assert nearest_of("website.quality.mean=1") == QUALITY
    assert nearest_of("agnets=1") == "agents"
    assert nearest_of("zzzzzzzz=1") is None


@pytest.mark.parametrize("path", ["", ".", "touchpoints.", "a..b", "journey.needs.-1", "seed.0"])
def test_a_path_to_nothing_is_an_unknown_lever(path: str) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        get(SCENARIO, path)
    assert caught.value.problems[0].kind == "UnknownLever"
    with pytest.raises(ScenarioErrors):
        with_settings(SCENARIO, [f"{path}=1"])


def test_overrides_are_python_values_and_none_leaves_the_file_alone() -> None:
    scenario = load_scenario(TEMPLATE, ["days=10"], agents=np.int64(50), seed=0, days=None)
    assert (scenario.agents, scenario.seed, scenario.days) == (50, 0, 10)
    assert type(scenario.agents) is int


@pytest.mark.parametrize(
    "value",
    [Path("x"), {1, 2}, object(), float("nan"), np.arange(3), "\0", 1 << 80, [[[]]], "\ud800"],
)
def test_an_override_that_is_no_plain_data_is_a_named_problem(value: object) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario(TEMPLATE, title=value)
    assert caught.value.problems[0].field == "title"
