"""The figures that head a report and that `journeysim run` prints: what, in words, how written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.report import numbers

NONE = "\u2013"  # stands for a figure that does not exist


class Headline(NamedTuple):
    """A figure: its key in the summary, in words, as text, and what it means."""

    key: str
    label: str
    value: float | None
    text: str
    note: str  # of a figure that does not exist: why
    interval: str  # empty without replicates


def headlines(summary: Mapping[str, Any]) -> list[Headline]:
    """The headline figures of a summary, of one run or of replicates."""
    currency = summary["currency"]
    horizon = summary["economics"]["clv_horizon_months"]

    def cash(amount: float) -> str:
        return numbers.money(amount, currency)

    def points(score: float) -> str:
        return numbers.decimal(score, 0)

    def times(factor: float) -> str:
        return f"{numbers.decimal(factor, 1)}{numbers.SPACE}×"

    wanted: list[tuple[str, str, numbers.Text, str]] = [
        ("economics.profit", "Profit", cash, "margin less marketing spend"),
        ("economics.revenue", "Revenue", cash, "purchases, add-ons and renewals"),
        ("economics.margin", "Margin", cash, "revenue less unit costs"),
        ("economics.spend", "Marketing spend", cash, "on all touchpoints"),
        ("customers.new", "New customers", numbers.count, "people won in the run"),
        ("customers.active_end", "Customers at the end", numbers.count, "of the firm"),
        ("conversion.overall", "Conversion", numbers.percent, "of people with a need bought here"),
        (
            "retention.repeat_rate",
            "Repeat rate",
            numbers.percent,
            "of buyers bought again within 365 days of their first purchase",
        ),
        ("economics.cac", "Cost of a new customer", cash, "acquisition spend per new customer"),
        (
            "economics.clv_projected",
            "Value of a new customer",
            cash,
            f"discounted margin of a new customer over {horizon:.0f} months, projected",
        ),
        ("economics.clv_cac_ratio", "Value against cost", times, "value / cost of a new customer"),
        (
            "experience.recommendation_score",
            "Recommendation score",
            points,
            f"% who would recommend less % who would not, {numbers.MINUS}100 to 100",
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
        why = summary["undefined"].get(key, "it is undefined")
        return Headline(key, label, None, NONE, f"no figure: {why}", "")
    low_high = summary.get("intervals", {}).get(key)
    interval = f"{text(low_high[0])} to {text(low_high[1])}" if low_high else ""
    return Headline(key, label, value, text(value), note, interval)


def as_text(summary: Mapping[str, Any]) -> list[str]:
    """The summary as a terminal shows it, a line each."""
    seeds = summary.get("seeds", [summary["seed"]])
    luck = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    threads = summary["threads"]
    speed = numbers.count(summary["customer_days_per_second"])
    lines = [
        f"{summary['scenario']}: {summary['population']:,} people as {summary['agents']:,}"
        f" simulated customers, {summary['days']:,} days, {luck}",
        f"{summary['engine']} engine, {threads} thread{'' if threads == 1 else 's'}:"
        f" {summary['seconds']:.1f} seconds, {speed} customer-days a second",
        "",
    ]
    found = headlines(summary)
    wide = max(len(row.label) for row in found), max(len(row.text) for row in found)
    for row in found:
        note = f"95 %: {row.interval}" if row.interval else row.note
        lines.append(f"{row.label:<{wide[0]}}  {row.text:>{wide[1]}}  {note}")
    return lines
