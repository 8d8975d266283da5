"""Folders from elsewhere: nothing outside them is touched, nothing in them is believed unread."""

import json
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

import sim.pages.folder
from sim.cli import main
from sim.errors import InputError, Note
from sim.folders import Damaged, check_place, inside, open_folder, put_folder, remove_leftovers
from sim.locks import AtWork, at_work
from sim.pages.folder import open_replicates, write_folder
from sim.runs.dataset import is_study
from sim.runs.run import Run, read_folder, run
from tools.changed_folders import as_of_before, locked_elsewhere, sign
from worlds.markets import MARKETS


@cache
def town() -> Run:
    return run(MARKETS["town"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("written") / "town"
    write_folder(town(), place)
    return place


@pytest.fixture
def place(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a run, in a working folder where something precious lies beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "letter.txt").write_text("dear")
    (tmp_path / "precious.txt").write_text("dear")
    return Path(shutil.copytree(written, tmp_path / "town"))


@pytest.fixture(autouse=True)
def nothing_precious_is_touched(tmp_path: Path) -> Iterator[None]:
    yield
    if (tmp_path / "precious").exists():
        assert os.listdir(tmp_path / "precious") == ["letter.txt"]
        assert (tmp_path / "precious.txt").read_text() == "dear"


@pytest.fixture(autouse=True)
def plain_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn where it is not looked at."""
    monkeypatch.setattr(sim.pages.folder, "make_report", lambda *run: "a page")
    figures = {"figures/journey.svg": b"a picture"}
    monkeypatch.setattr(
        sim.pages.folder, "report_with_figures", lambda *run: ("a page", dict(figures))
    )


def write_short(place: Path, name: str = "town") -> None:
    scenario = MARKETS[name].model_dump(mode="json", exclude_defaults=True)
    place.write_text(json.dumps(scenario))


# --- names that lead elsewhere ---


@pytest.mark.parametrize(
    "name",
    ["../precious.txt", "/etc/passwd", "figures/../../precious.txt", "", ".", "a//b", "a/", "..",
     "a\\b", "C:x", "a\0b", "a\nb", "x" * 300, "a/b/c/d", 7, None, ["a"], {"a": 1}],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_no_name(tmp_path: Path, name: object) -> None:
    with pytest.raises(Damaged) as caught:
        inside(tmp_path, name)
    assert len(caught.value.message.splitlines()) == 1


def test_a_name_through_a_link_is_no_name(place: Path) -> None:
    (place / "figures").symlink_to(place.parent / "precious")
    (place / "link").symlink_to(place.parent / "precious.txt")
    for name in ("link", "figures/letter.txt"):
        with pytest.raises(Damaged, match="is a symbolic link"):
            inside(place, name)
    assert inside(place, "tables/new.csv") == place / "tables" / "new.csv"


@pytest.mark.parametrize(
    "listed", ["../precious.txt", "/precious.txt", "figures/../../precious.txt"]
)
def test_a_manifest_does_not_decide_what_is_removed(
    place: Path, listed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: `report` removed any file that the manifest called one of its figures."""
    said = json.loads((place / "manifest.json").read_text())
    said["files"][listed] = {"bytes": 4, "sha256": "0" * 64}
    (place / "manifest.json").write_text(json.dumps(said))
    sign(place)  # with digests that fit what is there
    assert main(["report", str(place)]) in (0, 2)
    as_of_before(place)
    said = json.loads((place / "manifest.json").read_text())
    said["files"].append(listed)
    (place / "manifest.json").write_text(json.dumps(said))
    assert main(["report", str(place)]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_replicates_elsewhere_are_not_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(place, place.parent / "other"))
    before = {file: file.read_bytes() for file in other.iterdir()}
    for names in (["../other", "../town"], [str(other), "replicate-02"], ["a"], "other", [1, 2]):
        sign(place, replicates=names, seeds=[0, 1])
        assert main(["report", str(place)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert {file: file.read_bytes() for file in other.iterdir()} == before


def test_what_is_left_of_a_set_does_not_decide_what_is_removed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: `run --replicates` removed any folder that `r.partial/manifest.json` named."""
    write_short(place.parent / "m.yaml")
    (place.parent / "r.partial").mkdir()
    said = {"files": ["manifest.json"], "replicates": [str(place.parent / "precious"), "../town"]}
    (place.parent / "r.partial" / "manifest.json").write_text(json.dumps(said))
    arguments = ["run", "m.yaml", "--agents", "50", "--days", "5", "--replicates", "2"]
    assert main([*arguments, "--no-next-krone", "--out", "r"]) == 0
    assert read_folder(place).scenario.seed == town().scenario.seed
    assert [one.place.name for one in open_replicates(place.parent / "r")] == [
        "replicate-01",
        "replicate-02",
    ]


def test_a_set_s_folder_with_something_else_in_it_is_left(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_short(place.parent / "m.yaml")
    partial = place.parent / "r.partial"
    shutil.copytree(place, partial / "replicate-07")
    (partial / "replicate-07" / "notes.txt").write_text("mine")
    arguments = ["run", "m.yaml", "--agents", "50", "--days", "5", "--replicates", "2"]
    assert main([*arguments, "--out", "r"]) == 2
    assert "it also holds notes.txt" in capsys.readouterr().err
    assert (partial / "replicate-07" / "notes.txt").read_text() == "mine"


# --- what is replaced ---


@pytest.mark.parametrize("inner", ["", "figures/", "replicate-01/"])
def test_only_what_was_written_is_replaced(
    place: Path, inner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_short(place.parent / "m.yaml")
    arguments = ["run", "m.yaml", "--agents", "50", "--days", "5", "--no-next-krone"]
    arguments += ["--replicates", "2", "--out", "r"]
    assert main(arguments) == 0
    (place.parent / "r" / inner).mkdir(exist_ok=True)
    mine = place.parent / "r" / inner / "mine.txt"
    mine.write_text("mine")
    assert main(arguments) == 2
    assert "it also holds" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    mine.unlink()
    assert main(arguments) == 0


def test_a_file_that_was_changed_is_not_thrown_away(place: Path) -> None:
    file = place / "scenario.yaml"
    file.write_text(file.read_text() + "# my notes\n")
    with pytest.raises(InputError, match=r"scenario\.yaml has changed since it was written"):
        check_place(place)


def test_a_manifest_does_not_make_a_folder_ours(tmp_path: Path) -> None:
    """A folder of someone's own into which a manifest was put that lists his files."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("mine")
    said = {"format": 1, "files": ["cat.jpg", "manifest.json"]}
    (tmp_path / "photos" / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"it also holds|has changed since"):
        check_place(tmp_path / "photos")


def test_a_folder_of_before_is_replaced(place: Path) -> None:
    as_of_before(place)
    write_folder(town(), place)
    open_folder(place).check()


# --- damage ---


def test_a_table_of_which_half_is_left_is_refused(place: Path) -> None:
    """Once: half of `daily.parquet` turned a profit of 239,937 into -60,063 without a word."""
    table = parquet.read_table(place / "daily.parquet")
    parquet.write_table(table.slice(0, len(table) // 2), place / "daily.parquet")
    with pytest.raises(Damaged, match=r"daily\.parquet: its content has changed"):
        read_folder(place)
    sign(place)
    with pytest.raises(Damaged, match=r"daily\.parquet: it has [\d,]+ rows where there are"):
        read_folder(place)


def set_cell(table: pa.Table, column: str, value: object) -> pa.Table:
    values = table[column].to_pylist()
    values[len(values) // 2] = value
    at = table.schema.get_field_index(column)
    field = table.schema.field(at)
    return table.set_column(at, field, pa.array(values, field.type))


CHANGES = {
    "a negative day": ("daily", lambda t: set_cell(t, "day", -1)),
    "a day after the end": ("flows", lambda t: set_cell(t, "day", 30_000)),
    "no number": ("daily", lambda t: set_cell(t, "revenue", float("nan"))),
    "an infinity": ("market", lambda t: set_cell(t, "rating", float("inf"))),
    "less than none": ("purchases", lambda t: set_cell(t, "purchases", -1.0)),
    "half a customer": ("phases", lambda t: set_cell(t, "customers", 0.5)),
    "one more purchase": (
        "purchases",
        lambda t: set_cell(t, "purchases", t["purchases"][len(t) // 2].as_py() + 10.0),
    ),
    "one more move": (
        "flows",
        lambda t: set_cell(t, "customers", t["customers"][len(t) // 2].as_py() + 10.0),
    ),
    "a row twice": ("flows", lambda t: pa.concat_tables([t, t.slice(3, 1)])),
    "an unknown name": ("touchpoints", lambda t: set_cell(t, "touchpoint", "nowhere")),
    "a column less": ("spend", lambda t: t.drop_columns(["spend"])),
    "a column more": ("spend", lambda t: t.append_column("extra", t["spend"])),
    "through pandas": ("daily", lambda t: pa.Table.from_pandas(t.to_pandas())),
    "another order": ("panel", lambda t: t.sort_by([("timestamp", "descending")])),
    "a customer twice": ("customers", lambda t: pa.concat_tables([t.slice(1), t.slice(5, 1)])),
    "somebody else": ("panel", lambda t: set_cell(t, "case_id", 4_000_000_000)),
}


@pytest.mark.parametrize("what", list(CHANGES))
def test_a_changed_table_is_refused_even_if_it_is_signed(place: Path, what: str) -> None:
    name, change = CHANGES[what]
    file = place / f"{name}.parquet"
    parquet.write_table(change(parquet.read_table(file)), file)
    sign(place)
    with pytest.raises(Damaged, match=rf"{name}\.parquet: |is damaged") as caught:
        read_folder(place)
    assert len(caught.value.message.splitlines()) == 1
    as_of_before(place)
    with pytest.warns(Note, match="cannot be checked"), pytest.raises(Damaged):
        read_folder(place)


def test_replicates_are_each_there_once(place: Path) -> None:
    """Once: the same replicate twice gave a mean and an interval of one run."""
    write_short(place.parent / "m.yaml")
    arguments = ["run", "m.yaml", "--agents", "50", "--days", "5", "--no-next-krone"]
    assert main([*arguments, "--replicates", "3", "--out", "r"]) == 0
    r = place.parent / "r"
    shutil.rmtree(r / "replicate-02")
    shutil.copytree(r / "replicate-03", r / "replicate-02")
    with pytest.raises(Damaged, match="replicate-02"):
        open_replicates(r)
    sign(r, seeds=[0, 2, 2])
    with pytest.raises(Damaged, match="no list of different ones"):
        open_replicates(r)
    shutil.rmtree(r / "replicate-02")
    assert main([*arguments, "--seed", "1", "--set", "discount_rate_per_year=0.2",
                 "--out", "r/replicate-02"]) == 0  # fmt: skip
    sign(r, seeds=[0, 1, 2])
    with pytest.raises(Damaged, match="replicate-02: it is not what was written there"):
        open_replicates(r)


def test_a_hundred_thousand_brackets_are_a_sentence(place: Path) -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "NaN", "[]", '{"a": 1, "a": 2}', '"\\ud800"'):
        (place / "manifest.json").write_text(text)
        with pytest.raises(Damaged) as caught:
            read_folder(place)
        assert len(caught.value.message.splitlines()) == 1


def test_a_pipe_in_place_of_a_table_is_not_waited_for(place: Path) -> None:
    (place / "daily.parquet").unlink()
    os.mkfifo(place / "daily.parquet")
    with pytest.raises(Damaged, match=r"daily\.parquet"):
        read_folder(place)


def test_a_folder_of_before_is_read_with_a_note(place: Path) -> None:
    as_of_before(place)
    with pytest.warns(Note, match="cannot be checked"):
        assert read_folder(place).summary == read_folder(place).summary
    assert main(["report", str(place), "--quiet"]) == 0
    with pytest.warns(Note, match="cannot be checked"):  # its report does not make it trusted
        pd.testing.assert_frame_equal(read_folder(place).daily, town().daily)


# --- locks ---


def test_the_second_command_says_who_is_at_work(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_short(place.parent / "m.yaml")
    with locked_elsewhere(place) as other:
        for words in (
            ["run", "m.yaml", "--out", "town"],
            ["run", "m.yaml", "--replicates", "2", "--out", "town"],
            ["compare", "m.yaml", "--variant", "a:discount_rate_per_year=0.2", "--out", "town"],
            ["touchpoints", "m.yaml", "--out", "town"],
            ["optimise", "m.yaml", "--out", "town"],
            ["export-mmm", "m.yaml", "--out", "town"],
            ["report", "town"],
        ):
            assert main(words) == 2, words
            told = capsys.readouterr().err
            assert f"(process {other}). Wait for it" in told
            assert told.count("\n") == 1
    assert main(["report", "town"]) == 0
    assert sorted(os.listdir()) == ["m.yaml", "precious", "precious.txt", "town"]


def test_a_lock_ends_with_its_process_and_can_be_taken_again(tmp_path: Path) -> None:
    place = tmp_path / "r"
    with at_work(place), at_work(place):
        assert os.listdir(tmp_path) == [".r.lock"]
    assert os.listdir(tmp_path) == []
    (tmp_path / ".r.lock").write_text("left by one that was killed")
    with at_work(place):
        pass
    assert os.listdir(tmp_path) == []


def test_who_came_before_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the first look and the lock another command may begin and end."""
    import sim.locks

    take = sim.locks._take

    def after_another(place: Path) -> None:
        monkeypatch.setattr(sim.locks, "_take", take)
        put_folder(place, lambda folder: {})
        take(place)

    monkeypatch.setattr(sim.locks, "_take", after_another)
    with pytest.raises(AtWork, match="has just written"), at_work(tmp_path / "r"):
        pass
    assert os.listdir(tmp_path) == ["r"]


# --- odds and ends ---


def test_the_root_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["export", "/", "--format", "weekly"],
        ["report", "/"],
        ["run", "webshop_loop", "--agents", "10", "--days", "2", "--out", "/"],
    ):
        assert main(words) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_leftover_with_thirty_digits_is_a_name_like_any(tmp_path: Path) -> None:
    left = tmp_path / f".r.{'0' * 8}.{'9' * 30}.new"
    left.mkdir()
    remove_leftovers(tmp_path / "r")
    assert left.exists()
    assert not is_study(tmp_path)
