"""The same money, elsewhere."""

import json
from pathlib import Path

import pytest

from sim import compare
from sim.cli import main
from sim.engine.day import run_fast
from sim.errors import InputError
from sim.measures.incrementality import spend_on
from sim.questions.compare.moves import MoneyMove, settings_of
from sim.questions.compare.variants import make_variants
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import from_today, with_settings
from sim.scenario.load import load_scenario
from worlds.markets import MARKETS
from worlds.two_posters import BUDGETS, DAYS, margin_of, two_posters

POSTERS = two_posters()


def test_a_share_of_one_budget_is_added_to_the_other() -> None:
    (settings,) = settings_of([MoneyMove("one", "two", 0.3)], POSTERS)
    moved = with_settings(POSTERS, settings)
    budgets = {name: moved.touchpoints[name].budget_per_day for name in BUDGETS}
    # what a run spends is not quite the budget: contacts are whole, and fall on people at random
    assert budgets == pytest.approx({"one": 490.0, "two": 410.0}, rel=0.02)
    before, after = (run_fast(one).spend.sum() for one in (POSTERS, moved))
    assert after == pytest.approx(before, rel=0.02)


def test_what_a_move_gains_is_the_closed_form_s() -> None:
    found = compare([POSTERS], moves=["one:two=30%"], replicates=12)
    told = found.summary()["differences"]["one → two 30%"]["economics.margin"]
    (settings,) = settings_of([MoneyMove("one", "two", 0.3)], POSTERS)
    moved = with_settings(POSTERS, settings)
    budgets = {name: moved.touchpoints[name].budget_per_day or 0.0 for name in BUDGETS}
    expected = DAYS * (margin_of(budgets, POSTERS) - margin_of(BUDGETS, POSTERS))
    assert expected > 0.0
    half = (told["high"] - told["low"]) / 2.0  # of a 95 % interval; at twice it 1 in 10,000 fails
    assert abs(told["difference"] - expected) < 2.0 * half


def test_a_reach_grows_by_what_the_money_buys() -> None:
    market = with_settings(MARKETS["town"], overrides={"agents": 2200})
    (settings,) = settings_of([MoneyMove("display", "newsletter", 0.1)], market)
    before, after = run_fast(market), run_fast(from_today(market, settings))
    gave = spend_on(before, ["display"]) - spend_on(after, ["display"])
    took = spend_on(after, ["newsletter"]) - spend_on(before, ["newsletter"])
    assert gave == pytest.approx(0.1 * spend_on(before, ["display"]), rel=0.05)
    assert took == pytest.approx(gave, rel=0.15)


def test_it_is_a_variant_like_any_other(tmp_path: Path) -> None:
    """So its page, its tables and the command that asks again are those of `compare`."""
    found = compare([POSTERS], moves=["one:two=30%"], replicates=2)
    base, moved = found.made.variants
    assert moved.scenario == from_today(base.scenario, moved.settings)
    assert "--variant 'one → two 30%:" in found.command()
    again = make_variants([POSTERS], given=[f"one → two 30%:{','.join(moved.settings)}"])
    assert again[1] == moved


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one", "FROM:TO=SHARE"),
        ("one:two", "FROM:TO=SHARE"),
        ("one:two=0%", "FROM:TO=SHARE"),
        ("one:two=101%", "FROM:TO=SHARE"),
        ("one:two=20", "FROM:TO=SHARE"),
        ("one:one=20%", "FROM:TO=SHARE"),
        ("one:twoo=20%", "did you mean `two`"),
        ("three:two=20%", "touchpoints of two_posters"),
    ],
)
def test_nonsense_is_one_sentence_and_code_2(
    text: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_text(dump_scenario(POSTERS), encoding="utf-8")
    assert main(["compare", "m.yaml", "--move", text]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not Path("results").exists()


def test_a_search_is_not_given_what_it_cannot_spend() -> None:
    """In `webshop_loop` nearly all who search the own name click already; a little it can take."""
    market = load_scenario("webshop_loop", agents=2000, days=120, past_days=60)
    with pytest.raises(InputError, match="everyone who searches clicks already"):
        settings_of([MoneyMove("paid_social", "paid_search_brand", 1.0)], market)
    settings = settings_of([MoneyMove("paid_social", "paid_search_generic", 0.02)], market)
    assert len(settings) == 1


def test_what_cannot_be_scaled_is_refused() -> None:
    for change, said in (
        ({"touchpoints.two.budget_per_day": 0.0}, "two spends nothing today"),
        ({"touchpoints.two.enabled": False}, "two spends nothing today"),
    ):
        with pytest.raises(InputError, match=said):
            settings_of([MoneyMove("one", "two", 0.5)], two_posters(agents=500, **change))
    with pytest.raises(InputError, match="reach more than everyone"):
        settings_of([MoneyMove("display", "newsletter", 1.0)], MARKETS["town"])


def test_the_command_says_it_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_text(dump_scenario(POSTERS), encoding="utf-8")
    asked = ["--replicates", "5", "--json"]
    assert main(["move", "one:two=30%", "--scenario", "m.yaml", *asked]) == 0
    moved = json.loads(capsys.readouterr().out)
    assert main(["compare", "m.yaml", "--move", "one:two=30%", *asked]) == 0
    compared = json.loads(capsys.readouterr().out)
    assert moved | {"seconds": 0} == compared | {"seconds": 0}
    assert main(["move", "one:two=30%", "-s", "m.yaml", "--replicates", "5", "--out", "page"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == moved["sentences"]["one → two 30%"]
    assert Path(told[-1]).is_file()
    assert main(["move", "one:twoo=30%", "--scenario", "m.yaml"]) == 2
    assert "did you mean `two`" in capsys.readouterr().err
