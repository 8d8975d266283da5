"""What the commands that ask a question do: from their options to a question, which is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.cli.asking import Asking, Output, ask
from sim.cli.commands.common import loaded, problems_of, refuse, short_name
from sim.errors import BadOption, InputError, Problem
from sim.pages.words.language import check_language
from sim.questions.budget.question import OptimiseQuestion, SplitQuestion
from sim.questions.budget.request import Request as BudgetRequest
from sim.questions.budget.split_study import load_split_study
from sim.questions.compare.compare import Request as CompareRequest
from sim.questions.compare.compare import check_request
from sim.questions.compare.question import CompareQuestion
from sim.questions.compare.variants import make_variants
from sim.questions.mix.mmm import Request as MixRequest
from sim.questions.mix.question import MixQuestion
from sim.questions.question import Means, Question
from sim.questions.touchpoints.effects import Request as TouchpointsRequest
from sim.questions.touchpoints.question import TouchpointsQuestion
from sim.runs.run import check_options
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Market:
    """A scenario as options name it; None where its own value holds."""

    source: str
    settings: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None

    @property
    def sizes(self) -> dict[str, int | None]:
        """Agents, days and seed."""
        return {"agents": self.agents, "days": self.days, "seed": self.seed}

    def loaded(self, problems: Sequence[Problem]) -> Scenario:
        """The scenario. Raises `InputError` with what is wrong with it, then `problems`."""
        return loaded(self.source, self.settings, problems, **self.sizes)


def ask_touchpoints(
    market: Market, request: TouchpointsRequest, attribution: bool, *, means: Means, output: Output
) -> None:
    """Ask what every touchpoint adds. Raises as `sim.cli.asking.ask`."""
    problems = _problems(means, output)
    question = TouchpointsQuestion(market.loaded(problems), request, attribution)
    _ask(question, problems, means, output=output)


def ask_optimise(
    market: Market, request: BudgetRequest, bounds: Sequence[str], *, means: Means, output: Output
) -> None:
    """Ask for the best split of a budget; `bounds`: texts NAME=LOW..HIGH.

    Raises as `sim.cli.asking.ask`.
    """
    problems = _problems(means, output)
    found: dict[str, tuple[float, float]] = {}
    for text in bounds:
        read = _bound(text)
        if read is None:
            problems.append(
                BadOption(field="bounds", given=text, allowed="NAME=LOW..HIGH, in currency")
            )
        else:
            found[read[0]] = read[1:]
    question = OptimiseQuestion(market.loaded(problems), replace(request, bounds=found))
    _ask(question, problems, means, output=output)


def ask_mix(market: Market, request: MixRequest, *, means: Means, output: Output) -> None:
    """Ask for the weeks of several regions, and the truth about them.

    Raises as `sim.cli.asking.ask`.
    """
    problems = _problems(means, output)
    question = MixQuestion(market.loaded(problems), request)

    def about(place: Path | None) -> dict[str, Any]:
        files = [] if place is None else sorted(file.name for file in place.iterdir())
        return {"folder": str(place), "files": files}

    _ask(question, problems, means, output=output, always=True, about=about)


def ask_compare(
    sources: Sequence[str],
    variants: Sequence[str],
    measures: Sequence[str],
    *,
    market: Market,
    request: CompareRequest,
    means: Means,
    output: Output,
) -> None:
    """Ask how scenarios and variants differ from the first of `sources`.

    `variants`: texts NAME:PATH=VALUE,...; `measures`: keys that are told, too; `market`: settings
    and sizes of all. Raises as `sim.cli.asking.ask`.
    """
    problems = _problems(means, output) + check_request(market.seed or 0, request)
    try:
        made = make_variants(sources, market.settings, variants, **market.sizes)
    except InputError as error:
        if not error.problems and not problems:
            raise
        raise InputError(problems=[*error.problems, *problems]) from error
    refuse(problems)
    _ask(CompareQuestion(made, request, tuple(measures)), [], means, output=output)


def ask_split_study(file: str, means: Means, output: Output) -> None:
    """Do a study file with a kind. Raises as `sim.cli.asking.ask`."""
    check_language(output.language)
    study, market, believed = load_split_study(file)
    question = SplitQuestion(study, market, believed)

    def about(place: Path | None) -> dict[str, Any]:
        report = None if place is None else str(place / "report.html")
        return {"study": study.name, "folder": str(place), "report": report}

    question.check()
    ask(Asking(question, means, output, study.name, always=True, about=about))


def _problems(means: Means, output: Output) -> list[Problem]:
    """What is wrong with options of every question. Raises `InputError` for the language."""
    check_language(output.language)
    problems = problems_of(lambda: check_options("fast", means.threads))
    if means.threads is not None and means.dask is not None:
        allowed = "either --threads or --dask"
        problems.append(BadOption(field="dask", given=means.dask, allowed=allowed))
    return problems


def _ask(
    question: Question, problems: Sequence[Problem], means: Means, *, output: Output, **more: Any
) -> None:
    """Ask, unless something is wrong with the options (`problems`) or with what is asked."""
    refuse([*problems, *problems_of(question.check)])
    name = question.scenarios()[0].name
    what = KIND_IN_NAMES.get(question.kind, question.kind)
    named = f"{name}-{what}-{short_name(*question.named_after())}"
    ask(Asking(question, means, output, named, **more))


KIND_IN_NAMES: Mapping[str, str] = {MixQuestion.kind: "mmm"}


def _bound(text: str) -> tuple[str, float, float] | None:
    """Name, least and most of `NAME=LOW..HIGH`; None if it is no such text."""
    name, equals, rest = text.partition("=")
    low, dots, high = rest.partition("..")
    try:
        return (name.strip(), float(low or 0.0), float(high)) if equals and dots else None
    except ValueError:
        return None
