"""Test data for media mix models as files, and the command that writes them."""

import inspect
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet
import pytest

import sim.questions.mix.question
from sim import cli
from sim.cli import main
from sim.pages.terminal import mix_text
from sim.questions.mix.folder import readme
from sim.questions.mix.mmm import MixData, MixRequest, mix_data
from sim.questions.mix.question import MixAnswer
from sim.questions.mix.tables import CURVES, TABLES, TRUTH, WEEKLY_TRUTH, truth, weekly
from sim.scenario.dump import dump_scenario
from sim.scenario.load import load_scenario
from worlds.help_desk import helped
from worlds.street import of, read, street, write_street

PAGE = (Path(__file__).parent.parent / "docs" / "media_mix.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data() -> MixData:
    """Two regions of a small street for a year, with the truth."""
    return mix_data(street(600), MixRequest(regions=2, years=1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in files."""
    return write_street(tmp_path_factory.mktemp("mmm"))


# Files.


def test_csv_and_parquet_are_read_by_pandas_and_hold_the_same(folder: Path) -> None:
    for name in TABLES:
        binary = pd.read_parquet(folder / f"{name}.parquet")
        text = read(folder, name)
        pd.testing.assert_frame_equal(text, binary, check_dtype=False, check_exact=True)
        assert len(binary) > 0
        for column in parquet.read_schema(folder / f"{name}.parquet"):
            assert binary[column.name].notna().all() or column.nullable
    weeks = read(folder, "weekly")
    assert weeks.notna().all(axis=None)
    assert not weeks.duplicated(["region", "date_week"]).any()


def test_every_column_is_described_on_the_page_and_in_the_folder(
    folder: Path, data: MixData
) -> None:
    columns = {*weekly(data).column_names, "competitor_price"}
    columns |= {*TRUTH.names, *WEEKLY_TRUTH.names, *CURVES.names}
    own = re.compile(r"(flyer|poster|clerk)(_spend|_contacts|_visits)")
    columns = {own.sub(r"<touchpoint>\2", name) for name in columns}
    ends = re.compile(r"_(low|high)$")
    in_code = set(re.findall(r"`([^`\n]+)`", PAGE))
    assert {ends.sub("", name) for name in columns} - in_code == set()
    assert {"_low", "_high"} <= in_code
    told = (folder / "README.txt").read_text(encoding="utf-8")
    assert told == readme(data, {name: make(data) for name, make in TABLES.items()})
    lines = set(re.findall(r"^  ([\w<>]+)", told, re.MULTILINE))
    assert columns - lines == {"competitor_price"}  # the street has no competitor


def test_prices_are_the_means_of_the_lists() -> None:
    shop = load_scenario("webshop_loop", ["offers.premium.price=801"], agents=100)
    table = weekly(mix_data(shop, MixRequest(1, 1, truth=False))).to_pandas()
    assert set(table.own_price) == {600.0}
    assert set(table.competitor_price) == {(349.0 + 429.0 + 849.0) / 3.0}


# The command.


def export(*arguments: str) -> int:
    return main(["export-mmm", *arguments])


@pytest.fixture
def place(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of a test's own, with the folder of the data in it."""
    shutil.copytree(folder, tmp_path / "made")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_the_folder_s_own_command_makes_the_same_bytes_on_more_threads(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (place / "made" / "README.txt").read_text(encoding="utf-8")
    (line,) = re.findall(r"^  journeysim (export-mmm .+)$", told, re.MULTILINE)
    monkeypatch.chdir(place / "made")
    assert main([*line.split(), "--threads", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(Path("again") / "README.txt")
    again = content(place / "made" / "again")
    shutil.rmtree(place / "made" / "again")
    assert again == content(place / "made")


def test_json_is_one_object_with_the_documented_keys(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("made/scenario.yaml", "--regions", "3", "--years", "1", "--no-truth", "--json")
    assert export(*told, "--agents", "200", "--seed", "9", "--out", "small") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) - set(re.findall(r"`([^`\n]+)`", PAGE)) == set()
    assert (found["folder"], found["seed"], found["weeks"]) == ("small", 9, 52)
    assert list(found["regions"]) == ["region_1", "region_2", "region_3"]
    assert found["media"] == ["flyer", "poster"]
    assert found["runs"] == 3
    names = [f"scenario{name}.yaml" for name in ("", "-region_1", "-region_2", "-region_3")]
    names += ["README.txt", "manifest.json", "weekly.csv", "weekly.parquet"]
    assert found["files"] == sorted(names) == sorted(content(place / "small"))
    assert len(read(place / "small", "weekly")) == 3 * 52
    manifest = json.loads((place / "small" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"].endswith("--regions 3 --years 1 --vary 0.5 --no-truth")


def test_by_default_the_folder_is_in_results_and_is_replaced(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("made/scenario.yaml", "--regions", "1", "--years", "1", "--agents", "50", "--no-truth")
    for _ in range(2):
        assert export(*told) == 0
        out = capsys.readouterr().out.splitlines()
        assert out[0] == "1 region x 52 weeks; 2 channels with varying budgets; 1 run"
        (made,) = (place / "results").iterdir()
        assert out[-1] == str(Path("results") / made.name / "README.txt")


def test_the_terminal_shows_the_true_return(data: MixData) -> None:
    row = of(truth(data).to_pandas(), region="all", touchpoint="flyer").iloc[0]
    (line,) = [text for text in mix_text(MixAnswer(data)) if text.startswith("Flyer")]
    assert line.split()[1:4] == [
        f"{100 * row.share:.1f}%",
        f"{row.roas_on_own_spend:.2f}",
        f"{row.roas_on_own_spend_low:.2f}",
    ]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("made/scenario.yaml", "--regions", "0"), "1 to 100"),
        (("made/scenario.yaml", "--years", "21"), "1 to 20"),
        (("made/scenario.yaml", "--vary", "1"), "0 to 0.9"),
        (("made/scenario.yaml", "--vary", "nan"), "0 to 0.9"),
        (("made/scenario.yaml", "--threads", "0"), "1 or more"),
        (("made/scenario.yaml", "--agents", "0"), "agents"),
        (("made/scenario.yaml", "--set", "touchpoints.fly.enabled=false"), "fly"),
        (("gone.yaml",), "gone.yaml"),
        (("bare.yaml",), "no enabled touchpoint with a budget"),
        (("made/scenario.yaml", "--out", "mine"), "was not changed"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], answer: str
) -> None:
    (place / "mine").mkdir()
    (place / "mine" / "diary.txt").write_text("mine")
    (place / "bare.yaml").write_text(dump_scenario(helped(50)), encoding="utf-8")
    before = sorted(place.rglob("*"))
    assert export(*arguments) == 2
    out, err = capsys.readouterr()
    assert answer in err
    assert (out, len(err.splitlines())) == ("", 1)
    assert sorted(place.rglob("*")) == before


def test_all_that_is_wrong_is_said_at_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("made/scenario.yaml", "--regions", "0", "--years", "0", "--threads", "0", "--json")
    assert export(*told) == 2
    fields = [error["field"] for error in json.loads(capsys.readouterr().out)["errors"]]
    assert fields == ["threads", "regions", "years"]


def test_an_interruption_leaves_what_is_kept(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sim.questions.mix.question, "mix_data", stop)
    before = sorted(place.rglob("*"))
    assert export("made/scenario.yaml", "--out", "new") == 130
    left = sorted({*place.rglob("*")} - {*before})
    assert [file.name for file in left] == ["new.unfinished", "study.json"]  # to go on with


def test_progress_counts_every_run(data: MixData) -> None:
    told: list[tuple[float, float]] = []
    made = mix_data(
        street(50), MixRequest(2, 1), progress=lambda done, total: told.append((done, total))
    )
    # a region: as it is, without each, three points and a step of each, without both
    assert made.runs == 2 * (1 + 2 * 5 + 1) == data.runs
    assert {total for _, total in told} == {float(made.runs)}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == made.runs


def test_the_command_s_defaults_are_the_request_s() -> None:
    command: Callable[..., None] = cli.export_mmm
    given = {name: p.default for name, p in inspect.signature(command).parameters.items()}
    request = MixRequest()
    assert given["regions"] == request.regions
    assert given["years"] == request.years
    assert given["vary"] == request.vary
    assert given["truth"] == request.truth
