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
    ProfitPrecision,
    Quiet,
    Replicates,
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
            metavar="SCENARIO...", help="Scenario files or library names, baseline first."
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Change a field of every scenario; PATH*=FACTOR multiplies a number."
            " Can be repeated.",
        ),
    ] = None,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME:PATH=VALUE,...",
            help="Also compare the baseline with these changes; PATH*=FACTOR multiplies a number."
            " Can be repeated.",
        ),
    ] = None,
    moves: Annotated[
        list[str] | None,
        typer.Option(
            "--move",
            metavar="FROM:TO=SHARE%",
            help="Also compare the baseline with this share of one touchpoint's spend moved to"
            " another. Can be repeated.",
        ),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="KEY", help="Also report this summary metric. Can be repeated."
        ),
    ] = None,
    replicates: Replicates = None,
    precision: ProfitPrecision = None,
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
    """Compare scenarios and variants with a baseline: which earns more, how certain it is and why.

    All runs use common random numbers. The last line printed is the path of the page.
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
        int | None,
        typer.Option(
            help="Number of replicates (consecutive seeds from --seed). Default: as many as"
            " --precision needs."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Largest standard error, as a share of the largest effect; sets the number of"
            " replicates (1, or 5 to 100). Default: 0.05.",
        ),
    ] = None,
    step: Annotated[
        float, typer.Option(metavar="SHARE", help="Size of the marginal step, as a share.")
    ] = 0.1,
    shapley: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Split the joint effect of 2 to 12 touchpoints by Shapley value (2^n runs).",
        ),
    ] = None,
    curves: Annotated[
        bool,
        typer.Option(
            "--curves", help="Add response curves (6 extra runs per touchpoint and seed)."
        ),
    ] = False,
    attribution: Annotated[
        bool,
        typer.Option(
            "--attribution/--no-attribution",
            help="Also compare with attribution models (at most 39 extra runs, and 13 per seed).",
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
    """Measure each touchpoint's incremental effect (removed) and marginal effect (+10%).

    All runs use common random numbers. The last line printed is the path of the page.
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
        typer.Option(
            metavar="TOTAL", help="Total budget for the planning window. Default: current spend."
        ),
    ] = None,
    goal: Annotated[
        str,
        typer.Option(metavar="profit|new_customers|customer_value", help="Metric to maximise."),
    ] = "profit",
    by: Annotated[
        str,
        typer.Option(
            metavar="touchpoint|purpose",
            help="Parts of the budget: touchpoints, or acquisition and retention.",
        ),
    ] = "touchpoint",
    bounds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW..HIGH",
            help="Least and most to spend on a part, in currency. Can be repeated.",
        ),
    ] = None,
    from_day: Annotated[
        int,
        typer.Option(metavar="DAY", help="First day of the plan. Current budgets apply before it."),
    ] = 0,
    settings: Settings = None,
    agents: Agents = None,
    days: Days = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Random seed of the search (0 or greater). Default: as in the scenario."),
    ] = None,
    replicates: Annotated[int, typer.Option(help="Number of held-out seeds to test plans on.")] = 5,
    evaluations: Annotated[int, typer.Option(help="Maximum number of runs in the search.")] = 120,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Out = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the optimal split of a budget over touchpoints, or over acquisition and retention.

    The gain is measured on held-out seeds. The last line printed is the path of the page.
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
    regions: Annotated[int, typer.Option(help="Number of independent regions.")] = 4,
    years: Annotated[int, typer.Option(help="Number of years to simulate, in whole weeks.")] = 3,
    vary: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Variation of region sizes and budgets, 0 to 0.9."),
    ] = 0.5,
    settings: Settings = None,
    agents: Annotated[
        int | None,
        typer.Option(
            help="Number of simulated customers in a region of average size. Default: as in the"
            " scenario."
        ),
    ] = None,
    seed: Seed = None,
    threads: Threads = None,
    dask: Dask = None,
    resume: Resume = False,
    truth: Annotated[
        bool,
        typer.Option(
            "--truth/--no-truth", help="Measure each channel's incremental effect (extra runs)."
        ),
    ] = True,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Output folder. Default: in results/.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="en|da", help="Language of printed text. Files are in English.")
    ] = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write multi-region weekly data for media mix models, with the true effects.

    The last line printed is the path of a file that explains every column.
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
        str | None, typer.Argument(metavar="FILE", help="Study file or library name.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Run every claim of the library; write the table of claims."),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the first replicate (0 or greater). Default: as in the file."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Number of processes. Default: one per core.")
    ] = None,
    dask: Dask = None,
    resume: Resume = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Study folder. Default: in results/."),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a study file; write its results table and report.

    The last line printed is the path of the report.
    """
    from sim.cli.commands.common import Output
    from sim.cli.commands.experiment import What, experiment_command
    from sim.runs.many import Means

    experiment_command(
        What(file, every, seed),
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
    replicates: Replicates = None,
    precision: ProfitPrecision = None,
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
