"""The commands about scenario files: what they print, what they exit with."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from sim import cli
from sim.errors import Interrupted, JourneysimError, Problem
from sim.scenario.levers import levers, with_settings
from sim.scenario.library import library_file, library_names
from sim.scenario.load import load_scenario, parse_scenario
from sim.scenario.schema import Scenario
from sim.scenario.template import template_text, write_template

COMMANDS = ["scenarios", "new", "check", "schema"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def test_new_writes_a_file_that_check_accepts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "new", "my_market", "--quiet") == (0, "", "")
    assert os.listdir() == ["my_market.yaml"]  # nothing temporary is left
    assert load_scenario("my_market.yaml").name == "my_market"
    code, out, _ = run(capsys, "check", "my_market.yaml")
    scenario = load_scenario("my_market.yaml")
    assert code == 0
    assert f"{len(scenario.touchpoints)} touchpoints" in out
    assert f"{len(scenario.offers)} offer," in out
    assert run(capsys, "check", "my_market.yaml", "--quiet") == (0, "", "")


def test_every_setting_named_in_the_template_works() -> None:
    text = template_text("shop")
    market = parse_scenario(text)
    paths = {lever.path for lever in levers(market)}
    named = [word.strip('"') for word in text.split() if word.count("=") == 1]
    assert len(named) > 1
    assert {setting.split("=")[0].rstrip("*") for setting in named} <= paths
    for setting in named:
        assert with_settings(market, [setting]) != market


def test_new_does_not_overwrite_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("shop.yaml")
    file.write_text("mine")
    code, out, err = run(capsys, "new", "shop")
    assert (code, out) == (2, "")
    assert "exists already" in err
    assert file.read_text() == "mine"
    assert run(capsys, "new", "shop", "--force")[0] == 0
    assert file.read_text() == template_text("shop")
    assert os.listdir() == ["shop.yaml"]


def test_new_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    for source in (None, "webshop_loop"):
        with pytest.raises(KeyboardInterrupt):
            write_template("shop", Path(), replace=True, source=source)
        assert os.listdir() == []


@pytest.mark.parametrize(
    "name", ["Shop", "1shop", "my-shop", "", "../shop", "a" * 41, "a\n", "a/b"]
)
def test_new_takes_names_only(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "new", name)
    assert code == 2
    assert err.count("\n") == 1
    assert os.listdir() == []


NAMES = {"name", "title", "title_da"}


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("market", library_names())
def test_new_starts_from_any_market_of_the_library(
    market: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "new", "my_market", "--from", market, "--quiet") == (0, "", "")
    assert os.listdir() == ["my_market.yaml"]
    made, base = load_scenario("my_market.yaml"), load_scenario(market)
    assert (made.name, made.title, made.title_da) == ("my_market", "My market", "My market")
    assert made.model_dump(exclude=NAMES) == base.model_dump(exclude=NAMES)
    text, before = (file.read_text() for file in (Path("my_market.yaml"), library_file(market)))
    assert comments(text) == comments(before)
    changed = [
        old for new, old in zip(text.splitlines(), before.splitlines(), strict=True) if new != old
    ]
    assert {line.partition(":")[0] for line in changed} == NAMES
    assert run(capsys, "check", "my_market.yaml", "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    "head",
    [
        'name: "mine"   # of a file\ntitle: >-\n  A title\n  of two lines\n# next\n',
        "'name' : mine\n",
        '"title": A shop # and a note\nname: mine\ntitle_da: |\n  En butik\n',
        "description: 'name: other'\nname: mine\n",
        "name: mine\r\ntitle: A shop\r\n",
    ],
)
def test_new_starts_from_a_file_however_it_writes_its_name(
    head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = template_text("shop").partition("currency: ")
    Path("mine.yaml").write_text(head + rest[1] + rest[2], newline="")
    for name, title in (("null", "Null"), ("my_market", "My market")):
        assert run(capsys, "new", name, "--from", "mine.yaml", "--quiet") == (0, "", "")
        made, base = load_scenario(f"{name}.yaml"), load_scenario("mine.yaml")
        assert made.name == name
        assert made.title == (title if base.title else "")
        assert made.title_da == (title if base.title_da else "")
        assert made.model_dump(exclude=NAMES) == base.model_dump(exclude=NAMES)
        text = Path(f"{name}.yaml").read_bytes().decode()
        assert comments(text) == comments(Path("mine.yaml").read_bytes().decode())
        assert text.count("\r") == head.count("\r")


def test_new_starts_from_a_json_file(capsys: pytest.CaptureFixture[str]) -> None:
    base = parse_scenario(template_text("mine"))
    Path("mine.json").write_text(base.model_dump_json(indent=1))
    assert run(capsys, "new", "other", "--from", "mine.json", "--quiet") == (0, "", "")
    made = load_scenario("other.yaml")
    assert (made.name, made.title) == ("other", "Other")
    assert made.model_dump(exclude=NAMES) == base.model_dump(exclude=NAMES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shop", "--from", "webshop_lop"], "did you mean `webshop_loop`?"),
        (["shop", "--from", "webshop_lop.yaml"], "no such file; did you mean `webshop_loop`?"),
        (["shop", "--from", "."], "it is a folder, not a file"),
        (["shop", "--from", ""], "neither a file nor a scenario of the library"),
        (["My-Shop", "--from", "webshop_loop"], "NAME: `My-Shop` is not valid; allowed: a name"),
        (["shop", "--from", "broken.yaml"], "broken.yaml, line 2"),
        (["taken", "--from", "webshop_loop"], "exists already; use --force to replace it"),
    ],
)
def test_new_from_what_is_no_market_writes_nothing(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.yaml").write_text("name: broken\nagents: many\n")
    Path("taken.yaml").write_text("mine")
    code, out, err = run(capsys, "new", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert sorted(os.listdir()) == ["broken.yaml", "taken.yaml"]
    assert Path("taken.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["true", "false", "null"])
def test_a_name_that_yaml_reads_as_something_else_is_quoted(name: str) -> None:
    assert parse_scenario(template_text(name)).name == name


def test_new_where_nobody_can_write_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_text", refuse)
    code, _, err = run(capsys, "new", "shop")
    assert code == 1
    assert "Permission denied" in err


def test_check_tells_all_problems_one_sentence_each(capsys: pytest.CaptureFixture[str]) -> None:
    text = template_text("shop").replace("starts: push", "starts: pusch")
    Path("shop.yaml").write_text(text.replace("unit_cost", "unitcost"))
    code, out, err = run(capsys, "check", "shop.yaml")
    assert (code, out) == (2, "")
    sentences = err.splitlines()
    assert len(sentences) == text.count("starts: pusch") + 1
    assert all(sentence.startswith("shop.yaml, line ") for sentence in sentences)

    code, out, err = run(capsys, "check", "shop.yaml", "--json")
    assert (code, err) == (2, "")
    errors = json.loads(out)["errors"]
    assert [error["message"] for error in errors] == sentences
    assert set(errors[0]) == {
        "kind", "file", "line", "field", "given", "allowed", "nearest", "message",
    }  # fmt: skip
    assert {error["nearest"] for error in errors} == {"push", "unit_cost"}


def test_check_with_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "new", "shop")
    code, out, err = run(capsys, "check", "shop.yaml", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["valid"] is True
    assert found["scenario"] == "shop"
    assert found["segments"] == len(load_scenario("shop.yaml").segments)


def test_scenarios_lists_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "scenarios", "--quiet")
    assert (code, out.split()) == (0, library_names())
    _, out, _ = run(capsys, "scenarios", "--json")
    found = json.loads(out)["scenarios"]
    assert {item["name"]: item["title"] for item in found} == {
        name: load_scenario(name).title for name in library_names()
    }
    _, out, _ = run(capsys, "scenarios")
    assert len(out.splitlines()) == len(found)


def test_schema_names_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "schema")
    found = json.loads(out)
    assert code == 0
    assert set(found["properties"]) == set(Scenario.model_fields)
    assert run(capsys, "schema", "--json", "--quiet") == (0, out, "")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chek"],
        ["check"],
        ["check", "a", "b"],
        ["check", "--no-such-option", "a"],
        ["check", "nothing.yaml"],
        ["check", "no_such_scenario"],
        ["check", "."],
        ["check", ""],
        ["check", "a\0b"],
        ["check", "\udcff"],
        ["check", "x" * 10_000],
        ["check", "/proc/self/mem"],
        ["check", "/dev/zero"],
        ["new"],
    ],
)
def test_a_wrong_command_line_exits_2_with_sentences(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert len(err.splitlines()) == 1
    if arguments:
        code, out, err = run(capsys, *arguments, "--json")
        assert (code, err) == (2, "")
        assert json.loads(out)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run shop.yaml --agents many", "'--agents': expected a whole number; see journeysim run"),
        ("run shop.yaml --agents 1.5", "'--agents': expected a whole number; see journeysim run"),
        ("compare shop.yaml --precision 1,5", "'--precision': expected a number; see journeysim c"),
        ("chek", "No such command 'chek'. Did you mean 'check', 'schema'? See journeysim --help"),
        ("run", "Missing argument 'SCENARIO'; see journeysim run --help"),
    ],
)
def test_what_the_command_line_cannot_read_is_one_sentence(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *words.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_json_and_quiet(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--quiet" in out


def test_the_page_of_commands_has_the_options_that_the_commands_have() -> None:
    """If not: `python docs/commands.py`."""
    docs = Path(cli.__file__).parents[2] / "docs"
    made = runpy.run_path(str(docs / "commands.py"))["page"]
    text = (docs / "commands.md").read_text(encoding="utf-8")
    assert made(text) == text
    assert "krone" not in text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Interrupted("stopped; 3 of 5 runs are kept"), 130),
        (JourneysimError("the work failed"), 1),
        (OSError(28, "No space left on device", "results"), 1),
    ],
)
def test_other_endings_have_their_exit_code_and_a_sentence(
    error: BaseException,
    code: int,
    capsys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> list[str]:
        raise error

    monkeypatch.setattr("sim.scenario.library.library_names", fail)
    found, out, err = run(capsys, "scenarios")
    assert (found, out) == (code, "")
    assert len(err.splitlines()) == 1
    assert (str(error.args[-1]) if error.args else "interrupted") in err


def test_every_kind_of_problem_makes_a_sentence() -> None:
    kinds = [Problem, *Problem.__subclasses__()]
    assert len({kind.__name__ for kind in kinds}) == len(kinds) > 20
    for kind in kinds:
        for problem in (
            kind(),
            kind(file="f", line=3, field="a.b", given="{x}\n", detail="{y} is odd", nearest="z"),
        ):
            assert "\n" not in problem.sentence()
            assert problem.sentence()[-1] in ".?"
            assert json.dumps(problem.as_dict())


def fresh(*code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *code], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_comes_at_once_because_nothing_heavy_is_imported() -> None:
    heavy = ["numpy", "pandas", "numba", "pydantic", "mesa", "scipy", "matplotlib", "ruamel"]
    ask = (
        "import sys, sim.cli; code = sim.cli.main(['--help']);"
        f"print([m for m in {heavy} if m in sys.modules], code)"
    )
    done = fresh("-c", ask)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_as_a_program_it_ends_with_the_same_codes() -> None:
    assert fresh("-m", "sim.cli", "schema").returncode == 0
    done = fresh("-m", "sim.cli", "check", "nothing.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nothing.yaml")
