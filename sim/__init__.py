"""journeysim: an agent-based market simulator of the customer journey.

    from sim import compare, run

    run("webshop_loop", agents=20_000).summary["economics"]["cac"]
    compare("webshop_loop", "cheaper:offers.everyday.price=379").tables()["differences"]

A function a command, of the same name. Where several texts may be given, one may stand by itself.
Whatever is heavy is imported when it is first asked for. `import journeysim` is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.run import read_folder, summarise

if TYPE_CHECKING:
    import pandas as pd

    from sim.pages.shown_run import ShownRun
    from sim.questions.budget.question import OptimiseAnswer
    from sim.questions.compare.question import CompareAnswer
    from sim.questions.mix.question import MixAnswer
    from sim.questions.question import Answer, Question
    from sim.questions.touchpoints.question import TouchpointsAnswer
    from sim.runs.run import Run
    from sim.runs.store import Store
    from sim.scenario.schema import Scenario
    from sim.theory.check import Check

    __version__: str

__all__ = [
    "Run",
    "Scenario",
    "Store",
    "__version__",
    "compare",
    "export_mmm",
    "load_scenario",
    "optimise",
    "read",
    "read_folder",
    "run",
    "study",
    "summarise",
    "touchpoints",
    "verify",
    "verify_all",
    "write",
    "write_folder",
]


Settings = str | Sequence[str] | Mapping[str, Any]  # `PATH=VALUE`, several, or value by path


def load_scenario(source: str | Path, settings: Settings = (), **sizes: Any) -> Scenario:
    """The scenario of the library, or in a file.

    `source`: a library name or the path of a YAML file; `settings`: texts `PATH=VALUE`, as of
    `--set`, or a mapping from path to value; `sizes`: `agents` (simulated customers), `days` and
    `seed`, instead of its own.
    Returns a `Scenario`: frozen, every default written out. Raises `sim.errors.ScenarioErrors`
    with all that is wrong: file, line, field, what was given, what is allowed.

        load_scenario("webshop_loop", ["offers.everyday.price=379"], agents=500).agents
    """
    from sim.scenario.load import load_scenario as load

    texts, values = _settings(settings)
    return load(source, texts, **{**values, **sizes})


def run(
    scenario: Scenario | str | Path,
    seed: int | None = None,
    engine: str = "fast",
    *,
    settings: Settings = (),
    threads: int | None = None,
    check: bool = False,
    progress: Callable[[int], None] | None = None,
    **sizes: int | None,
) -> ShownRun:
    """Run a scenario.

    `scenario`: a `Scenario`, a library name or a file; `seed`: instead of the scenario's; `engine`:
    "fast" or "reference" (same result, slowly); `settings`: texts `PATH=VALUE`, as of `--set`, or a
    mapping from path to value; `threads`: the maximum number, by default one per core (the result
    does not depend on it); `check`: verify every night that flow equals census; `progress`: called
    with the number of days done; `sizes`: `agents` (simulated customers) and `days`, instead of
    the scenario's.
    Returns a `Run`: `summary`, tables such as `daily`, `journey_map`, `plot.loop(ax=...)`,
    `report(path)`; a notebook shows it as a table and a picture.
    Raises `sim.errors.InputError` if the scenario, changed by `model_copy` or not, or an option is
    wrong.

        made = run("webshop_loop", agents=500, days=30, settings={"offers.everyday.price": 379})
        made.summary["customers"]["new"], made.daily.shape
    """
    from sim.pages.shown_run import ShownRun
    from sim.runs.run import run as run_market

    market = _checked(scenario, settings, seed=seed, **sizes)
    made = run_market(market, engine=engine, threads=threads, check=check, progress=progress)
    return ShownRun.of(made)


def touchpoints(
    scenario: Scenario | str | Path,
    *,
    attribution: bool = True,
    store: Store | None = None,
    **asked: Any,
) -> TouchpointsAnswer:
    """The incremental effect of every touchpoint: alone, at the margin and together.

    `scenario`: or its library name, or its file; `attribution`: what web analytics would credit
    is shown next to it; `store`: where runs are made and kept (`Store`), by default one run a core
    here; `asked`: fields of `sim.questions.touchpoints.effects.TouchpointsRequest`: `step` (a share
    of what there is), `replicates` or `precision` (a share of the largest effect), `players`,
    `curves`.
    People and money are those of the whole population, money in the scenario's currency;
    intervals are of 95%. Raises `sim.errors.InputError` with all that is wrong with what is
    asked.

        found = touchpoints(load_scenario("webshop_loop", agents=300, days=30), replicates=1)
        found.tables()["effects"].head()
    """
    from sim.questions.touchpoints.effects import TouchpointsRequest
    from sim.questions.touchpoints.question import TouchpointsQuestion

    if isinstance(asked.get("players"), str):
        asked["players"] = (asked["players"],)
    question = TouchpointsQuestion(
        _checked(scenario), _request(TouchpointsRequest, asked), attribution
    )
    found: TouchpointsAnswer = _answered(question, store)
    return found


def compare(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    variants: str | Sequence[str] = (),
    *,
    moves: str | Sequence[str] = (),
    measures: str | Sequence[str] = (),
    store: Store | None = None,
    **asked: Any,
) -> CompareAnswer:
    """How scenarios and variants differ from the first of `scenarios`, with common random numbers.

    `scenarios`: library names, files or scenarios, of the same sizes, or one of these; `variants`:
    texts `NAME:PATH=VALUE,...`, each a change of the first; `moves`: texts `FROM:TO=SHARE%`, the
    same money elsewhere; `measures`: keys of the summary that are told, too; `store`: where runs
    are made and kept; `asked`: fields of `sim.questions.compare.compare.CompareRequest`:
    `replicates`, or `precision` (the standard error of a difference in profit, a share of the
    baseline's margin). Raises `sim.errors.InputError` with all that is wrong with what is asked.

        market = load_scenario("webshop_loop", agents=300, days=30)
        found = compare(market, "cheaper:offers.everyday.price=379", replicates=2)
        found.summary()["differences"]["cheaper"]["economics.profit"]["difference"]
    """
    from sim.questions.compare.compare import CompareRequest
    from sim.questions.compare.question import CompareQuestion
    from sim.questions.compare.variants import make_variants

    markets = [_checked(one) for one in _several(scenarios)]
    made = make_variants(markets, given=_several(variants), moves=_several(moves))
    question = CompareQuestion(made, _request(CompareRequest, asked), tuple(_several(measures)))
    found: CompareAnswer = _answered(question, store)
    return found


def optimise(
    scenario: Scenario | str | Path, *, store: Store | None = None, **asked: Any
) -> OptimiseAnswer:
    """The optimal allocation of a budget, and what it gains on held-out seeds.

    `scenario`: or its library name, or its file; `store`: where runs are made and kept; `asked`:
    fields of `sim.questions.budget.request.SplitRequest`: `total` (currency over the window; by
    default what is spent today), `goal`, `by`, `bounds` ({name: (low, high)} in currency),
    `from_day`, `evaluations`, `replicates`, `frontier`. Raises `sim.errors.InputError` with all
    that is wrong with what is asked, and if no split keeps to the bounds.

        market = load_scenario("webshop_loop", agents=200, days=30)
        found = optimise(market, by="purpose", evaluations=30, replicates=2, frontier=False)
        found.summary()["parts"]["retention"]["optimised"]
    """
    from sim.questions.budget.question import OptimiseQuestion
    from sim.questions.budget.request import SplitRequest

    question = OptimiseQuestion(_checked(scenario), _request(SplitRequest, asked))
    found: OptimiseAnswer = _answered(question, store)
    return found


def export_mmm(
    scenario: Scenario | str | Path, *, store: Store | None = None, **asked: Any
) -> MixAnswer:
    """Weeks of several regions for media mix models, and the truth behind them.

    `scenario`: or its library name, or its file; `store`: where runs are made and kept; `asked`:
    fields of `sim.questions.mix.mmm.MixRequest`: `regions`, `years` (of whole weeks), `vary` (0 to
    0.9) and `truth`. Money is of a region's whole population. Raises `sim.errors.InputError` with
    all that is wrong with what is asked.

        market = load_scenario("webshop_loop", agents=100)
        found = export_mmm(market, regions=1, years=1, truth=False)
        found.tables()["weekly"].shape
    """
    from sim.questions.mix.mmm import MixRequest
    from sim.questions.mix.question import MixQuestion

    question = MixQuestion(_checked(scenario), _request(MixRequest, asked))
    found: MixAnswer = _answered(question, store)
    return found


def study(
    file: str | Path,
    place: str | Path,
    *,
    seed: int | None = None,
    workers: int | None = None,
    dask: str | None = None,
    resume: bool = False,
) -> pd.DataFrame | Answer:
    """Do the runs of a study file, as `journeysim experiment` does, and write its folder.

    `file`: a study file or a name of the library; `place`: its folder; `seed`: of the first
    replicate, instead of the file's; `workers`: processes, by default one a core; `dask`: the
    address of a scheduler, instead; `resume`: go on with what is there. Returns the table, a row
    a run, or the answer of a file with a `kind`. Raises `sim.errors.InputError` with all that is
    wrong, `sim.errors.Interrupted` on Ctrl-C.
    """
    from sim.cli.commands.common import Output
    from sim.cli.commands.experiment import What, experiment_command
    from sim.runs.many import Means

    out = Path(place)
    output = Output(out, quiet=True)
    experiment_command(What(str(file), seed=seed), Means(workers, dask, resume), output)
    found: pd.DataFrame | Answer = read(out)
    return found


def verify(engine: str = "fast") -> list[Check]:
    """The limiting cases of the model against theory: one check a line, with error and tolerance.

    `engine`: fast or reference. Raises `sim.errors.InputError` if there is no such engine.

        all(check.passed for check in verify())
    """
    from sim.runs.run import check_options
    from sim.theory import verify_all as all_cases

    check_options(engine, None)
    return all_cases(lambda _name, _checks: None, engine)


def read(place: str | Path) -> Any:
    """What a folder holds, whatever command wrote it, held against its digests.

    A `Run`, a list of them (replicates), an `Answer`, or the table of a study (`DataFrame`).
    Raises `sim.errors.InputError` if the folder is none of ours, or damaged.
    """
    from sim.folders import open_folder
    from sim.pages.folder import open_replicates
    from sim.pages.shown_run import ShownRun
    from sim.questions.kinds import answer_in, is_answer
    from sim.runs.dataset import is_study, read_runs
    from sim.runs.run import read_run

    path = Path(place)
    if is_study(path):
        return read_runs(path).to_pandas()
    folder = open_folder(path)
    if is_answer(folder):
        folder.check()
        return answer_in(folder)
    folders = open_replicates(path)
    if len(folders) > 1:
        return [ShownRun.of(read_run(each)) for each in folders]
    return ShownRun.of(read_run(folder))


def write(found: Run | Answer, place: str | Path, language: str = "en") -> Path:
    """Write the folder of a run or an answer, with its page in a language; returns the page.

    A folder of ours that stands there is replaced; nothing else ever is. Raises
    `sim.errors.InputError` if something else stands there, `sim.errors.NotWritten` if it cannot
    be written.
    """
    from sim.pages.answers import telling_of
    from sim.pages.folder import write_folder as write_run
    from sim.pages.words.language import check_language, speaking
    from sim.runs.run import Run as RunClass

    check_language(language)
    with speaking(language):
        if isinstance(found, RunClass):
            return write_run(found, place)
        how = telling_of(found)
        how.write(found, Path(place))
    return Path(place) / how.file


def write_folder(found: Run, place: str | Path) -> Path:
    """Write the folder of a run, as `write`; its page is in English."""
    return write(found, place)


def verify_all(progress: Callable[[str, list[Check]], None], engine: str = "fast") -> list[Check]:
    """As `verify`; `progress` is called with the name and checks of each case that is done."""
    from sim.theory import verify_all as all_cases

    return all_cases(progress, engine)


def _several(given: Any) -> Sequence[Any]:
    """What is given, as several: one text, path or scenario stands for itself."""
    from sim.scenario.schema import Scenario

    return [given] if isinstance(given, str | Path | Scenario) else list(given)


def _settings(settings: Settings) -> tuple[Sequence[str], Mapping[str, Any]]:
    """Settings as texts, and as values by path."""
    if isinstance(settings, Mapping):
        return (), settings
    return _several(settings), {}


def _checked(
    source: Scenario | str | Path, settings: Settings = (), **sizes: int | None
) -> Scenario:
    """The scenario with what is set. One that was changed by hand is checked as a file would be."""
    if isinstance(source, str | Path):
        return load_scenario(source, settings, **sizes)
    from sim.scenario.levers import with_settings
    from sim.scenario.validate import Origin, validate

    validate(source.model_dump(mode="json", warnings=False), Origin())
    texts, values = _settings(settings)
    return with_settings(source, texts, {**values, **sizes})


def _request(kind: Callable[..., Any], asked: dict[str, Any]) -> Any:
    """The request with these fields. Raises `InputError` for a name that is none of them."""
    from inspect import signature

    from sim.errors import BadOption, InputError, nearest

    known = list(signature(kind).parameters)
    problems = [
        BadOption(field=name, given=name, allowed=", ".join(known), nearest=nearest(name, known))
        for name in asked
        if name not in known
    ]
    if problems:
        raise InputError(problems=problems)
    return kind(**asked)


def _answered(question: Question, store: Store | None) -> Any:
    from sim.runs.store import Store as StoreClass

    question.check()
    return question.answer(store or StoreClass())


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("journeysim")
    if name == "Run":
        from sim.runs.run import Run

        return Run
    if name == "Scenario":
        from sim.scenario.schema import Scenario

        return Scenario
    if name == "Store":
        from sim.runs.store import Store

        return Store
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
