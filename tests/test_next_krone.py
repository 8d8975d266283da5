"""The next krone: steps up of each touchpoint, tried out beside a run."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

import sim.questions.touchpoints.next_krone as trial
from sim.cli import main
from sim.engine.day import run_fast
from sim.measures.figure import Undefined
from sim.measures.incrementality import (
    NOT_TRIED,
    NOTHING_PLACED,
    UNSURE,
    cac_marginal,
    extra_profit,
    step_return,
)
from sim.measures.intervals import NORMAL_975
from sim.model.columns import Count
from sim.pages.folder import remake_report, write_folder
from sim.pages.pages import make_report
from sim.questions.touchpoints.next_krone import FACTOR, FREE, planned, runs_needed, try_next_krone
from sim.records.steps import FILE, NextKrone, Step, as_text, from_text, joined
from sim.runs.run import Run, read_folder, run
from sim.scenario.dump import dump_scenario
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose
from worlds.by_hand import nothing_happened, run_of
from worlds.help_desk import BUYS, DAILY, HELP, PRICE, UNIT_COST, helped

WIN = Purpose.ACQUISITION
STEP = Step("web", False, WIN, False, False, 100.0, 120.0, 110.0, 300.0, 20.0, 11.0, 2.0)


def tried(*steps: Step) -> NextKrone:
    return NextKrone(1.25, 1000, steps, {})


# --- figures by hand ---


def test_a_step_by_hand() -> None:
    assert extra_profit(STEP)[0] == 180.0  # 300 of margin, 120 spent on all touchpoints
    found = step_return(STEP)
    assert not isinstance(found, Undefined)
    assert found.value == 1.8  # per krone placed on it
    assert found.high - found.value == pytest.approx(NORMAL_975 * 20.0 / 100.0)
    assert found.value - found.low == pytest.approx(NORMAL_975 * 20.0 / 100.0)
    assert step_return(replace(STEP, placed=0.0)) == NOTHING_PLACED


def test_marginal_cost_of_a_customer_by_hand() -> None:
    together = replace(STEP, name=WIN.value, together=True)
    cost = cac_marginal(tried(STEP, together))
    assert not isinstance(cost, Undefined)
    assert cost.value == 10.0  # 110 / 11
    half = NORMAL_975 * 2.0
    assert (cost.low, cost.high) == pytest.approx((110.0 / (11.0 + half), 110.0 / (11.0 - half)))
    assert cac_marginal(tried(replace(together, new_customers_se=6.0))) == UNSURE
    assert cac_marginal(None) == NOT_TRIED
    assert isinstance(cac_marginal(tried(STEP)), Undefined)  # no step of all together


def test_seeds_are_joined_as_means_with_the_error_of_means() -> None:
    other = replace(STEP, margin=500.0, margin_se=15.0, placed=120.0)
    both = joined([tried(STEP), tried(other)])
    (step,) = both.steps
    assert both.customers == 2000
    assert (step.margin, step.placed) == (400.0, 110.0)
    assert step.margin_se == pytest.approx(math.hypot(20.0, 15.0) / 2.0)
    assert joined([tried(STEP), tried()]).steps == []


def test_steps_survive_their_file() -> None:
    found = NextKrone(1.25, 7, [replace(STEP, margin=0.1 + 0.2)], {"talk": "why"})
    text = as_text(found).encode()
    assert from_text(text, {"web", "talk"}) == found
    for wrong in (b"{}", b"[]", text.replace(b'"web"', b'"nowhere"'), text.replace(b"20.0", b"-2")):
        with pytest.raises((ValueError, KeyError, TypeError)):
            from_text(wrong, {"web", "talk"})


# --- tried out ---


def test_a_step_adds_its_closed_form() -> None:
    """A quarter more of the help desk: a quarter of checkouts x chance x margin."""
    market = helped(agents=6000)
    made = run(market)
    found = try_next_krone(made)
    step = next(step for step in found.steps if step.name == "help")
    started = int(run_fast(market).counts[..., Count.CHECKOUTS_STARTED].sum())
    exact = (FACTOR - 1.0) * BUYS * started * (PRICE - UNIT_COST) * 2.0
    assert abs(step.margin - exact) < 3.0 * step.margin_se < 0.15 * exact
    assert step.placed == step.spend == step.spend_acquisition == 0.25 * DAILY * market.days
    assert step.assumed
    assert found.left_out == {"poster": FREE}
    together = found.steps[-1]
    assert together.together  # of the only touchpoint that can be scaled
    assert together.margin == step.margin
    assert found.customers == 6000


def test_fewer_customers_where_many_seeds_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MOST_CUSTOMERS", 600)
    monkeypatch.setattr(trial, "LEAST_CUSTOMERS", 200)
    market = helped(agents=1000, days=10)
    made = run(market)
    assert try_next_krone(made).customers == 600
    assert try_next_krone(made, seeds=2).customers == 300
    assert try_next_krone(made, seeds=9).customers == 200
    # the first 600 customers have the luck that they have in the whole market
    small = run(load_again(market, 600))
    assert try_next_krone(made).steps == try_next_krone(small).steps


def load_again(market: Scenario, agents: int) -> Scenario:
    return market.model_copy(update={"agents": agents})


def test_threads_do_not_show_and_the_bar_ends_full() -> None:
    made = run(helped(agents=800, days=10))
    told: list[float] = []
    one = try_next_krone(made, threads=1, progress=told.append)
    assert one == try_next_krone(made, threads=2)
    assert told == sorted(told)
    assert told[-1] == runs_needed(made.scenario) == 2


def test_nothing_to_scale_takes_no_run() -> None:
    made = run_of(nothing_happened(helped(poster=HELP | {"cost": {}}, agents=10)))
    found = try_next_krone(made)
    assert found.steps == []
    assert planned(made.scenario)[0] == {}
    assert runs_needed(made.scenario) == 0
    assert "no touchpoint that costs anything" in make_report(replace(made, next_krone=found))


# --- in a result folder ---


@pytest.fixture(scope="module")
def made() -> Run:
    whole = run(load_scenario("webshop_loop", agents=600, days=90))
    return replace(whole, next_krone=try_next_krone(whole))


def test_a_folder_keeps_the_steps_and_its_report_is_the_same_again(
    made: Run, tmp_path: Path
) -> None:
    report = write_folder(made, tmp_path / "a")
    before = report.read_bytes()
    assert b'id="next-krone"' in before
    back = read_folder(tmp_path / "a")
    assert back.next_krone == made.next_krone
    assert back.summary == made.summary
    remake_report(tmp_path / "a")
    assert report.read_bytes() == before
    assert FILE in json.loads((tmp_path / "a" / "manifest.json").read_text())["files"]


def test_the_summary_has_a_line_for_each_step(made: Run) -> None:
    assert made.next_krone is not None
    found = made.summary
    names = {step.name for step in made.next_krone.steps if not step.together}
    assert set(found["next_krone"]) == names
    assert set(found["next_krone_purpose"]) == {"acquisition", "retention"}
    for figures in found["next_krone"].values():
        assert set(figures) == {"return", "low", "high"}
    none = replace(made, next_krone=None).summary
    assert none["next_krone"] == {}
    assert none["undefined"]["economics.cac_marginal"] == NOT_TRIED


def test_the_command_tries_it_where_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(dump_scenario(helped(agents=200, days=5)))
    assert main(["run", "m.yaml", "--out", "a", "--quiet"]) == 0
    assert (tmp_path / "a" / FILE).exists()
    assert main(["run", "m.yaml", "--out", "b", "--quiet", "--no-next-krone"]) == 0
    assert not (tmp_path / "b" / FILE).exists()
    assert read_folder("b").next_krone is None
    capsys.readouterr()
    assert main(["run", "m.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["next_krone"] == {}
    assert main(["run", "m.yaml", "--json", "--next-krone", "--replicates", "2"]) == 0
    joint = json.loads(capsys.readouterr().out)
    low, high = joint["intervals"]["next_krone.help.return"]
    assert low < joint["next_krone"]["help"]["return"] < high
    assert joint["next_krone"]["help"]["low"] == low


def test_a_damaged_file_of_steps_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: Run
) -> None:
    write_folder(made, tmp_path / "a")
    (tmp_path / "a" / FILE).write_text("{}")
    assert main(["report", str(tmp_path / "a")]) == 2
    assert "is damaged" in capsys.readouterr().err
