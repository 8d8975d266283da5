"""The limiting cases of the model: runs with all but one part switched off, against theory.

    from sim.theory import verify_all

    for check in verify_all():
        print(check.case, check.what, check.found, check.exact, check.passed)

Each case builds its scenarios, runs them, and compares with closed forms or exact recursions
that share no code with the model (`sim.theory.formulas`).
"""

from collections.abc import Callable
from typing import NamedTuple

from sim.runs.run import check_options
from sim.theory.bare import Engine
from sim.theory.chains import absorbing_chain
from sim.theory.check import Check
from sim.theory.choice import logit_choice
from sim.theory.customer_base import customer_value, repeat_purchases, subscription
from sim.theory.diffusion import bass_diffusion
from sim.theory.people import past, permission, required_desk, shared_days, turnover
from sim.theory.perception import adstock, peak_end_mean, usual_quality
from sim.theory.queues import service_queues
from sim.theory.reach import paid_push

__all__ = ["CASES", "Case", "Check", "engine_named", "verify_all"]


class Case(NamedTuple):
    """A limiting case: what to run, and the share of it that the reference engine has time for.

    A smaller share means fewer customers, wider tolerances and less power. None: the case
    needs more arrivals than the reference engine can serve in a minute.
    """

    checks: Callable[[Engine, float], list[Check]]
    small: float | None


# In the order of the model's table of limiting cases.
CASES: dict[str, Case] = {
    "absorbing chain": Case(absorbing_chain, 0.002),
    "Bass diffusion": Case(bass_diffusion, 0.001),
    "paid push": Case(paid_push, 0.005),
    "multinomial logit": Case(logit_choice, 0.004),
    "adstock": Case(adstock, 0.002),
    "queues": Case(service_queues, None),
    "subscription": Case(subscription, 0.003),
    "repeat purchases": Case(repeat_purchases, 0.0015),
    "customer value": Case(customer_value, 0.01),
    "peak, end and mean": Case(peak_end_mean, 0.01),
    "usual quality": Case(usual_quality, 0.1),
    "turnover": Case(turnover, 0.01),
    "permission": Case(permission, 0.02),
    "states of the day": Case(shared_days, 0.1),
    "required desk": Case(required_desk, None),
    "past": Case(past, 0.01),
}


def engine_named(name: str) -> Engine:
    """The engine that runs call `name`, from scenario to records. Raises InputError if none is."""
    check_options(name, None)
    if name == "fast":
        from sim.engine.day import run_fast

        return run_fast
    from sim.reference.market import run_reference

    return run_reference


def verify_all(
    progress: Callable[[str, list[Check]], None] | None = None, engine: str = "fast"
) -> list[Check]:
    """Run every limiting case and compare it with theory.

    `progress` is called after each case with its name and its checks. `engine`: "fast", or
    "reference", which runs the cases it has time for in a size it has time for. Raises
    InputError for another name.
    """
    run = engine_named(engine)
    found: list[Check] = []
    for name, case in CASES.items():
        size = 1.0 if engine == "fast" else case.small
        if size is None:
            continue
        checks = case.checks(run, size)
        found += checks
        if progress is not None:
            progress(name, checks)
    return found
