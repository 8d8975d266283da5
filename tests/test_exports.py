"""Exports are read by the tools that they are for, and add up to what the run's tables say."""

import json
import math
import os
import shutil
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pm4py
import pyarrow.parquet as parquet
import pytest

from sim.cli import main
from sim.model.columns import Count
from sim.pages.folder import write_folder
from sim.runs.exports import daily, event_log, weekly
from sim.runs.exports.events import EVENTS
from sim.runs.run import run
from worlds.by_hand import by_hand, nothing_happened, run_of, win
from worlds.markets import MARKETS

PAIRS = {"case_id_key": "case_id", "activity_key": "event", "timestamp_key": "timestamp"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the result folders of two markets and every export of them."""
    place = tmp_path_factory.mktemp("exports")
    for name in ("town", "club"):
        write_folder(run(MARKETS[name]), place / name)
        for kind in ("events", "daily", "weekly"):
            for ending in ("csv", "parquet"):
                out = place / f"{name}.{kind}.{ending}"
                told = ["export", str(place / name), "--format", kind, "--out", str(out)]
                assert main([*told, "--quiet"]) == 0
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of a test's own, with the town's result folder in it."""
    shutil.copytree(made / "town", tmp_path / "town")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_log(made: Path, name: str, ending: str) -> pd.DataFrame:
    if ending == "csv":
        return pd.read_csv(made / f"{name}.events.csv", parse_dates=["timestamp"])
    return pd.read_parquet(made / f"{name}.events.parquet")


def read_weeks(made: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(made / f"{name}.weekly.csv", parse_dates=["date_week"])


def read_days(made: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(made / f"{name}.daily.csv", parse_dates=["date"])


def table(made: Path, market: str, name: str) -> pd.DataFrame:
    return pd.read_parquet(made / market / f"{name}.parquet")


def told(row: dict[str, object]) -> str:
    """What an event of the table `panel` should be called."""
    names = {
        "need": "need",
        "encounter": f"encounter: {row['touchpoint']}",
        "move": f"move: {row['to_phase']}",
        "purchase": f"purchase: {row['offer']}",
        "renewal": f"renewal: {row['offer']}",
        "checkout_abandoned": "checkout abandoned",
        "lost_to_competitor": f"lost to competitor: {row['offer']}",
        "lapse": "lapse",
        "judgement": "judgement",
        "talk": f"talk: {'positive' if row['value'] == 1.0 else 'negative'}",
    }
    return names[str(row["event"])]


def histories(made: Path, market: str) -> dict[int, list[str]]:
    """The events of each case in the order in which the table `panel` holds them."""
    found = defaultdict(list)
    for row in table(made, market, "panel").to_dict("records"):
        found[row["case_id"]].append(told(row))
    return found


# The event log.


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("market", ["town", "club"])
def test_pm4py_finds_who_follows_whom(made: Path, market: str, ending: str) -> None:
    cases = histories(made, market).values()
    follows = Counter(pair for case in cases for pair in pairwise(case))
    graph, starts, ends = pm4py.discover_dfg(read_log(made, market, ending), **PAIRS)
    assert graph == follows
    assert starts == Counter(case[0] for case in cases)
    assert ends == Counter(case[-1] for case in cases)
    assert len(follows) > 50  # there is something to find


def test_pm4py_finds_the_same_cases(made: Path) -> None:
    log = pm4py.format_dataframe(
        read_log(made, "town", "csv"),
        case_id="case_id",
        activity_key="event",
        timestamp_key="timestamp",
    )
    variants = pm4py.get_variants(log)
    count = {
        variant: held if isinstance(held, int) else len(held) for variant, held in variants.items()
    }
    assert count == Counter(tuple(case) for case in histories(made, "town").values())


def test_no_two_events_of_a_case_are_at_one_time(made: Path) -> None:
    log = read_log(made, "town", "csv")
    panel = table(made, "town", "panel")
    for _, case in log.groupby("case_id"):
        assert case.timestamp.is_monotonic_increasing
        assert case.timestamp.is_unique
        assert (np.diff(case.index) == 1).all()
    since = log.timestamp - pd.Timestamp("2025-01-01")
    assert (since.dt.days == log.day).all()
    # the seconds of a day count from 0 without a gap, and some days have several events
    number = log.groupby(["case_id", "day"]).cumcount()
    assert (since.dt.seconds == number).all()
    assert number.max() > 2
    assert len(log) == len(panel)


def test_the_log_says_what_the_panel_says(made: Path) -> None:
    log = read_log(made, "town", "parquet")
    panel = table(made, "town", "panel").sort_values("case_id", kind="stable")
    people = table(made, "town", "customers")
    assert list(log.columns) == EVENTS.names
    assert list(log.columns)[:3] == ["case_id", "timestamp", "event"]
    assert list(log.case_id) == [f"customer {key}" for key in panel.case_id]
    assert list(log.segment) == list(people.segment.iloc[panel.case_id])
    assert list(log.event) == [told(row) for row in panel.to_dict("records")]
    assert list(log.kind) == list(panel.event)
    for name in set(panel.columns) - {"case_id", "event"}:
        pd.testing.assert_series_equal(
            log[name].astype(object).fillna("none").reset_index(drop=True),
            panel[name].astype(object).fillna("none").reset_index(drop=True),
        )


def test_csv_and_parquet_hold_the_same(made: Path) -> None:
    for market in ("town", "club"):
        text, binary = (read_log(made, market, ending) for ending in ("csv", "parquet"))
        pd.testing.assert_frame_equal(text, binary, check_dtype=False, rtol=1e-6)
        for kind, read in (("weekly", read_weeks), ("daily", read_days)):
            binary = pd.read_parquet(made / f"{market}.{kind}.parquet")
            pd.testing.assert_frame_equal(
                read(made, market), binary, check_dtype=False, check_exact=True
            )


def test_the_frames_are_the_files(made: Path) -> None:
    town = run(MARKETS["town"])
    pd.testing.assert_frame_equal(event_log(town), read_log(made, "town", "parquet"))
    pd.testing.assert_frame_equal(weekly(town), pd.read_parquet(made / "town.weekly.parquet"))
    pd.testing.assert_frame_equal(daily(town), pd.read_parquet(made / "town.daily.parquet"))


# The days.


@pytest.mark.parametrize("market", ["town", "club"])
def test_every_day_is_that_of_the_tables(made: Path, market: str) -> None:
    days, scenario = read_days(made, market), MARKETS[market]
    sales = table(made, market, "daily").groupby("day").sum(numeric_only=True)
    assert len(days) == scenario.days
    assert days.notna().all(axis=None)
    assert list(days.purchases) == list(sales.purchases)
    assert list(days.new_customers) == list(sales.new_customers)
    assert list(days.competitor_purchases) == list(sales.lost)
    np.testing.assert_allclose(days.revenue, sales.revenue, rtol=1e-12)
    met, paid = table(made, market, "touchpoints"), table(made, market, "spend")
    for name in scenario.touchpoints:
        own = met[met.touchpoint == name].groupby("day")[["contacts", "visits"]].sum()
        own = own.reindex(range(scenario.days), fill_value=0.0)
        assert list(days[f"{name}_contacts"]) == list(own.contacts)
        assert list(days[f"{name}_visits"]) == list(own.visits)
        spent = paid[paid.touchpoint == name].groupby("day").spend.sum()
        spent = spent.reindex(range(scenario.days), fill_value=0.0)
        assert list(days[f"{name}_spend"]) == list(spent)
    assert days.filter(like="_contacts").to_numpy().sum() > 0.0


@pytest.mark.parametrize("market", ["town", "club"])
def test_weeks_are_the_sums_of_their_days(made: Path, market: str) -> None:
    days, weeks = read_days(made, market), read_weeks(made, market)
    assert list(weeks.columns) == ["date_week", *days.columns[1:]]
    for week, found in enumerate(weeks.to_dict("records")):
        own = days.iloc[7 * week : 7 * week + 7]
        assert found["date_week"] == own.date.iloc[0]
        assert found["need_season"] == pytest.approx(own.need_season.mean(), rel=1e-12)
        bought = own.purchases.sum()
        if bought > 0.0:
            mean = (own.mean_price * own.purchases).sum() / bought
            assert found["mean_price"] == pytest.approx(mean, rel=1e-12)
        for name in set(days.columns) - {"date", "need_season", "mean_price"}:
            assert found[name] == pytest.approx(math.fsum(own[name]), rel=1e-12)


def test_days_by_hand() -> None:
    """Three days, two people to a customer, prices 100 and 200: less than a week is enough."""
    records = nothing_happened(by_hand(days=3))
    records.purchases[1, 0, 1, 1] += 3
    records.counts[1, 0, Count.PURCHASES] += 3
    records.counts[1, 0, Count.REVENUE] += 60_000
    win(records, 2, 1)
    records.spend[:, 0] = 10.0
    found = daily(run_of(records))
    assert list(found.date) == list(pd.date_range("2025-01-01", periods=3))
    assert list(found.purchases) == [0.0, 6.0, 0.0]
    assert list(found.revenue) == [0.0, 1200.0, 0.0]
    assert list(found.new_customers) == [0.0, 0.0, 2.0]
    assert list(found.mean_price) == [150.0, 200.0, 150.0]
    assert list(found.web_spend) == [10.0, 10.0, 10.0]


# The weeks.


def days_of(frame: pd.DataFrame, week: int) -> pd.DataFrame:
    return frame[(frame.day >= 7 * week) & (frame.day < 7 * week + 7)]


@pytest.mark.parametrize(("market", "weeks"), [("town", 10), ("club", 12)])
def test_every_week_adds_up_to_the_tables(made: Path, market: str, weeks: int) -> None:
    found = read_weeks(made, market)
    scenario = MARKETS[market]
    people = scenario.population // scenario.agents
    names = ("daily", "touchpoints", "spend", "losses")
    daily, touch, spend, losses = (table(made, market, name) for name in names)
    assert len(found) == weeks == scenario.days // 7
    assert found.notna().all(axis=None)
    for week, row in enumerate(found.to_dict("records")):
        assert row["date_week"] == pd.Timestamp("2025-01-01") + pd.Timedelta(weeks=week)
        own = days_of(daily, week)
        assert row["purchases"] == own.purchases.sum()
        assert row["new_customers"] == own.new_customers.sum()
        assert row["competitor_purchases"] == own.lost.sum()
        assert row["competitor_purchases"] == days_of(losses, week).customers.sum()
        minor = sum(round(value * 100) for value in own.revenue)
        assert row["revenue"] == float(Fraction(minor, 100))
        met, paid = days_of(touch, week), days_of(spend, week)
        for name in scenario.touchpoints:
            assert row[f"{name}_contacts"] == met[met.touchpoint == name].contacts.sum()
            assert row[f"{name}_visits"] == met[met.touchpoint == name].visits.sum()
            assert row[f"{name}_spend"] == math.fsum(paid[paid.touchpoint == name].spend)
    assert found.revenue.sum() > 0.0
    assert found.filter(like="_contacts").to_numpy().sum() % people == 0


def test_the_columns_are_those_that_are_documented(made: Path) -> None:
    columns = [
        "date_week",
        "purchases",
        "revenue",
        "new_customers",
        "need_season",
        "competitor_purchases",
        "mean_price",
    ]
    for name in MARKETS["town"].touchpoints:
        columns += [f"{name}_spend", f"{name}_contacts", f"{name}_visits"]
    assert list(read_weeks(made, "town").columns) == columns
    schema = parquet.read_schema(made / "town.weekly.parquet")
    assert schema.field("revenue").metadata[b"unit"] == b"currency"


def test_the_season_is_the_mean_over_the_week_and_the_segments(made: Path) -> None:
    segments = MARKETS["town"].segments.values()
    weight = [s.share * s.need.rate_per_year for s in segments]
    assert any(s.need.season.amplitude > 0 for s in segments)
    for week, found in enumerate(read_weeks(made, "town").need_season):
        expected = 0.0
        for share, segment in zip(weight, segments, strict=True):
            season = segment.need.season
            for day in range(7 * week, 7 * week + 7):
                wave = math.cos(2 * math.pi * (day - season.peak_day) / 365)
                expected += share / sum(weight) * (1 + season.amplitude * wave) / 7
        assert found == pytest.approx(expected, rel=1e-12)


def test_weeks_by_hand() -> None:
    """Two weeks and a day, two people to a customer, prices 100 and 200."""
    records = nothing_happened(by_hand(days=15))
    small, large = 0, 1
    for day, offer, customers in ((0, small, 2), (6, small, 1), (6, large, 1), (14, large, 5)):
        records.purchases[day, 0, offer, 1] += customers
        records.counts[day, 0, Count.PURCHASES] += customers
        records.counts[day, 0, Count.REVENUE] += customers * (10_000, 20_000)[offer]
    win(records, 6, 1)
    win(records, 7, 3)
    records.spend[:, 0] = 10.0
    records.spend[13, 1] = 0.5
    found = weekly(run_of(records))
    assert list(found.date_week) == [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-01-08")]
    assert list(found.purchases) == [8.0, 0.0]
    assert list(found.revenue) == [1000.0, 0.0]
    assert list(found.new_customers) == [2.0, 6.0]
    assert list(found.mean_price) == [125.0, 150.0]  # nothing bought: of what is offered
    assert list(found.need_season) == [1.0, 1.0]
    assert list(found.web_spend) == [70.0, 70.0]
    assert list(found.shop_spend) == [0.0, 0.5]


# The command.


def export(*arguments: str) -> int:
    return main(["export", *arguments])


def test_by_default_the_file_lies_beside_the_folder(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("town", "--format", "weekly") == 0
    assert capsys.readouterr().out.splitlines() == [
        "10 weeks; 5 days after the last whole week are left out",
        "town-weekly.csv",
    ]
    assert export("town", "--format", "events", "--quiet") == 0
    assert capsys.readouterr().out == "town-events.csv\n"
    assert export("town", "--format", "daily") == 0
    assert capsys.readouterr().out.splitlines() == ["75 days", "town-daily.csv"]
    os.remove("town-daily.csv")
    assert sorted(os.listdir(place)) == ["town", "town-events.csv", "town-weekly.csv"]
    os.chdir("town")
    assert export(".", "--format", "events", "--quiet") == 0
    assert sorted(os.listdir(place)) == ["town", "town-events.csv", "town-weekly.csv"]
    write_folder(run(MARKETS["town"]), place / "town")  # may still be replaced


def test_json_is_one_object(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("town", "--format", "weekly", "--out", "new/w.parquet", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(Path("new") / "w.parquet"),
        "format": "weekly",
        "rows": 10,
        "days_left_out": 5,
    }
    assert len(pd.read_parquet(place / "new" / "w.parquet")) == 10


@pytest.mark.parametrize("kind", ["events", "daily", "weekly"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_export_replaces_one_of_its_kind_only(
    place: Path, capsys: pytest.CaptureFixture[str], kind: str, ending: str
) -> None:
    out = f"it.{ending}"
    other = {"events": "weekly", "weekly": "daily", "daily": "events"}[kind]
    assert export("town", "--format", kind, "--out", out) == 0
    first = (place / out).read_bytes()
    assert export("town", "--format", kind, "--out", out) == 0
    assert (place / out).read_bytes() == first
    capsys.readouterr()
    assert export("town", "--format", other, "--out", out) == 2
    assert "it is not an export of" in capsys.readouterr().err
    assert (place / out).read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("town", "--format", "monthly"), "events or daily or weekly"),
        (("town", "--format", "events", "--case", "visit"), "customer or journey"),
        (("town", "--format", "daily", "--case", "journey"), "for the format events only"),
        (("town",), "--format"),
        (("gone", "--format", "events"), "gone does not exist."),
        (("mine", "--format", "events"), "mine is not a result folder."),
        (("town", "--format", "events", "--out", "log.xes"), "must end in .csv, .parquet or .xlsx"),
        (
            ("town", "--format", "daily", "--out", "d.parquet", "--decimal-comma"),
            "only a .csv file can",
        ),
        (("town", "--format", "events", "--out", "town/log.csv"), "is inside a result folder"),
        (("town", "--format", "events", "--out", "town/panel.parquet"), "is inside a result"),
        (("town", "--format", "events", "--out", "mine/a.csv"), "was not changed"),
        (("town", "--format", "events", "--out", "mine/empty.csv"), "was not changed"),
        (("town", "--format", "weekly", "--out", "mine/a.parquet"), "was not changed"),
        (("town", "--format", "events", "--out", "mine/panel.parquet"), "was not changed"),
        (("town", "--format", "weekly", "--out", "mine/folder.csv"), "is a folder"),
        (("town", "--format", "weekly", "--out", "mine/link.csv"), "is a broken link"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], answer: str
) -> None:
    mine = place / "mine"
    (mine / "folder.csv").mkdir(parents=True)
    (mine / "a.csv").write_text("case_id,timestamp,event\n1,2025-01-01,mine\n")
    (mine / "a.parquet").write_text("mine")
    (mine / "empty.csv").write_text("")
    (mine / "link.csv").symlink_to("nowhere")
    shutil.copy(place / "town" / "panel.parquet", mine)
    before = {file: file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()}
    assert export(*arguments) == 2
    out, err = capsys.readouterr()
    assert answer in err
    assert (out, len(err.splitlines())) == ("", 1)
    assert {f: f.read_bytes() for f in sorted(place.rglob("*")) if f.is_file()} == before


def test_nothing_to_export_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(run_of(nothing_happened(by_hand(days=6))), place / "short")
    assert export("short", "--format", "events") == 2
    assert "larger panel" in capsys.readouterr().err
    assert export("short", "--format", "weekly", "--json") == 2
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert "a run of 6 days has no whole week" in error["message"]
    assert sorted(os.listdir(place)) == ["short", "town"]


def test_a_file_that_cannot_be_written_leaves_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file").write_text("mine")
    assert export("town", "--format", "weekly", "--out", "file/w.csv") == 1
    assert "cannot be written" in capsys.readouterr().err

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert export("town", "--format", "weekly", "--out", "w.csv") == 1
    assert capsys.readouterr().err.endswith("w.csv cannot be written: the disk is full.\n")
    assert sorted(os.listdir(place)) == ["file", "town"]
