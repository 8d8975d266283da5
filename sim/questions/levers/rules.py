"""Rules of a study file that span fields or need its scenario."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from sim.errors import (
    BrokenRule,
    InputError,
    OutOfRange,
    Problem,
    ScenarioErrors,
    UnknownKey,
    nearest,
)
from sim.measures.catalogue import KEYS
from sim.questions.budget.best_split import GROUP, is_of_split, keys_for, parts_of
from sim.questions.budget.plans import divide
from sim.questions.budget.request import MOST_PER_DAY, TOO_FEW
from sim.questions.budget.search import least_evaluations
from sim.questions.levers.design import Spread, distribution_of, rows_of
from sim.questions.levers.study import (
    MOST_RUNS,
    Distribution,
    DrawingKind,
    Method,
    OptimisePart,
    Range,
    Scale,
    Study,
)
from sim.runs.plan import ColumnKind
from sim.scenario.fields import SCALARS, FieldType, one_of, type_at
from sim.scenario.levers import get, with_settings
from sim.scenario.schema import Scenario
from sim.scenario.yaml_text import Path
from sim.vocabulary import MAX_SEED, Purpose, Route

BOTH = ("low", "high")
MOMENTS = ("mean", "sd")
# What a distribution needs, and what else it may have.
PARAMETERS: dict[Distribution | None, tuple[tuple[str, ...], tuple[str, ...]]] = {
    None: (BOTH, ("scale",)),
    Distribution.UNIFORM: (BOTH, ("scale",)),
    Distribution.TRIANGULAR: ((*BOTH, "mode"), ()),
    **dict.fromkeys(
        (Distribution.NORMAL, Distribution.LOGNORMAL, Distribution.BETA, Distribution.GAMMA),
        (MOMENTS, BOTH),
    ),
}
ROUTES = [route.name.lower() for route in Route if route is not Route.NONE]
NOT_OF_A_RUN = ("intervals", "undefined", "next_krone")
# What the star of a key stands for, by the word before it.
STARS: Mapping[str, Callable[[Scenario], Iterable[str]]] = {
    "by_phase": lambda market: market.journey.phases,
    "days_in_phase": lambda market: market.journey.phases,
    "by_segment": lambda market: market.segments,
    "by_offer": lambda market: market.offers,
    "by_route": lambda _: ROUTES,
    "return_by_purpose": lambda _: [Purpose.ACQUISITION.value, Purpose.RETENTION.value],
    "surveys": lambda market: market.surveys,
    "touchpoints": lambda market: market.touchpoints,
}
OF_JOURNEYS = (["leaving"], ["bottlenecks"])  # they have no phases in which one waits
COLUMN_KINDS: dict[str, ColumnKind] = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "choice": "text",
}


class Broken(NamedTuple):
    """A broken rule and where it stands."""

    path: Path
    problem: Problem


def rules(study: Study, scenario: Scenario) -> list[Broken]:
    """Every rule that the study breaks, once its fields are valid one by one."""
    found = [broken for lever in study.vary for broken in _range(lever, study, scenario)]
    found += _design(study)
    if not found:
        found += _sizes(study, scenario)
    found += _measures(study, scenario)
    found += _optimise(study, scenario)
    found += _drawings(study)
    return found


def column_kind(lever: str) -> ColumnKind:
    """What a lever holds. Raises KeyError for what cannot vary."""
    here = type_at(Scenario, lever.split("."))
    return COLUMN_KINDS["" if here is None else here.kind]


def spreads(study: Study) -> dict[str, Spread]:
    """The levers of a valid study, in its order."""
    return {
        lever: Spread(given, whole=column_kind(lever) == "integer")
        for lever, given in study.vary.items()
    }


def measures(study: Study, scenario: Scenario) -> list[str]:
    """What a valid study measures: every key, with the stars filled in."""
    known = measurable(scenario, study.optimise or OptimisePart())
    found = [key for given in study.measure for key in known.get(given, [given])]
    return list(dict.fromkeys(found))


def measurable(scenario: Scenario, optimise: OptimisePart | None = None) -> dict[str, list[str]]:
    """What can be measured in a scenario: each key, and those that a key with a star means.

    `optimise`: how the best split is looked for; without it there are only figures of a summary.
    """
    found: dict[str, list[str]] = {}
    for key in KEYS:
        if "." not in key or key.startswith(NOT_OF_A_RUN):
            continue  # not a figure of the market, or of more runs than one
        named = [".".join(parts) for parts in _filled(key.split("."), scenario)]
        found |= {each: [each] for each in named}
        found[key] = named
    if optimise is not None:
        found |= keys_for(parts_of(scenario, optimise))
    return found


def _filled(parts: list[str], scenario: Scenario) -> list[list[str]]:
    """A key with every name that its stars stand for; none where a group has no names."""
    if "*" not in parts:
        return [parts]
    star = parts.index("*")
    before, after = parts[:star], parts[star + 1 :]
    if before[-1] == "to_competitor":
        return [
            [*before, name, offer]
            for name, competitor in scenario.competitors.items()
            for offer in competitor.offers
        ]
    names = STARS[before[-1]](scenario)
    if before[-2:-1] in OF_JOURNEYS:
        phases = scenario.journey.phases
        names = [name for name in names if not phases[name].kind.waits]
    return [filled for name in names for filled in _filled([*before, name, *after], scenario)]


# --- what varies ---


def _range(lever: str, study: Study, scenario: Scenario) -> Iterator[Broken]:
    """What is wrong with one lever and its values."""
    path: Path = ("vary", lever)
    given = study.vary[lever]
    if lever in study.set or (lever in ("agents", "days") and getattr(study, lever) is not None):
        yield _rule(path, "is set as well as varied; give it once")
    if lever == "seed":
        yield _rule(path, "is varied by replicates; give `replicates` instead")
        return
    here = type_at(Scenario, lever.split("."))
    try:
        get(scenario, lever)
    except ScenarioErrors as error:
        if here is None or not _may_be_added(lever, scenario, given):
            yield from (Broken(path, problem) for problem in error.problems)
            return
    if here is None or here.kind not in SCALARS or here.kind == "text":
        what = "is a text" if here is not None and here.kind == "text" else "is a group or a list"
        yield _rule(path, f"{what}; only a number, a switch or a choice can vary")
        return
    check = _bounds if given.values is None else _values
    yield from check(path, given, here)


def _may_be_added(lever: str, scenario: Scenario, given: Range) -> bool:
    """Whether a lever that the scenario leaves out can be set, such as one more weight."""
    value = given.values[0] if given.values else given.low if given.low is not None else given.mean
    try:
        with_settings(scenario, [f"{lever}={json.dumps(value)}"])
    except ScenarioErrors:
        return False
    return True


def _values(path: Path, given: Range, here: FieldType) -> Iterator[Broken]:
    """What is wrong with a list of values; what they do to a scenario is seen row by row."""
    said = given.model_fields_set - {"values"}
    if said:
        yield _rule(path, f"has values, so {', '.join(sorted(said))} has no effect; remove it")
    allowed = {
        "number": (int, float),
        "integer": (int,),
        "boolean": (bool,),
        "choice": (str,),
    }[here.kind]
    for place, value in enumerate(given.values or ()):
        none = value is None and here.optional
        good = isinstance(value, allowed) and (isinstance(value, bool) == (here.kind == "boolean"))
        if not good and not none:
            problem = OutOfRange(given=json.dumps(value), allowed=here.allowed())
            yield Broken((*path, "values", place), problem)
    if len({json.dumps(value) for value in given.values or ()}) < len(given.values or ()):
        yield _rule(path, "has a value twice")


def _bounds(path: Path, given: Range, here: FieldType) -> Iterator[Broken]:
    """What is wrong with bounds or a distribution."""
    if here.kind not in ("number", "integer"):
        yield _rule(path, f"is not a number; give a list of values: {here.allowed()}")
        return
    needed, optional = PARAMETERS[given.distribution]
    what = f"a {given.distribution} distribution" if given.distribution else "a range"
    missing = [name for name in needed if getattr(given, name) is None]
    if missing:
        if not given.model_fields_set:
            yield _rule(path, "is empty; give values, low and high, or a distribution")
        else:
            yield _rule(path, f"needs {' and '.join(missing)}: {what}")
        return
    known = {*needed, *optional, "distribution", "points"}
    surplus = sorted(name for name in given.model_fields_set - known)
    if surplus:
        yield _rule(path, f"is {what}, where {', '.join(surplus)} has no effect; remove it")
    low, high = given.low, given.high
    if low is not None and high is not None and low >= high:
        yield _rule(path, "needs a low that is below its high")
    elif given.scale == Scale.LOG and low is not None and low <= 0.0:
        yield _rule(path, "needs a low above 0 on a logarithmic scale")
    elif given.distribution not in (None, Distribution.UNIFORM):
        try:
            law = distribution_of(given)
        except ValueError as error:
            yield _rule(path, str(error))
            return
        ends = (0.0 if low is None else law.below(low), 1.0 if high is None else law.below(high))
        if not ends[1] - ends[0] > 1e-6:
            yield _rule(path, "has almost none of its distribution between low and high")


# --- the design ---


def _design(study: Study) -> Iterator[Broken]:
    part = study.design
    place: Path = ("design", "samples")
    drawn = part.method not in (Method.GRID, Method.ONE_AT_A_TIME)
    if drawn and part.samples is None:
        yield _rule(place, f"is missing: {part.method} needs a number of samples")
    if not drawn and part.samples is not None:
        yield _rule(place, f"has no effect: {part.method} uses every listed value; remove it")
    if part.method == Method.SOBOL and part.samples and part.samples & (part.samples - 1):
        near = 1 << part.samples.bit_length() - 1
        allowed = f"a power of 2, such as {near} or {2 * near}"
        yield Broken(place, OutOfRange(given=str(part.samples), allowed=allowed))
    if part.method == Method.MORRIS and part.levels % 2:
        given = OutOfRange(given=str(part.levels), allowed="an even number")
        yield Broken(("design", "levels"), given)
    of = {"levels": Method.MORRIS, "second_order": Method.SOBOL}
    for name, method in of.items():
        if name in part.model_fields_set and part.method != method:
            yield _rule(("design", name), f"applies only to method: {method}; remove it")


def _sizes(study: Study, scenario: Scenario) -> Iterator[Broken]:
    runs = rows_of(study.design, spreads(study)) * study.replicates
    if runs > MOST_RUNS:
        allowed = f"at most {MOST_RUNS} runs"
        yield Broken(("design",), OutOfRange(given=f"a design of {runs} runs", allowed=allowed))
    if scenario.seed + study.replicates - 1 > MAX_SEED:
        allowed = f"at most {MAX_SEED} in the last replicate"
        yield Broken(("seed",), OutOfRange(given=str(scenario.seed), allowed=allowed))


# --- what is measured and drawn ---


def _measures(study: Study, scenario: Scenario) -> Iterator[Broken]:
    known = measurable(scenario, study.optimise or OptimisePart())
    for place, key in enumerate(study.measure):
        if key not in known:
            yield Broken(("measure", place), _unknown(key, list(known)))


def _optimise(study: Study, scenario: Scenario) -> Iterator[Broken]:
    """What is wrong with how the best split is looked for."""
    path: Path = ("optimise",)
    measured = [place for place, key in enumerate(study.measure) if is_of_split(key)]
    if not measured:
        if study.optimise is not None:
            yield _rule(path, f"has no effect: no key of {GROUP} is measured")
        return
    asked = study.optimise or OptimisePart()
    names = [part.name for part in parts_of(scenario, asked)]
    if len(names) < 2:
        yield _rule(("measure", measured[0]), f"does not exist here: {TOO_FEW}")
        return
    least = least_evaluations(len(names))
    if asked.evaluations is not None and asked.evaluations < least:
        allowed = f"{least} or more for {len(names)} parts"
        problem = OutOfRange(given=str(asked.evaluations), allowed=allowed)
        yield Broken((*path, "evaluations"), problem)
    most = MOST_PER_DAY * scenario.days
    if asked.budget is not None and asked.budget > most:
        problem = OutOfRange(given=f"{asked.budget:g}", allowed=f"above 0, at most {most:g}")
        yield Broken((*path, "budget"), problem)
    if asked.from_day >= scenario.days:
        allowed = f"0 to {scenario.days - 1}, a day of the run"
        problem = OutOfRange(given=str(asked.from_day), allowed=allowed)
        yield Broken((*path, "from_day"), problem)
    else:
        try:
            divide(scenario, asked.by, asked.bounds, from_day=asked.from_day)
        except InputError as error:
            yield _rule((*path, "from_day"), f"cannot be: {error.message.rstrip('.')}")
    yield from _bounds_of_parts(asked, names, scenario)


def _bounds_of_parts(asked: OptimisePart, names: list[str], scenario: Scenario) -> Iterator[Broken]:
    left_out = divide(scenario, asked.by, asked.bounds).left_out
    for name, bound in asked.bounds.items():
        path: Path = ("optimise", "bounds", name)
        if name not in names:
            why = f" ({left_out[name]})" if name in left_out else ""
            near = nearest(name, names)
            yield Broken(path, UnknownKey(given=name, allowed=one_of(names) + why, nearest=near))
        elif not bound.model_fields_set:
            yield _rule(path, "is empty; give low, high or both")
        elif bound.high is not None and bound.low > bound.high:
            yield _rule(path, "needs a low that is not above its high")
    lowest = math.fsum(bound.low for bound in asked.bounds.values())
    if asked.budget is not None and lowest > asked.budget:
        allowed = f"at most the budget, {asked.budget:g}"
        problem = OutOfRange(given=f"a sum of lower bounds of {lowest:g}", allowed=allowed)
        yield Broken(("optimise", "bounds"), problem)


def _drawings(study: Study) -> Iterator[Broken]:
    for place, draw in enumerate(study.draw):
        path: Path = ("draw", place)
        if draw.measure not in study.measure:
            yield Broken((*path, "measure"), _unknown(draw.measure, study.measure))
        for name in ("x", "y", "by"):
            lever = getattr(draw, name)
            if lever is not None and lever not in study.vary:
                yield Broken((*path, name), _unknown(lever, list(study.vary)))
        if draw.kind == DrawingKind.HEAT_MAP and draw.y is None:
            yield _rule((*path, "y"), "is missing: a heat map needs a second parameter")
        surplus = "by" if draw.kind == DrawingKind.HEAT_MAP else "y"
        if getattr(draw, surplus) is not None:
            yield _rule(
                (*path, surplus), f"has no effect in a {draw.kind.replace('_', ' ')}; remove it"
            )
        if len({draw.x, draw.y, draw.by} - {None}) < sum(
            lever is not None for lever in (draw.x, draw.y, draw.by)
        ):
            yield _rule(path, "has the same parameter twice")


def _unknown(name: str, names: list[str]) -> Problem:
    shown = names if len(names) <= 12 else [name for name in names if "*" in name] + ["..."]
    return UnknownKey(given=name, allowed=one_of(shown), nearest=nearest(name, names))


def _rule(path: Path, detail: str) -> Broken:
    return Broken(path, BrokenRule(detail=detail))
