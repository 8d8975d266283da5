"""Scenario files: what is read, what is refused, and that every problem is told at once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioErrors
from sim.questions.levers.study_file import load_study
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import Lever, levers, with_settings
from sim.scenario.library import library_file, library_folder, library_names
from sim.scenario.load import MOST_BYTES, load_scenario, parse_scenario, scenario_file
from sim.scenario.schema import Scenario
from sim.scenario.template import template_text
from sim.scenario.yaml_text import MOST_DEPTH, MOST_PROBLEMS, plain_scalar, read_document

SMALL = """\
name: small
journey:
  needs: [price, fit]
  phases:
    notice: {kind: latent}
    compare: {kind: consider, pace_per_day: 0.1}
    buy: {kind: purchase}
    own: {kind: relate}
segments:
  everyone: {share: 1}
offers:
  shirt: {price: 200, attributes: {fit: 0.5}}
touchpoints:
  newsletter:
    starts: push
    reach: {compare: 0.1}
    quality: {mean: 0.2, sd: 0.1}
"""


def problems_of(text: str) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(ScenarioErrors) as caught:
        parse_scenario(text, "small.yaml")
    for problem in caught.value.problems:
        sentence = problem.sentence()
        assert sentence.startswith("small.yaml")
        assert "\n" not in sentence
        assert "Input should" not in sentence  # none of pydantic's wording
    return [(problem.kind, problem.line, problem.field) for problem in caught.value.problems]


def only_problem(text: str) -> tuple[str, int | None, str | None]:
    (problem,) = problems_of(text)
    return problem


def test_a_small_scenario_is_complete_after_loading() -> None:
    scenario = parse_scenario(SMALL)
    assert scenario.offers["shirt"].price == 200.0
    assert type(scenario.offers["shirt"].price) is float
    assert list(scenario.journey.phases) == ["notice", "compare", "buy", "own"]
    assert scenario.seed == Scenario.model_fields["seed"].default


def test_every_problem_is_told_at_once_each_with_its_line() -> None:
    text = (
        SMALL.replace("kind: consider", "kind: considr")
        .replace("price: 200", "price: -200, colour: red")
        .replace("share: 1", "share: .inf")
        .replace("    starts: push\n", "")
        .replace("mean: 0.2", "mean: high")
        .replace("0.5", "true")
        .replace("name: small", "name: small\nseed: [1]")
    )
    assert problems_of(text) == [
        ("WrongType", 2, "seed"),
        ("NotOneOf", 7, "journey.phases.compare.kind"),
        ("NotFinite", 11, "segments.everyone.share"),
        ("OutOfRange", 13, "offers.shirt.price"),
        ("WrongType", 13, "offers.shirt.attributes.fit"),
        ("UnknownKey", 13, "offers.shirt.colour"),
        ("MissingField", 15, "touchpoints.newsletter.starts"),
        ("WrongType", 17, "touchpoints.newsletter.quality.mean"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "given", "allowed", "nearest"),
    [
        ("kind: relate", "kind: realte", "realte", "latent, consider, purchase", "relate"),
        ("quality:", "qualty:", "qualty", "quality", "quality"),
        ("{compare: 0.1}", "{compre: 0.1}", "compre", "notice, compare, buy, own", "compare"),
        ("{fit: 0.5}", "{fitt: 0.5}", "fitt", "price, fit", "fit"),
        ("mean: 0.2", "mean: 1.2", "1.2", "a number from -1 to 1", None),
    ],
)
def test_a_problem_says_what_was_given_what_is_allowed_and_the_nearest_name(
    old: str, new: str, given: str, allowed: str, nearest: str | None
) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        parse_scenario(SMALL.replace(old, new))
    (problem,) = caught.value.problems
    assert given in (problem.given or "")
    assert allowed in (problem.allowed or "")
    assert problem.nearest == nearest
    for part in (given, allowed, nearest or ""):
        assert part in problem.sentence()


def test_rules_between_fields_are_told_at_once_too() -> None:
    text = SMALL.replace("share: 1", "share: 0.5").replace("starts: push", "starts: service")
    assert problems_of(text) == [
        ("BrokenRule", 9, "segments"),
        ("BrokenRule", 14, "touchpoints.newsletter.capacity"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: b: c", "BrokenYaml"),
        ("a: [1, 2", "BrokenYaml"),
        ('a: "open', "BrokenYaml"),
        ("\tname: x", "BrokenYaml"),
        ("a: 1\n---\nb: 1", "BrokenYaml"),
        ("%YAML 1.1\n---\na: 1", "BrokenYaml"),
        ("%TAG ! tag:x,1:\n---\na: 1", "BrokenYaml"),
        ('a: "\\U00110000"', "BrokenYaml"),
        ("a: \x01", "BrokenYaml"),
        ("[" * 1000, "TooDeep"),
        ("- " * 1000, "TooDeep"),
        ("", "FileProblem"),
        ("# only a comment", "FileProblem"),
        ("null", "FileProblem"),
        ("- name: small", "FileProblem"),
        ("small", "FileProblem"),
    ],
)
def test_a_text_that_is_no_scenario_has_one_problem(text: str, kind: str) -> None:
    assert only_problem(text)[0] == kind


@pytest.mark.parametrize(
    ("old", "new", "kind", "line"),
    [
        ("name: small", "name: &a small", "AliasUsed", 1),
        ("share: 1", "share: *a", "AliasUsed", 10),
        ("  newsletter:\n", "  newsletter:\n    <<: {norm: 0}\n", "AliasUsed", 15),
        ("price: 200", "price: !!float 200", "TagUsed", 12),
        ("price: 200", "price: !price 200", "TagUsed", 12),
        ("name: small", "name: small\nname: large", "DuplicateKey", 2),
        ("price: 200", "price: 200, price: 300", "DuplicateKey", 12),
        ("name: small", "name: small\n7: x", "BadKey", 2),
        ("name: small", "name: small\ntrue: x", "BadKey", 2),
        ("name: small", "name: small\n? [a, b]\n: x", "BadKey", 2),
        ("name: small", 'name: small\n"a\\0": x', "BadKey", 2),
        ("everyone", "Everyone", "BadKey", 10),
        ("price: 200", "price: .nan", "NotFinite", 12),
        ("price: 200", "price: 1e999", "NotFinite", 12),
        ("price: 200", "price: 1" + "0" * 100, "TooLarge", 12),
        ("price: 200", "price: 1" + "0" * 50, "OutOfRange", 12),
        ("price: 200", "price: yes", "WrongType", 12),
        ("price: 200", "price: true", "WrongType", 12),
        ("price: 200", "price: 1:30", "WrongType", 12),
        ("price: 200", "price: '200'", "WrongType", 12),
        ("price: 200", "price: null", "WrongType", 12),
        ("name: small", "name: small\nagents: 10.5", "WrongType", 2),
        ("name: small", 'name: small\ntitle: "a\\u0007"', "NotUtf8", 2),
        ("name: small", 'name: small\ntitle: "\\ud800"', "NotUtf8", 2),
        ("name: small", "name: small\ncompetitors: {r: {offers: {}}}", "OutOfRange", 2),
    ],
)
def test_what_a_scenario_may_not_hold(old: str, new: str, kind: str, line: int) -> None:
    assert only_problem(SMALL.replace(old, new, 1))[:2] == (kind, line)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-007", -7),
        ("500_000", 500_000),
        ("-1_234_567", -1_234_567),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.", 1.0),
        (".5", 0.5),
        ("1_000.5", 1000.5),
        ("-2.5e-3", -0.0025),
        ("1e3", 1000.0),
        ("", None),
        ("~", None),
        ("True", True),
        ("FALSE", False),
        # texts, by YAML 1.2 or because the underscores do not group thousands
        ("yes", "yes"),
        ("off", "off"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_0", "1_0"),
        ("1__000", "1__000"),
        ("_1", "_1"),
        ("+", "+"),
        ("e5", "e5"),
        (".", "."),
        ("1e", "1e"),
        ("nan", "nan"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_infinities_are_seen_as_such() -> None:
    assert plain_scalar("-.inf") == -math.inf
    assert math.isnan(plain_scalar(".NaN"))


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "[" * MOST_DEPTH + "1" + "]" * MOST_DEPTH
    data = read_document(text, None).data
    for _ in range(MOST_DEPTH):
        assert isinstance(data, list)
        (data,) = data
    assert data == 1


def test_json_is_read_as_the_yaml_that_it_is() -> None:
    scenario = parse_scenario(SMALL)
    assert parse_scenario(scenario.model_dump_json()) == scenario
    emoji = scenario.model_copy(update={"title": "smile \U0001f600"})
    assert parse_scenario(emoji.model_dump_json(ensure_ascii=True)) == emoji


def test_nested_keys_do_not_nest_without_end() -> None:
    kinds = [kind for kind, _, _ in problems_of("? " * 1000 + "x")]
    assert set(kinds) == {"BadKey", "TooDeep"}
    assert len(kinds) <= MOST_DEPTH + 2


def test_a_file_of_nothing_but_faults_is_not_read_to_its_end() -> None:
    assert len(problems_of("1: a\n" * 5000)) == MOST_PROBLEMS


# --- files ---


def file_problem(path: object) -> str:
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    assert "\n" not in problem.sentence()
    return problem.kind


def test_each_way_a_file_can_be_no_text(tmp_path: Path) -> None:
    assert file_problem(tmp_path) == "FileProblem"
    assert file_problem(tmp_path / "missing.yaml") == "FileProblem"
    assert file_problem(str(tmp_path / "a\0b.yaml")) == "FileProblem"
    assert file_problem("x" * 5000 + ".yaml") == "FileProblem"
    cases = {
        b"": "FileProblem",
        b"name: \xff": "NotUtf8",
        b"name: a\0b": "NotUtf8",
        SMALL.encode("utf-16"): "NotUtf8",
        b"#" * (MOST_BYTES + 1): "TooLarge",
    }
    for content, kind in cases.items():
        file = tmp_path / "file.yaml"
        file.write_bytes(content)
        assert file_problem(file) == kind


def test_a_bad_byte_is_placed_in_its_line(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(b"name: a\ntitle: b\ntext: \xe6\n")
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario(file)
    assert caught.value.problems[0].line == 3


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_scenario(file) == parse_scenario(SMALL)


def test_a_name_is_a_library_scenario_and_else_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").write_text(SMALL)
    assert load_scenario("plain") == parse_scenario(SMALL)
    for name in library_names():
        (tmp_path / name).mkdir()  # a result folder of that name does not hide it
        assert scenario_file(name) == library_file(name)
    (tmp_path / "my_market.yaml").write_text(SMALL)
    for wrong in ("my_markt", "my_markt.yaml"):
        assert suggested(wrong) == "my_market.yaml"


def suggested(source: str) -> str | None:
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario(source)
    (problem,) = caught.value.problems
    return problem.nearest


def test_a_mistyped_library_name_suggests_the_nearest_of_the_library_and_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for wrong in ("webshop_lop", "webshoploop", "Webshop_Loop", "webshop_lop.yaml"):
        assert suggested(wrong) == "webshop_loop"
    (tmp_path / "webshop.yaml").write_text(SMALL)  # near, but not as near
    assert suggested("webshop_lop") == "webshop_loop"
    assert suggested("webshp") == "webshop.yaml"
    (tmp_path / "webshop_loop.yaml").write_text(SMALL)  # of two that are called the same
    assert suggested("webshop_lop") == "webshop_loop"
    assert suggested("webshop_lop.yaml") == "webshop_loop.yaml"
    assert suggested("zzzzzz") is None


def test_a_study_given_as_a_scenario_and_the_reverse_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioErrors, match="a study, not a scenario; run it with journeysim exp"):
        load_scenario("funnel_vs_loop")
    with pytest.raises(ScenarioErrors, match="a scenario, not a study; run it with journeysim run"):
        load_study("webshop_loop")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "0.1}\n    buy",
            "10%}\n    buy",
            'a number from 0 to 1, found the text "10%"; did you mean `0.1`?',
        ),
        ("0.1}\n    buy", "190%}\n    buy", 'a number from 0 to 1, found the text "190%".'),
        ("0.1}\n    buy", "fast}\n    buy", 'a number from 0 to 1, found the text "fast".'),
        (
            "name: small",
            "name: small\npopulation: 50,000",
            'the text "50,000"; did you mean `50_000`?',
        ),
        ("name: small", "name: small\npopulation: 50,5", 'found the text "50,5".'),
        ("name: small", "name: small\nturnover_per_year: 0,4", "did you mean `0.4`?"),
        ("name: small", "name: small\ntalk: 3", "expected a group of "),
    ],
)
def test_a_text_where_a_number_is_wanted_is_answered_with_the_number_meant(
    old: str, new: str, sentence: str
) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        parse_scenario(SMALL.replace(old, new, 1))
    (problem,) = caught.value.problems
    assert problem.kind == "WrongType"
    assert sentence in problem.sentence()


@pytest.mark.parametrize("name", library_names())
def test_the_library_is_found_from_anywhere_and_valid(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario(name)
    assert scenario.name == name
    assert parse_scenario(dump_scenario(scenario)) == scenario


def test_the_library_folder_is_where_its_files_are() -> None:
    assert all(library_file(name).parent == library_folder() for name in library_names())
    with pytest.raises(ScenarioErrors):
        library_file("no_such_scenario")


# --- writing ---


def test_a_written_scenario_has_every_field() -> None:
    scenario = parse_scenario(SMALL)
    data = read_document(dump_scenario(scenario), None).data
    assert data == scenario.model_dump(mode="json")


TEMPLATE = parse_scenario(template_text("base"))
LEVERS = levers(TEMPLATE)


def values_of(lever: Lever) -> st.SearchStrategy[object]:
    """Any value that the lever's own bounds allow."""
    if lever.kind == "boolean":
        return st.booleans()
    if lever.kind == "choice":
        return st.sampled_from(lever.choices)
    low, high = lever.low, lever.high
    if lever.kind == "integer":
        return st.integers(low, high)
    return st.floats(low, high, exclude_min="above" in lever.allowed, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), text=st.text(max_size=60))
def test_any_valid_scenario_is_written_and_read_again_unchanged(
    data: st.DataObject, text: str
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(LEVERS), max_size=4, unique_by=lambda v: v.path))
    overrides = {lever.path: data.draw(values_of(lever)) for lever in chosen}
    overrides |= {"title": text, "description": f"first line\n{text}\nlast"}
    found: set[str] = set()
    try:
        scenario = with_settings(TEMPLATE, [], overrides)
    except ScenarioErrors as error:
        found = {problem.kind for problem in error.problems}
    # values within their bounds can only break a rule between fields, or be no text
    assert found <= {"BrokenRule", "NotUtf8"}
    assume(not found)
    assert parse_scenario(dump_scenario(scenario)) == scenario
