"""Sensitivity of studies, against closed forms and sums done by hand."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from scipy import stats

from sim.cli import main
from sim.measures.figure import Undefined
from sim.pages.blocks import Sentence
from sim.pages.sensitivity_page import sensitivity_sections
from sim.pages.words.language import speaking
from sim.pages.words.numbers import SPACE
from sim.pages.words.studies import Words
from sim.questions.levers.design import OneAtATime
from sim.questions.levers.sensitivity import (
    FILE,
    Index,
    Sensitivity,
    analyse,
    luck,
    sensitivity_table,
)
from sim.questions.levers.study import DesignPart, Method, Range
from sim.questions.levers.study_file import load_study
from sim.questions.levers.tables import SENSITIVITY
from sim.runs.many import Here
from sim.runs.plan import Job, Outcome, Plan, Value
from sim.runs.sweep import sweep
from worlds.markets import MARKETS
from worlds.studies import ANGLE, ISHIGAMI_A, ISHIGAMI_B, ishigami, toy_plan, write_tiny

ANGLES = {"x1": ANGLE, "x2": ANGLE, "x3": ANGLE}
LINE = {"a": Range(low=0, high=2), "b": Range(low=1, high=3), "c": Range(low=-1, high=0)}


def indices(found: Sensitivity, measure: str = "y") -> dict[tuple[str | None, ...], Index]:
    """The figures of a measure by kind and lever (and the other one of a pair)."""
    figures = found.found[measure]
    assert not isinstance(figures, Undefined)
    return {(one.kind, one.lever, *([one.other] if one.other else [])): one for one in figures}


def analysed(part: DesignPart, plan: Plan, place: Path, work: object) -> Sensitivity:
    """The sensitivity of a study, through the table that it writes."""
    table = sweep(plan, work, Here(), place=place / "study")
    found = analyse(part, plan, table)
    assert found is not None
    return found


# --- Sobol ---


def test_sobol_indices_of_the_ishigami_function_from_a_study_file(tmp_path: Path) -> None:
    """First, total and second order against the closed form (Ishigami & Homma 1990).

    With V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = b^2 pi^8 (1/18 - 1/50). Half-widths are
    1.96 standard errors, so 3.5 / 1.96 of them are a bound of 1 in 2,000 for each index.
    """
    design = "design: {method: sobol, samples: 1024, seed: 3, second_order: true}\n"
    file = write_tiny(tmp_path, {"measure:": design + "measure:"})
    part = load_study(file)[0].design
    found = indices(analysed(part, toy_plan(part, ANGLES), tmp_path, ishigami))
    v1 = (1.0 + ISHIGAMI_B * np.pi**4 / 5.0) ** 2 / 2.0
    v2, v13 = ISHIGAMI_A**2 / 8.0, ISHIGAMI_B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    exact: dict[tuple[str | None, ...], float] = {
        ("first", "x1"): v1 / v,
        ("first", "x2"): v2 / v,
        ("first", "x3"): 0.0,
        ("total", "x1"): (v1 + v13) / v,
        ("total", "x2"): v2 / v,
        ("total", "x3"): v13 / v,
        ("second", "x1", "x2"): 0.0,
        ("second", "x1", "x3"): v13 / v,
        ("second", "x2", "x3"): 0.0,
    }
    assert set(found) == set(exact)
    for key, wanted in exact.items():
        one = found[key]
        assert one.low is not None
        assert one.high is not None
        half = (one.high - one.low) / 2.0
        assert 0.0 < half < (0.15 if key[0] == "second" else 0.1)
        assert abs(one.value - wanted) < 3.5 / 1.96 * half, key


def test_a_seed_of_0_is_a_seed(tmp_path: Path) -> None:
    """SALib takes it for none; the intervals must be the same again all the same."""
    part = DesignPart(method=Method.SOBOL, samples=8, seed=0)
    plan = toy_plan(part, ANGLES)
    table = sweep(plan, ishigami, Here(), place=tmp_path / "study")
    first, again = (analyse(part, plan, table) for _ in range(2))
    assert first is not None
    assert again is not None
    assert sensitivity_table(first).equals(sensitivity_table(again))


# --- Morris ---


def linear(job: Job) -> Outcome:
    a, b, c = (float(value) for value in job.values.values())
    return [3.0 * a - 2.0 * b + 0.5 * c + 7.0]


def test_morris_effects_of_a_line_are_its_slopes(tmp_path: Path) -> None:
    """Slope times range: 3 x 2, -2 x 2, 0.5 x 1; always the same, so no spread."""
    part = DesignPart(method=Method.MORRIS, samples=5, levels=6, seed=2)
    found = indices(analysed(part, toy_plan(part, LINE), tmp_path, linear))
    for lever, effect in {"a": 6.0, "b": -4.0, "c": 0.5}.items():
        size = found["mu_star", lever]
        assert size.value == pytest.approx(abs(effect), rel=1e-12)
        assert (size.low, size.high) == pytest.approx((abs(effect),) * 2)
        assert found["mu", lever].value == pytest.approx(effect, rel=1e-12)
        assert found["sigma", lever].value == pytest.approx(0.0, abs=1e-12)


def product(job: Job) -> Outcome:
    a, b, c = (float(value) for value in job.values.values())
    return [a * b + 0.0 * c]


def test_morris_effects_of_a_product_spread_with_the_other_lever(tmp_path: Path) -> None:
    """An effect of a is 2 b: with b on 1, 5/3, 7/3 or 3 it lies from 2 to 6, and spreads."""
    part = DesignPart(method=Method.MORRIS, samples=200, seed=1)
    found = indices(analysed(part, toy_plan(part, LINE), tmp_path, product))
    # b is on each of the four levels equally often: sd of 2 b is 4 sqrt(5) / 6
    sd = 4.0 * math.sqrt(5.0) / 6.0
    assert abs(found["mu", "a"].value - 4.0) < 4.0 * sd / math.sqrt(200)
    # the error of a standard deviation of so flat a distribution is less than s / sqrt(2 n)
    assert abs(found["sigma", "a"].value - sd) < 4.0 * sd / math.sqrt(400)
    assert found["mu_star", "c"].value == 0.0


# --- one at a time ---


def one_at_a_time(values: Mapping[str, Sequence[Value]], base: Sequence[Value]) -> Plan:
    """The plan of a function of named values around a base, with two seeds."""
    plan = toy_plan(DesignPart(), {name: Range(values=list(v)) for name, v in values.items()})
    design = OneAtATime(base, list(values.values()))
    return Plan(plan.name, plan.columns, design, (1, 2), ("y",), plan.identify)


def bent(job: Job) -> Outcome:
    """10 a + (b - 2)^2 + seed c: only what c does differs between the seeds."""
    a, b, c = (float(value) for value in job.values.values())
    return [10.0 * a + (b - 2.0) ** 2 + job.seed * c + 100.0 * job.seed]


def test_swings_by_hand(tmp_path: Path) -> None:
    """At the base 1, 1, 0. b moves it by 3 at 4 and by -1 at 2; c by 5 x seed at 5: 5 and 10."""
    plan = one_at_a_time({"b": (4, 2), "a": (0, 2), "c": (0, 5)}, (1, 1, 0))

    def reordered(job: Job) -> Outcome:
        return bent(job._replace(values={name: job.values[name] for name in "abc"}))

    found = indices(analysed(DesignPart(method=Method.ONE_AT_A_TIME), plan, tmp_path, reordered))
    ends = {key[1]: (found["least", key[1]], found["most", key[1]]) for key in found if key[1]}
    told = {
        lever: (least.value, least.level, most.value, most.level)
        for lever, (least, most) in ends.items()
    }
    assert told == {
        "b": (-1.0, 2, 3.0, 4),
        "a": (-10.0, 0, 10.0, 2),
        "c": (0.0, 0, 7.5, 5),
    }
    swings = {lever: found["swing", lever].value for lever in told}
    assert swings == {"b": 4.0, "a": 20.0, "c": 7.5}
    # seeds agree on a and b; on c they say 5 and 10: 7.5 -/+ t(1) 2.5
    assert (found["least", "b"].low, found["least", "b"].high) == (-1.0, -1.0)
    half = stats.t.ppf(0.975, 1) * 2.5
    most = found["most", "c"]
    assert (most.low, most.high) == pytest.approx((7.5 - half, 7.5 + half))


# --- luck ---


def test_luck_by_hand() -> None:
    """Rows -3 and 3, seeds -1 and 1, the rest -/+ 1/2: MS 36, 4 and 1; V 17.5, 1.5 and 1."""
    values = np.array([[-3 - 1 + 0.5, -3 + 1 - 0.5], [3 - 1 - 0.5, 3 + 1 + 0.5]])
    found = {one.kind: one.value for one in luck(values)}
    assert found == pytest.approx({"luck": 2.5 / 20.0, "noise": 0.5 / 18.0})
    shared = np.array([[1.0, 5.0], [2.0, 6.0]])  # all luck is shared: no noise between rows
    assert {one.kind: one.value for one in luck(shared)} == pytest.approx(
        {"luck": 8.0 / 8.5, "noise": 0.0}
    )
    assert luck(values[:, :1]) == []


# --- what cannot be analysed ---


def test_a_figure_that_is_missing_or_constant_says_so(tmp_path: Path) -> None:
    part = DesignPart(method=Method.MORRIS, samples=4)
    plan = toy_plan(part, LINE, ("none", "same", "y"))

    def some(job: Job) -> Outcome:
        y = linear(job)[0]
        return [None if job.values["a"] == 0.0 else 1.0, 0.3, y]

    found = analysed(part, plan, tmp_path, some)
    missing = sum(plan.values(row)["a"] == 0.0 for row in range(16))
    assert found.found["none"] == f"in {missing} of 16 runs there is no figure"
    assert found.found["same"] == "the figure is the same in all rows"
    table = sensitivity_table(found)
    assert table.column_names == [column.name for column in SENSITIVITY.columns]
    assert set(table["measure"].to_pylist()) == {"y"}
    section = sensitivity_sections(found, Words(MARKETS["town"]))[0]
    assert len(section.drawings) == len(section.of(Sentence)) == 1
    assert any(
        "not available (the figure is the same in all rows)" in p for p in section.paragraphs
    )


def test_too_few_samples_say_so(tmp_path: Path) -> None:
    part = DesignPart(method=Method.SOBOL, samples=2)
    found = analysed(part, toy_plan(part, ANGLES), tmp_path, ishigami)
    assert found.found["y"] == "the design has 2 samples; it takes 4"


def test_a_grid_tells_no_sensitivity(tmp_path: Path) -> None:
    plan = toy_plan(DesignPart(), {"a": Range(values=[1, 2]), "b": Range(values=[1]), "c": ANGLE})
    table = sweep(plan, linear, Here(), place=tmp_path / "study")
    assert analyse(DesignPart(), plan, table) is None


# --- in words ---


def said(found: Sensitivity) -> str:
    """The first sentence, with plain spaces."""
    section = sensitivity_sections(found, Words(MARKETS["town"]))[0]
    return section.of(Sentence)[0].text.replace(SPACE, " ")


def figure(kind: str, lever: str, value: float, half: float = 0.01, **more: str) -> Index:
    return Index(kind, lever, value, value - half, value + half, **more)


def test_drivers_and_interactions_are_named() -> None:
    figures = [
        *(figure("first", name, share) for name, share in zip("abc", (0.5, 0.2, 0.0), strict=True)),
        *(figure("total", name, s) for name, s in zip("abc", (0.78, 0.48, 0.02), strict=True)),
        figure("second", "a", 0.28, other="b"),
        figure("second", "b", 0.005, other="c"),
    ]
    found = Sensitivity(Method.SOBOL, "abc", True, {"economics.profit": figures})
    assert said(found) == (
        "A explains most variance: total-order 78% (95% CI 77 to 79%), first-order 50%."
        " Then: B (48%). Negligible: C. Significant pairwise interactions: A × B (28%)."
    )
    found = Sensitivity(Method.SOBOL, "abc", False, {"economics.profit": figures[:6]})
    assert said(found).endswith(
        "About 30% comes from interactions; second_order: true in the study file names the pairs."
    )
    with speaking("da"):
        assert said(found).startswith(
            "A forklarer mest af variansen: 78 % i alt (95 %-interval 77–79 %"
        )


def test_a_tornado_starts_with_the_widest() -> None:
    figures = [
        Index("least", "b", -1.0, level=2),
        Index("most", "b", 3.0, level=4),
        Index("swing", "b", 4.0),
        Index("least", "a", -10.0, level=0),
        Index("most", "a", 10.0, level=2),
        Index("swing", "a", 20.0),
        Index("least", "c", 0.0, level="loop"),
        Index("most", "c", 0.5, level="funnel"),
        Index("swing", "c", 0.5),
    ]
    found = Sensitivity(Method.ONE_AT_A_TIME, "bac", False, {"economics.profit": figures})
    assert said(found) == (
        "A moves the figure most, from DKK −10 at 0 to DKK +10 at 2, relative to the scenario."
        " Then, by range: B (DKK 4.00). Negligible: C."
    )
    section = sensitivity_sections(found, Words(MARKETS["town"]))[0]
    assert [row[0] for row in section.tables[0].rows] == ["A", "B", "C"]
    alt = section.drawings[0].alt.replace("\N{NO-BREAK SPACE}", " ")
    assert alt.index("A DKK −10") < alt.index("B DKK −1")


# --- a market's study ---


@pytest.mark.parametrize(
    ("design", "kinds"),
    [
        ("{method: one_at_a_time}", {"least", "most", "swing", "luck", "noise"}),
        ("{method: morris, samples: 2}", {"mu_star", "mu", "sigma", "luck", "noise"}),
        ("{method: sobol, samples: 4}", {"first", "total", "luck", "noise"}),
    ],
)
def test_a_study_writes_its_sensitivity(
    design: str, kinds: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = {
        "measure: [": f"design: {design}\nmeasure: [",
        "[280, 300, 340]": "{low: 280, high: 340}",
        ", points: 4": "",
        "economics.cac, touchpoints.*.spend": "retention.month_6",
    }
    file = write_tiny(tmp_path, changes)
    place = tmp_path / "study"
    words = ["experiment", str(file), "--workers", "1", "--out", str(place), "--quiet"]
    assert main(words) == 0
    first = (place / FILE).read_bytes(), (place / "report.html").read_bytes()
    table = parquet.read_table(place / FILE).to_pandas()
    assert set(table["index"]) == kinds
    assert set(table["measure"]) == {"economics.profit", "customers.new"}  # too short a run
    assert (table["value"].notna()).all()
    listed = json.loads((place / "study.json").read_text())["files"]
    assert set(os.listdir(place)) == {"study.json", *listed}
    page = first[1].decode()
    assert 'id="sensitivity"' in page
    assert "Variance due to random variation" in page
    assert main(words) == 0
    assert ((place / FILE).read_bytes(), (place / "report.html").read_bytes()) == first
    capsys.readouterr()
