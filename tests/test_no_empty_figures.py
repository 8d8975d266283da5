"""Markets in which nearly nothing happens: no figure is NaN, infinite or empty without a reason."""

import json
import math
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.measures.incrementality import with_next_krone
from sim.measures.replicates import combine
from sim.pages.folder import as_json
from sim.pages.pages import make_report
from sim.pages.words.headlines import NONE, as_text
from sim.pages.words.language import speaking
from sim.questions.touchpoints.next_krone import try_next_krone
from sim.records.steps import joined
from sim.runs.run import Run, run
from sim.scenario.schema import Scenario
from worlds.markets import market

PHASES: dict[str, dict[str, Any]] = {
    "asleep": {"kind": "latent"},
    "look": {"kind": "consider", "pace_per_day": 0.8, "bias": 3.0},
    "doubt": {"kind": "consider", "pace_per_day": 0.8, "bias": 3.0},
    "buy": {"kind": "purchase", "pace_per_day": 0.9},
    "own": {"kind": "relate", "bias": -3.0},
    "praise": {"kind": "advocate"},
}
FUNNEL = {name: PHASES[name] for name in ("asleep", "look", "doubt", "buy")}
TOUCHPOINTS: dict[str, dict[str, Any]] = {
    "poster": {
        "starts": "push",
        "control": "paid",
        "budget_per_day": 20.0,
        "cost": {"per_contact": 1.0},
        "reach": {"asleep": 1.0, "look": 1.0},
        "effects": {"awareness": 0.5},
    },
    "site": {"starts": "pull", "reach": {"look": 0.9, "doubt": 0.5}, "click_chance": 0.8},
    "desk": {
        "starts": "service",
        "purpose": "retention",
        "capacity": {"servers": 1},
        "cost": {"per_staff_hour": 1.0},
        "reach": {"buy": 0.3, "own": 0.1},
    },
}
FUNNEL_TOUCHPOINTS = TOUCHPOINTS | {"desk": TOUCHPOINTS["desk"] | {"reach": {"buy": 0.3}}}
FREE = {name: touchpoint | {"cost": {}} for name, touchpoint in TOUCHPOINTS.items()}
FREE["poster"] = FREE["poster"] | {"control": "owned", "budget_per_day": None}
RIVAL = {"rival": {"offers": {"copy": {"price": 90.0}}}}


def odd(**fields: Any) -> Scenario:
    """A small loop, and what is odd about it."""
    usual: dict[str, Any] = {
        "name": "odd",
        "population": 600,
        "agents": 60,
        "days": 150,
        "seed": 3,
        "panel": 0.5,
        "journey": {"phases": PHASES, "checkout": {"abandon": 0.3}},
        "segments": {
            "some": {
                "share": 0.7,
                "need": {"rate_per_year": 20.0},
                "start": {"awareness": 0.5, "customers": 0.1},
                "lapse": {"per_day": 0.01},
            },
            "others": {"share": 0.3, "need": {"rate_per_year": 10.0}},
        },
        "offers": {"thing": {"price": 100.0, "unit_cost": 40.0}},
        "competitors": RIVAL,
        "touchpoints": TOUCHPOINTS,
    }
    return market(**{**usual, **fields})


def journey(**changes: dict[str, Any]) -> dict[str, Any]:
    """The usual loop with some phases changed."""
    return {"phases": {name: phase | changes.get(name, {}) for name, phase in PHASES.items()}}


def everybody(**fields: Any) -> dict[str, Any]:
    return {"everybody": {"share": 1.0, **fields}}


FUNNEL_JOURNEY = {"shape": "funnel", "phases": FUNNEL}
STRANGERS = everybody(need={"rate_per_year": 20.0}, start={"awareness": 0.5})
ODD: dict[str, dict[str, Any]] = {
    "usual": {},
    "no_touchpoints": {"touchpoints": {}},
    "none_enabled": {
        "touchpoints": {name: each | {"enabled": False} for name, each in TOUCHPOINTS.items()}
    },
    "never_met": {"touchpoints": {"wall": {"starts": "pull"}}},
    "no_purchases": {"offers": {"yacht": {"price": 1e9}}},
    "all_lost": {"segments": everybody(need={"rate_per_year": 20.0}), "touchpoints": {}},
    "no_needs": {"segments": everybody(need={"rate_per_year": 0.0})},
    "owners_only": {
        "segments": everybody(need={"rate_per_year": 0.0}, start={"customers": 1.0}),
        "competitors": {},
    },
    "one_day": {"days": 1},
    "one_customer": {"agents": 1, "population": 1},
    "one_customer_one_day": {"agents": 1, "population": 1, "days": 1},
    "funnel": {
        "journey": FUNNEL_JOURNEY,
        "segments": STRANGERS,
        "touchpoints": FUNNEL_TOUCHPOINTS,
    },
    "dead_funnel": {
        "journey": FUNNEL_JOURNEY,
        "segments": everybody(need={"rate_per_year": 0.0}),
        "touchpoints": {},
        "competitors": {},
    },
    "no_spend": {"touchpoints": FREE},
    "no_competitor": {"competitors": {}},
    "phases_nobody_enters": {"journey": journey(look={"skip": 1.0}, own={"pace_per_day": 0.0})},
    "no_panel": {"panel": 0.0},
    "all_stop_at_once": {
        "segments": everybody(
            need={"rate_per_year": 20.0},
            start={"awareness": 1.0},
            lapse={"per_purchase": {"mean": 1.0}},
        )
    },
    "for_nothing": {"offers": {"gift": {"price": 0.0}}, "touchpoints": FREE},
    "subscription": {"offers": {"club": {"price": 10.0, "subscription_days": 365}}},
}


@cache
def made(name: str, seed: int = 3) -> Run:
    found = run(odd(**ODD[name]), seed=seed)
    return replace(found, next_krone=try_next_krone(found, threads=1))


class Page(HTMLParser):
    """The text of every element that holds text, with its section, and all attributes."""

    HEADS = ("h1", "h2", "h3", "dt", "th", "figcaption", "caption", "summary", "title")
    HOLDS_TEXT = frozenset((*HEADS, "p", "td", "dd", "li", "code", "b"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.section, self.caption = "", ""
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.closed: list[tuple[str, str, str, dict[str, str]]] = []  # tag, text, section, attrs
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.section = given["id"]
        if tag == "div" and "aria-labelledby" in given:
            self.caption = given["aria-labelledby"]
        if tag == "table":
            given["caption"] = self.caption
        if tag not in ("meta", "br", "hr", "link"):
            self.open.append((tag, given, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.closed.append((tag, "", self.section, {n: v or "" for n, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened, attrs, words = self.open.pop()
        assert opened == tag
        text = " ".join("".join(words).split())
        self.closed.append((tag, text, self.section, attrs))
        if self.open and tag != "style":
            self.open[-1][2].extend([" ", *words, " "])

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1][2].append(data)

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """(tag, text, section) of what must not be empty."""
        for tag, text, section, _ in self.closed:
            if tag in self.HOLDS_TEXT:
                yield tag, text, section


SAID = ("aria-label", "alt", "title")
NUMBERS = ("d", "x", "y", "points", "transform", "width", "height")
# a computer's words for a missing number; "none" is English, so only where it stands alone
NO_FIGURE = re.compile(r"\bnan\b|(?<!\w)[-\u2212+]?inf(inity)?\b|^(none|null|undefined)$", re.I)


def check_page(text: str) -> None:
    """Nothing in a page is empty, or a computer's word for a missing number."""
    page = Page(text)
    assert not [(tag, section) for tag, words, section in page.texts() if not words]
    # a parameter's default may be none
    said = [words for _, words, section in page.texts() if (section, words) != DEFAULT]
    said += [value for *_, attrs in page.closed for key, value in attrs.items() if key in SAID]
    assert [words for words in said if NO_FIGURE.search(words)] == []
    for tag, words, section, attrs in page.closed:
        if tag == "data":
            assert math.isfinite(float(attrs["value"])), (section, attrs)
        assert not [n for n in NUMBERS if NO_FIGURE.search(attrs.get(n, ""))], (tag, section)
        if tag == "div" and f" {NONE} " in words and section in ("opening", "headline"):
            assert len(words) > len(NONE) + 30, words  # a card: its name, the sign, the reason
    assert silent_tables(page) == set()


DEFAULT = ("assumptions", "none")


def silent_tables(page: Page) -> set[tuple[str, str]]:
    """(section, caption) of tables with a sign for "no figure" that nothing explains.

    What explains it stands in the caption, or in a paragraph of the section, after the sign and
    a colon.
    """
    captions = {attrs["id"]: words for _, words, _, attrs in page.closed if "id" in attrs}
    found = set()
    for tag, words, section, attrs in page.closed:
        if tag == "table" and NONE in words.split():
            beside = [captions[attrs["caption"]]]
            beside += [
                w for t, w, s, a in page.closed if (t, s) == ("p", section) and "id" not in a
            ]
            if not any(EXPLAINED.search(text) for text in beside):
                found.add((section, beside[0]))
    return found


EXPLAINED = re.compile(rf"{NONE}\)?: ")


def leaves(nested: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in nested.items():
        if isinstance(value, dict) and key not in ("undefined", "intervals"):
            yield from leaves(value, f"{path}{key}.")
        elif key not in ("undefined", "intervals"):
            yield f"{path}{key}", value


def check_summary(summary: dict[str, Any]) -> None:
    """Every null has a reason, every reason a null; all other figures are finite numbers."""
    again = json.loads(as_json(summary), parse_constant=lambda word: pytest.fail(word))
    figures = dict(leaves(again))
    nulls = {key for key, figure in figures.items() if figure is None}
    assert nulls == set(summary["undefined"])
    assert all(len(reason) > 5 for reason in summary["undefined"].values())
    for key, figure in figures.items():
        if isinstance(figure, float):
            assert math.isfinite(figure), key
    for key, interval in summary.get("intervals", {}).items():
        assert all(math.isfinite(bound) for bound in interval), key
        assert figures[key] is not None


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("name", list(ODD))
def test_the_report_of_an_odd_market_leaves_nothing_out(name: str, language: str) -> None:
    with speaking(language) if language != "en" else nullcontext():
        check_page(make_report(made(name)))


@pytest.mark.parametrize("name", ["usual", "no_needs"])
def test_the_tables_of_conversion_say_why_a_figure_is_missing(name: str) -> None:
    assert silent_tables(Page(make_report(made(name)))) == set()


@pytest.mark.parametrize("name", list(ODD))
def test_the_summary_of_an_odd_market_gives_its_reasons(name: str) -> None:
    check_summary(made(name).summary)
    text = "\n".join(as_text(made(name).summary))
    assert not re.search(r"\b(nan|inf|None|null)\b", text)


@pytest.mark.parametrize("name", ["one_customer", "all_stop_at_once", "dead_funnel"])
def test_replicates_of_an_odd_market_leave_nothing_out(name: str) -> None:
    runs = [made(name, seed) for seed in (3, 4)]
    steps = joined([each.next_krone for each in runs if each.next_krone is not None])
    joint = with_next_krone(combine([each.summary for each in runs]), steps)
    check_summary(joint)
    check_page(make_report(made(name), joint))


CHOICES = {
    "touchpoints": st.sampled_from(
        [
            {},
            TOUCHPOINTS,
            FREE,
            *(ODD[name]["touchpoints"] for name in ("none_enabled", "never_met")),
        ]
    ),
    "offers": st.sampled_from(
        [{"thing": {"price": 100.0}}, *(ODD[n]["offers"] for n in ("no_purchases", "subscription"))]
    ),
    "competitors": st.sampled_from([{}, RIVAL]),
    "segments": st.sampled_from(
        [STRANGERS, *(ODD[n]["segments"] for n in ("no_needs", "owners_only", "all_stop_at_once"))]
    ),
    "journey": st.sampled_from([journey(), ODD["phases_nobody_enters"]["journey"]]),
    "days": st.sampled_from([1, 2, 31, 62, 130]),
    "agents": st.sampled_from([1, 2, 30]),
    "panel": st.sampled_from([0.0, 1.0]),
}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(fields=st.fixed_dictionaries(CHOICES))
def test_every_missing_figure_says_why(fields: dict[str, Any]) -> None:
    check_summary(run(odd(**fields)).summary)
