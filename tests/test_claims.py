"""Claims: formulas, expectations and verdicts by hand, files that are wrong, folder and page."""

import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli import main
from sim.distributions import student_quantile
from sim.errors import InputError, ScenarioErrors
from sim.folders import open_folder
from sim.measures.intervals import Estimate
from sim.questions.claims.claim import Claim, Expectation, Verdict, found_claim, judge
from sim.questions.claims.claim_file import load_claim
from sim.questions.claims.formula import read_formula
from sim.questions.claims.question import ClaimAnswer
from sim.questions.question import answer_text, read_answer
from sim.questions.studies import claim_names, load_question
from sim.runs.run import run
from sim.runs.store import Store
from sim.scenario.levers import from_today
from sim.scenario.load import load_scenario

HOLDS, FAILS, UNTOLD = Verdict.HOLDS, Verdict.DOES_NOT_HOLD, Verdict.CANNOT_BE_TOLD

# --- formulas ---

KEYED = {"a": {"x": {"y": 3.0}, "n": None}, "b": {"x": {"y": 4.0}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a:x.y", 3.0),
        ("b:x.y - a:x.y", 1.0),
        ("-(a:x.y + 2) * b:x.y / 5", -4.0),
        ("1.5e1 + 1_0", 25.0),
        ("a:n + 1", None),  # a figure that does not exist
        ("a:x.y / (b:x.y - 4)", None),  # nothing to divide by
        ("a:x.z", None),
    ],
)
def test_a_formula_is_arithmetic(text: str, value: float | None) -> None:
    formula = read_formula(text)
    assert formula is not None
    assert formula.value(KEYED) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "a:", ":x", "x", "a:x.y +", "a:x.y ** 2", "a:x.y // 2", "a:x.y % 2", "a:x.y @ 2"),
        *("open('x')", "().__class__", "[1]", "a:x.y if 1 else 2", "lambda: 1", "True", "_0"),
        *("a:x.y\n+ import os", "1j", "_1 + a:x.y", "a:X", "(" * 60 + "1" + ")" * 60, "1 +" * 3000),
        *("a:x.y;b:x.y", "(a:x.y, 1)", "f(a:x.y)", "a:x.y < 3", "not 1", "~1", "+1"),
    ],
)
def test_what_is_no_arithmetic_is_no_formula(text: str) -> None:
    assert read_formula(text) is None


numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@given(a=numbers, b=numbers, c=numbers)
def test_a_formula_follows_the_rules_of_arithmetic(a: float, b: float, c: float) -> None:
    given = {"v": {"a": a, "b": b, "c": c}}
    formula = read_formula("v:a - v:b * (v:c + 2) - v:a / v:b")
    assert formula is not None
    expected = None if b == 0.0 else a - b * (c + 2) - a / b
    assert formula.value(given) == expected


# --- verdicts ---

TEXTS = ("says", "source", "question", "notice")


def claim_of(*expectations: dict[str, object]) -> Claim:
    words = {f"{name}{end}": name for name in TEXTS for end in ("", "_da")}
    found = dict.fromkeys(("why", "why_da", "would_change", "would_change_da"), "so")
    return Claim.model_validate(
        {
            **words,
            "to_try": ["a"] * 3,
            "to_try_da": ["a"] * 3,
            "expect": list(expectations),
            "found": {"verdict": "holds", **found},
        }
    )


def verdict(series: Sequence[float] | Estimate | None, **expected: object) -> Verdict:
    claim = claim_of({"figure": "f", **expected})
    figures = {"f": series, "other": [1.0] * 4, "near": [0.9, 1.1, 1.0, 1.0]}
    return judge(claim, figures)[0].verdict


@pytest.mark.parametrize(
    ("series", "expected", "what"),
    [
        ([2.0, 2.1, 1.9, 2.0], {"above": 1.0}, HOLDS),
        ([2.0, 2.1, 1.9, 2.0], {"above": 3.0}, FAILS),
        ([2.0, 2.1, 1.9, 2.0], {"above": 2.0}, UNTOLD),
        ([2.0, 2.1, 1.9, 2.0], {"above": "other"}, HOLDS),
        ([2.0, 2.1, 1.9, 2.0], {"below": "other"}, FAILS),
        ([0.8, 1.0, 0.9, 0.9], {"below": "near"}, HOLDS),  # paired: each is 0.1 lower
        ([2.0, 2.1, 1.9, 2.0], {"between": [1.0, 3.0]}, HOLDS),
        ([2.0, 2.1, 1.9, 2.0], {"between": [2.0, 3.0]}, UNTOLD),
        ([2.0, 2.1, 1.9, 2.0], {"between": [5.0, 9.0]}, FAILS),
        ([1.0] * 4, {"equals": "other"}, HOLDS),
        ([1.0, 1.0, 1.0, 1.0001], {"equals": 1.0}, FAILS),
        ([1.0] * 4, {"above": 1.0}, UNTOLD),  # exactly at the border, in every seed
        ([1.0] * 4, {"above": 0.0}, HOLDS),
        (None, {"above": 0.0}, UNTOLD),
        (None, {"equals": 0.0}, UNTOLD),
        (Estimate(0.2, 0.1, 0.3), {"above": 0.0}, HOLDS),
        (Estimate(0.2, 0.1, 0.3), {"below": 0.1}, UNTOLD),
        (Estimate(0.2, 0.1, 0.3), {"below": 0.05}, FAILS),
        (Estimate(0.2, 0.1, 0.3), {"above": "other"}, UNTOLD),  # what they share is not known
    ],
)
def test_an_expectation_is_judged_by_its_interval(
    series: Sequence[float] | Estimate | None, expected: dict[str, object], what: Verdict
) -> None:
    assert verdict(series, **expected) == what


def test_the_interval_of_a_difference_is_student_s_over_paired_seeds() -> None:
    f, g = [1.0, 2.0, 4.0, 3.0], [0.5, 1.9, 3.0, 2.9]
    found = judge(claim_of({"figure": "f", "above": "g"}), {"f": f, "g": g})[0].by
    assert found is not None
    d = np.subtract(f, g)
    half = student_quantile(3.0, 0.025) * d.std(ddof=1) / math.sqrt(4)
    assert found == pytest.approx((d.mean(), d.mean() - half, d.mean() + half))


def test_a_claim_holds_if_all_holds_and_fails_if_anything_fails() -> None:
    yes: dict[str, object] = {"figure": "f", "above": 0.0}
    no: dict[str, object] = {"figure": "f", "below": 0.0}
    open_: dict[str, object] = {"figure": "f", "above": 2.0}
    figures = {"f": [1.9, 2.1, 2.0]}
    assert found_claim(claim_of(yes), figures).verdict == HOLDS
    assert found_claim(claim_of(yes, open_), figures).verdict == UNTOLD
    assert found_claim(claim_of(yes, open_, no), figures).verdict == FAILS


def test_luck_alone_makes_few_claims_hold() -> None:
    """A figure without effect passes one side of a 95% interval 2.5 times in 100."""
    draws = np.random.default_rng(1).normal(size=(4000, 5)).tolist()
    share = sum(verdict(one, above=0.0) == HOLDS for one in draws) / len(draws)
    assert share == pytest.approx(0.025, abs=4 * math.sqrt(0.025 * 0.975 / len(draws)))


def test_an_expectation_says_one_thing() -> None:
    assert Expectation.model_validate({"figure": "f", "above": 1, "below": 2}).sides == [
        "above",
        "below",
    ]


# --- files ---

STUDY = """\
kind: claim
name: cheap
title: Cheap
title_da: Billigt
scenario: {scenario}
agents: 300
days: 60
replicates: 3
set: {{panel: 1.0}}
variants:
  cheaper: {{title: Cheaper, title_da: Billigere, times: {{offers.everyday.price: 0.8}}}}
  longer: {{title: Longer, title_da: Lang, days: 90}}
  funnel: {{title: Funnel, title_da: Tragt, scenario: webshop_funnel,
    set: {{offers.everyday.price: 300}}}}
figures:
  sold: {{title: Sold, title_da: Solgt, unit: people,
    of: "cheaper:customers.purchases - today:customers.purchases"}}
  later: {{title: Later, title_da: Senere, unit: people,
    of: "longer:customers.purchases - today:customers.purchases"}}
  direct: {{title: Direct, title_da: Direkte, unit: share,
    of: "today:credit.last_click.direct / today:customers.purchases"}}
  touches: {{title: Touches, title_da: Kontakter, unit: times, of: "today:trail.touches"}}
  needs: {{title: Needs, title_da: Behov, unit: people,
    of: "funnel:segments.busy_families.needs + today:segments.busy_families.needs * 0"}}
  tried: {{title: Tried, title_da: Prøvet, unit: share, of: "today:trial.premium.of_first"}}
claim:
  says: Cheap sells.
  says_da: Billigt sælger.
  source: Us
  source_da: Os
  question: How much?
  question_da: Hvor meget?
  notice: This.
  notice_da: Det her.
  to_try: [a, b, c]
  to_try_da: [a, b, c]
  expect:
    - {{figure: sold, above: 0}}
    - {{figure: later, above: 0}}
    - {{figure: direct, between: [0.0, 1.0]}}
  found: {{verdict: holds, why: So., why_da: Derfor., would_change: No., would_change_da: Nej.}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cheap.yaml"
    path.write_text(STUDY.format(scenario="webshop_loop"))
    return path


def test_variants_differ_from_today_by_what_is_said_only(file: Path) -> None:
    study, markets = load_claim(file)
    today = markets["today"]
    assert list(markets) == ["today", *study.variants]
    assert (today.agents, today.days, today.panel) == (300, 60, 1.0)
    assert markets["cheaper"] == from_today(today, ["offers.everyday.price*=0.8"])
    assert markets["cheaper"].offers["everyday"].price < today.offers["everyday"].price
    assert markets["cheaper"].before == today.before  # out of the same past
    assert markets["longer"].days == 90
    assert markets["funnel"].journey.shape == "funnel"
    assert markets["funnel"].panel == 1.0


def test_the_figures_are_those_of_the_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", str(file), "--out", "made", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    answer = read_answer(open_folder(file.parent / "made"), ClaimAnswer)
    today = load_scenario("webshop_loop", ["panel=1"], agents=300, days=60)
    for place, seed in enumerate(answer.seeds):
        one = run(load_scenario("webshop_loop", ["panel=1"], agents=300, days=60, seed=seed))
        cheaper = run(from_today(one.scenario, ["offers.everyday.price*=0.8"]))
        sold = [float(each.summary["customers"]["purchases"]) for each in (one, cheaper)]
        assert answer.by_seed["sold"][place] == sold[1] - sold[0]
    assert told["seeds"] == [today.seed, today.seed + 1, today.seed + 2]
    assert told["verdict"] == answer.claimed.verdict
    assert set(told["figures"]) == set(answer.study.figures)
    assert told["runs"] == 12


def test_the_folder_makes_itself_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["experiment", str(file), "--out", "made", "--quiet"]) == 0
    monkeypatch.chdir(file.parent / "made")
    assert main(["experiment", "study.yaml", "--out", "again", "--quiet", "--workers", "1"]) == 0
    for name in ("summary.json", "answer.json", "figures.parquet"):
        assert Path(name).read_bytes() == Path("again", name).read_bytes(), name
    answer = read_answer(open_folder(Path()), ClaimAnswer)
    assert json.loads(answer_text(answer)) == json.loads(Path("answer.json").read_text())
    assert main(["report", ".", "--language", "da"]) == 0
    page = Path("report.html").read_text()
    for text in ("Billigt sælger.", "Påstanden", "Før du ser efter: Hvor meget?", "Det her."):
        assert text in page
    shutil.rmtree("again")


def test_another_seed_is_another_experiment(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", str(file), "--seed", "23", "--out", "made", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seeds"] == [23, 24, 25]
    assert main(["experiment", str(file), "--seed", "-1", "--out", "no"]) == 2
    assert "seed: -1 is not valid" in capsys.readouterr().err
    assert not Path("no").exists()


def test_a_file_says_all_that_is_wrong_with_it(file: Path) -> None:
    text = file.read_text()
    for before, after in (
        ("cheaper:customers.purchases -", "cheapest:customers.purchases -"),
        ("today:trail.touches", "today:trail.touch"),
        ("today:trial.premium.of_first", "import os"),
        ("times: {offers.everyday.price: 0.8}", "times: {offers.everyday.prize: 0.8}"),
        ("{figure: later, above: 0}", "{figure: latter, above: 0}"),
        ("{figure: direct, between: [0.0, 1.0]}", "{figure: direct, between: [1.0, 0.0]}"),
    ):
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)
    with pytest.raises(ScenarioErrors) as error:
        load_claim(file)
    lines = str(error.value).splitlines()
    assert len(lines) == 6
    for piece in ("cheapest", "trail.touch`", "numbers, + - * /", "prize", "latter", "below the"):
        assert any(piece in line for line in lines), piece
    assert all("cheap.yaml, line " in line for line in lines)


def test_today_is_a_name_that_is_taken(file: Path) -> None:
    file.write_text(file.read_text().replace("  longer: {", "  today: {"))
    with pytest.raises(ScenarioErrors, match=r"variants\.today"):
        load_claim(file)


@pytest.mark.parametrize("kind", ["klaim", "3", "[a]", ""])
def test_an_unknown_kind_is_told_with_the_known_ones(file: Path, kind: str) -> None:
    file.write_text(file.read_text().replace("kind: claim", f"kind: {kind}"))
    with pytest.raises(InputError, match="claim, frontier, belief"):
        load_question(file)


def test_file_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment"]) == 2
    assert "--all" in capsys.readouterr().err
    assert main(["experiment", "umbrella", "--all"]) == 2
    assert "either" in capsys.readouterr().err


# --- the library ---


def test_the_library_has_sixteen_claims() -> None:
    assert len(claim_names()) == 16


@pytest.mark.parametrize("name", claim_names())
def test_a_claim_of_the_library_is_whole(name: str) -> None:
    question = load_question(name)
    study = question.study
    assert study.name == name
    assert study.title
    assert study.title_da
    claim = study.claim
    assert claim is not None
    for field in ("says", "source", "question", "notice"):
        assert getattr(claim, field) != getattr(claim, f"{field}_da")
    assert claim.to_try != claim.to_try_da
    words = json.dumps(study.model_dump(mode="json"), ensure_ascii=False)
    assert "TODO" not in words


def test_the_committed_table_has_the_verdicts_that_the_files_explain() -> None:
    committed = json.loads((Path(__file__).parents[1] / "docs" / "claims.json").read_text())
    explained = {}
    for name in claim_names():
        claim = load_question(name).study.claim
        assert claim is not None
        explained[name] = claim.found.verdict.value
    assert {name: one["verdict"] for name, one in committed.items()} == explained


@pytest.mark.parametrize("name", ["umbrella"])  # make verdicts judges all of them
def test_a_verdict_is_the_same_on_fresh_seeds(name: str) -> None:
    found = load_question(name, 2001).answer(Store()).claimed
    assert found is not None
    assert found.as_found
