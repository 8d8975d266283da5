"""A customer class of one's own: the plain one by default, a rule replaced, the same luck."""

import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.draws import Draw
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.reference.customer import Customer
from sim.reference.market import Market, run_reference
from sim.scenario.levers import with_settings
from tools.differences import differences
from worlds.markets import MARKETS

PAGE = (Path(__file__).parent.parent / "docs" / "customers.md").read_text(encoding="utf-8")
TO_OVERRIDE = re.findall(r"^\| `(\w+)\(.*?\)` \|", PAGE, re.MULTILINE)
SOME = ("town", "club", "clinic", "theatre")  # between them every rule acts


@cache
def plain(name: str) -> Records:
    """The records of the default class."""
    return run_reference(MARKETS[name])


def the_same_by_another_way(asked: set[str]) -> type[Customer]:
    """A class that overrides each method of the page with one of the same value, and notes it."""

    class Same(Customer):
        """The plain customer once more."""

    def override(name: str) -> Any:
        def method(self: Customer, *arguments: Any, **more: Any) -> Any:
            asked.add(name)
            return getattr(super(Same, self), name)(*arguments, **more)

        return method

    for name in TO_OVERRIDE:
        setattr(Same, name, override(name))
    return Same


class Mute(Customer):
    """Never talks."""

    def chance_to_talk(self) -> float:
        return 0.0


class Dreamer(Customer):
    """Draws luck of its own all day, counts its days, and does nothing with either."""

    def __init__(self, market: Market, key: int) -> None:
        super().__init__(market, key)
        self.days = 0
        self.dreams: list[float] = []

    def live(self) -> None:
        self.days += 1
        self.dreams += [self.own_luck(), self.own_luck(1)]
        super().live()


def test_the_page_names_every_chance_that_a_customer_asks() -> None:
    chances = {name for name in dir(Customer) if name.startswith("chance_to_")}
    assert chances < set(TO_OVERRIDE)
    assert len(TO_OVERRIDE) == len(set(TO_OVERRIDE))


def test_the_page_names_the_arguments_that_a_method_takes() -> None:
    told = dict(re.findall(r"^\| `(\w+)\((.*?)\)` \|", PAGE, re.MULTILINE))
    for name, arguments in told.items():
        taken = list(inspect.signature(getattr(Customer, name)).parameters)[1:]
        assert [word for word in arguments.split(", ") if word] == taken


def test_the_plain_class_is_the_default() -> None:
    named = run_reference(MARKETS["club"], customer_class=Customer)
    assert differences(named, plain("club")) == []


def test_overrides_of_the_same_value_change_no_bit_and_all_are_asked() -> None:
    asked: set[str] = set()
    for name in SOME:
        same = run_reference(MARKETS[name], customer_class=the_same_by_another_way(asked))
        assert differences(same, plain(name)) == []
    assert set(TO_OVERRIDE) - asked == set()


def test_a_rule_changes_what_it_is_about_and_nothing_else() -> None:
    """Where nothing carries talk, the mute market is the plain one in all but the talk."""
    silenced = {f"touchpoints.{name}.enabled": False for name in carriers("club")}
    market = with_settings(MARKETS["club"], overrides=silenced)
    mute = run_reference(market, customer_class=Mute)
    talkative = run_reference(market)
    talk = [Count.TALKS_POSITIVE, Count.TALKS_NEGATIVE]
    assert talkative.counts[..., talk].sum() > 0
    assert mute.counts[..., talk].sum() == 0
    others = [column for column in Count if column not in talk]
    assert (mute.counts[..., others] == talkative.counts[..., others]).all()
    assert (mute.customers == talkative.customers).all()
    assert (mute.flows == talkative.flows).all()


def carriers(name: str) -> list[str]:
    """The touchpoints that carry what customers say."""
    points = MARKETS[name].touchpoints.items()
    return [key for key, point in points if point.starts == "earned" and not point.shows_rating]


def test_a_rule_that_matters_is_seen() -> None:
    heard = run_reference(MARKETS["club"], customer_class=Mute)
    assert differences(heard, plain("club")) != []


def test_luck_and_memory_of_a_class_leave_everything_else_as_it_was() -> None:
    market = Market(MARKETS["clinic"], customer_class=Dreamer)
    market.run_model()
    assert market.records is not None
    assert differences(market.records, plain("clinic")) == []
    assert {who.days for who in market.customers} == {MARKETS["clinic"].days}
    dreams = [dream for who in market.customers for dream in who.dreams]
    assert len(set(dreams)) == len(dreams)
    assert all(0.0 <= dream < 1.0 for dream in dreams)


def test_the_order_of_customers_shows_in_no_class() -> None:
    backwards = run_reference(MARKETS["clinic"], order=reversed, customer_class=Dreamer)
    assert differences(backwards, plain("clinic")) == []


def test_no_engine_asks_for_the_luck_of_a_class() -> None:
    sources = (Path(__file__).parent.parent / "sim").rglob("*.py")
    asking = [file.name for file in sources if "OWN_RULE" in file.read_text(encoding="utf-8")]
    assert sorted(asking) == ["draws.py", "person.py"]
    assert int(Draw.OWN_RULE) == 1000


def test_what_is_no_customer_is_refused() -> None:
    with pytest.raises(TypeError, match="Market is no subclass of Customer"):
        Market(MARKETS["hermit"], customer_class=Market)
