"""The figures that head a report and that `journeysim run` prints: what, in words, how written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim.measures.catalogue import HEADLINES, Measure, measure_of
from sim.measures.figure import Figure, Undefined
from sim.measures.retention import FUNNEL
from sim.pages.words import numbers
from sim.pages.words.language import explain, in_words, say, say_number
from sim.pages.words.names import engine_name, writer

NONE = numbers.NONE
BOUGHT_AGAIN, KEPT = "retention.repeat_rate", "retention.month_12"


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
    """The headline figures of a summary, of one run or of replicates.

    Where more subscription periods were renewed than goods bought, customers are kept, and do not
    buy again: their retention stands in place of the repeat-purchase rate.
    """
    bought = summary["customers"]
    renews = bought["renewals"] > bought["purchases"]
    return [
        _headline(summary, KEPT if renews and key == BOUGHT_AGAIN else key) for key in HEADLINES
    ]


def _headline(summary: Mapping[str, Any], key: str) -> Headline:
    measure = measure_of(key)
    assert measure is not None  # the headlines are of the catalogue
    label, write = in_words(measure.name), writer(measure.unit, summary["currency"])
    value: Any = summary
    for part in key.split("."):
        value = value[part]
    if value is None:
        why = explain(summary["undefined"][key])
        return Headline(key, label, None, NONE, say("not available: {why}", why=why), "", write)
    low_high = summary.get("intervals", {}).get(key)
    interval = numbers.interval(low_high[0], low_high[1], write) if low_high else ""
    return Headline(key, label, value, write(value), _note(summary, measure), interval, write)


def _note(summary: Mapping[str, Any], measure: Measure) -> str:
    """What a headline figure means, in this run."""
    is_funnel = summary["undefined"].get("retention.month_1") == FUNNEL
    if is_funnel and measure.key == "economics.clv_projected":
        return say("margin of a new customer's one purchase")
    months = numbers.exact(int(summary["economics"]["clv_horizon_months"]))
    return in_words(measure.note).format(months=months, low=f"{numbers.MINUS}100")


def winning_and_keeping(summary: Mapping[str, Any]) -> list[str]:
    """What acquisition, retention and delivery cost, in all and for each, a sentence each."""
    currency, economics = summary["currency"], summary["economics"]

    def cash(key: str) -> str:
        return numbers.money(economics[key], currency)

    served = economics["spend_delivery"]
    if not economics["spend_acquisition"] and not economics["spend_retention"] and not served:
        return [say("No touchpoint cost anything.")]
    told = [say("Acquisition: {spend}.", spend=cash("spend_acquisition"))]
    if economics["cac"]:
        told = [
            say(
                "Acquisition: {spend} for {count} new customers, a CAC of {each}.",
                spend=cash("spend_acquisition"),
                each=cash("cac"),
                count=numbers.count(summary["customers"]["new"]),
            )
        ]
    if economics["cac"] and 0.0 < (economics["cac_paid"] or 0.0) < economics["cac"]:
        told.append(
            say(
                "Of the CAC of {each}, paid contacts and clicks cost {paid}.",
                each=cash("cac"),
                paid=cash("cac_paid"),
            )
        )
    if economics["keeping_cost_per_year"]:
        told.append(
            say(
                "Retention: {spend}, {each} per customer and year.",
                spend=cash("spend_retention"),
                each=cash("keeping_cost_per_year"),
            )
        )
    else:
        told.append(say("Retention: {spend}.", spend=cash("spend_retention")))
    if served:
        told.append(say("Delivery: {spend}.", spend=cash("spend_delivery")))
    if economics["keep_to_win_ratio"]:
        told.append(
            say(
                "Retaining a customer for a year costs {ratio} times the CAC.",
                ratio=numbers.decimal(economics["keep_to_win_ratio"]),
            )
        )
    return told


def why_none(columns: Mapping[str, Iterable[Figure]]) -> str:
    """What explains the signs for no figure below a table; empty if it has none.

    `columns`: the figures by the head of their column.
    """
    told = reasons(columns)
    return f" ({NONE}: {'; '.join(told)})" if told else ""


def reasons(columns: Mapping[str, Iterable[Figure]]) -> list[str]:
    """Every reason why a table has no figure; heads are told where reasons differ.

    `columns`: as for `why_none`.
    """
    heads: dict[str, list[str]] = {}
    for head, figures in columns.items():
        for why in dict.fromkeys(explain(one) for one in figures if isinstance(one, Undefined)):
            heads.setdefault(why, []).append(head)
    is_one = len(heads) == 1 or len({head for own in heads.values() for head in own}) == 1
    return [why if is_one else f"{', '.join(own)}: {why}" for why, own in heads.items()]


def as_text(summary: Mapping[str, Any]) -> list[str]:
    """The summary as a terminal shows it, a line each."""
    seeds = summary.get("seeds", [summary["seed"]])
    draws = say("seed {seed}", seed=seeds[0])
    if len(seeds) > 1:
        draws = say("seeds {first} to {last}", first=seeds[0], last=seeds[-1])
    threads = summary["threads"]
    market = say(
        "{people} as {customers}, {length}, {draws}",
        people=numbers.people(summary["population"]),
        customers=numbers.simulated_customers(summary["agents"]),
        length=numbers.in_days(summary["days"]).replace(numbers.SPACE, " "),
        draws=draws,
    )
    work = say(
        "{engine} engine, {threads}: {seconds} seconds, {speed} customer-days per second",
        engine=engine_name(summary["engine"]),
        threads=say_number("1 thread", "{threads} threads", threads, threads=threads),
        seconds=numbers.decimal(summary["seconds"], 1),
        speed=numbers.count(summary["customer_days_per_second"]),
    )
    lines = [f"{summary['scenario']}: {market}", work, ""]
    found = headlines(summary)
    wide = max(len(row.label) for row in found), max(len(row.text) for row in found)
    for row in found:
        note = numbers.ci(row.interval) if row.interval else row.note
        lines.append(f"{row.label:<{wide[0]}}  {row.text:>{wide[1]}}  {note}")
    return [*lines, "", *winning_and_keeping(summary)]
