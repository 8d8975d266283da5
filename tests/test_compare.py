"""`journeysim compare`: paired differences, the sentences built from them, what it refuses."""

import json
import math
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from sim.cli import main
from sim.errors import InputError
from sim.folders import open_folder
from sim.pages.compare_page import compare_page, sentences
from sim.pages.words.language import speaking
from sim.pages.words.numbers import SPACE
from sim.questions.compare.compare import (
    LEAST_SEEDS,
    MOST_SEEDS,
    Compared,
    CompareRequest,
    Variant,
    compare,
    reached,
    seeds_needed,
)
from sim.questions.compare.question import CompareAnswer
from sim.questions.compare.tables import (
    DIFFERENCES,
    KEYS,
    RUNS,
    TOLD,
    differences_table,
    runs_table,
)
from sim.questions.compare.variants import make_variants
from sim.runs.run import run
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import get, with_settings
from sim.scenario.load import load_scenario
from tools.declared import assert_declared
from worlds.markets import SHORT_TOWN

FILES = {
    "answer.json",
    "compare.html",
    "differences.parquet",
    "manifest.json",
    "runs.parquet",
    "scenarios",
    "summary.json",
}
CHEAPER = "cheaper:offers.basic.price=250"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the toy market in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "town.yaml").write_text(dump_scenario(SHORT_TOWN))
    return tmp_path


@pytest.fixture(scope="module")
def made() -> Compared:
    variants = [
        Variant("town", SHORT_TOWN),
        Variant("cheaper", with_settings(SHORT_TOWN, ["offers.basic.price=250"]), [CHEAPER]),
        Variant("loud", with_settings(SHORT_TOWN, ["touchpoints.search.budget_per_day=90"]), ["x"]),
    ]
    return compare(variants, CompareRequest(replicates=4))


def fake(
    baseline: Sequence[tuple[float, float, float]],
    *others: Sequence[tuple[float, float, float]],
    currency: str = "DKK",
) -> Compared:
    """A comparison whose runs have these margins of first purchases, of returning customers and
    this spend."""
    scenario = SHORT_TOWN.model_copy(update={"currency": currency})

    def summary(seed: int, first: float, returning: float, spend: float) -> dict[str, Any]:
        return {
            "seed": seed,
            "agents": 1,
            "population": 1,
            "economics": {
                "margin": first + returning,
                "margin_first": first,
                "margin_returning": returning,
                "spend": spend,
                "profit": first + returning - spend,
            },
        }

    variants = [Variant(name, scenario) for name in ("A", "B", "C")[: 1 + len(others)]]
    runs = [[summary(s, *one) for s, one in enumerate(own)] for own in (baseline, *others)]
    return Compared(variants, range(len(baseline)), runs, 0.0)


# --- figures ---


def test_a_difference_is_that_of_two_runs_with_the_same_seed(made: Compared) -> None:
    table = differences_table(made).set_index(["variant", "key"])
    assert list(made.seeds) == list(range(SHORT_TOWN.seed, SHORT_TOWN.seed + 4))
    for variant in made.variants[1:]:
        for key in ("profit", "margin_returning", "cac"):
            pairs = [
                tuple(run(one.scenario, seed=seed).summary["economics"][key] for seed in made.seeds)
                for one in (made.baseline, variant)
            ]
            changes = [b - a for a, b in zip(*pairs, strict=True)]
            mean, error = sum(changes) / 4, stats.sem(changes)
            low, high = stats.t.interval(0.95, 3, mean, error) if error else (mean, mean)
            row = table.loc[(variant.name, f"economics.{key}")]
            assert row["replicates"] == 4
            assert row["baseline"] == pytest.approx(sum(pairs[0]) / 4)
            assert row["value"] == pytest.approx(sum(pairs[1]) / 4)
            wanted = [mean, error, low, high, mean / abs(sum(pairs[0]) / 4)]
            found = row[["difference", "standard_error", "low", "high", "relative"]]
            assert list(found) == pytest.approx(wanted, abs=1e-6)


def test_sources_add_up_to_the_profit(made: Compared) -> None:
    table = differences_table(made).set_index(["variant", "key"])["difference"]
    for name in ("cheaper", "loud"):
        first, returning, spend, profit = (
            table[name, f"economics.{key}"]
            for key in ("margin_first", "margin_returning", "spend", "profit")
        )
        assert first + returning - spend == pytest.approx(profit)
        assert spend != 0.0 or name == "cheaper"


def test_every_figure_of_every_run_is_in_the_table(made: Compared) -> None:
    table = runs_table(made)
    assert list(table.columns) == RUNS.names
    assert list(differences_table(made).columns) == DIFFERENCES.names
    assert list(table["variant"].unique()) == ["town", "cheaper", "loud"]
    one = table[(table["variant"] == "loud") & (table["replicate"] == 2)].set_index("key")
    summary = made.summaries[2][2]
    assert set(one["seed"]) == {SHORT_TOWN.seed + 2}
    assert one.loc["conversion.overall", "value"] == summary["conversion"]["overall"]
    assert (
        one.loc["touchpoints.search.spend", "value"] == (summary["touchpoints"]["search"]["spend"])
    )
    assert summary["retention"]["month_6"] is None
    assert math.isnan(one.loc["retention.month_6", "value"])


# --- how many replicates ---


def test_the_number_of_replicates_follows_from_the_error() -> None:
    """Differences 1, -1, 1, -1, 0: s^2 = 1, so the error of five is sqrt(1/5), of margin 100."""
    base = [(100.0, 0.0, 0.0)] * 5
    other = [(100.0 + d, 0.0, 0.0) for d in (1, -1, 1, -1, 0)]
    found = fake(base, base, other).summaries
    assert reached(found) == pytest.approx(math.sqrt(1 / 5) / 100)
    assert seeds_needed(found, 0.01) == 5  # there already
    assert seeds_needed(found, 0.00125) == 64  # (1 / (0.00125 x 100))^2
    assert seeds_needed(found, 0.0001) == MOST_SEEDS
    assert seeds_needed(fake(base, base).summaries, 1e-5) == 5
    nothing = [(0.0, 0.0, 0.0)] * 5
    assert reached(fake(nothing, other).summaries) is None
    assert seeds_needed(fake(nothing, other).summaries, 0.5) == MOST_SEEDS


def test_seeds_are_added_until_the_precision_is_reached(place: Path) -> None:
    variants = make_variants(["town.yaml"], (), [CHEAPER])
    pilot = compare(variants, CompareRequest(precision=1.0))
    assert len(pilot.seeds) == LEAST_SEEDS
    error = reached(pilot.summaries)
    assert error is not None
    found = compare(variants, CompareRequest(precision=error / 1.5))
    assert LEAST_SEEDS < len(found.seeds) < MOST_SEEDS
    assert (reached(found.summaries) or 0.0) <= error / 1.5
    assert found.runs == 2 * len(found.seeds)


# --- in words ---


def told(*args: Any, **options: Any) -> str:
    return sentences(fake(*args, **options))[0].replace(SPACE, " ")


BASE = [(60.0, 60.0, 20.0)] * 3  # a profit of 100


def test_a_sure_gain_is_told_with_its_interval_and_its_source() -> None:
    """Gains of 4, 5, 6: mean 5, s 1; t(2) = 4.303, so 5 -/+ 2.48. Nine tenths are of returning
    customers."""
    after = [(60.0 + 0.1 * d, 60.0 + 0.9 * d, 20.0) for d in (4, 5, 6)]
    half = stats.t.ppf(0.975, 2) / math.sqrt(3)
    assert f"{5 - half:.2f} {5 + half:.2f}" == "2.52 7.48"
    assert told(BASE, after) == (
        "B earns 2.52 to 7.48% more than A (95% CI; DKK 2.52 to 7.48);"
        " about 90% of the difference comes from returning customers."
    )
    with speaking("da"):
        assert told(BASE, after) == (
            "»B« tjener 2,52–7,48 % mere end »A« (95 %-interval; 2,52–7,48 kr.);"
            " omkring 90 % af forskellen kommer fra tilbagevendende kunder."
        )


def test_a_sure_loss_and_lower_spend() -> None:
    lost = [(60.0 - d, 60.0, 20.0) for d in (4, 5, 6)]
    assert told(BASE, lost) == (
        "B earns 2.52 to 7.48% less than A (95% CI; DKK 2.52 to 7.48);"
        " nearly all of the difference comes from first purchases."
    )
    saved = [(60.0, 60.0 + 0.4 * d, 20.0 - 0.6 * d) for d in (4, 5, 6)]
    assert told(BASE, saved).endswith(
        "about 60% of the difference comes from lower marketing spend."
    )


def test_sources_that_work_against_each_other_are_told_as_amounts() -> None:
    after = [(60.0 + 2 * d, 60.0 - d, 20.0) for d in (4, 5, 6)]
    assert told(BASE, after).endswith(
        ": first purchases bring DKK 10 more, returning customers bring DKK 5.00 less."
    )


def test_a_baseline_that_loses_money_has_no_percentages() -> None:
    losing = [(60.0, 60.0, 220.0)] * 3
    after = [(60.0, 60.0 + d, 220.0) for d in (4, 5, 6)]
    assert told(losing, after) == (
        "B earns DKK 2.52 to 7.48 more than A (95% CI);"
        " nearly all of the difference comes from returning customers."
    )


def test_an_interval_with_zero_in_it_is_no_answer() -> None:
    """Differences -1, 1, 3: mean 1, s 2, half-width 4.97: 3 x 4.97^2 = 74.04 replicates."""
    after = [(60.0 + d, 60.0, 20.0) for d in (-1, 1, 3)]
    assert told(BASE, after) == (
        "B does not earn significantly more or less than A (95% CI: 3.97% less to 5.97% more)."
        " If the difference is as large as estimated, about 75 replicates would show it."
    )
    tiny = [(60.0 + d, 60.0, 20.0) for d in (-1, 1.001, 0)]
    assert told(BASE, tiny).endswith("is too small to be worth more replicates.")


def test_no_difference_is_told_as_such() -> None:
    assert told(BASE, BASE) == "B earns the same as A in every replicate."


# --- the command ---


def test_it_writes_a_folder_and_prints_its_page(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "town.yaml", "--variant", CHEAPER, "--replicates", "3"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    page = place / lines[-1]
    assert page.name == "compare.html"
    assert set(os.listdir(page.parent)) == FILES
    manifest = open_folder(page.parent).said
    inside = {name.partition("/")[0] for name in manifest["files"]}
    assert inside == FILES - {"manifest.json"}
    assert os.listdir(page.parent / "scenarios") == ["town.yaml"]
    found = json.loads((page.parent / "summary.json").read_text())
    assert lines[0] == found["sentences"]["cheaper"]
    text = page.read_text()
    # a page never breaks a line between a number and its sign
    assert found["sentences"]["cheaper"].replace("\xa0", " ") in text.replace("\xa0", " ")
    assert text.count("<svg") == 3
    assert main(words) == 0  # the same command, the same folder
    assert capsys.readouterr().out.splitlines()[-1] == lines[-1]


def test_json_has_the_documented_keys_and_writes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure = ["--measure", "touchpoints.*.spend", "--measure", "retention.month_1"]
    words = ["compare", "town.yaml", "--variant", CHEAPER, "--replicates", "2", "--json"]
    assert main([*words, *measure]) == 0
    found = json.loads(capsys.readouterr().out)
    assert os.listdir(place) == ["town.yaml"]
    assert {key.split(".")[0] for key in KEYS} == set(found)
    asked = [f"touchpoints.{name}.spend" for name in SHORT_TOWN.touchpoints]
    own = found["differences"]["cheaper"]
    assert list(own) == [*TOLD, *asked, "retention.month_1"]
    assert set(own["economics.profit"]) == {
        key.split(".")[3] for key in KEYS if key.startswith("differences")
    }
    assert set(found["figures"]) == {"town", "cheaper"}
    assert found["variants"] == ["cheaper"]


def test_the_keys_are_in_the_documentation() -> None:
    page = (Path(__file__).parent.parent / "docs" / "studies.md").read_text(encoding="utf-8")
    for key in KEYS:
        group, _, last = key.rpartition(".*.")
        assert f"`{key}`" in page or (f"`{group}.*`" in page and f"`{last}`" in page), key


def test_the_folder_s_command_makes_it_again(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the byte, and with another number of threads."""
    other = dump_scenario(with_settings(SHORT_TOWN, ["offers.basic.price=350"]))
    (place / "dear.yaml").write_text(other)
    variant = "both at once:offers.basic.price=250,touchpoints.search.budget_per_day=50"
    words = ["compare", "town.yaml", "dear.yaml", "--variant", variant, "--replicates", "2"]
    assert main([*words, "--out", "one", "--threads", "1", "--measure", "experience.rating"]) == 0
    command = json.loads((place / "one" / "manifest.json").read_text())["command"]
    monkeypatch.chdir(place / "one")
    assert main([*shlex.split(command)[1:], "--out", "../two", "--threads", "2"]) == 0
    for name in ("compare.html", "differences.parquet", "runs.parquet"):
        assert (place / "one" / name).read_bytes() == (place / "two" / name).read_bytes()
    for table in (DIFFERENCES, RUNS):
        assert_declared(place / "one" / f"{table.name}.parquet", table)
    assert list(pd.read_parquet(place / "one" / "runs.parquet")["variant"].unique()) == [
        "town",
        "dear",
        "both at once",
    ]
    capsys.readouterr()


def test_the_page_in_danish_has_the_same_drawings(made: Compared) -> None:
    english = compare_page(made, list(TOLD), CompareAnswer(made, list(TOLD)).command())
    with speaking("da"):
        danish = compare_page(made, list(TOLD), CompareAnswer(made, list(TOLD)).command())
    assert danish.count("<svg") == english.count("<svg") == 5
    assert "Hvor forskellen kommer fra" in danish
    assert "Where the difference comes from" not in danish


def test_settings_and_sizes_hold_for_all(place: Path) -> None:
    (place / "long.yaml").write_text(
        dump_scenario(with_settings(SHORT_TOWN, ["days=60", "agents=100", "offers.basic.price=1"]))
    )
    with pytest.raises(InputError, match="--agents sets it for all"):
        make_variants(["town.yaml", "long.yaml"])
    found = make_variants(
        ["town.yaml", "long.yaml"], ["reviews.chance=0.25"], (), agents=50, days=5, seed=9
    )
    for variant in found:
        scenario = variant.scenario
        assert (scenario.agents, scenario.days, scenario.seed) == (50, 5, 9)
        assert scenario.reviews.chance == 0.25
    assert [variant.name for variant in found] == ["town", "long"]  # both say town inside


def test_a_list_in_a_variant_keeps_its_commas() -> None:
    click = "touchpoints.search.cost.per_click=3"
    found = make_variants(["town.yaml"], (), [f"two:journey.needs=[price, fit],{click}"])
    assert list(found[1].settings) == ["journey.needs=[price, fit]", click]


def test_a_variant_may_multiply_what_the_baseline_has(place: Path) -> None:
    price, click = "offers.basic.price", "touchpoints.search.cost.per_click"
    baseline = load_scenario("town.yaml")
    found = make_variants(
        ["town.yaml"],
        [f"{price}*=2"],
        [f"dearer:{click}*=1.5,{price}*=1.1", f"less:{price} *= 0.5"],
    )
    of = [get(one.scenario, price) for one in found]
    assert of == pytest.approx([get(baseline, price) * factor for factor in (2.0, 2.2, 1.0)])
    assert get(found[1].scenario, click) == pytest.approx(1.5 * get(baseline, click))
    assert list(found[1].settings) == [f"{click}*=1.5", f"{price}*=1.1"]
    again = make_variants([found[0].scenario], (), [f"dearer:{','.join(found[1].settings)}"])
    assert again[1] == found[1]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["town.yaml"], "only town.yaml is given; add another scenario, a variant with --variant"),
        (
            ["town.yaml", "--set", "offers.basic.price=250"],
            "only town.yaml is given, and --set changes every scenario; did you mean --variant"
            " 'other:offers.basic.price=250'?",
        ),
        (["town.yaml", "--variant", "cheap"], "variant: cheap is not valid; allowed: NAME:PATH"),
        (["town.yaml", "--variant", "cheap:"], "variant: cheap: is not valid; allowed: NAME:PATH"),
        (["town.yaml", "--variant", ":a=1"], "variant: :a=1 is not valid; allowed: NAME:PATH"),
        (
            ["town.yaml", "--variant", "x:offers.basic.prise=3"],
            "--variant x: `offers.basic.prise` is not a field",
        ),
        (
            ["town.yaml", "--variant", "x:offers.basic.price*=-3"],
            "--variant x, offers.basic.price: -",
        ),
        (
            ["town.yaml", "--variant", "x:journey.shape*=2"],
            "--variant x, journey.shape: `journey.shape*=2` cannot be set: only a number can be",
        ),
        (["town.yaml", "--variant", "x:offers.basic.price*=1"], "x is identical to town. Change"),
        (
            ["town.yaml", "--variant", "x:offers.basic.price=-3"],
            "--variant x, offers.basic.price: -3 is out of range",
        ),
        (
            ["town.yaml", "--variant", "x:offers.basic.price=300"],
            "x is identical to town. Change at",
        ),
        (["town.yaml", "town.yaml"], "town-2 is identical to town. Change at least one parameter."),
        (
            ["town.yaml", "--variant", CHEAPER, "--variant", CHEAPER],
            "two scenarios or variants are called cheaper",
        ),
        (
            ["town.yaml", "--variant", "x:days=3"],
            "town has 40 days and x 3; compared runs need the same size: --days sets it for all",
        ),
        (["town.yaml", "--variant", "x:population=9000"], "people and x 9,000; compared runs need"),
        (
            ["town.yaml", "--variant", "x:currency=EUR"],
            "has DKK as currency and x EUR; compared runs",
        ),
        (["town.yaml", "webshop_lop"], "`webshop_lop` is neither a file nor a scenario"),
        (
            ["town.yaml", "--variant", CHEAPER, "--replicates", "1"],
            "replicates: 1 is not valid; allowed: 2 to 999 (one gives no confidence interval)",
        ),
        (
            ["town.yaml", "--variant", CHEAPER, "--replicates", "3", "--precision", "0.1"],
            "precision: 0.1 is not valid; allowed: either replicates or precision, not both",
        ),
        (["town.yaml", "--variant", CHEAPER, "--precision", "7"], "precision: 7.0 is not valid"),
        (["town.yaml", "--variant", CHEAPER, "--precision", "nan"], "precision: nan is not valid"),
        (["town.yaml", "--variant", CHEAPER, "--seed", str(2**63 - 2)], "in the last replicate"),
        (["town.yaml", "--variant", CHEAPER, "--threads", "0"], "threads: 0 is not valid"),
        (["town.yaml", "--variant", CHEAPER, "--language", "fr"], "language: fr is not valid"),
        (
            ["town.yaml", "--variant", CHEAPER, "--measure", "economics.profits"],
            "--measure: `economics.profits` is not a known name",
        ),
        (["town.yaml", "--variant", CHEAPER, "--out", "town.yaml"], "town.yaml is a file. Choose"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    words: list[str], answer: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *words]) == 2
    captured = capsys.readouterr()
    assert answer in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""
    assert os.listdir(place) == ["town.yaml"]


def test_all_problems_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "town.yaml", "--set", "a=1", "--variant", "x", "--replicates", "0"]
    assert main([*words, "--threads", "0"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_a_setting_names_the_scenario_that_has_no_such_lever(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "town.yaml", "webshop_funnel", "--set", "offers.basic.price=200"]
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("--set, webshop_funnel: `offers.basic.price` is not")
