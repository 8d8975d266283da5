"""What surveys found, beside what the people who were asked then did.

- *recommendation score* = promoters less detractors, in percent of the answers (Reichheld 2003);
- *stated intention*, *intention* = means of those who have one: subscribers have none;
- *bought* = share of the same people who bought within the survey's window.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.measures.experience import score_of
from sim.measures.figure import Figure, ratio
from sim.measures.once import once
from sim.model.surveys import stated_intention
from sim.records.recorder import Records

NOBODY_ANSWERED = "nobody who was asked had an answer"


class SurveyFigures(NamedTuple):
    """One survey; `asked`: people of the whole population."""

    asked: float
    recommendation_score: Figure
    stated_intention: Figure
    intention: Figure
    bought: Figure


@once
def survey_figures(records: Records) -> dict[str, SurveyFigures]:
    """Every survey's figures, by its name."""
    found = {}
    for s, (name, survey) in enumerate(records.scenario.surveys.items()):
        mine = records.answers[records.answers["survey"] == s]
        scores = mine["score"][mine["score"] >= 0]
        answers = np.bincount(scores, minlength=11)
        may_buy = mine[~np.isnan(mine["intention"])]
        said = sum(stated_intention(float(each), survey.kept) for each in may_buy["intention"])
        many = len(may_buy)
        found[name] = SurveyFigures(
            asked=len(mine) * records.people_per_agent,
            recommendation_score=score_of(answers, NOBODY_ANSWERED),
            stated_intention=ratio(said, many, NOBODY_ANSWERED),
            intention=ratio(float(may_buy["intention"].sum()), many, NOBODY_ANSWERED),
            bought=ratio(int((may_buy["bought"] > 0).sum()), many, NOBODY_ANSWERED),
        )
    return found
