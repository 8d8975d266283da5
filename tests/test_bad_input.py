"""Whatever a scenario file holds: a list of named errors and exit code 2, or a scenario.

Hypothesis mutates the library's files, as data, as text and as bytes. Never a traceback,
and nothing in a file is ever executed.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.constructor import BaseConstructor

from sim import cli
from sim import errors as named
from sim.errors import Problem, ScenarioErrors
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import with_settings
from sim.scenario.library import library_file, library_names
from sim.scenario.load import load_scenario, parse_scenario
from sim.scenario.schema import Scenario
from sim.scenario.template import TEMPLATE
from sim.scenario.validate import Origin, validate
from sim.scenario.yaml_text import read_document

FILES = [TEMPLATE, *(library_file(name) for name in library_names())]
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in FILES}
DATA = {name: read_document(text, name).data for name, text in TEXTS.items()}

NASTY_TEXTS = [
    "&a ", "*a", "<<: *a", "!!python/object/apply:os.system ['true']", "!!str ", "! ", "!<x> ",
    "{", "}", "[", "]", "{{", ": ", "- ", "? ", "| ", "> ", "'", '"', "#", "\t", "\n", "\r", "%",
    "%YAML 1.1\n---\n", "---\n", "...\n", ".nan", ".inf", "-.inf", "1e999", "-1", "1e308", "9" * 99,
    "0x", "null", "yes", "true", "\0", "\x01", "\x1b", "\x85", "\u2028", "\ufeff", "\U0001f600",
    "é", "\\ud800", '"\\ud800"', '"\\U00110000"', "`", "@", "[" * 50, "{a: " * 50, "- " * 50,
]  # fmt: skip

numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, -1, 10**40, -(10**40), 1e308, -1e308, 5e-324, -0.0, 2**63, 0.5, 1.5]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into nested dicts and lists."""
    found = [path]
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        pairs = list(enumerate(value)) if isinstance(value, list) else []
    for key, item in pairs:
        found += places(item, (*path, key))
    return found


@st.composite
def mutated_data(draw: st.DrawFn) -> tuple[str, Any]:
    """A file's data with one to three mutations: types, signs, missing and extra keys."""
    name = draw(st.sampled_from(sorted(DATA)))
    data = copy.deepcopy(DATA[name])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(data)))
        if not path:
            continue
        parent: Any = data
        for part in path[:-1]:
            parent = parent[part]
        key = path[-1]
        how = draw(st.sampled_from(["replace", "negate", "drop", "rename", "add", "huge", "move"]))
        if how == "replace":
            parent[key] = draw(values)
        elif how == "negate" and isinstance(parent[key], int | float):
            parent[key] = -parent[key]
        elif how == "huge" and isinstance(parent[key], int | float):
            parent[key] = parent[key] * draw(st.sampled_from([10**6, 10**30, -(10**12), 0]))
        elif how == "drop":
            del parent[key]
        elif how == "rename" and isinstance(parent, dict):
            parent[draw(st.text(max_size=8)) + str(key)[1:]] = parent.pop(key)
        elif how == "add" and isinstance(parent, dict):
            parent[draw(st.text(max_size=12))] = draw(values)
        elif how == "move" and isinstance(parent, dict):
            other = draw(st.sampled_from(sorted(parent)))
            parent[key], parent[other] = parent[other], parent[key]
    return name, data


@st.composite
def mutated_text(draw: st.DrawFn) -> tuple[str, str]:
    """A file's text with something nasty put in, cut out, or put in the wrong place."""
    name = draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[name]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        nasty = draw(st.sampled_from(NASTY_TEXTS) | st.text(max_size=5))
        how = draw(st.sampled_from(["insert", "replace", "cut", "value", "indent"]))
        if how == "insert":
            text = text[:start] + nasty + text[start:]
        elif how == "replace":
            text = text[:start] + nasty + text[end:]
        elif how == "cut":
            text = text[:start] + text[end:]
        elif how == "value":
            colon = text.find(": ", start)
            text = text[: colon + 2] + nasty + " " + text[colon + 2 :]
        else:
            line = text.find("\n", start) + 1
            text = text[:line] + " " + text[line:]
    return name, text


def outcome(load: Any) -> Scenario | list[Problem]:
    """The scenario, or the named errors, of which each is one well-formed sentence."""
    scenario: Scenario | None = None
    failure: ScenarioErrors | None = None
    try:
        scenario = load()
    except ScenarioErrors as error:
        failure = error
    if failure is None:
        assert isinstance(scenario, Scenario)
        return scenario
    assert failure.exit_code == 2
    assert failure.problems
    for problem in failure.problems:
        assert getattr(named, problem.kind) is type(problem)
        assert type(problem) is not Problem
        assert "\n" not in problem.sentence()
        assert json.dumps(problem.as_dict(), allow_nan=False)
    return list(failure.problems)


def test_the_files_are_valid_before_they_are_mutated() -> None:
    for name, text in TEXTS.items():
        assert isinstance(
            outcome(lambda text=text, name=name: parse_scenario(text, name)), Scenario
        )


@settings(max_examples=200, deadline=None)
@given(mutated_data())
def test_mutated_data(mutation: tuple[str, Any]) -> None:
    name, data = mutation
    found = outcome(lambda: validate(data, Origin(name)))
    if isinstance(found, Scenario):
        # what was let through is exactly what the scenario format can say
        assert parse_scenario(dump_scenario(found)) == found


@settings(max_examples=250, deadline=None)
@given(mutated_text())
def test_mutated_text(mutation: tuple[str, str]) -> None:
    name, text = mutation
    lines = text.count("\n") + 1
    found = outcome(lambda: parse_scenario(text, name))
    if not isinstance(found, Scenario):
        for problem in found:
            assert problem.file == name
            # a carriage return or a line separator of Unicode also ends a line for YAML
            assert problem.line is None or problem.line <= lines + len(text.splitlines())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))].encode()
    start = data.draw(st.integers(0, len(content)))
    nasty = data.draw(st.binary(max_size=6) | st.sampled_from([b"\xff\xfe", b"\xc0\x80", b"\0"]))
    file = tmp_path_factory.getbasetemp() / "mutated.yaml"
    file.write_bytes(content[:start] + nasty + content[start + len(nasty) :])
    found = outcome(lambda: load_scenario(file))
    try:
        file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        assert [type(problem) for problem in found] == [named.NotUtf8]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["seed", "touchpoints.website.quality.mean", "segments", "x", "a..b", ""])
    | st.text(max_size=20),
    st.sampled_from(["=", "", "==", " = "]),
    st.sampled_from(NASTY_TEXTS) | st.text(max_size=10) | numbers.map(str),
)
def test_nasty_settings(path: str, equals: str, value: str) -> None:
    scenario = parse_scenario(TEXTS[TEMPLATE.name])
    found = outcome(lambda: with_settings(scenario, [f"{path}{equals}{value}"]))
    if not isinstance(found, Scenario):
        assert {problem.file for problem in found} == {"--set"}


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff\xfe\x00",
        b"name: [",
        b"a: &a [*a]",
        b"population: -5",
        b"name: !!python/object/apply:os.system ['true']",
        b"- " * 5000,
        b"",
    ],
)
def test_the_command_exits_2_with_sentences(
    bad: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(bad)
    assert cli.main(["check", str(file)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told
    assert all(line.startswith(str(file)) for line in told)
    assert cli.main(["check", str(file), "--json"]) == 2
    assert len(json.loads(capsys.readouterr().out)["errors"]) == len(told)


def test_anchors_that_explode_are_refused_before_they_do() -> None:
    laughs = "a0: &a0 [" + ", ".join(["ha"] * 10) + "]\n"
    for level in range(1, 40):  # 10**40 texts, if it were expanded
        laughs += f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 10) + "]\n"
    with pytest.raises(ScenarioErrors) as caught:
        parse_scenario(laughs)
    kinds = [problem.kind for problem in caught.value.problems]
    assert kinds.count("AliasUsed") > 40
    assert len(kinds) <= 200


EXECUTES = [
    "!!python/object/apply:os.system ['touch {marker}']",
    "!!python/object/new:subprocess.Popen [['touch', '{marker}']]",
    "!!python/object/apply:builtins.exec [\"open('{marker}', 'w')\"]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch {marker}']",
    "!!map {a: !!python/object/apply:os.system ['touch {marker}']}",
    "!!binary aGVq",
    "!!timestamp 2024-01-01",
    "!custom x",
]


WHERE = {
    "top": "{payload}",
    "value": "{text}\nseed: {payload}\n",
    "key": "{text}\n? {payload}\n: 1\n",
    "nested": "{text}\nreviews:\n  chance: [1, {{a: {payload} }}]\n",
}


@pytest.mark.parametrize("payload", EXECUTES)
@pytest.mark.parametrize("where", [*WHERE, "setting"])
def test_no_scenario_file_can_execute_anything(
    payload: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a constructor was called")

    # nothing is constructed from YAML by the library at all, whatever the tag
    monkeypatch.setattr(BaseConstructor, "construct_document", never)
    monkeypatch.setattr(BaseConstructor, "construct_object", never)
    monkeypatch.setattr(YAML, "load", never)
    marker = tmp_path / "marker"
    payload = payload.replace("{marker}", str(marker))
    text = TEXTS[TEMPLATE.name]
    if where == "setting":
        scenario = parse_scenario(text)
        found = outcome(lambda: with_settings(scenario, [f"seed={payload}"]))
    else:
        file = WHERE[where].format(text=text, payload=payload)
        found = outcome(lambda: parse_scenario(file))
    assert isinstance(found, list)
    assert "TagUsed" in {problem.kind for problem in found}
    assert not marker.exists()
