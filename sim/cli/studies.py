"""Commands that make many runs to answer one question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import (
    Agents,
    Dask,
    Days,
    Json,
    Language,
    Out,
    Quiet,
    Resume,
    Scenario,
    Seed,
    Settings,
    Threads,
)


def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="Scenario files or library names; the baseline first."
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change all alike; may be repeated."),
    ] = None,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME:PATH=VALUE,...",
            help="Compare the baseline with these changes, too; may be repeated.",
        ),
    ] = None,
    moves: Annotated[
        list[str] | None,
        typer.Option(
            "--move",
            metavar="FROM:TO=SHARE%",
            help="Compare the baseline with this share of what one touchpoint spends on another;"
            " may be repeated.",
        ),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="KEY", help="Tell this figure of the summary, too; repeatable."
        ),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(help="Run so many seeds, from --seed on.")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Run as many seeds as this standard error of a difference in profit takes, a"
            " share of the baseline's margin; by default 0.01.",
        ),
    ] = None,
    agents: Agents = None,
    days: Days = None,
    seed: Seed = None,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Out = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios and variants with the first, on paired runs: who earns more, and why.

    The last line printed is the path of the page.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.questions import Others, ask_compare
    from sim.questions.compare.compare import CompareRequest
    from sim.runs.many import Means

    ask_compare(
        scenarios,
        Others(variants or (), moves or ()),
        measures or (),
        market=MarketOptions(scenarios[0], settings or (), agents=agents, days=days, seed=seed),
        request=CompareRequest(replicates, precision),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def touchpoints(
    scenario: Scenario,
    settings: Settings = None,
    agents: Agents = None,
    days: Days = None,
    seed: Seed = None,
    replicates: Annotated[
        int | None, typer.Option(help="Run so many seeds, from --seed on.")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Run as many seeds as this standard error takes, a share of the largest effect.",
        ),
    ] = None,
    step: Annotated[
        float, typer.Option(metavar="SHARE", help="How much more of each a step is.")
    ] = 0.1,
    shapley: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Share out what these, at most 12, add together; n take 2^n runs.",
        ),
    ] = None,
    curves: Annotated[
        bool, typer.Option("--curves", help="Add response curves, 6 runs a touchpoint.")
    ] = False,
    attribution: Annotated[
        bool,
        typer.Option(
            "--attribution/--no-attribution",
            help="Set what web analytics would credit beside it; 13 runs a seed and 39, at most.",
        ),
    ] = True,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Out = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find what every touchpoint truly adds, without it and with a little more of it.

    Paired runs with the same luck; the last line printed is the path of the page.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.questions import ask_touchpoints
    from sim.questions.touchpoints.effects import TouchpointsRequest
    from sim.runs.many import Means

    players = [name.strip() for name in shapley.split(",")] if shapley is not None else []
    ask_touchpoints(
        MarketOptions(scenario, settings or (), agents=agents, days=days, seed=seed),
        TouchpointsRequest(step, replicates, precision, players=tuple(players), curves=curves),
        attribution,
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def optimise(
    scenario: Scenario,
    budget: Annotated[
        float | None,
        typer.Option(metavar="TOTAL", help="Of the window; by default what is spent today."),
    ] = None,
    goal: Annotated[
        str,
        typer.Option(metavar="profit|new_customers|customer_value", help="What is to be large."),
    ] = "profit",
    by: Annotated[
        str, typer.Option(metavar="touchpoint|purpose", help="What the budget is split over.")
    ] = "touchpoint",
    bounds: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LOW..HIGH", help="Bounds of an amount; may be repeated."),
    ] = None,
    from_day: Annotated[
        int, typer.Option(metavar="D", help="Today's budgets until day D, the plan from then on.")
    ] = 0,
    settings: Settings = None,
    agents: Agents = None,
    days: Days = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the search; 0 is one.")] = None,
    replicates: Annotated[int, typer.Option(help="Fresh seeds to try the plans on.")] = 5,
    evaluations: Annotated[int, typer.Option(help="Runs of the search, at most.")] = 120,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Out = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the best split of a budget over touchpoints, or over winning and keeping customers.

    Its gain is measured on seeds that the search never saw; the last line printed is the path
    of the page.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.questions import ask_optimise
    from sim.questions.budget.request import SplitRequest
    from sim.runs.many import Means

    request = SplitRequest(
        total=budget,
        goal=goal,
        by=by,
        from_day=from_day,
        evaluations=evaluations,
        replicates=replicates,
    )
    ask_optimise(
        MarketOptions(scenario, settings or (), agents=agents, days=days, seed=seed),
        request,
        bounds or (),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def export_mmm(
    scenario: Scenario,
    regions: Annotated[int, typer.Option(help="Independent markets.")] = 4,
    years: Annotated[int, typer.Option(help="Years to simulate, in whole weeks.")] = 3,
    vary: Annotated[
        float,
        typer.Option(metavar="SHARE", help="How far sizes and budgets may differ, 0 to 0.9."),
    ] = 0.5,
    settings: Settings = None,
    agents: Annotated[
        int | None, typer.Option(help="Simulated customers of a region of usual size.")
    ] = None,
    seed: Seed = None,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    truth: Annotated[
        bool,
        typer.Option(
            "--truth/--no-truth", help="Find out what each medium truly adds; takes more runs."
        ),
    ] = True,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; by default in results/.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="en|da", help="Language of what is printed; files are English.")
    ] = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write weeks of several regions for media mix models, and the truth behind them.

    The last line printed is the path of a text that explains every column.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.questions import ask_mix
    from sim.questions.mix.mmm import MixRequest
    from sim.runs.many import Means

    ask_mix(
        MarketOptions(scenario, settings or (), agents=agents, seed=seed),
        MixRequest(regions, years, vary, truth=truth),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def experiment(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A study file or the name of a library study.")
    ],
    workers: Annotated[
        int | None, typer.Option(help="Processes; by default one for each core.")
    ] = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the study; by default in results/."),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Do all runs of a study file and write their table and report.

    The last line printed is the path of the report.
    """
    from sim.cli.commands.common import Output
    from sim.cli.commands.experiment import experiment_command
    from sim.runs.many import Means

    experiment_command(
        file,
        Means(workers, dask, resume),
        Output(out, language, as_json=as_json, quiet=quiet),
    )


def move(
    moved: Annotated[
        str,
        typer.Argument(
            metavar="FROM:TO=SHARE%",
            help="Touchpoint that gives, touchpoint that takes, share of what the first spends.",
        ),
    ],
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="Scenario file or library name.")
    ] = "webshop_loop",
    settings: Settings = None,
    replicates: Annotated[
        int | None, typer.Option(help="Number of replicates. Default: as the precision needs.")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Largest standard error of the difference in profit, a share of the margin."
            " Default: 0.01.",
        ),
    ] = None,
    agents: Agents = None,
    days: Days = None,
    seed: Seed = None,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Out = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Spend the same money elsewhere: what it does to profit, in a sentence with its interval.

    The last line printed is the path of the page.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.questions import Others, ask_compare
    from sim.questions.compare.compare import CompareRequest
    from sim.runs.many import Means

    ask_compare(
        [scenario],
        Others((), (moved,)),
        (),
        market=MarketOptions(scenario, settings or (), agents=agents, days=days, seed=seed),
        request=CompareRequest(replicates, precision),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )
