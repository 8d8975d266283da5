"""The figures that head a report and that `journeysim run` prints: what, in words, how written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim.measures.figure import Figure, Undefined
from sim.measures.retention import FUNNEL
from sim.report import numbers
from sim.report.language import explain, say, say_number

NONE = "\u2013"  # stands for a figure that does not exist


class Headline(NamedTuple):
    """A figure: its key in the summary, in words, as text, and what it means."""

    key: str
    label: str
    value: float | None
    text: str
    note: str  # of a figure that does not exist: why
    interval: str  # empty without replicates
    write: numbers.Text  # how such a figure is written


def headlines(summary: Mapping[str, Any]) -> list[Headline]:
    """The headline figures of a summary, of one run or of replicates."""
    currency = summary["currency"]
    is_funnel = summary["undefined"].get("retention.month_1") == FUNNEL
    horizon = summary["economics"]["clv_horizon_months"]

    def cash(amount: float) -> str:
        return numbers.money(amount, currency)

    def points(score: float) -> str:
        return numbers.decimal(score, 0)

    def times(factor: float) -> str:
        return f"{numbers.decimal(factor, 1)}{numbers.SPACE}×"

    wanted: list[tuple[str, str, numbers.Text, str]] = [
        ("economics.profit", say("Profit"), cash, say("margin less marketing spend")),
        ("economics.revenue", say("Revenue"), cash, say("purchases, add-ons and renewals")),
        ("economics.margin", say("Margin"), cash, say("revenue less unit costs")),
        ("economics.spend", say("Marketing spend"), cash, say("on all touchpoints")),
        ("customers.new", say("New customers"), numbers.count, say("people won in the run")),
        (
            "customers.active_end",
            say("Customers at the end"),
            numbers.count,
            say("of the firm"),
        ),
        (
            "conversion.overall",
            say("Conversion"),
            numbers.percent,
            say("of people with a need bought here"),
        ),
        (
            "retention.repeat_rate",
            say("Repeat rate"),
            numbers.percent,
            say("of buyers bought again within 365 days of their first purchase"),
        ),
        (
            "economics.cac",
            say("Cost of a new customer"),
            cash,
            say("acquisition spend per new customer"),
        ),
        (
            "economics.clv_projected",
            say("Value of a new customer"),
            cash,
            say("margin of the one order of a new customer")
            if is_funnel
            else say(
                "discounted margin of a new customer over {months} months, projected",
                months=numbers.exact(int(horizon)),
            ),
        ),
        (
            "economics.clv_cac_ratio",
            say("Value against cost"),
            times,
            say("value / cost of a new customer"),
        ),
        (
            "experience.recommendation_score",
            say("Recommendation score"),
            points,
            say(
                "% who would recommend less % who would not, {low} to 100",
                low=f"{numbers.MINUS}100",
            ),
        ),
    ]
    return [_headline(summary, *line) for line in wanted]


def _headline(
    summary: Mapping[str, Any], key: str, label: str, text: numbers.Text, note: str
) -> Headline:
    value: Any = summary
    for part in key.split("."):
        value = value[part]
    if value is None:
        why = explain(summary["undefined"][key])
        return Headline(key, label, None, NONE, say("no figure: {why}", why=why), "", text)
    low_high = summary.get("intervals", {}).get(key)
    interval = between(text, *low_high) if low_high else ""
    return Headline(key, label, value, text(value), note, interval, text)


def between(text: numbers.Text, low: float, high: float) -> str:
    """An interval, its ends written as `text` writes a figure."""
    return numbers.interval(text(low), text(high))


def why_none(columns: Mapping[str, Iterable[Figure]]) -> str:
    """What explains the signs for no figure below a table; empty if it has none.

    `columns`: the figures by the head of their column; heads are told where reasons differ.
    """
    heads: dict[str, list[str]] = {}
    for head, figures in columns.items():
        for why in dict.fromkeys(explain(one) for one in figures if isinstance(one, Undefined)):
            heads.setdefault(why, []).append(head)
    if not heads:
        return ""
    is_one = len(heads) == 1 or len({head for own in heads.values() for head in own}) == 1
    told = [why if is_one else f"{', '.join(own)}: {why}" for why, own in heads.items()]
    return f" ({NONE}: {'; '.join(told)})"


def as_text(summary: Mapping[str, Any]) -> list[str]:
    """The summary as a terminal shows it, a line each."""
    seeds = summary.get("seeds", [summary["seed"]])
    luck = say("seed {seed}", seed=seeds[0])
    if len(seeds) > 1:
        luck = say("seeds {first} to {last}", first=seeds[0], last=seeds[-1])
    threads = summary["threads"]
    market = say(
        "{people} as {customers}, {length}, {luck}",
        people=numbers.people(summary["population"]),
        customers=numbers.simulated_customers(summary["agents"]),
        length=numbers.in_days(summary["days"]).replace(numbers.SPACE, " "),
        luck=luck,
    )
    work = say(
        "{engine} engine, {threads}: {seconds} seconds, {speed} customer-days a second",
        engine=summary["engine"],
        threads=say_number("1 thread", "{threads} threads", threads, threads=threads),
        seconds=numbers.decimal(summary["seconds"], 1),
        speed=numbers.count(summary["customer_days_per_second"]),
    )
    lines = [f"{summary['scenario']}: {market}", work, ""]
    found = headlines(summary)
    wide = max(len(row.label) for row in found), max(len(row.text) for row in found)
    for row in found:
        note = say("95 %: {interval}", interval=row.interval) if row.interval else row.note
        lines.append(f"{row.label:<{wide[0]}}  {row.text:>{wide[1]}}  {note}")
    return lines
