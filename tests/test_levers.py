"""Dotted paths: reading, listing and setting, with the checks of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import ScenarioErrors
from sim.scenario.levers import SET, get, levers, with_settings
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
