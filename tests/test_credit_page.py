"""The sections on credit and on budgets that follow it: what they say, in two languages."""

import re

import pytest

from sim.measures.attribution import DIRECT, MODELS
from sim.measures.figure import Undefined
from sim.pages.blocks import Page, Section
from sim.pages.credit import DRAWN, SPOKEN, credit_sections, credit_text, model_name
from sim.pages.render import render
from sim.pages.words import numbers
from sim.pages.words.language import speaking
from sim.questions.touchpoints.attribution import Credited, credited_beside
from sim.questions.touchpoints.effects import TouchpointsRequest, study
from sim.questions.touchpoints.regret import TODAY, Regret
from worlds.help_desk import FALL, helped
from worlds.paid_media import paid, useful_and_useless


@pytest.fixture(scope="module")
def found() -> Credited:
    market = helped(
        agents=1000,
        useful=paid(effects={"friction": -FALL}),
        useless=paid(),
        unseen=paid(effects={"friction": -FALL}, tracking="none", click_chance=0.0),
    )
    return credited_beside(
        study(market, TouchpointsRequest(replicates=1, players=("useful", "unseen")))
    )


def page(found: Credited) -> str:
    return render(Page("", "", "", credit_sections(found)))


def texts(section: Section) -> str:
    return " ".join(section.paragraphs)


def test_each_touchpoint_has_a_line_with_its_figures(found: Credited) -> None:
    credit, _ = credit_sections(found)
    models, touchpoints = credit.tables
    assert [row[0] for row in models.rows] == [model_name(model) for model in MODELS]
    assert {row[0] for row in touchpoints.rows[:-1]} == {"Useful", "Useless", "Unseen"}
    *shares, none = [row[1] for row in touchpoints.rows[:-1]]
    assert shares == sorted(shares, key=lambda text: -float(text.rstrip("%")))
    assert none == numbers.NONE  # not one customer did anything else without the useless one
    direct = found.line(SPOKEN, DIRECT).share_of_all
    assert not isinstance(direct, Undefined)
    assert numbers.percent(direct) in touchpoints.rows[-1]
    assert all(len(row) == len(touchpoints.head) for row in touchpoints.rows)


def test_what_is_not_tracked_is_named(found: Credited) -> None:
    credit, _ = credit_sections(found)
    assert "so they are credited with nothing: Unseen." in texts(credit)
    for model in MODELS:
        assert found.line(model, "unseen").share_of_all == 0.0


def test_the_drawing_says_in_words_what_it_shows(found: Credited) -> None:
    credit, _ = credit_sections(found)
    (drawing,) = credit.drawings
    for one in found.truths:
        assert not isinstance(one.share, Undefined)
        assert numbers.percent(one.share.value) in drawing.alt
    for model in DRAWN:
        assert model_name(model) in drawing.svg


def test_plans_stand_the_best_first(found: Credited) -> None:
    _, plans = credit_sections(found)
    assert isinstance(found.regret, Regret)
    regrets, budgets = plans.tables
    assert regrets.rows[0][0] == model_name(found.regret.best)
    assert budgets.rows[0][0] == model_name(TODAY)
    assert len(regrets.rows) == len(budgets.rows) == len(found.regret.plans)
    assert f"“{model_name(found.regret.best)}”" in texts(plans)


def test_the_same_page_every_time_and_no_empty_figure(found: Credited) -> None:
    for language in ("en", "da"):
        with speaking(language):
            once = page(found)
            assert once == page(credited_beside(found.study))
            assert not re.search(r"\bnan\b|\binf\b|None|Undefined", once)


def test_a_danish_page_has_no_english_paragraph(found: Credited) -> None:
    with speaking("en"):
        english = [p for section in credit_sections(found) for p in section.paragraphs]
    with speaking("da"):
        danish = page(found)
    assert len(english) > 3
    assert [paragraph for paragraph in english if paragraph in danish] == []


def test_where_nothing_is_tracked_it_says_so() -> None:
    bare = credited_beside(study(helped(agents=200, days=10), TouchpointsRequest(replicates=1)))
    credit, plans = credit_sections(bare)
    assert "no touchpoint got any credit" in texts(credit)
    assert credit.tables == []
    assert "there is nothing to split" in texts(plans)
    (line,) = credit_text(bare)
    assert "no touchpoint got any credit" in line


def test_a_terminal_shows_a_line_for_each_plan(found: Credited) -> None:
    lines = credit_text(found)
    assert isinstance(found.regret, Regret)
    for plan in found.regret.plans:
        assert any(line.startswith(model_name(plan.name)) for line in lines)
    assert lines[-1].startswith(
        f"The best of the plans tried is “{model_name(found.regret.best)}”."
    )


def test_the_toy_market_of_plans_is_drawn_too() -> None:
    pair = credited_beside(study(useful_and_useless(), TouchpointsRequest(replicates=1)))
    assert "<svg" in page(pair)
