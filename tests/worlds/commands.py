"""Every command that makes many runs, as small as can be, and the files that it reads."""

import json
from pathlib import Path

from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from worlds.markets import MARKETS
from worlds.two_posters import IDLE_WEST, KEEPS, two_posters

# It has most of the model, and so most of what can be kept of a run.
TOWN = with_settings(MARKETS["town"], overrides={"agents": 150, "days": 25, "panel": 0.2})
# Quick to read, to run and to write. With as much a head as in the whole market of two posters,
# no plan reaches everybody: what is compared differs from plan to plan.
SMALL = with_settings(
    two_posters(agents=100),
    overrides={"touchpoints.one.budget_per_day": 17.5, "touchpoints.two.budget_per_day": 5.0},
)
TRUE = with_settings(SMALL, overrides=KEEPS)
BLIND = with_settings(TRUE, overrides=IDLE_WEST)

STUDY = "kind: {kind}\nname: tiny\nscenario: true.yaml\nreplicates: 2\nevaluations: 30\n"
COMMANDS = {
    "optimise": ["optimise", "market.yaml", "--evaluations", "25", "--replicates", "2"],
    "compare": [
        *("compare", "market.yaml", "--replicates", "5"),
        *("--variant", "easier:journey.checkout.abandon=0.1"),
    ],
    "touchpoints": ["touchpoints", "market.yaml", "--replicates", "2", "--no-attribution"],
    "export-mmm": ["export-mmm", "market.yaml", "--regions", "2", "--years", "1"],
    "frontier": ["experiment", "frontier.yaml"],
    "belief": ["experiment", "belief.yaml"],
}


def short(scenario: Scenario) -> str:
    """The scenario as YAML without defaults: quick to read."""
    return json.dumps(scenario.model_dump(mode="json", exclude_defaults=True), indent=1)


def write_files(folder: Path, market: Scenario = SMALL) -> None:
    """Write what the commands read; `market`: what is optimised and compared."""
    files = {
        "market.yaml": short(market),
        "true.yaml": short(TRUE),
        "blind.yaml": short(BLIND),
        "frontier.yaml": STUDY.format(kind="frontier"),
        "belief.yaml": STUDY.format(kind="belief") + "believed: blind.yaml\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
