"""The documentation says what the code does: names, defaults, constants, links, examples."""

import ast
import importlib
import json
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from proof import LIST, linear_algebra
from sim import cli
from sim.draws import Draw
from sim.engine.state import new_arrivals, new_state
from sim.errors import ScenarioErrors
from sim.measures.catalogue import MEASURES
from sim.model.columns import CUSTOMER
from sim.scenario.arrays import make_tables
from sim.scenario.doubts import doubts
from sim.scenario.field_table import declared_fields, uses_of_models, with_tables
from sim.scenario.levers import checked, with_settings
from sim.scenario.load import load_scenario, parse_scenario
from sim.scenario.validate import Origin, validate
from sim.scenario.yaml_text import read_document
from sim.theory import CASES
from sim.theory.bare import merged
from sim.vocabulary import PhaseKind
from tools.documentation import FENCE, MODEL, ROWS, blocks, code, prose, tables

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ENGINES = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
SCENARIO_FILES = (ROOT / "docs" / "scenario_files.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A few figures are the same to the last bit only where linear algebra is.
MADE_WITH = json.loads(LIST.read_text(encoding="utf-8"))["made with"]
MADE_HERE = MADE_WITH.get("linear algebra") == linear_algebra()

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CITATION = re.compile(
    r"([A-ZÅÄÖÆØ][\w-]+)(?: et al\.)?(?:,? (?:&|[A-Z])[\w ,&-]*)? \(?(\d{4}|n\.d\.)\)?"
)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made on GitHub."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    slugs = (re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return set(slugs)


# The fields of a scenario.

FIELDS = declared_fields()


def test_the_tables_of_fields_are_those_that_the_declarations_make() -> None:
    """If not: `python docs/fields.py`."""
    assert with_tables(MODEL) == MODEL
    assert len(tables(MODEL, "field")) == len(ROWS)
    assert list(ROWS) == list(FIELDS)


def test_the_page_of_tables_is_the_one_that_the_declarations_make() -> None:
    """If not: `python docs/tables.py`."""
    docs = ROOT / "docs"
    made = runpy.run_path(str(docs / "tables.py"))["page"]()
    assert (docs / "tables.md").read_text(encoding="utf-8") == made


def test_the_page_of_public_functions_is_the_one_that_their_docstrings_make() -> None:
    """If not: `python docs/python.py`."""
    docs = ROOT / "docs"
    made = runpy.run_path(str(docs / "python.py"))["page"]()
    assert (docs / "python.md").read_text(encoding="utf-8") == made


def test_the_page_of_the_library_is_the_one_that_its_files_make() -> None:
    """If not: `python docs/library.py`."""
    docs = ROOT / "docs"
    made = runpy.run_path(str(docs / "library.py"))["page"]()
    assert (docs / "library.md").read_text(encoding="utf-8") == made


def test_the_picture_of_the_house_has_every_room() -> None:
    """If not: `python docs/house.py`."""
    drawn = (ROOT / "docs" / "images" / "house.svg").read_text(encoding="utf-8")
    floors = runpy.run_path(str(ROOT / "docs" / "house.py"))["layers"]()
    rooms = [room for floor in floors for room in floor]
    assert len(rooms) > 15
    assert [room for room in rooms if f">{room}<" not in drawn] == []


def test_a_page_without_the_headings_has_no_place_for_the_tables() -> None:
    with pytest.raises(ValueError, match="no table below 'The scenario'"):
        with_tables("# Another page\n")


@pytest.mark.parametrize("path", [path for path in FIELDS if not FIELDS[path].info.is_required()])
def test_a_scenario_file_may_say_the_default_as_the_table_does(path: str) -> None:
    default = FIELDS[path].info.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        default = default.model_dump(mode="json")
    document = read_document(f"it: {code(ROWS[path]['default'])}", None)
    assert document.data == {"it": default}


def test_what_a_default_rests_on_is_one_of_three_words_or_cited() -> None:
    for row in ROWS.values():
        required, source = row["default"] == "required", row["source"]
        word = "-" if required else r"(assumption|off|setting)\b"
        assert re.match(word, source) or (not required and CITATION.search(source)), row


def test_every_field_name_of_every_nested_model_is_named() -> None:
    names = {name for model in uses_of_models() for name in model.model_fields}
    assert names - set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", MODEL)))) == set()


# The rules.


def functions() -> set[str]:
    """`module.function` of every rule."""
    found = set()
    for file in (ROOT / "sim" / "model").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        rules = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.decorator_list]
        found |= {f"{file.stem}.{n.name}" for n in rules}
    return found


def test_every_rule_is_named_in_code_style_and_every_named_rule_exists() -> None:
    modules = {name.split(".")[0] for name in functions()}
    in_code = "\n".join([*re.findall(r"`([^`\n]+)`", prose(MODEL)), *blocks(MODEL, "")])
    dotted = re.findall(r"(?<![\w./])(\w+)\.(\w+)\b(?!\.\w|/)", in_code)
    parts = [path.split(".") for path in FIELDS]  # `choice.fit` is a field, `choice.gumbel` a rule
    of_fields = {pair for path in parts for pair in pairwise(path)}
    named = {f"{m}.{f}" for m, f in dotted if m in modules and (m, f) not in of_fields}
    assert functions() - named == set()
    assert named - functions() == set()


def test_every_column_of_a_customer_is_described() -> None:
    rows = {code(row["column"]): row["type"] for row in tables(MODEL, "column")}
    assert rows == {name: str(CUSTOMER[name]) for name in CUSTOMER.names or ()}


def test_every_purpose_of_a_draw_is_described() -> None:
    assert [code(row["purpose"]) for row in tables(MODEL, "purpose")] == [d.name for d in Draw]


def test_every_kind_of_phase_is_described_in_order() -> None:
    assert [code(row["kind"]) for row in tables(MODEL, "kind")] == [str(k) for k in PhaseKind]


def test_every_limiting_case_is_described_in_order() -> None:
    assert [code(row["case"]) for row in tables(MODEL, "case")] == list(CASES)


CONSTANTS = {code(r["constant"]): r["value"] for r in tables(MODEL + ENGINES, "constant")}


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_has_the_value_that_the_table_says(name: str) -> None:
    module, attribute = name.rsplit(".", 1)
    assert float(CONSTANTS[name]) == getattr(importlib.import_module(module), attribute)


def calls(file: str, function: str) -> list[str]:
    """Names of what a function calls, as itself or as a method, in the order of the text."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    body = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function)
    made = [node for node in ast.walk(body) if isinstance(node, ast.Call)]
    made.sort(key=lambda call: (call.lineno, call.col_offset))
    return [getattr(call.func, "attr", getattr(call.func, "id", "")) for call in made]


@pytest.mark.parametrize(
    ("file", "function"),
    [("sim/engine/day.py", "run_days"), ("sim/reference/market.py", "live_a_day")],
)
def test_the_stages_of_a_day_stand_in_the_order_of_the_code(file: str, function: str) -> None:
    stages = re.findall(r"^\d\. \*\*`(\w+)`\*\*", MODEL, re.MULTILINE)
    assert stages == [name for name in calls(file, function) if name in stages]
    assert len(stages) == 5


def test_the_second_pass_stands_in_the_order_of_the_code() -> None:
    told = re.findall(r"^   \d\. \*\*(\w+)\*\*", MODEL, re.MULTILINE)
    words = {"encounters": "encounters", "move_today": "movement", "judge": "judgement"}
    words |= {"renew": "renewal", "speak": "talk"}
    called = calls("sim/engine/live.py", "live")
    assert told == [words[name] for name in called if name in words]


def test_the_memory_of_a_customer_is_what_the_table_says() -> None:
    told = {
        row["array"].strip("`"): int(row["bytes a customer"]) for row in tables(ENGINES, "array")
    }
    everything = ["talk.mixing=network", "turnover_per_year=0.1"]
    everything += ["journey.phases.purchase.requires=[newsletter]"]
    everything += ["touchpoints.parcel.trigger=encounter"]
    everything += ["touchpoints.parcel.trigger_touchpoint=newsletter"]
    scenario = load_scenario("webshop_loop", everything, agents=1000)
    t = make_tables(scenario)
    needs = len(scenario.journey.needs)
    habits = sum(p.habituation is not None for p in scenario.touchpoints.values())
    each = {"weights": needs, "familiarity": habits}
    assert needs > 1
    assert habits > 1
    state = new_state(t, cells=1)
    found = {name: array.nbytes // t.agents for name, array in state._asdict().items()}
    found["arrivals"] = sum(array.nbytes for array in new_arrivals(t.agents)) // t.agents
    growing = {name: size for name, size in found.items() if size > 0}
    assert growing == {name: size * each.get(name, 1) for name, size in told.items()}


# References.


def test_every_reference_is_cited_and_every_citation_has_its_reference() -> None:
    text, listed = MODEL.split("\n## References\n")
    entries = re.findall(r"^- ([A-Z]\w+)[^()]*\((\d{4}|n\.d\.)\)", listed, re.MULTILINE)
    assert len(entries) == listed.count("\n- ") + listed.startswith("- ")
    assert entries == sorted(entries, key=lambda entry: entry[0].lower())
    cited = set(CITATION.findall(text))
    assert cited - set(entries) == set()
    assert set(entries) - cited == set()


# Links and examples.


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in LINK.findall(prose(page.read_text(encoding="utf-8"))):
            if not target.startswith(("https://", "http://")):
                yield str(page.relative_to(ROOT)), target


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_a_link_leads_somewhere(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    place = (ROOT / page).parent / path if path else ROOT / page
    assert place.exists()
    assert ROOT in place.resolve().parents
    if anchor:
        assert anchor in anchors(place.read_text(encoding="utf-8"))


def examples() -> Iterator[Any]:
    """Each Python block of every page, with what the page says that it prints, or None."""
    for page in PAGES:
        found = FENCE.finditer(page.read_text(encoding="utf-8"))
        fences = [fence for fence in found if fence.group(2) in ("python", "text")]
        for fence, after in pairwise([*fences, None]):
            if fence.group(2) == "python":
                says = after is not None and after.string[fence.end() : after.start()].isspace()
                printed = after.group(3) if after and says and after.group(2) == "text" else None
                line = fence.string[: fence.start()].count("\n") + 1
                yield pytest.param(fence.group(3), printed, id=f"{page.name}-{line}")


@pytest.mark.parametrize(("block", "printed"), list(examples()))
def test_a_python_example_runs_and_prints_what_the_page_says(
    block: str,
    printed: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "example", "exec"), {"__name__": "example"})
    if printed is not None and MADE_HERE:
        assert capsys.readouterr().out == printed


def command_lines() -> Iterator[Any]:
    """Every line to type: of bash blocks, and in code style in the prose and tables."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in blocks(text, "bash") for line in block.splitlines()]
        lines += re.findall(r"`((?:journeysim|make) [^`\n]+)`", prose(text))
        for line in sorted(set(lines)):
            yield pytest.param(line, id=f"{page.name}: {line}")


@pytest.mark.parametrize("line", list(command_lines()))
def test_a_command_line_is_one_that_the_program_takes(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in words[1:])
        return
    assert words[0] == "journeysim"
    group: Any = typer.main.get_command(cli.app)
    if words[1].startswith("--"):
        assert words[1] in [name for option in group.params for name in option.opts]
        return
    command = group.commands[words[1]]
    if words[2:]:  # a name alone is a mention, not a line to type
        settings = command.make_context(words[1], words[2:]).params.get("settings") or []
        for setting in settings:
            if words[2] == "webshop_loop":
                with_settings(load_scenario("webshop_loop"), [setting])


def test_the_page_of_commands_lists_every_one_and_only_those() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `journeysim ([\w-]+)", page, re.MULTILINE)
    assert named == list(typer.main.get_command(cli.app).commands)
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert tool["project"]["readme"] == "README.md"


# The page about scenario files.

EXAMPLE, *PARTS = blocks(SCENARIO_FILES, "yaml")
MISTAKES = [
    (code(row["correct"]), code(row["mistake"]), code(row["error message"]))
    for row in tables(SCENARIO_FILES, "correct")
]


def test_the_example_is_valid_and_has_every_part_that_the_page_names() -> None:
    scenario = parse_scenario(EXAMPLE)
    kinds = [phase.kind for phase in scenario.journey.phases.values()]
    assert set(kinds) == set(PhaseKind)
    assert scenario.competitors
    assert scenario.talk.per_day > 0


@pytest.mark.parametrize("part", PARTS)
def test_a_part_can_be_laid_over_the_example(part: str) -> None:
    whole, laid = (read_document(text, None) for text in (EXAMPLE, part))
    assert laid.problems == []
    market = validate(merged(whole.data, laid.data), Origin())
    assert checked(market) != parse_scenario(EXAMPLE)
    kinds = {doubt.kind for doubt in doubts(market)}
    assert kinds <= {doubt.kind for doubt in doubts(parse_scenario(EXAMPLE))}


@pytest.mark.parametrize(("right", "wrong", "answer"), MISTAKES)
def test_a_mistake_gets_the_answer_that_the_page_says(right: str, wrong: str, answer: str) -> None:
    assert right in EXAMPLE
    with pytest.raises(ScenarioErrors) as caught:
        parse_scenario(EXAMPLE.replace(right, wrong, 1), "coffee_club.yaml")
    assert caught.value.message == f"coffee_club.yaml, {answer}"


def test_the_page_of_measures_has_every_one_as_it_is_declared() -> None:
    page = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = [f"| `{m.key}` | {m.unit} | {m.meaning} |" for m in MEASURES]
    assert page.rpartition("|---|---|---|\n")[2].splitlines() == rows
