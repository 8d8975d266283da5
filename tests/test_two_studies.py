"""The studies that ship: a budget split in a belief, and the frontier of winning and keeping."""

import json
import math
import os
from pathlib import Path

import pytest

from sim.cli import main
from sim.errors import InputError
from sim.measures.intervals import Estimate
from sim.questions.budget.belief import (
    BELIEVES,
    BELIEVES_WINS,
    KNOWS,
    BeliefFound,
    belief,
    parting_month,
)
from sim.questions.budget.question import SplitQuestion
from sim.questions.budget.request import TODAY, SplitRequest
from sim.questions.budget.split_study import SplitKind, load_split_study
from sim.questions.levers.study_file import study_names
from sim.questions.studies import has_kind, load_question
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from worlds.help_desk import PRICE, UNIT_COST
from worlds.two_posters import BUDGETS, DAYS, IDLE_WEST, KEEPS, checkouts, scales, two_posters

# In the belief, west's people need nothing: its poster can only be a waste.
BLIND = IDLE_WEST
STUDY = """\
kind: {kind}
name: tiny
title: Tiny
title_da: Lille
expected: Nothing in particular.
expected_da: Intet bestemt.
scenario: true.yaml
replicates: 2
"""


def truth(agents: int = 4000) -> Scenario:
    """The market of two posters; west's is there to keep customers, by its label."""
    return two_posters(agents=agents, **KEEPS)


@pytest.fixture(scope="module")
def found() -> BeliefFound:
    scenario = truth()
    return belief(scenario, with_settings(scenario, overrides=BLIND), SplitRequest(replicates=3))


def test_the_believer_spends_all_on_what_works_in_the_believed_market(found: BeliefFound) -> None:
    spent = found.plan(BELIEVES).spent
    total = sum(BUDGETS.values()) * DAYS
    assert found.total == pytest.approx(total)
    assert spent["two"] == pytest.approx(0.0, abs=0.005 * total)
    for name in (KNOWS, BELIEVES, BELIEVES_WINS):
        assert sum(found.plan(name).spent.values()) == pytest.approx(total, rel=5e-3)


def test_half_a_belief_leaves_keeping_as_it_is(found: BeliefFound) -> None:
    spent = found.plan(BELIEVES_WINS).spent
    assert spent["two"] == pytest.approx(BUDGETS["two"] * DAYS)
    assert spent["one"] == pytest.approx(BUDGETS["one"] * DAYS)


def test_the_regret_is_that_of_the_closed_form(found: BeliefFound) -> None:
    scale, wanted = scales(found.scenario), checkouts(found.scenario)

    def margin(name: str) -> float:
        return (PRICE - UNIT_COST) * sum(
            DAYS * wanted[n] * -math.expm1(-amount / DAYS / scale[n])
            for n, amount in found.plan(name).spent.items()
        )

    exact = margin(KNOWS) - margin(BELIEVES)
    effects = found.plan(BELIEVES).regret.effects["profit"]
    error = math.sqrt(sum(one.se**2 for one in effects)) / len(effects)
    assert abs(found.plan(BELIEVES).regret.of("profit").value - exact) < 4.0 * error
    assert exact > 12.0 * error  # a regret a third too small or large would be seen
    today = found.plan(TODAY).gain.of("profit")
    assert today == (0.0, 0.0, 0.0)


def test_regret_so_far_ends_at_the_regret(found: BeliefFound) -> None:
    for plan in found.plans:
        assert len(plan.regret_so_far) == 2  # 40 days touch two months
        last, whole = plan.regret_so_far[-1], plan.regret.of("profit")
        assert last.value == pytest.approx(whole.value, abs=0.01)
        assert last.low == pytest.approx(whole.low, abs=0.01)


def test_seeds_of_the_search_are_none_of_the_figures(found: BeliefFound) -> None:
    assert found.search_seed not in found.fresh_seeds


def test_a_true_belief_costs_next_to_nothing() -> None:
    scenario = truth(agents=400)
    same = belief(scenario, scenario, SplitRequest(replicates=2))
    assert same.plan(BELIEVES).spent == pytest.approx(same.plan(KNOWS).spent)
    assert same.plan(BELIEVES).regret.of("profit").value == pytest.approx(0.0, abs=1e-6)


def test_plans_part_when_the_interval_leaves_zero_for_good() -> None:
    over, across, below = Estimate(2, 1, 3), Estimate(1, -1, 3), Estimate(-2, -3, -1)
    assert parting_month([across, over, across, over, over]) == 4
    assert parting_month([over, over]) == 1
    assert parting_month([across, below]) == 2
    assert parting_month([over, across]) is None
    assert parting_month([]) is None


def test_markets_without_a_common_budget_cannot_be_compared() -> None:
    scenario = truth(agents=400)
    others = scenario.model_dump(mode="json")["touchpoints"]
    renamed = {f"other_{name}": one for name, one in others.items()}
    segments = scenario.model_dump(mode="json")["segments"]
    for segment in segments.values():
        segment["affinities"] = {}
    other = with_settings(scenario, overrides={"segments": segments, "touchpoints": renamed})
    with pytest.raises(InputError, match="fewer than two parts of the budget"):
        belief(scenario, other, SplitRequest(replicates=2))


# --- the files and the command ---


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a true and a believed market, and a study of each kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "true.yaml").write_text(dump_scenario(truth(agents=300)))
    blind = with_settings(truth(agents=300), overrides=BLIND)
    (tmp_path / "blind.yaml").write_text(dump_scenario(blind))
    (tmp_path / "frontier.yaml").write_text(STUDY.format(kind="frontier"))
    (tmp_path / "belief.yaml").write_text(STUDY.format(kind="belief") + "believed: blind.yaml\n")
    return tmp_path


def _is_split(name: str) -> bool:
    return has_kind(name) and isinstance(load_question(name), SplitQuestion)


def test_the_library_s_studies_of_a_split_are_whole() -> None:
    splits = [name for name in study_names() if _is_split(name)]
    kinds = {name: load_split_study(name) for name in splits}
    assert {name: one.study.kind for name, one in kinds.items()} == {
        "acquisition_vs_retention": SplitKind.FRONTIER,
        "funnel_vs_loop": SplitKind.BELIEF,
    }
    for name, (study, scenario, believed) in kinds.items():
        assert study.name == name
        assert all((study.title, study.title_da, study.description, study.description_da))
        assert study.claim or (study.expected and study.expected_da)
        assert scenario.name == "webshop_loop"
        if believed is not None:
            sizes = ("agents", "days", "seed")
            assert [getattr(believed, n) for n in sizes] == [getattr(scenario, n) for n in sizes]


@pytest.mark.parametrize("kind", ["frontier", "belief"])
def test_the_command_writes_the_same_folder_again_from_itself(
    kind: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", f"{kind}.yaml", "--out", "made"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == str(Path("made") / "report.html")
    answer = "Profit: Highest with " if kind == "frontier" else "Cost of the wrong model: Planning"
    assert any(line.startswith(answer) for line in lines)
    files = set(os.listdir(place / "made"))
    listed = json.loads((place / "made" / "manifest.json").read_text())["files"]
    assert files == {"manifest.json", *listed}
    before = {file: (place / "made" / file).read_bytes() for file in files - {"manifest.json"}}
    monkeypatch.chdir(place / "made")
    assert main(["experiment", "study.yaml", "--workers", "1", "--out", "../again", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["study"] == "tiny"
    for file, content in before.items():
        assert (place / "again" / file).read_bytes() == content, file
    assert main(["experiment", "study.yaml", "--out", "../danish", "--language", "da"]) == 0
    page, danish = ((place / folder / "report.html").read_text() for folder in ("made", "danish"))
    sentences = [line for line in page.splitlines() if line.startswith("<p>")]
    assert len(sentences) > 4
    assert [line for line in sentences if line in danish] == []


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (STUDY.format(kind="frontiers"), [], "did you mean `frontier`?"),
        (STUDY.format(kind="belief"), [], "believed: the field is missing"),
        (
            STUDY.format(kind="frontier") + "believed: blind.yaml\n",
            [],
            "applies only to kind: belief",
        ),
        (STUDY.format(kind="frontier") + "vary: 3\n", [], "vary"),
        (STUDY.format(kind="belief") + "believed: bland.yaml\n", [], "did you mean `blind.yaml`"),
        (STUDY.format(kind="frontier") + "replicates: 1\n", [], "replicates"),
        (STUDY.format(kind="frontier"), ["--dask", "tcp://x:1"], "no Dask scheduler answers"),
        (STUDY.format(kind="frontier") + "evaluations: 3\n", [], "or more for 2 parts"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    text: str,
    options: list[str],
    said: str,
    place: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if "replicates: 1" in text:
        text = text.replace("replicates: 2\n", "", 1)
    (place / "wrong.yaml").write_text(text)
    before = set(os.listdir(place))
    assert main(["experiment", "wrong.yaml", *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert set(os.listdir(place)) == before
