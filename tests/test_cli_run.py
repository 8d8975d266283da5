"""`journeysim run` and `journeysim report`: what they print, write and refuse."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sim.cli.commands.run as running
import sim.runs.progress
import sim.runs.run
from sim.cli import main
from sim.folders import open_folder
from sim.runs.run import read_folder
from sim.scenario.dump import dump_scenario
from worlds.markets import MARKETS

DURATIONS = ("seconds", "customer_days_per_second", "threads")  # not in summary.json
DOCUMENTED = {
    "scenario": None,
    "seed": None,
    "agents": None,
    "population": None,
    "days": None,
    "engine": None,
    "threads": None,
    "seconds": None,
    "customer_days_per_second": None,
    "conversion": {"overall", "by_phase"},
    "customers": {"new", "active_end"},
    "retention": {"month_1", "month_6", "month_12", "repeat_rate"},
    "economics": {
        "revenue",
        "margin",
        "spend",
        "spend_acquisition",
        "spend_retention",
        "profit",
        "cac",
        "clv_realised",
        "clv_projected",
        "clv_cac_ratio",
        "payback_days",
    },
    "experience": {"mean_satisfaction", "recommendation_score"},
    "touchpoints": None,
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the toy markets' files in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("town", "stall", "hermit"):
        (tmp_path / f"{name}.yaml").write_text(dump_scenario(MARKETS[name]))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["run", *arguments]) == 0
    return capsys.readouterr().out


def as_object(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    text = printed(capsys, *arguments, "--json")
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def without_durations(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in DURATIONS}


def test_json_has_the_documented_keys(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    before = set(os.listdir(place))
    found = as_object(capsys, "town.yaml")
    for key, inner in DOCUMENTED.items():
        assert key in found
        assert (inner or set()) <= set(found[key] if inner else set())
    for figures in found["touchpoints"].values():
        assert {"encounters", "spend", "quality"} <= set(figures)
    assert set(found["conversion"]["by_phase"]) == set(MARKETS["town"].journey.phases)
    assert set(found["touchpoints"]) == set(MARKETS["town"].touchpoints)
    assert set(os.listdir(place)) == before  # nothing is written


def test_json_with_a_folder_writes_it(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    found = as_object(capsys, "town.yaml", "--out", "there")
    stored = json.loads((place / "there" / "summary.json").read_text())
    assert stored == without_durations(found)  # it holds no clock


def test_threads_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (as_object(capsys, "town.yaml", "--threads", n) for n in ("1", "2"))
    assert without_durations(one) == without_durations(two)


def test_engines_give_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    fast, slow = (
        as_object(capsys, "town.yaml", "--days", "30", "--engine", engine, "--check")
        for engine in ("fast", "reference")
    )
    assert slow["engine"] == "reference"
    assert {**without_durations(slow), "engine": "fast"} == without_durations(fast)


def test_the_last_line_is_the_report(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    lines = printed(capsys, "town.yaml").splitlines()
    assert lines[-1] == str(Path("results") / "town-seed0" / "report.html")
    assert (place / lines[-1]).read_text().startswith("<!DOCTYPE html>")
    assert any(line.startswith("Profit") for line in lines)
    assert printed(capsys, "town.yaml", "--quiet", "--out", "x").splitlines() == [
        str(Path("x") / "report.html")
    ]


def test_the_same_command_uses_the_same_folder(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    changed = ("stall.yaml", "--quiet", "--set", "talk.per_day=0.5")
    for _ in range(2):
        printed(capsys, "stall.yaml", "--quiet")
        printed(capsys, *changed)
        printed(capsys, "stall.yaml", "--quiet", "--seed", "8")
    names = sorted(os.listdir(place / "results"))
    assert names[0] == "stall-seed7"
    assert names[1].startswith("stall-seed7-")
    assert names[2] == "stall-seed8"
    assert len(names) == 3


def test_seed_zero_is_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    zero = as_object(capsys, "stall.yaml", "--seed", "0")
    own = as_object(capsys, "stall.yaml")
    assert (zero["seed"], own["seed"]) == (0, 7)
    assert zero["conversion"] != own["conversion"]


def test_options_reach_the_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_object(
        capsys,
        "town.yaml",
        "--agents",
        "50",
        "--days",
        "9",
        "--set",
        "touchpoints.site.enabled=false",
        "--set",
        "currency=EUR",
    )
    assert (found["agents"], found["days"], found["currency"]) == (50, 9, "EUR")
    assert found["touchpoints"]["site"]["encounters"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--agents", "0"], "agents: 0 is out of range"),
        (["--agents", "2201"], "`agents` is 2201, more than the population of 2200 people"),
        (["--set", "population=219"], "allowed: at most 219"),
        (["--days", "-1"], "days: -1 is out of range"),
        (["--seed", "-1"], "seed: -1 is out of range"),
        (["--threads", "0"], "threads: 0 is not valid; allowed: 1 or more"),
        (["--replicates", "0"], "replicates: 0 is not valid; allowed: 1 to 999"),
        (["--engine", "warp"], "engine: warp is not valid; allowed: fast or reference"),
        (["--days", "many"], "--days"),
        (["--set", "touchpoints.sitte.norm=1"], "touchpoints.site.norm"),
        (["--seed", str(2**63 - 1), "--replicates", "2"], "in the last replicate"),
    ],
)
def test_nonsense_is_one_sentence_and_code_2(
    capsys: pytest.CaptureFixture[str], place: Path, arguments: list[str], words: str
) -> None:
    assert main(["run", "town.yaml", *arguments]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert len(out.err.splitlines()) == 1
    assert words in out.err
    assert not (place / "results").exists()


def test_all_that_is_wrong_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--agents", "0", "--threads", "0", "--replicates", "0", "--json"]
    assert main(["run", "town.yaml", *arguments]) == 2
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert [error["field"] for error in errors] == ["agents", "threads", "replicates"]


def test_a_bad_place_is_refused_before_the_work(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError("the run has begun")

    monkeypatch.setattr(running, "run", work)
    (place / "mine").mkdir()
    (place / "mine" / "thesis.txt").write_text("mine")
    for out, code in (("mine", 2), ("town.yaml", 2), ("town.yaml/below", 1)):
        assert main(["run", "town.yaml", "--out", out]) == code
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert (place / "mine" / "thesis.txt").read_text() == "mine"


def test_too_many_customers_for_the_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(running, "run", work)
    assert main(["run", "town.yaml", "--json"]) == 1
    assert "not enough memory for 220 simulated" in capsys.readouterr().out


def test_interrupted_leaves_no_folder(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.pages.folder.write_tables", stopped)
    assert main(["run", "town.yaml", "--out", "there"]) == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("interrupted")
    assert "there" not in os.listdir(place)
    assert [name for name in os.listdir(place) if name.startswith(".")] == []


def test_the_bar_and_the_notice_are_for_terminals_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.runs.progress, "is_compiled", lambda: False)
    main(["run", "hermit.yaml", "--out", "a"])
    assert capsys.readouterr().err.startswith("Compiling the engine (once,")
    for silent in ("--quiet", "--json"):
        main(["run", "hermit.yaml", "--out", "a", silent])
        assert capsys.readouterr().err == ""
    monkeypatch.setattr(sim.runs.progress, "is_compiled", lambda: True)
    main(["run", "hermit.yaml", "--out", "a"])
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if not line.startswith("note: ")] == []  # what is doubtful


def test_the_bar_counts_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with sim.runs.progress.progress_bar(silent=False) as show:
        show(30, 60)
        bar = show.__closure__[0].cell_contents
        assert bar.tasks[0].percentage == 50.0


# --- replicates ---


def test_replicates_are_seeds_in_a_row(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    joint = as_object(capsys, "stall.yaml", "--replicates", "3", "--seed", "0", "--out", "three")
    single = [
        as_object(capsys, "stall.yaml", "--marginal-return", "--seed", str(seed))
        for seed in range(3)
    ]
    assert joint["seeds"] == [0, 1, 2]
    for key in ("revenue", "margin"):
        values = [found["economics"][key] for found in single]
        assert joint["economics"][key] == pytest.approx(sum(values) / 3)
        low, high = joint["intervals"][f"economics.{key}"]
        assert low < joint["economics"][key] < high
    assert sorted(os.listdir(place / "three")) == [
        "manifest.json",
        "replicate-01",
        "replicate-02",
        "replicate-03",
        "report.html",
        "summary.json",
    ]
    for seed in range(3):
        stored = read_folder(place / "three" / f"replicate-0{seed + 1}")
        assert stored.scenario.seed == seed
        assert without_durations(stored.summary) == without_durations(single[seed])
    assert without_durations(json.loads((place / "three" / "summary.json").read_text())) == (
        without_durations(joint)
    )
    # without a folder the same figures
    asked = ("stall.yaml", "--replicates", "3", "--seed", "0", "--marginal-return")
    again = as_object(capsys, *asked)
    assert without_durations(again) == without_durations(joint)


def test_the_former_name_of_the_marginal_return_still_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool | None] = []
    monkeypatch.setattr(running, "run_command", lambda _, it, **of: asked.append(it.next_krone))
    for options, wanted in (
        ([], None),
        (["--marginal-return"], True),
        (["--no-marginal-return"], False),
        (["--next-krone"], True),
        (["--no-next-krone"], False),
        (["--no-marginal-return", "--next-krone"], False),
    ):
        assert main(["run", "stall.yaml", *options]) == 0
        assert asked.pop() is wanted
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["run", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--no-marginal-return" in shown
    assert "krone" not in shown


def test_replicates_have_a_folder_of_their_own(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    lines = printed(capsys, "stall.yaml", "--replicates", "2").splitlines()
    assert lines[-1] == str(Path("results") / "stall-seed7-8" / "report.html")
    assert "Means of 2 replicates" in (place / lines[-1]).read_text()
    # fewer replicates, or one run, at the same place: a new folder, nothing left of the old
    printed(capsys, "stall.yaml", "--quiet", "--out", "results/stall-seed7-8")
    assert "replicate-01" not in os.listdir(place / "results" / "stall-seed7-8")
    assert os.listdir(place / "results") == ["stall-seed7-8"]


def test_an_interrupted_set_goes_on_where_it_stopped(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seeds = running.run, []

    def watched(scenario: Any, **options: Any) -> Any:
        seeds.append(scenario.seed)
        if len(seeds) == 3:
            raise KeyboardInterrupt
        return real(scenario, **options)

    monkeypatch.setattr(running, "run", watched)
    command = ["run", "stall.yaml", "--replicates", "3", "--out", "set"]
    assert main(command) == 130
    said = capsys.readouterr().err
    assert "2 of 3 replicates are finished and kept in set.partial" in said
    assert "the same command goes on" in said
    assert not (place / "set").exists()
    for name in ("replicate-01", "replicate-02"):
        assert read_folder(place / "set.partial" / name).summary["scenario"] == "stall"
    assert main(command) == 0
    assert seeds == [7, 8, 9, 9]
    assert not (place / "set.partial").exists()
    capsys.readouterr()
    whole = as_object(capsys, "stall.yaml", "--replicates", "3", "--marginal-return")
    stored = json.loads((place / "set" / "summary.json").read_text())
    assert without_durations(stored) == without_durations(whole)


def test_what_is_left_of_another_set_is_not_taken_for_this_one(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, stop_at = running.run, [2]

    def watched(scenario: Any, **options: Any) -> Any:
        stop_at[0] -= 1
        if stop_at[0] == 0:
            raise KeyboardInterrupt
        return real(scenario, **options)

    monkeypatch.setattr(running, "run", watched)
    assert main(["run", "stall.yaml", "--replicates", "4", "--out", "set"]) == 130
    capsys.readouterr()
    changed = ("stall.yaml", "--replicates", "2", "--agents", "90")
    found = as_object(capsys, *changed, "--out", "set")
    assert without_durations(found) == without_durations(
        as_object(capsys, *changed, "--marginal-return")
    )
    assert found["agents"] == 90
    assert sorted(os.listdir(place / "set"))[1:3] == ["replicate-01", "replicate-02"]
    assert "replicate-03" not in os.listdir(place / "set")


# --- report ---


def test_report_remakes_every_folder(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    printed(capsys, "town.yaml", "--out", "one")
    printed(capsys, "stall.yaml", "--replicates", "2", "--out", "two")
    reports = [place / "one" / "report.html", place / "two" / "report.html"]
    inner = place / "two" / "replicate-02" / "report.html"
    before = [report.read_bytes() for report in (*reports, inner)]
    for report in (*reports, inner):
        report.write_text("lost")
    assert main(["report", "one", "two"]) == 0
    lines = capsys.readouterr().out.splitlines()
    remade = [str(Path(name) / "report.html") for name in ("one", "two")]
    assert lines == [*remade, "one-beside-two.html"]
    assert [report.read_bytes() for report in (*reports, inner)] == before
    assert main(["report", "one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"reports": lines[:1]}
    open_folder(place / "one").check()


def test_report_of_no_result_is_code_2(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    for folder in ("missing", "."):
        assert main(["report", folder]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["report"]) == 2


# --- quick to start ---


def loaded(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    code = (
        "import sys; from sim.cli import main; main(sys.argv[1:]);"
        " print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    assert loaded("--help").isdisjoint({"numpy", "numba", "pandas", "pydantic", "matplotlib"})


def test_run_imports_only_what_it_needs() -> None:
    slow = {"pandas", "matplotlib.pyplot", "mesa", "IPython"}
    assert loaded("run", "hermit.yaml").isdisjoint(slow)
    drawing = {"matplotlib", "jinja2", "pyarrow.parquet"}
    assert loaded("run", "hermit.yaml", "--json").isdisjoint(slow | drawing)
