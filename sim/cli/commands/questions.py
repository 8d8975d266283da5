"""Commands that ask a question: from their options to the question, its answer, and what is told.

It is checked, placed, answered by runs, written and printed in one place (`ask`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sim.cli.commands.common import (
    MarketOptions,
    Output,
    print_object,
    problems_of,
    refuse,
    short_name,
)
from sim.errors import BadOption, InputError, Problem
from sim.folders import RESULTS
from sim.pages.answers import telling_of
from sim.pages.claims_page import CLAIMS, ClaimedAnswer, claim_lines, write_claims
from sim.pages.folder import REPORT
from sim.pages.words.language import check_language, speaking
from sim.questions.budget.question import OptimiseQuestion
from sim.questions.budget.request import SplitRequest
from sim.questions.compare.compare import CompareRequest, check_request
from sim.questions.compare.question import CompareQuestion
from sim.questions.compare.variants import make_variants
from sim.questions.mix.mmm import MixRequest
from sim.questions.mix.question import MixQuestion
from sim.questions.question import Answer, Question, runs_for
from sim.questions.studies import claim_names, load_question
from sim.questions.touchpoints.effects import TouchpointsRequest
from sim.questions.touchpoints.question import TouchpointsQuestion
from sim.runs.many import Means
from sim.runs.progress import progress_bar
from sim.runs.run import check_options

# --- any question ---


@dataclass(frozen=True)
class Asking:
    """A question, what it is answered with, and where the answer goes.

    `name`: of its folder in results/ if none is given. `always`: a folder is written though only
    JSON is asked for. `about`: what the object that is printed says of the folder first.
    """

    question: Question
    means: Means
    output: Output
    name: str
    always: bool = False
    about: Callable[[Path | None], dict[str, Any]] = lambda _: {}

    @property
    def place(self) -> Path | None:
        """The folder of the answer; None: nothing is written."""
        if self.output.out is not None:
            return self.output.out
        return RESULTS / self.name if self.always or not self.output.as_json else None


def ask(asking: Asking) -> Answer:
    """Answer a question, write its folder and print, as the options say.

    Finished runs are kept beside the folder until the answer is written there. Raises
    `JourneysimError` for whatever goes wrong; of the folder nothing is left behind then.
    """
    told, place = asking.output, asking.place
    answer = answered(asking)
    how = telling_of(answer)
    if told.as_json:
        print_object({**asking.about(place), **how.summary(answer)})
    else:
        if not told.quiet:
            with speaking(told.language):
                print("\n".join(how.text(answer)), end="\n\n")
        if place is not None:
            print(place / how.file)
    return answer


def answered(asking: Asking) -> Answer:
    """Answer a question and write its folder, as `ask` does, and print nothing."""
    question, means, told, place = asking.question, asking.means, asking.output, asking.place
    with runs_for(question, means, place) as store:
        with progress_bar(told.silent, compiles=store.runner is None) as show:
            answer = question.answer(store, show)
        if place is not None:
            with speaking(told.language):
                telling_of(answer).write(answer, place)
    return answer


# --- each kind ---


def ask_touchpoints(
    market: MarketOptions,
    request: TouchpointsRequest,
    attribution: bool,
    *,
    means: Means,
    output: Output,
) -> None:
    """Ask what every touchpoint adds. Raises as `sim.cli.commands.questions.ask`."""
    problems = _problems(means, output)
    question = TouchpointsQuestion(market.loaded(problems), request, attribution)
    _ask(question, problems, means, output=output)


def ask_optimise(
    market: MarketOptions,
    request: SplitRequest,
    bounds: Sequence[str],
    *,
    means: Means,
    output: Output,
) -> None:
    """Ask for the best split of a budget; `bounds`: texts NAME=LOW..HIGH.

    Raises as `sim.cli.commands.questions.ask`.
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


def ask_mix(market: MarketOptions, request: MixRequest, *, means: Means, output: Output) -> None:
    """Ask for the weeks of several regions, and the truth about them.

    Raises as `sim.cli.commands.questions.ask`.
    """
    problems = _problems(means, output)
    question = MixQuestion(market.loaded(problems), request)

    def about(place: Path | None) -> dict[str, Any]:
        files = [] if place is None else sorted(file.name for file in place.iterdir())
        return {"folder": str(place), "files": files}

    _ask(question, problems, means, output=output, always=True, about=about)


class Others(NamedTuple):
    """Variants of the first scenario: texts NAME:PATH=VALUE,..., and moves FROM:TO=SHARE%."""

    variants: Sequence[str]
    moves: Sequence[str]


def ask_compare(
    sources: Sequence[str],
    others: Others,
    measures: Sequence[str],
    *,
    market: MarketOptions,
    request: CompareRequest,
    means: Means,
    output: Output,
) -> None:
    """Ask how scenarios and variants differ from the first of `sources`.

    `others`: variants of the first; `measures`: keys that are told, too; `market`: settings
    and sizes of all. Raises as `sim.cli.commands.questions.ask`.
    """
    problems = _problems(means, output) + check_request(market.seed or 0, request)
    try:
        made = make_variants(
            sources, market.settings, others.variants, moves=others.moves, **market.sizes
        )
    except InputError as error:
        if not error.problems and not problems:
            raise
        raise InputError(problems=[*error.problems, *problems]) from error
    refuse(problems)
    _ask(CompareQuestion(made, request, tuple(measures)), [], means, output=output)


def ask_study(file: str, seed: int | None, means: Means, *, output: Output) -> Answer:
    """Do a study file with a kind; `seed`: instead of the file's.

    Raises as `sim.cli.commands.questions.ask`.
    """
    check_language(output.language)
    question = load_question(file, seed)
    name = question.study.name

    def about(place: Path | None) -> dict[str, Any]:
        report = None if place is None else str(place / REPORT)
        return {"study": name, "folder": str(place), "report": report}

    question.check()
    return ask(Asking(question, means, output, name, always=True, about=about))


def ask_claims(seed: int | None, means: Means, output: Output) -> None:
    """Put every claim of the library to its market, and write the table of claims.

    `seed`: of every study, instead of its own.
    Raises as `sim.cli.commands.questions.ask`.
    """
    check_language(output.language)
    place = RESULTS / CLAIMS if output.out is None else output.out
    answers: list[ClaimedAnswer] = []
    for name in claim_names():
        question = load_question(name, seed)
        question.check()
        told = replace(output, out=place / name)
        answer = answered(Asking(question, means, told, name, always=True))
        assert isinstance(answer, ClaimedAnswer)
        answers.append(answer)
        if not output.silent:
            with speaking(output.language):
                line = claim_lines([answer])[0]
                print(f"{line.title}: {line.verdict}. {line.by}", flush=True)
    with speaking(output.language):
        page = write_claims(place, answers)
    if output.as_json:
        print_object({"folder": str(place), "claims": [one.summary() for one in answers]})
    else:
        print(page)


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
