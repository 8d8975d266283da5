"""Reports in two languages: every text has its translation, and nothing else has one."""

import ast
import html
import importlib
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from sim.cli import WRONG_INPUT, main
from sim.errors import InputError
from sim.measures.catalogue import texts as measured
from sim.measures.figure import Undefined, in_months
from sim.measures.intervals import Estimate
from sim.measures.replicates import combine
from sim.pages.pages import make_report
from sim.pages.words import names, numbers
from sim.pages.words.headlines import as_text
from sim.pages.words.language import LANGUAGES, PROSE, explain, language, paragraphs, say, speaking
from sim.runs.run import Run, run
from sim.scenario.declare import about
from sim.scenario.field_table import uses_of_models
from sim.scenario.load import load_scenario
from sim.vocabulary import Trigger
from tools.catalogue import CATALOGUE, catalogue
from worlds.by_hand import by_hand, nothing_happened, run_of
from worlds.markets import MARKETS

SIM = Path(__file__).parent.parent / "sim"
# Which arguments of a call are texts: `ratio` takes a reason as its third.
TEXTS = {
    "say": (0,),
    "say_number": (0, 1),
    "Undefined": (0,),
    "ratio": (2,),
    "explain": (0,),
    "prose": (0,),
}
INSIDE = {"sim/pages/words/language.py", "sim/measures/figure.py"}  # where these are defined


def calls() -> Iterator[tuple[str, str, ast.expr]]:
    """File, function called and expression of every argument that is a text of reports."""
    for file in sorted(SIM.rglob("*.py")):
        name = str(file.relative_to(SIM.parent))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for place in TEXTS.get(called, ()):
                if name in INSIDE and called != "Undefined":
                    continue
                if place < len(node.args):
                    yield name, called, node.args[place]


def literals(file: str, expression: ast.expr) -> list[str] | None:
    """The texts that an expression may be, None if they cannot be read off the code.

    A name in capitals is a constant, any other name what the file gives it anywhere; an
    expression of two ways is both.
    """
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return [expression.value]
    if isinstance(expression, ast.IfExp):
        ways = [literals(file, way) for way in (expression.body, expression.orelse)]
        return None if None in ways else [text for way in ways for text in way or []]
    if isinstance(expression, ast.Name) and expression.id.isupper():
        value = getattr(module(file), expression.id)
        return [value.template if isinstance(value, Undefined) else value]
    if isinstance(expression, ast.Name):
        given = [literals(file, value) for value in assigned(file, expression.id)]
        return [text for texts in given for text in texts or []] or None
    return None


def assigned(file: str, name: str) -> list[ast.expr]:
    """What a file assigns to a name, other than names."""
    found = []
    for node in ast.walk(ast.parse((SIM.parent / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(ast.unparse(to) == name for to in node.targets):
            found.append(node.value)
    return [value for value in found if isinstance(value, ast.Constant | ast.IfExp)]


@cache
def module(file: str) -> ModuleType:
    return importlib.import_module(file.removesuffix(".py").replace("/", "."))


@cache
def standing() -> dict[str, str]:
    """Every paragraph of standing prose, by the name that it is called by."""
    pages = [file.stem for file in sorted(PROSE.glob("*.txt"))]
    return {f"{page}.{name}": text for page in pages for name, text in paragraphs(page).items()}


@cache
def spoken() -> dict[str, set[str]]:
    """Every text of reports, with the files that say it."""
    found: dict[str, set[str]] = {}
    for file, call, expression in calls():
        for text in literals(file, expression) or []:
            if text and call != "prose":  # of which only the name stands in the code
                found.setdefault(text, set()).add(file)
    for model in uses_of_models():  # names and meanings of fields, in levers and assumptions
        for field in model.model_fields:
            for text in (about(model, field).name, about(model, field).meaning):
                found.setdefault(text, set()).add("sim/scenario")
    for name, text in standing().items():
        found.setdefault(text, set()).add(name)
    for text in measured():  # names and notes of the measures
        found.setdefault(text, set()).add("sim/measures/catalogue.py")
    return found


@cache
def fields(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_a_text_is_a_literal_wherever_it_is_said() -> None:
    hidden = [
        f"{file}:{expression.lineno}"
        for file, call, expression in calls()
        if literals(file, expression) is None and not _is_passed_on(call, expression)
    ]
    assert hidden == []


def _is_passed_on(call: str, expression: ast.expr) -> bool:
    """Whether it is a reason made elsewhere: a variable, or a part of something."""
    made = ast.Name | ast.Attribute | ast.Subscript | ast.Call
    return call not in ("say", "say_number") and isinstance(expression, made)


@pytest.mark.parametrize("text", sorted(spoken()))
def test_every_text_has_its_translation_with_the_same_fields(text: str) -> None:
    found = [danish for english, danish in catalogue() if english == text]
    assert len(found) == 1
    assert found[0]
    assert set(fields(found[0])) == set(fields(text))


def test_every_paragraph_of_standing_prose_is_called_and_there() -> None:
    called = [expression for _, call, expression in calls() if call == "prose"]
    assert all(isinstance(name, ast.Constant) for name in called)
    assert {name.value for name in called if isinstance(name, ast.Constant)} == set(standing())
    assert len(set(standing().values())) == len(standing()) > 50


def test_nothing_else_is_in_the_catalogue_and_nothing_twice() -> None:
    ids = [english for english, _ in catalogue()]
    assert set(ids) - set(spoken()) == set()
    written = re.findall(
        r'^msgid(?:_plural)? ((?:".*"\n)+)', CATALOGUE.read_text("utf-8"), re.MULTILINE
    )
    every = ["".join(ast.literal_eval(line) for line in m.splitlines()) for m in written]
    assert [text for text, times in Counter(every).items() if times > 1] == []


def test_a_text_in_another_language_than_the_two_is_refused() -> None:
    with pytest.raises(InputError) as caught, speaking("dk"):
        pass
    assert str(caught.value) == "language: dk is not valid; allowed: en or da."
    assert language() == "en"


def test_the_language_ends_with_its_block() -> None:
    with speaking("da"):
        assert say("Profit") == "Overskud"
        with speaking("en"):
            assert say("Profit") == "Profit"
        assert language() == "da"
        assert say("no such text") == "no such text"
        assert explain("") == ""
    assert say("Profit") == "Profit"


def test_reasons_are_translated_inside_and_out() -> None:
    reason = Undefined(
        "in {missing} of {count} replicates: {reason}",
        missing=1,
        count=3,
        reason=Undefined("this needs {months} of follow-up", months=in_months(6)),
    )
    assert explain(reason) == reason
    with speaking("da"):
        assert explain(reason) == ("i 1 af 3 gentagelser: det kræver 6 måneders opfølgning")


def test_replicates_give_a_reason_that_can_be_translated() -> None:
    run_short = run_of(nothing_happened(by_hand(days=1))).summary
    with speaking("da"):
        joint = combine([run_short, run_short])
        why = explain(joint["undefined"]["economics.cac"])
    assert joint["undefined"]["economics.cac"] == "no new customer was acquired"
    assert why == "der kom ingen nye kunder"


HALF_SURE = Estimate(2.5, 1.0, 4.0)
SURE = "2.50 (1.00 to 4.00)", "2,50 (1,00–4,00)"
POINTS = "−2.00 to 1.00 pp", "−2,00 til 1,00 procentpoint"
RANGE = "95% CI −1.5 to +2.5", "95 %-interval: −1,5 til +2,5"


@pytest.mark.parametrize(
    ("write", "english", "danish"),
    [
        (lambda: numbers.count(51_870), "51,900", "51.900"),
        (lambda: numbers.count(1_240_000), "1.24m", "1,24 mio."),
        (lambda: numbers.money(2.5e9, "DKK"), "DKK 2.50bn", "2,50 mia. kr."),
        (lambda: numbers.money(-4.378, "DKK"), "DKK −4.38", "−4,38 kr."),
        (lambda: numbers.whole(2_481_234.0), "2,480,000", "2.480.000"),
        (lambda: numbers.exact(1_234_567), "1,234,567", "1.234.567"),
        (lambda: numbers.plain(1234.5), "1,234.5", "1.234,5"),
        (lambda: numbers.short(0.25), "0.25", "0,25"),
        (lambda: numbers.short(-7.5), "−7.5", "−7,5"),
        (lambda: numbers.percent(0.67), "67.0%", "67,0 %"),
        (lambda: numbers.whole_percent(0.1), "10%", "10 %"),
        (lambda: numbers.decimal(-0.25), "−0.25", "−0,25"),
        (lambda: numbers.scale(2.5e6, ticks=True)(5e5), "0.5m", "0,5 mio."),
        (lambda: numbers.scale(5.0)(2.5), "2.5", "2,5"),
        (lambda: numbers.days(1.0), "1 day", "1 dag"),
        (lambda: numbers.days(45.0), "45 days", "45 dage"),
        (lambda: numbers.days(365.0), "12.0 months", "12,0 måneder"),
        (lambda: numbers.length(365), "1 year", "1 år"),
        (lambda: numbers.length(3650), "10 years", "10 år"),
        (lambda: numbers.length_in_text(365), "one year", "et år"),
        (lambda: numbers.length_in_text(730), "2 years", "2 år"),
        (lambda: numbers.length(1000), "1,000 days", "1.000 dage"),
        (lambda: numbers.minutes(2.5), "2.5 min", "2,5 min."),
        (lambda: numbers.minutes(119.0), "119 min", "119 min."),
        (lambda: numbers.minutes(150.0), "2.5 hours", "2,5 timer"),
        (lambda: numbers.minutes(57_625.0), "40 days", "40 dage"),
        (lambda: numbers.people(1), "1 person", "1 person"),
        (lambda: numbers.people(2200), "2,200 people", "2.200 personer"),
        (lambda: numbers.simulated_customers(1), "1 simulated customer", "1 simuleret kunde"),
        (lambda: numbers.interval(1.0, 2.0, numbers.short), "1 to 2", "1–2"),
        (lambda: numbers.with_interval(HALF_SURE, numbers.decimal), *SURE),
        (lambda: numbers.with_half(HALF_SURE, numbers.decimal), "2.50 ± 1.50", "2,50 ± 1,50"),
        (lambda: numbers.sure_interval(-1.5, 2.5, numbers.short), *RANGE),
        (lambda: numbers.sure_interval(None, 2.5, numbers.short), "", ""),
        (lambda: numbers.sure_interval(2.5, 2.5, numbers.short), "", ""),
        (lambda: numbers.signed(1.25, numbers.decimal), "+1.25", "+1,25"),
        (lambda: numbers.signed(0.001, numbers.decimal), "0.00", "0,00"),
        (lambda: numbers.points(0.0125), "1.25 pp", "1,25 procentpoint"),
        (lambda: numbers.times(1.25), "1.25×", "1,25 ×"),
        (lambda: numbers.short_percent(0.005), "0.5%", "0,5 %"),
        (lambda: numbers.whole_percent(-0.001), "0%", "0 %"),
        (lambda: numbers.rough(0.012345), "0.0123", "0,0123"),
        (lambda: numbers.rough(12345.0), "12,300", "12.300"),
        (lambda: numbers.decimal(-1234.5, 1), "−1,234.5", "−1.234,5"),
        (lambda: numbers.cell(None, numbers.short), "–", "–"),
        (lambda: numbers.cell(Undefined("none"), numbers.short), "–", "–"),
        (lambda: numbers.cell("a", numbers.short), "a", "a"),
        (lambda: numbers.cell(1.5, numbers.short), "1.5", "1,5"),
        (lambda: cash_interval(1.5e6, 2e6), "DKK 1.50m to 2.00m", "1,50–2,00 mio. kr."),
        (lambda: cash_interval(0.0, 2e6), "DKK 0 to 2.00m", "0 kr. til 2,00 mio. kr."),
        # both ends in the larger one's unit, unless the smaller would vanish in it
        (lambda: cash_interval(0.58e6, 1.2e6), "DKK 0.58m to 1.20m", "0,58–1,20 mio. kr."),
        (lambda: cash_interval(3e3, 2e6), "DKK 3,000 to 2.00m", "3.000 kr. til 2,00 mio. kr."),
        (lambda: cash_interval(-1e5, 2e6), "DKK −0.10m to 2.00m", "−0,10 til 2,00 mio. kr."),
        (lambda: numbers.interval(0.01, 0.13, numbers.percent), "1.00 to 13.0%", "1,00–13,0 %"),
        (lambda: numbers.interval(-0.02, 0.01, numbers.points), *POINTS),
        (lambda: numbers.signed(575.0, cash), "DKK +575", "+575 kr."),
        (lambda: numbers.with_half(HALF_SURE, cash), "DKK 2.50 ± 1.50", "2,50 ± 1,50 kr."),
        (lambda: numbers.money(1.46e6, "EUR"), "EUR 1.46m", "1,46 mio. EUR"),
        (lambda: numbers.axis(2e6, "people")[0], "people, millions", "mio. people"),
        (lambda: say("{won}.", won=cash(5.5)), "DKK 5.50.", "5,50 kr."),
        (lambda: say("Spend, {currency}", currency="DKK"), "Spend, DKK", "Udgifter, kr."),
    ],
)
def test_numbers_in_both_languages(write: Callable[[], str], english: str, danish: str) -> None:
    assert write().replace(numbers.SPACE, " ") == english
    with speaking("da"):
        assert write().replace(numbers.SPACE, " ") == danish


def cash(amount: float) -> str:
    return numbers.money(amount, "DKK")


def cash_interval(low: float, high: float) -> str:
    return numbers.interval(low, high, cash)


def test_in_danish_a_name_is_a_label_and_keeps_its_capital() -> None:
    own = ("Betalt søgning", "PR-omtale", "Google-annoncer", "Jensens Butik", "Øvrige", "")
    touchpoints = {
        f"touchpoint_{place}": {"starts": "pull", "reach": {"look": 0.5}, "name_da": name}
        for place, name in enumerate(own)
    }
    scenario = by_hand(touchpoints=touchpoints)
    assert names.touchpoint_in_text(scenario, "touchpoint_0") == "touchpoint 0"
    assert numbers.name_in_text("pr") == "PR"
    assert numbers.name_in_text("google_ads") == "Google ads"
    assert numbers.name("linkedin_posts") == "LinkedIn posts"
    with speaking("da"):
        assert [names.touchpoint_in_text(scenario, name) for name in touchpoints] == [
            "Betalt søgning",
            "PR-omtale",
            "Google-annoncer",
            "Jensens Butik",
            "Øvrige",
            "touchpoint 5",
        ]
        assert names.phase_in_text(load_scenario("webshop_loop"), "desire") == "Ønske"


def test_names_are_the_scenario_s_own_in_danish() -> None:
    scenario = load_scenario("webshop_loop")
    unnamed = by_hand()
    with speaking("da"):
        assert names.title(scenario) == "En webshop set som et kredsløb"
        assert names.phase_name(scenario, "desire") == "Ønske"
        assert names.touchpoint_name(scenario, "web_shop") == "Webshop og checkout"
        assert names.segment_name(scenario, "busy_families") == "Travle familier"
        assert names.offer_name(scenario, "everyday") == "Hverdagsvarer"
        assert names.phase_name(unnamed, "look") == "Look"
        assert names.title(unnamed) == "By hand"
        assert names.label_name("during") == "Under"
    assert names.title(scenario) == "Danish web shop: full journey"
    assert names.phase_name(scenario, "desire") == "Desire"
    assert names.touchpoint_name(scenario, "pr") == "PR"


# The page.


@cache
def town() -> Run:
    return run(MARKETS["town"])


@cache
def page(code: str) -> str:
    with speaking(code):
        return make_report(town())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_same_run_gives_the_same_bytes_in_each_language(code: str) -> None:
    assert f'<html lang="{code}">' in page(code)
    with speaking(code):
        assert make_report(run(MARKETS["town"])) == page(code)


def shown(text: str) -> list[str]:
    """What a page shows: titles, heads, captions, letters of drawings and descriptions."""
    text = re.sub(r"<(style|code|pre)\b.*?</\1>", "", text, flags=re.DOTALL)
    found = re.findall(r'aria-label="([^"]+)"', text) + re.findall(r">([^<>]+)<", text)
    return [html.unescape(piece).strip() for piece in found]


def test_a_danish_page_says_nothing_in_english() -> None:
    english_page, danish_page = set(shown(page("en"))), set(shown(page("da")))
    same = {english for english, danish in catalogue() if english == danish}
    left = {
        english
        for english, _ in catalogue()
        if english in danish_page and english not in same and len(english) > 2
    }
    # what the scenario says about itself is in its own words
    scenario = town().scenario
    own = {*scenario.journey.needs, "value", "none"}  # `value` is the need of a default
    own |= {numbers.name(name) for name in [*scenario.touchpoints, *scenario.journey.phases]}
    own |= {str(event) for event in Trigger}  # values of parameters are as its file has them
    assert left - own == set()
    titles = [re.findall(r"<h2[^>]*>(.*?)</h2>", page(code)) for code in LANGUAGES]
    assert len(titles[0]) == len(titles[1]) > 10
    assert set(titles[0]) & set(titles[1]) == set()
    assert len(english_page - danish_page) > 100


def test_the_terminal_speaks_as_well() -> None:
    with speaking("da"):
        lines = as_text(town().summary)
    assert "2.200 personer som 220 simulerede kunder, 75 dage, seed 0" in lines[0]
    assert any(line.startswith("Omsætning") for line in lines)


def test_one_is_one() -> None:
    alone = run_of(nothing_happened(by_hand(population=1, agents=1, days=1)))
    with speaking("da"):
        assert "1 person, repræsenteret af 1 simuleret kunde, i løbet af 1 dag" in plain(alone)
        assert "1 person som 1 simuleret kunde, 1 dag, seed" in as_text(alone.summary)[0]
    assert "1 person, represented by 1 simulated customer, over 1 day" in plain(alone)
    assert "1 person as 1 simulated customer, 1 day, seed" in as_text(alone.summary)[0]


def plain(made: Run) -> str:
    return make_report(made).replace(numbers.SPACE, " ")


# The commands.


def test_commands_take_the_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--agents", "200", "--days", "40", "--out", str(tmp_path / "made")]
    assert main(["run", "webshop_loop", *small, "--no-next-krone", "--language", "da"]) == 0
    assert "Omsætning" in capsys.readouterr().out
    report, summary = tmp_path / "made" / "report.html", tmp_path / "made" / "summary.json"
    danish, figures = report.read_bytes(), summary.read_bytes()
    assert b'<html lang="da">' in danish
    assert main(["report", str(tmp_path / "made"), "--quiet"]) == 0
    assert b'<html lang="en">' in report.read_bytes()
    assert main(["report", str(tmp_path / "made"), "--quiet", "--language", "da"]) == 0
    assert report.read_bytes() == danish
    # figures and reasons for machines stay as they are
    assert summary.read_bytes() == figures
    assert "days of follow-up" in json.dumps(json.loads(figures)["undefined"])


def test_a_language_that_there_is_none_stops_a_command_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "made"
    assert main(["run", "webshop_loop", "--out", str(place), "--language", "sv"]) == WRONG_INPUT
    assert capsys.readouterr().err == "language: sv is not valid; allowed: en or da.\n"
    assert main(["report", str(place), "--language", "sv"]) == WRONG_INPUT
    assert list(tmp_path.iterdir()) == []
