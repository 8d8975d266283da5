"""What does not fit is refused before any run, in one sentence; what fits is not."""

import sys
from collections import namedtuple
from pathlib import Path

import pytest

from benchmarks.room import measure
from sim.cli import main
from sim.engine.day import FastMarket
from sim.errors import InputError
from sim.runs import room
from sim.runs.room import amount, check_room, disk_needed, memory_free, memory_needed
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from worlds.markets import MARKETS
from worlds.studies import write_tiny

GIGA = 1_000_000_000


def sized(agents: int, days: int, panel: float = 0.01) -> Scenario:
    return with_settings(
        load_scenario("webshop_loop"), overrides={"agents": agents, "days": days, "panel": panel}
    )


# --- the estimate ---


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is counted by Linux")
def test_the_estimate_is_near_the_peak_of_a_run() -> None:
    found = measure("webshop_loop", 200_000, 60, 0.05)
    assert found.memory <= found.memory_needed <= 1.6 * found.memory
    assert found.disk <= found.disk_needed <= 2.0 * found.disk


@pytest.mark.parametrize("name", [name for name in MARKETS if name != "hermit"])
def test_events_of_the_panel_are_expected(name: str) -> None:
    scenario = with_settings(MARKETS[name], overrides={"agents": 150, "panel": 1.0})
    market = FastMarket(scenario)
    for day in range(scenario.days):
        market.tick(day)
    events = len(market.finish().events)
    assert events / 1.5 <= room._sizes(scenario).events <= events * 1.5


@pytest.mark.parametrize("name", list(MARKETS))
def test_records_are_counted_to_the_byte(name: str) -> None:
    scenario = MARKETS[name]
    records = FastMarket(scenario).finish()
    arrays = {k: v.nbytes for k, v in vars(records).items() if k not in ("scenario", "start")}
    kept = sum(arrays.values()) - arrays["customers"] - arrays["met"] - arrays["events"]
    sizes = room._sizes(scenario)
    held = arrays["customers"] + arrays["met"]
    luck = 0.1 * held if scenario.turnover_per_year > 0.0 else 0.0  # in how many leave
    assert abs(sizes.customers - held) <= luck
    assert kept <= sizes.records <= kept + 16 * scenario.days


def test_more_of_anything_needs_more() -> None:
    small = sized(10_000, 100)
    for larger in (sized(20_000, 100), sized(10_000, 200), sized(10_000, 100, panel=0.5)):
        assert memory_needed(larger) > memory_needed(small)
        assert disk_needed(larger) > disk_needed(small)
    assert memory_needed(small, written=False) < memory_needed(small)


def test_a_million_customers_need_what_they_take() -> None:
    scenario = with_settings(
        load_scenario("webshop_loop"),
        overrides={"population": 1_000_000, "agents": 1_000_000, "days": 730},
    )
    # the state of a past is kept beside the run's, and its customers are copied at the end
    assert 400_000_000 < memory_needed(scenario) < 1_800_000_000


# --- what there is ---


def test_some_memory_is_free() -> None:
    assert memory_free() > 0


def test_a_container_sets_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "cgroup" / "outer" / "inner"
    inner.mkdir(parents=True)
    own = tmp_path / "own"
    own.write_text("0::/outer/inner\n")
    monkeypatch.setattr(room, "CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(room, "OWN_CGROUP", own)
    assert room._container_free() > 1 << 60

    def limit(place: Path, most: str, used: int, files: int) -> None:
        (place / "memory.max").write_text(f"{most}\n")
        (place / "memory.current").write_text(f"{used}\n")
        (place / "memory.stat").write_text(f"anon 5\ninactive_file {files}\n")

    limit(inner, "max", 70, 0)
    assert room._container_free() > 1 << 60
    limit(inner, "100", 70, 20)
    assert room._container_free() == 50
    limit(inner.parent, "100", 90, 0)
    assert room._container_free() == 10
    assert memory_free() == 10


def test_the_disk_of_a_folder_to_come(tmp_path: Path) -> None:
    assert room.disk_free(tmp_path / "a" / "b") > 0


# --- the check ---


def test_what_fits_is_not_refused(tmp_path: Path) -> None:
    check_room(sized(1_000, 30), folders=1, place=tmp_path / "run")


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "memory_free", lambda: 1_000_000)
    monkeypatch.setattr(room, "_memory", lambda sizes, scenario, written: 31 * GIGA)
    with pytest.raises(InputError) as caught:
        check_room(sized(1_000, 30))
    assert caught.value.message == (
        "1,000 simulated customers over 30 days need about 31 GB of memory and 1 MB are free;"
        " use fewer --agents or --days."
    )
    with pytest.raises(InputError, match=r"^4 runs at once, of 1,000 .* need about 124 GB"):
        check_room(sized(1_000, 30), at_once=4)


def test_too_little_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(room.shutil, "disk_usage", lambda place: usage(0, 0, 2_000_000))
    with pytest.raises(InputError) as caught:
        check_room(sized(1_000, 30), folders=3, place=tmp_path / "run")
    assert "1,000 simulated customers over 30 days in 3 folders need about" in caught.value.message
    assert f"on the disk of {tmp_path / 'run'} and 2 MB are free" in caught.value.message


def test_amounts_in_words() -> None:
    assert [amount(size) for size in (500_000, 7 * 10**8, 2_300_000_000, 31 * GIGA)] == [
        "0 MB",
        "700 MB",
        "2.3 GB",
        "31 GB",
    ]


# --- the commands ---

LARGE = ("--agents", "400000", "--days", "730")


@pytest.mark.parametrize(
    "command",
    [
        ["run", "webshop_loop", *LARGE],
        ["run", "webshop_loop", *LARGE, "--replicates", "3"],
        ["run", "webshop_loop", *LARGE, "--replicates", "2", "--seed", "5"],
        ["compare", "webshop_loop", "webshop_funnel", *LARGE],
        ["touchpoints", "webshop_loop", *LARGE],
        ["optimise", "webshop_loop", *LARGE],
        ["export-mmm", "webshop_loop", "--agents", "400000"],
        ["experiment", "tiny.yaml"],
        ["experiment", "funnel_vs_loop"],
    ],
    ids=" ".join,
)
def test_every_command_checks_before_it_runs(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_tiny(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(room, "memory_free", lambda: 1_000_000)
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "of memory and 1 MB are free; use fewer" in said.err
    assert "Traceback" not in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
