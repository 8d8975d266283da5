"""The appendix of a report: its methods, and every parameter that a scenario changed.

They stand by part, folded away, so that a market of many touchpoints stays a short list. What is
a choice and what an assumption is said by `sim.scenario.changes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.retention import survival, why_no_cohorts
from sim.measures.spread import LEAST_BUYERS
from sim.measures.value import HORIZON_MONTHS
from sim.pages.blocks import Aside, Fold, Folds, Section, Setting
from sim.pages.keeping import LEAST_AT_RISK
from sim.pages.words import names, numbers
from sim.pages.words.language import in_words, prose, say, say_number
from sim.runs.run import Run
from sim.scenario.changes import Basis, Parameter, parameters
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

TALK = ("talk", "reviews", "tracking")  # parts that stand under one heading


def methods_section(run: Run, summary: Mapping[str, Any]) -> Section:
    """How the figures of a report are made, folded away. `summary`: of the run or of replicates."""
    intervals = [prose("report.method_intervals", least=numbers.exact(LEAST_BUYERS))]
    if "seeds" in summary:
        intervals.append(prose("report.method_replicates"))
    notes = [
        Aside(say("Confidence intervals"), intervals),
        Aside(say("Conversion"), [prose("report.method_conversion")]),
        Aside(
            say("Drop-off and bottlenecks"),
            [
                prose("report.method_bottlenecks"),
                prose("report.method_bottlenecks_scope"),
                prose("report.method_panel", field="panel"),
            ],
        ),
    ]
    is_funnel = run.scenario.journey.shape == Shape.FUNNEL
    if why_no_cohorts(run.records) is None:
        count = numbers.exact(survival(run.records)[0].followed)
        retention = [
            prose("report.method_cohorts", count=count),
            prose("report.method_churn", least=LEAST_AT_RISK),
            prose("report.method_repurchase"),
        ]
        notes.append(Aside(say("Retention and churn"), retention))
    value = prose("report.method_value", months=numbers.months(HORIZON_MONTHS))
    if is_funnel:
        value = prose("report.method_value_of_funnel")
    notes.append(Aside(say("CLV and CAC"), [value, prose("report.method_cost_by_segment")]))
    tried = run.next_krone
    if tried is not None:
        text = prose(
            "report.method_next_krone",
            share=numbers.short_percent(tried.factor - 1.0),
            customers=numbers.exact(tried.customers),
        )
        notes.append(Aside(say("Marginal return"), [text]))
    return Section("methods", say("Methods"), notes)


def assumptions_section(scenario: Scenario) -> Section:
    """Every changed parameter with its default, and the defaults that say something."""
    every = parameters(scenario)
    changed = [one for one in every if one.changed]
    groups = [
        Folds(title, _head(), [_fold(scenario, part, own) for part, own in parts.items()])
        for title, parts in _grouped(changed).items()
    ]
    kept = _kept(every)
    if kept:
        groups.append(Folds(say("Defaults in use"), _head(), kept))
    assumed = sum(one.basis == Basis.ASSUMPTION for one in changed)
    text = prose(
        "report.assumptions",
        changed=numbers.exact(len(changed)),
        chosen=numbers.exact(len(changed) - assumed),
        assumed=numbers.exact(assumed),
    )
    return Section("assumptions", say("Assumptions"), [text, *groups])


def _head() -> tuple[str, str, str, str]:
    return say("Parameter"), say("Value"), say("Default"), say("Basis")


def _grouped(
    changed: Sequence[Parameter],
) -> dict[str, dict[tuple[str, ...], list[Parameter]]]:
    """The parameters by heading and part."""
    groups: dict[str, dict[tuple[str, ...], list[Parameter]]] = {}
    for one in changed:
        groups.setdefault(_heading(one.part), {}).setdefault(one.part, []).append(one)
    return groups


def _heading(part: tuple[str, ...]) -> str:
    headings = {
        "journey": say("Journey"),
        "segments": say("Segments"),
        "offers": say("Offers"),
        "competitors": say("Competitors"),
        "touchpoints": say("Touchpoints"),
    }
    if not part:
        return say("The run")
    return headings.get(part[0], say("Word of mouth, reviews and tracking"))


def _title(scenario: Scenario, part: tuple[str, ...]) -> str:
    """What a part is called."""
    alone = {
        (): say("Market and run"),
        ("journey",): say("In every phase"),
        ("talk",): say("Word of mouth"),
        ("reviews",): say("Reviews"),
        ("tracking",): say("Tracking"),
    }
    if part in alone:
        return alone[part]
    if part[:2] == ("journey", "phases"):
        return say("Phase: {name}", name=names.phase_name(scenario, part[-1]))
    called = {
        "segments": names.segment_name,
        "offers": names.offer_name,
        "competitors": names.competitor_name,
        "touchpoints": names.touchpoint_name,
    }
    if part[0] in called:
        return called[part[0]](scenario, part[-1])
    return numbers.name(part[-1])


def _fold(scenario: Scenario, part: tuple[str, ...], own: Sequence[Parameter]) -> Fold:
    rows = [
        Setting(
            one.path,
            _words(one),
            _value(one.value, one.default, one.required),
            say("none") if one.required else _default(one.value, one.default),
            _basis(one),
        )
        for one in own
    ]
    prefix = "".join(f"{name}." for name in part)
    return Fold(_title(scenario, part), _note(own), prefix, rows)


def _words(one: Parameter) -> str:
    """What a parameter is: its name and one phrase."""
    name, meaning = in_words(one.about.name), in_words(one.about.meaning)
    return say("{name} – {meaning}", name=name, meaning=meaning)


def _note(own: Sequence[Parameter]) -> str:
    """How many assumptions and choices there are."""
    assumed = sum(one.basis == Basis.ASSUMPTION for one in own)
    chosen = len(own) - assumed
    notes = []
    if assumed:
        count = numbers.exact(assumed)
        notes.append(say_number("1 assumption", "{count} assumptions", assumed, count=count))
    if chosen:
        count = numbers.exact(chosen)
        notes.append(say_number("1 choice", "{count} choices", chosen, count=count))
    return ", ".join(notes)


def _basis(one: Parameter) -> str:
    words = {
        Basis.ASSUMPTION: say("assumption"),
        Basis.CHOICE: say("choice"),
        Basis.PUBLISHED: one.about.source,
        Basis.NOTHING: "",
    }
    return words[one.basis]


def _kept(every: Sequence[Parameter]) -> list[Fold]:
    """The defaults in use that rest on something, by what; a field of many parts once."""
    found: dict[Basis, dict[str, Parameter]] = {Basis.ASSUMPTION: {}, Basis.PUBLISHED: {}}
    for one in every:
        if not one.changed and one.basis in found:
            found[one.basis].setdefault(one.field, one)
    titles = {
        Basis.ASSUMPTION: say("Assumptions"),
        Basis.PUBLISHED: say("From publications"),
    }
    folds = []
    for basis, fields in found.items():
        rows = [
            Setting(field, _words(one), text, text, _basis(one))
            for field, one in fields.items()
            for text in [_value(one.value, {}, True)]
        ]
        count = numbers.exact(len(rows))
        if rows:
            note = say_number("1 default", "{count} defaults", len(rows), count=count)
            folds.append(Fold(titles[basis], note, "", rows))
    return folds


def _value(value: Any, default: Any, required: bool) -> str:
    """A value as text; of a group, what differs from its default."""
    if isinstance(value, Mapping):
        before = default if isinstance(default, Mapping) and not required else {}
        shown = [
            _named(key, item)
            for key, item in value.items()
            if not _is_off(item) and (key not in before or before[key] != item)
        ]
        return ", ".join(shown) or say("none")
    return _plain(value)


def _default(value: Any, default: Any) -> str:
    """A default as text; of a group, of what the value changed."""
    if isinstance(default, Mapping) and isinstance(value, Mapping) and default:
        keys = [key for key, item in value.items() if default.get(key) != item]
        return ", ".join(_named(key, default.get(key)) for key in keys)
    return _value(default, {}, True) if isinstance(default, Mapping) else _plain(default)


def _named(key: str, item: Any) -> str:
    if isinstance(item, Mapping):
        return f"{key} ({_value(item, {}, True)})"
    between = " " if item is None else numbers.SPACE
    return f"{key}{between}{_plain(item)}"


def _is_off(item: Any) -> bool:
    """Whether a part of a group says nothing: it is absent."""
    return item is None


def _plain(value: Any) -> str:
    if value is None or value in ([], {}):
        return say("none")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, int | float):
        return numbers.plain(value)
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)
