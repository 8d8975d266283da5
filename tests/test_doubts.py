"""What is valid and doubtful: each kind of doubt is told of a file that has it, and of no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim import cli, load_scenario
from sim.engine.day import run_fast
from sim.model.columns import Touch
from sim.scenario.arrays import make_tables
from sim.scenario.doubts import RULES, doubts
from sim.scenario.dump import dump_scenario
from sim.scenario.library import library_names
from sim.scenario.load import parse_scenario
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from sim.scenario.template import write_template
from sim.theory.bare import merged
from sim.vocabulary import FIXED_POINT

GOOD: dict[str, Any] = {
    "name": "good",
    "population": 20_000,
    "agents": 5_000,
    "days": 365,
    "journey": {
        "phases": {
            "idle": {"kind": "latent"},
            "look": {"kind": "consider", "leave_per_day": 0.05, "leave_to_competitor": 0.5},
            "buy": {"kind": "purchase", "leave_per_day": 0.05, "back_per_day": 0.01},
            "own": {"kind": "relate"},
        },
        "checkout": {"abandon": 0.5, "retry": 0.3, "to_competitor": 0.5},
    },
    "segments": {
        "all": {"share": 1.0, "lapse": {"per_day": 0.002}, "start": {"customers": 0.1}},
    },
    "offers": {"thing": {"price": 100.0}},
    "competitors": {"rival": {"offers": {"copy": {"price": 90.0}}}},
    "touchpoints": {
        "poster": {
            "starts": "push",
            "control": "paid",
            "budget_per_day": 100.0,
            "cost": {"per_contact": 1.0},
            "reach": {"idle": 1.0, "look": 1.0},
            "promise": 0.2,
            "message": {"value": 1.0},
            "effects": {"awareness": 0.1, "expectation": 0.1},
            "tracking": "click",
            "click_chance": 0.1,
            "flight": {"days_on": 30, "days_off": 30},
        },
        "letter": {"starts": "push", "audience": "permitted", "reach": {"own": 0.1}},
        "desk": {
            "starts": "service",
            "reach": {"look": 0.1, "own": 0.01},
            "capacity": {"servers": 2, "service_minutes": 10.0},
            "effects": {"trust": 0.1, "permission": 0.1},
        },
        "friends": {"starts": "earned", "control": "earned", "reach": {"look": 1.0}},
        "stars": {
            "starts": "earned",
            "control": "earned",
            "reach": {"look": 0.1},
            "shows_rating": True,
        },
    },
    "talk": {"per_day": 0.01},
    "reviews": {"chance": 0.1},
}


def phase(name: str, **fields: Any) -> dict[str, Any]:
    return {"journey": {"phases": {name: fields}}}


def touchpoint(name: str, **fields: Any) -> dict[str, Any]:
    return {"touchpoints": {name: fields}}


SILENT = {"enabled": False}
NOBODY_GIVES_UP = {"leave_per_day": 0.0, "leave_to_competitor": 0.0}
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("never_lapse", "segments.all.lapse", {"segments": {"all": {"lapse": {"per_day": 0.0}}}}),
    ("few_customers", "agents", {"agents": 1_000}),
    ("few_customers", "agents", {"days": 60, "touchpoints": {"poster": {"flight": {}}}}),
    (
        "large_budget",
        "touchpoints.poster.budget_per_day",
        {"agents": 900, "days": 600, "population": 300_000, **touchpoint("desk", **SILENT)},
    ),
    (
        "no_way_out",
        "journey.phases.look.pace_per_day",
        phase("look", pace_per_day=0.0, **NOBODY_GIVES_UP),
    ),
    (
        "no_way_out",
        "journey.phases.buy.leave_per_day",
        {"competitors": {}, **phase("buy", leave_per_day=0.0, back_per_day=0.0)},
    ),
    (
        "overload",
        "touchpoints.desk.capacity",
        touchpoint("desk", capacity={"service_minutes": 100.0}),
    ),
    ("unheard_talk", "talk.per_day", touchpoint("friends", **SILENT)),
    ("unheard_talk", "talk.per_day", touchpoint("friends", reach={"look": 0.0})),
    (
        "unheard_talk",
        "talk.fan_per_day",
        {"talk": {"per_day": 0.0, "fan_per_day": 0.1}, **touchpoint("friends", **SILENT)},
    ),
    ("tracking_off", "touchpoints.poster.tracking", touchpoint("poster", tracking="none")),
    ("tracking_off", "tracking.consent", {"tracking": {"consent": 0.0}}),
    (
        "endless_flight",
        "touchpoints.poster.flight.days_off",
        touchpoint("poster", flight={"days_on": 365}),
    ),
    (
        "endless_flight",
        "touchpoints.poster.flight.days_on",
        touchpoint("poster", flight={"days_on": 400, "days_off": 0}),
    ),
    (
        "endless_flight",
        "touchpoints.poster.flight.start_day",
        touchpoint("poster", flight={"start_day": 365}),
    ),
    (
        "changes_nothing",
        "journey.checkout.retry",
        {"journey": {"checkout": {"abandon": 0.0, "to_competitor": 0.0}}},
    ),
    (
        "changes_nothing",
        "journey.phases.look.leave_to_competitor",
        phase("look", leave_per_day=0.0),
    ),
    ("changes_nothing", "journey.phases.look.back_per_day", phase("look", back_per_day=0.1)),
    ("changes_nothing", "journey.phases.own.back_after_bad", phase("own", back_after_bad=0.1)),
    ("changes_nothing", "touchpoints.letter.reach", touchpoint("letter", reach={"own": 0.0})),
    (
        "changes_nothing",
        "touchpoints.poster.budget_per_day",
        touchpoint("poster", budget_per_day=0.0),
    ),
    ("changes_nothing", "touchpoints.letter.message", touchpoint("letter", message={"value": 1.0})),
    ("changes_nothing", "touchpoints.letter.personalised", touchpoint("letter", personalised=True)),
    (
        "changes_nothing",
        "touchpoints.poster.promise",
        touchpoint("poster", effects={"expectation": 0.0}),
    ),
    (
        "changes_nothing",
        "touchpoints.desk.effects.permission",
        touchpoint("letter", audience="customers"),
    ),
    ("changes_nothing", "reviews.chance", touchpoint("stars", **SILENT)),
    (
        "changes_nothing",
        "segments.all.renewal",
        {"segments": {"all": {"renewal": {"churn": {"mean": 0.5}}}}},
    ),
]


def scenario(change: dict[str, Any]) -> Scenario:
    data = merged(GOOD, change)
    data |= {key: given for key, given in change.items() if given == {}}
    if change.get("days") == 60:
        data["touchpoints"]["poster"]["flight"] = {"days_on": 10, "days_off": 10}
    made = Scenario.model_validate(data)
    assert cross_check(made) == []
    return made


def test_a_good_file_has_no_doubt() -> None:
    assert doubts(scenario({})) == []


@pytest.mark.parametrize(("rule", "field", "change"), CHANGES)
def test_what_is_doubtful_is_told(rule: str, field: str, change: dict[str, Any]) -> None:
    found = {(each.kind, each.field): each for each in doubts(scenario(change))}
    assert (rule, field) in found
    # nothing else but what follows from the same change
    assert {kind for kind, _ in found} - {rule} <= {"changes_nothing"}
    told = found[rule, field].sentence()
    assert told.startswith(f"{field}: ")
    assert told.endswith(".")
    assert len(told) < 300
    assert "..." not in told  # nothing was too long to be said


def test_every_kind_of_doubt_is_tried() -> None:
    assert [rule.name for rule in RULES] == list(dict.fromkeys(rule for rule, _, _ in CHANGES))


@pytest.mark.parametrize("name", library_names())
def test_the_library_has_no_doubt(name: str) -> None:
    assert doubts(load_scenario(name)) == []


def test_the_template_has_no_doubt(tmp_path: Path) -> None:
    file = write_template("shop", tmp_path, replace=False)
    assert doubts(parse_scenario(file.read_text(encoding="utf-8"))) == []


def test_subscribers_who_renew_or_not_are_no_doubt() -> None:
    offer = {"offers": {"thing": {"subscription_days": 30}}}
    never = {"segments": {"all": {"lapse": {"per_day": 0.0}}}}
    assert doubts(scenario(merged(offer, never))) == []
    faithful = {"segments": {"all": {"renewal": {"churn": {"mean": 0.0}}}}}
    (found,) = doubts(scenario(merged(merged(offer, never), faithful)))
    assert found.kind == "never_lapse"


@pytest.mark.parametrize(("servers", "too_few"), [(1, True), (2, False)])
def test_a_desk_is_too_small_where_its_visitors_say_so(servers: int, too_few: bool) -> None:
    """480 of 4,000 people come a day for two minutes each; ten hours are 600 minutes."""
    market = scenario(
        {
            "population": 4_000,
            "agents": 4_000,
            "days": 400,
            "touchpoints": {
                "desk": {
                    "reach": {"idle": 0.12, "look": 0.0, "own": 0.0},
                    "capacity": {
                        "servers": servers,
                        "opens_hour": 9.0,
                        "closes_hour": 19.0,
                        "service_minutes": 2.0,
                    },
                }
            },
            "segments": {"all": {"start": {"customers": 0.0}, "need": {"rate_per_year": 3.0}}},
        }
    )
    assert [each.kind for each in doubts(market)] == ["overload"] * too_few
    touch = run_fast(market.model_copy(update={"days": 30})).touch
    desk = list(market.touchpoints).index("desk")
    place = make_tables(market).pair[list(market.journey.phases).index("idle"), desk]
    met = touch.sum(axis=(0, 1))[place]
    assert met[Touch.ENCOUNTERS] / 30 == pytest.approx(480, rel=0.1)
    # patience is endless: the last of 442 to 480 waits more than four hours for the others
    wait = met[Touch.WAIT] / FIXED_POINT / met[Touch.ENCOUNTERS]
    assert (wait > 60.0) == too_few


# --- the commands ---


def written(folder: Path, change: dict[str, Any]) -> Path:
    file = folder / "market.yaml"
    file.write_text(dump_scenario(scenario(change)), encoding="utf-8")
    return file


def test_check_tells_of_doubts_and_is_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, {"tracking": {"consent": 0.0}})
    assert cli.main(["check", str(file)]) == 0
    said = capsys.readouterr()
    assert "is a valid scenario" in said.out
    (told,) = said.err.splitlines()
    assert told.startswith(f"note: {file}, line ")
    assert "tracking.consent: 0; tracking is off" in told
    line = int(told.partition(", line ")[2].partition(",")[0])
    assert "consent: 0" in file.read_text(encoding="utf-8").splitlines()[line - 1]

    assert cli.main(["check", str(file), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["doubts"]
    assert (found["kind"], found["field"], found["line"]) == (
        "tracking_off",
        "tracking.consent",
        line,
    )


def test_check_of_a_good_file_says_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(written(tmp_path, {}))]) == 0
    assert capsys.readouterr().err == ""


def test_run_tells_of_doubts_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = written(tmp_path, {"days": 60, "tracking": {"consent": 0.0}}), tmp_path / "result"
    options = ["run", str(file), "--no-next-krone", "--agents", "300", "--out", str(out)]
    assert cli.main(options) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert [line.partition(": ")[2].split(", ")[1].partition(":")[0] for line in told] == [
        "agents",
        "tracking.consent",
    ]
    assert cli.main([*options, "--quiet"]) == 0
    assert capsys.readouterr().err == ""
