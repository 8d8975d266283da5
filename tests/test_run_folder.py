"""Runs, their tables, and the result folder: whole or not at all, and complete."""

import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest
from hand import by_hand, nothing_happened, run_of
from markets import MARKETS

import sim
import sim.folders
import sim.frames.people
from sim.errors import InputError, JourneysimError
from sim.folders import NotWritten, put_folder
from sim.frames import TABLES, describe
from sim.recorder import Records
from sim.records import Count
from sim.report.folder import write_folder
from sim.run import Run, read_folder, run, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.vocabulary import EventCode

FILES = {
    "manifest.json",
    "report.html",
    "scenario.yaml",
    "summary.json",
    *(f"{name}.parquet" for name in TABLES),
}
SETTLED = ("awareness", "engagement", "loyalty", "stocks_day")  # brought up to the last day


@cache
def made(name: str) -> Run:
    return run(MARKETS[name], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results") / "town"
    write_folder(made("town"), place)
    return place


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def hidden(around: Path) -> list[str]:
    return [name for name in os.listdir(around) if name.startswith(".")]


# --- what is in it ---


def test_the_folder_holds_what_it_should(folder: Path) -> None:
    assert set(os.listdir(folder)) == FILES
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["files"]) == FILES
    scenario = made("town").scenario
    assert manifest["scenario_hash"] == scenario_hash(scenario)
    assert manifest["seed"] == scenario.seed == 0
    assert manifest["people_per_agent"] == 10.0
    assert manifest["engine"] == "fast"
    assert manifest["cores"] == os.cpu_count()
    assert set(manifest["versions"]) == {"journeysim", "numpy", "numba", "python"}
    assert manifest["customer_days_per_second"] == pytest.approx(
        scenario.agents * scenario.days / manifest["seconds"]
    )
    assert json.loads((folder / "summary.json").read_text()) == made("town").summary


def test_the_scenario_in_it_gives_the_same_run_again(folder: Path) -> None:
    again = run(load_scenario(folder / "scenario.yaml"))
    assert_same(made("town").records, again.records)


def assert_same(one: Records, other: Records, restored: bool = False) -> None:
    for field in dataclasses.fields(Records):
        here, there = getattr(one, field.name), getattr(other, field.name)
        if not isinstance(here, np.ndarray):
            assert here == there
        elif here.dtype.names is None:
            assert here.dtype == there.dtype, field.name
            np.testing.assert_array_equal(here, there, err_msg=field.name)
        else:
            for column in there.dtype.names:
                if not (restored and column in SETTLED):
                    np.testing.assert_array_equal(here[column], there[column], err_msg=column)


@pytest.mark.parametrize("name", list(MARKETS))
def test_a_folder_read_back_is_the_run(name: str, tmp_path: Path) -> None:
    written = made(name)
    write_folder(written, tmp_path / name)
    back = read_folder(tmp_path / name)
    assert back.scenario == written.scenario
    assert back.manifest == written.manifest
    assert_same(written.records, back.records, restored=True)
    assert back.summary == written.summary
    for table, frame in written.tables.items():
        pd.testing.assert_frame_equal(frame, back.tables[table])


def test_records_of_nothing_survive_the_folder(tmp_path: Path) -> None:
    lonely = by_hand(days=1, agents=1, touchpoints={})
    write_folder(run_of(nothing_happened(lonely)), tmp_path / "nothing")
    back = read_folder(tmp_path / "nothing")
    assert_same(nothing_happened(lonely), back.records, restored=True)


def test_two_runs_differ_in_nothing_but_their_duration(folder: Path, tmp_path: Path) -> None:
    write_folder(run(MARKETS["town"]), tmp_path / "again")
    for name in FILES - {"manifest.json", "summary.json"}:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    for name in ("manifest.json", "summary.json"):
        one, other = (json.loads((f / name).read_text()) for f in (folder, tmp_path / "again"))
        for content in (one, other):
            del content["seconds"], content["customer_days_per_second"]
        assert one == other


def test_every_column_is_as_documented(folder: Path) -> None:
    lines = describe()
    assert len(lines) == sum(len(schema) for schema in TABLES.values())
    assert all(line.meaning for line in lines)
    for name, schema in TABLES.items():
        stored = parquet.read_schema(folder / f"{name}.parquet")
        assert stored.names == schema.names
        assert stored.types == schema.types
        for field in schema:
            assert stored.field(field.name).metadata[b"unit"] == field.metadata[b"unit"]


def test_tables_are_attributes_too() -> None:
    town = made("town")
    assert town.daily is town.tables["daily"]
    assert set(town.tables) == set(TABLES)
    assert set(TABLES) <= set(dir(town))
    with pytest.raises(AttributeError, match="dailly"):
        _ = town.dailly
    with pytest.raises(KeyError):
        _ = town.tables["dailly"]


# --- the tables against the summary: every figure recomputed in a few lines ---


def test_conversion_from_the_tables(folder: Path) -> None:
    found = made("town").summary["conversion"]
    people, daily = read(folder, "customers"), read(folder, "daily")
    needing = people.last_need_day.notna()
    assert found["overall"] == ((people.purchases > 0) & needing).sum() / needing.sum()
    assert found["per_need"] == pytest.approx(daily.purchases.sum() / daily.needs.sum())
    abandoned = daily.checkouts_abandoned.sum() / daily.checkouts_started.sum()
    assert found["checkout_abandonment"] == pytest.approx(abandoned)
    visits = read(folder, "touchpoints").visits.sum()
    assert found["visit_conversion"] == pytest.approx(daily.purchases.sum() / visits)
    routes = read(folder, "purchases").groupby("route", observed=True).purchases.sum()
    for route, share in found["by_route"].items():
        assert share == pytest.approx(routes[route] / routes.sum())


def test_phase_conversion_from_the_tables(folder: Path) -> None:
    found = made("town").summary["conversion"]["by_phase"]
    flows, phases = read(folder, "flows"), read(folder, "phases")
    moved = flows.groupby(["from_phase", "to_phase"], observed=True).customers.sum()
    first = flows[flows.day == 0]
    at_end_of_day_0 = phases[phases.day == 0].groupby("phase", observed=True).customers.sum()
    names = list(found)
    for place, name in enumerate(names):
        came = first[first.to_phase == name].customers.sum()
        went = first[first.from_phase == name].customers.sum()
        entered = at_end_of_day_0[name] - came + went + moved[:, name].sum()
        if name == "buy":
            advanced = read(folder, "daily").purchases.sum()
        else:
            ways_on = names[place + 1 :] if place > 5 else names[place + 1 : 6]
            advanced = sum(moved.get((name, to), 0.0) for to in ways_on)
        if place < len(names) - 1:
            assert found[name] == pytest.approx(advanced / entered), name
    assert found["praise"] is None


def test_money_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    daily, spend = read(folder, "daily"), read(folder, "spend")
    purposes = {n: str(t.purpose) for n, t in made("town").scenario.touchpoints.items()}
    by_purpose = spend.groupby(spend.touchpoint.map(purposes), observed=True).spend.sum()
    money = found["economics"]
    assert money["revenue"] == pytest.approx(daily.revenue.sum())
    assert money["margin"] == pytest.approx(daily.margin.sum())
    assert money["spend"] == pytest.approx(spend.spend.sum())
    assert money["spend_acquisition"] == pytest.approx(by_purpose["acquisition"])
    assert money["spend_retention"] == pytest.approx(by_purpose.get("retention", 0.0))
    assert money["profit"] == pytest.approx(daily.margin.sum() - spend.spend.sum())
    new = daily.new_customers.sum()
    assert found["customers"]["new"] == new
    assert money["cac"] == pytest.approx(by_purpose["acquisition"] / new)
    assert money["first_order_margin"] == pytest.approx(daily.new_margin.sum() / new)
    own = read(folder, "cohorts").dropna(subset="cohort")
    worth = (own.margin * 1.1 ** (-own.age_months / 12)).sum()
    assert money["clv_realised"] == pytest.approx(worth / new)
    # each customer's own figures add up to the same
    people = read(folder, "customers")
    assert people.revenue.sum() * 10 == pytest.approx(daily.revenue.sum())
    assert people.margin.sum() * 10 == pytest.approx(daily.margin.sum())


def test_customers_and_retention_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    people, daily, cohorts = (read(folder, n) for n in ("customers", "daily", "cohorts"))
    assert found["customers"]["active_end"] == 10 * (people.relationship == "customer").sum()
    assert found["customers"]["active_start"] == 10 * people.before_start.sum()
    assert found["customers"]["lapsed"] == daily.lapsed.sum()
    assert found["customers"]["reactivated"] == daily.reactivations.sum()
    assert found["customers"]["purchases"] == 10 * people.purchases.sum()
    # 75 days: months 0 and 1 are whole, so one month after is seen of month 0 only
    month_0 = cohorts[(cohorts.cohort == 0) & (cohorts.age_months == 1)]
    share = month_0.customers.sum() / month_0.new_customers.sum()
    assert found["retention"]["month_1"] == pytest.approx(share)


def test_experience_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    daily, scores, touch = (read(folder, n) for n in ("daily", "scores", "touchpoints"))
    mean = daily.satisfaction_sum.sum() / daily.judgements.sum()
    assert found["experience"]["mean_satisfaction"] == pytest.approx(mean)
    answers = scores.groupby("score").judgements.sum()
    lead = answers[answers.index >= 9].sum() - answers[answers.index <= 6].sum()
    score = 100 * lead / answers.sum()
    assert found["experience"]["recommendation_score"] == pytest.approx(score)
    assert found["experience"]["rating"] == read(folder, "market").rating.iloc[-1]
    assert found["experience"]["bad_share"] == pytest.approx(
        touch.bad.sum() / touch.encounters.sum()
    )
    spend = read(folder, "spend").groupby("touchpoint", observed=True).spend.sum()
    sums = touch.groupby("touchpoint", observed=True).sum(numeric_only=True)
    for name, figures in found["touchpoints"].items():
        assert figures["spend"] == pytest.approx(spend.get(name, 0.0))
        if name in sums.index:
            own = sums.loc[name]
            assert figures["encounters"] == own.encounters
            assert figures["contacts"] == own.contacts
            assert figures["visits"] == own.visits
            assert figures["quality"] == pytest.approx(own.quality_sum / own.encounters)
            assert figures["bad_share"] == pytest.approx(own.bad / own.encounters)
            assert figures["wait_minutes"] == pytest.approx(own.wait_minutes / own.encounters)
        else:
            assert (figures["encounters"], figures["quality"]) == (0.0, None)


def test_the_tables_agree_with_each_other(folder: Path) -> None:
    daily, people = read(folder, "daily"), read(folder, "customers")
    by_day = daily.groupby("day").purchases.sum()
    bought = read(folder, "purchases").groupby("day").purchases.sum()
    assert (bought.reindex(by_day.index, fill_value=0.0) == by_day).all()
    assert read(folder, "losses").customers.sum() == daily.lost.sum()
    phases = read(folder, "phases")
    assert (phases.groupby("day").customers.sum() == 2200.0).all()
    last = phases[phases.day == phases.day.max()].groupby("phase", observed=True).customers.sum()
    for phase, count in people.phase.value_counts().items():
        assert last[phase] == 10 * count
    new = daily.groupby(daily.day * 12 // 365).new_customers.sum()
    sizes = read(folder, "cohorts").query("age_months == 0").groupby("cohort").new_customers.sum()
    assert new.to_dict() == dict(sizes.items())
    told = read(folder, "market")
    assert sum(told[f"reviews_{n}"].sum() for n in range(1, 6)) == daily.reviews.sum()
    assert sum(n * told[f"reviews_{n}"].sum() for n in range(1, 6)) == daily.stars_sum.sum()
    sold = read(folder, "add_ons")
    assert set(sold.add_on) == {"wrap", "insurance"}


def test_a_customer_who_never_did_has_no_day(folder: Path) -> None:
    people = read(folder, "customers")
    never = people.purchases == 0
    assert never.any()
    for column in ("first_purchase_day", "second_purchase_day", "last_purchase_day", "offer"):
        assert people[never][column].isna().all(), column
    new = ~never & ~people.before_start
    assert people[new].first_purchase_day.notna().all()
    assert (people[people.purchases == 1].query("~before_start").second_purchase_day.isna()).all()
    assert people[people.relationship == "none"].satisfaction.isna().all()
    days = people[["first_purchase_day", "last_purchase_day", "last_need_day"]]
    assert days.min().min() >= 0
    assert days.max().max() < 75


def test_stocks_stand_at_the_last_day(folder: Path) -> None:
    records, people = made("town").records, read(folder, "customers")
    half_life = made("town").scenario.journey.behaviour.awareness_half_life_days
    elapsed = 74 - records.customers["stocks_day"].astype(float)
    assert len(set(elapsed)) > 5
    decayed = records.customers["awareness"] * 0.5 ** (elapsed / half_life)
    np.testing.assert_allclose(people.awareness, decayed, rtol=1e-6)


def test_the_panel_is_an_event_log(folder: Path) -> None:
    panel, daily = read(folder, "panel"), read(folder, "daily")
    assert list(panel.columns[:3]) == ["case_id", "timestamp", "event"]
    assert not panel.duplicated(["case_id", "timestamp"]).any()
    assert panel.timestamp.min() >= pd.Timestamp("2025-01-01")
    assert panel.timestamp.max() < pd.Timestamp("2025-01-01") + pd.Timedelta(days=75)
    # everybody is in this market's panel, so the log counts what the tables count
    count = panel.event.value_counts()
    assert 10 * count["purchase"] == daily.purchases.sum()
    assert 10 * count["need"] == daily.needs.sum()
    assert 10 * count["lost_to_competitor"] == daily.lost.sum()
    assert 10 * count["encounter"] == read(folder, "touchpoints").encounters.sum()
    lost = panel[panel.event == "lost_to_competitor"]
    assert set(lost.offer) <= {"rival.cheap", "rival.dear", "other.thing"}
    assert panel[panel.event == "purchase"].offer.isin(["basic", "plus"]).all()
    moves = panel[panel.event == "move"]
    assert (moves.to_phase.notna() & (moves.to_phase.astype(str) != moves.phase.astype(str))).all()
    # in order, each customer's next phase is where the last move led
    for _, case in moves.groupby("case_id"):
        case = case.sort_values("timestamp")
        assert list(case.phase.astype(str)[1:]) == list(case.to_phase.astype(str)[:-1])


def test_large_tables_are_written_in_slices(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.frames.people, "SLICE", 50)
    write_folder(made("town"), tmp_path / "slices")
    for name in ("customers", "panel"):
        file = parquet.ParquetFile(tmp_path / "slices" / f"{name}.parquet")
        sizes = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
        assert len(sizes) == math.ceil(file.metadata.num_rows / 50)
        assert set(sizes[:-1]) == {50}
        pd.testing.assert_frame_equal(read(folder, name), read(tmp_path / "slices", name))
    assert_same(made("town").records, read_folder(tmp_path / "slices").records, restored=True)


# --- run ---


def test_run_takes_a_file_and_a_seed(folder: Path) -> None:
    file = folder / "scenario.yaml"
    assert run(str(file)).scenario == run(file).scenario == made("town").scenario
    other = run(file, seed=5)
    assert other.scenario.seed == other.manifest.seed == 5
    assert run(file, seed=0).scenario == made("town").scenario
    assert not np.array_equal(other.records.flows, made("town").records.flows)


def test_run_reports_progress_day_by_day() -> None:
    days: list[int] = []
    run(MARKETS["stall"], progress=days.append)
    assert days == list(range(1, 61))


def test_run_refuses_what_makes_no_sense() -> None:
    with pytest.raises(InputError) as caught:
        run(MARKETS["hermit"], engine="quick", threads=0)
    assert [problem.field for problem in caught.value.problems] == ["engine", "threads"]
    with pytest.raises(InputError, match="seed"):
        run(MARKETS["hermit"], seed=-1)


def test_threads_in_the_manifest_are_those_that_worked() -> None:
    assert run(MARKETS["hermit"], threads=2).manifest.threads == 1


def test_the_hash_sees_every_change_and_nothing_else() -> None:
    town = MARKETS["town"]
    assert scenario_hash(town) == scenario_hash(MARKETS["town"])
    changed = with_settings(town, ["touchpoints.site.norm=0.01"])
    assert scenario_hash(changed) != scenario_hash(town)
    order = town.model_copy(update={"touchpoints": dict(reversed(town.touchpoints.items()))})
    assert scenario_hash(order) != scenario_hash(town)


def test_the_public_names_are_there() -> None:
    for name in ("Run", "Scenario", "load_scenario", "read_folder", "summarise", "write_folder"):
        assert callable(getattr(sim, name))
    assert sim.run is run
    assert isinstance(sim.__version__, str)
    assert set(sim.__all__) <= set(dir(sim))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = sim.nonsense


# --- whole or not at all ---


def fill(folder: Path, text: str = "new") -> None:
    (folder / "a.txt").write_text(text)
    (folder / "manifest.json").write_text('{"files": ["a.txt", "manifest.json"]}')


def test_a_result_replaces_a_result(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "er" / "result"
    put_folder(place, lambda folder: fill(folder, "old"))
    put_folder(place, fill)
    assert (place / "a.txt").read_text() == "new"
    assert os.listdir(place.parent) == ["result"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    put_folder(tmp_path, fill)
    assert (tmp_path / "a.txt").exists()


def test_what_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("mine")
    put_folder(tmp_path / "result", fill)
    (tmp_path / "result" / "notes.txt").write_text("mine")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "manifest.json").write_text('{"name": "another program"}')
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    for name in ("file", "photos", "result", "foreign", "nowhere"):
        with pytest.raises(InputError) as caught:
            put_folder(tmp_path / name, fill)
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError, match=r"it also holds notes\.txt"):
        put_folder(tmp_path / "result", fill)
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "mine"
    assert (tmp_path / "result" / "notes.txt").read_text() == "mine"
    assert hidden(tmp_path) == []


def test_a_link_to_a_result_leads_to_the_new_one(tmp_path: Path) -> None:
    put_folder(tmp_path / "real", lambda folder: fill(folder, "old"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put_folder(tmp_path / "link", fill)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, JourneysimError])
def test_stopping_in_the_middle_leaves_the_old_one(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    place = tmp_path / "result"
    put_folder(place, lambda folder: fill(folder, "old"))

    def stopped(folder: Path) -> None:
        fill(folder)
        raise stop

    with pytest.raises(stop):
        put_folder(place, stopped)
    assert (place / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["result"]


@pytest.mark.parametrize("call", [1, 2])
def test_interrupted_between_the_renames_the_old_one_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    place = tmp_path / "result"
    put_folder(place, lambda folder: fill(folder, "old"))
    rename, calls = os.rename, []

    def interrupted(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == call:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(sim.folders.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put_folder(place, fill)
    assert (place / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["result"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import sim.folders
from markets import MARKETS
from sim.report import folder
from sim.run import run

moment, place = sys.argv[1], Path(sys.argv[2])
result = run(MARKETS["hermit"])


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def rename_and_die(source, target, rename=os.rename):
    rename(source, target)
    die()


if moment == "tables":
    write = folder.write_tables
    folder.write_tables = lambda *given: (write(*given), die())
elif moment == "manifest":
    folder.as_json = lambda content: die() if "files" in content else "{{}}"
elif moment == "first rename":
    sim.folders.os.rename = rename_and_die
elif moment == "last removal":
    sim.folders.shutil.rmtree = die
folder.write_folder(result, place)
"""


@pytest.mark.parametrize("moment", ["tables", "manifest", "first rename", "last removal"])
def test_killed_at_any_moment_nothing_is_half(tmp_path: Path, moment: str) -> None:
    place = tmp_path / "result"
    old = run(MARKETS["hermit"], seed=77)
    write_folder(old, place)
    script = KILLED.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script, moment, str(place)], capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    expected = {"tables": 77, "manifest": 77, "first rename": None, "last removal": 1}[moment]
    if expected is None:
        assert not place.exists()
    else:
        assert read_folder(place).scenario.seed == expected
        assert set(os.listdir(place)) == FILES
    assert hidden(tmp_path)  # the leftovers do not show ...
    sim.folders.remove_leftovers(place)
    assert hidden(tmp_path) == []  # ... and go the next time
    assert read_folder(place).scenario.seed == (expected or 77)
    write_folder(old, place)
    assert os.listdir(tmp_path) == ["result"]


def test_a_living_program_keeps_its_unfinished_folder(tmp_path: Path) -> None:
    place = tmp_path / "result"
    mine = sim.folders._hidden(place, "new")
    theirs = mine.with_name(mine.name.replace(f".{os.getpid()}.", f".{os.getppid()}."))
    theirs.mkdir()
    elsewhere = tmp_path / ".result.00000000.999999999.new"
    elsewhere.mkdir()
    put_folder(place, fill)
    assert theirs.exists()
    assert elsewhere.exists()


FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from markets import MARKETS
from sim.errors import JourneysimError
from sim.report.folder import write_folder
from sim.run import run

result = run(MARKETS["town"])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_folder(result, sys.argv[1])
except JourneysimError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def test_no_room_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    script = FULL.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "result")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "result cannot be written: file too large." in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(NotWritten, match="result cannot be written: the disk is full"):
        put_folder(tmp_path / "result", full)
    assert os.listdir(tmp_path) == []


def test_a_place_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotWritten) as caught:
        put_folder(tmp_path / "file" / "result", fill)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.exit_code == 1


# --- reading what is not whole ---


def test_only_a_whole_result_is_read(folder: Path, tmp_path: Path) -> None:
    for place, what in ((tmp_path / "none", "does not exist"), (tmp_path, "is not a result")):
        with pytest.raises(InputError, match=what):
            read_folder(place)
    write_folder(made("hermit"), tmp_path / "hermit")
    file = tmp_path / "hermit" / "daily.parquet"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="hermit is damaged") as caught:
        read_folder(tmp_path / "hermit")
    assert len(str(caught.value).splitlines()) == 1
    file.unlink()
    with pytest.raises(InputError, match="hermit is damaged"):
        read_folder(tmp_path / "hermit")
    file.write_bytes((folder / "daily.parquet").read_bytes())
    with pytest.raises(InputError, match="hermit is damaged"):
        read_folder(tmp_path / "hermit")


def test_another_scenario_in_the_folder_is_noticed(tmp_path: Path) -> None:
    write_folder(made("hermit"), tmp_path / "hermit")
    file = tmp_path / "hermit" / "scenario.yaml"
    file.write_text(file.read_text().replace("seed: 1", "seed: 2"))
    with pytest.raises(InputError, match="not the scenario that was run"):
        read_folder(tmp_path / "hermit")


def test_event_codes_fit_their_names() -> None:
    assert [code.name.lower() for code in EventCode][:3] == ["need", "encounter", "move"]
    assert len(Count) == made("town").records.counts.shape[2]
