"""Attribution: what web analytics would credit the touchpoints with. Not what they add."""

from sim.measures.attribution.paths import DIRECT, Paths, paths_of
from sim.measures.attribution.table import MODELS, CreditRow, attribution, attribution_table
from sim.measures.attribution.tracked import tracked_paths

__all__ = [
    "DIRECT",
    "MODELS",
    "CreditRow",
    "Paths",
    "attribution",
    "attribution_table",
    "paths_of",
    "tracked_paths",
]
