"""The surveys of a run: who is asked, what they think that evening, what the same people then do.

Both engines show their customers on the evenings that matter; nothing is told back to them.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draw, u01_of_all
from sim.model.columns import FIRST_RIVAL_BRAND, Flags, Tables
from sim.model.ownership import recommendation
from sim.model.reach import may_meet
from sim.model.talk import stars_of
from sim.records.intentions import intention_of
from sim.scenario.schema import Scenario
from sim.scenario.surveys import Survey
from sim.vocabulary import NEVER, Relationship, code_of

ANSWER = np.dtype(
    [
        ("survey", np.int16),
        ("customer", np.uint32),  # number of the person in the tables
        ("relationship", np.uint8),  # that evening, as all down to `intention`
        ("stars", np.int8),  # NEVER: has owned nothing, as for the score
        ("score", np.int8),
        ("satisfaction", np.float32),
        ("intention", np.float64),  # chance to buy in the window; NaN: subscribes
        ("bought", np.int16),  # purchases in the window, as all from here on
        ("last_competitor", np.int16),  # whose offer was bought last; NEVER: of none
        ("lapsed", np.uint8),
        ("left", np.uint8),
    ],
    align=True,
)
IMPORTANCE = np.dtype(
    [
        ("survey", np.int16),
        ("customer", np.uint32),
        ("need", np.int16),
        ("weight", np.float32),
    ],
    align=True,
)


@dataclass
class Interviewed:
    """People who were asked, n of them."""

    survey: int
    day: int  # counted from the past's first
    places: NDArray[np.int64]
    rows: NDArray[np.void]  # (n,) of CUSTOMER, that evening
    weights: NDArray[np.float32]  # (n, K)
    answers: NDArray[np.void]  # (n,) of ANSWER
    then: NDArray[np.void]  # (n,) of CUSTOMER, at the window's end: who is in their places


class Interviews:
    """What a run's surveys have found so far."""

    def __init__(self, scenario: Scenario) -> None:
        self.needs = len(scenario.journey.needs)
        self.surveys = [
            (scenario.past_days + survey.day, name, survey)
            for name, survey in scenario.surveys.items()
        ]
        self.evenings = {
            evening
            for day, _, survey in self.surveys
            for evening in (day, day + survey.within_days)
        }
        self._asked: list[Interviewed] = []

    def evenings_among(self, first_day: int, last_day: int) -> list[int]:
        """The days first_day .. last_day - 1 (from the past's first) on which it wants to see."""
        return sorted(day for day in self.evenings if first_day <= day < last_day)

    def see(
        self, t: Tables, day: int, customers: NDArray[np.void], *, weights: NDArray[np.float32]
    ) -> None:
        """The market on the evening of a day.

        `customers` (n,) of CUSTOMER, `weights` (n, K): of everybody by place; neither is kept.
        """
        for one in self._asked:
            if one.day + self.surveys[one.survey][2].within_days == day:
                one.then = customers[one.places]
        for s, (asks, name, survey) in enumerate(self.surveys):
            if asks == day:
                places = np.flatnonzero(sampled(t.seed, name, survey, customers=customers))
                rows, own = customers[places], weights[places]
                answers = _answers(t, survey, rows, weights=own, day=day)
                answers["survey"] = s
                self._asked.append(Interviewed(s, day, places, rows, own, answers, rows))

    def answers(self, everybody: NDArray[np.void]) -> NDArray[np.void]:
        """What was said and done, (n,) of ANSWER, by survey and customer.

        `everybody`: of CUSTOMER by number, as they are at the end of the run or on leaving.
        """
        found = [np.zeros(0, dtype=ANSWER)]
        for one in self._by_survey():
            left = one.then["number"] != one.rows["number"]
            then = np.where(left, everybody[one.rows["number"]], one.then)
            rival = then["brand"].astype(np.int16) - FIRST_RIVAL_BRAND
            answers = one.answers
            answers["bought"] = then["purchases"] - one.rows["purchases"]
            answers["last_competitor"] = np.maximum(rival, NEVER)
            answers["lapsed"] = then["lapse_day"] > one.day
            answers["left"] = left
            found.append(answers[np.argsort(answers["customer"])])
        return np.concatenate(found)

    def importances(self) -> NDArray[np.void]:
        """What needs weigh for those who were asked, (n x K,), by survey, customer and need."""
        found = [np.zeros(0, dtype=IMPORTANCE)]
        for one in self._by_survey():
            order = np.argsort(one.rows["number"])
            rows = np.zeros((len(order), self.needs), dtype=IMPORTANCE)
            rows["survey"] = one.survey
            rows["customer"] = one.rows["number"][order][:, None]
            rows["need"] = np.arange(self.needs)
            rows["weight"] = one.weights[order]
            found.append(rows.reshape(-1))
        return np.concatenate(found)

    def _by_survey(self) -> list[Interviewed]:
        return sorted(self._asked, key=lambda one: one.survey)


def sampled(seed: int, name: str, survey: Survey, *, customers: NDArray[np.void]) -> Flags:
    """Who is asked, (n,): a share of the audience, each by a draw of its own.

    The draw's address is the survey's name and the customer, by place and day of coming, so that
    neither other surveys nor other people decide it. `customers` (n,) of CUSTOMER, by place.
    """
    place, born = np.arange(len(customers)), customers["born"].astype(np.int64)
    luck = u01_of_all(seed, Draw.SURVEY, place, day=born, item=crc32(name.encode()))
    audience, asked = code_of(survey.audience), np.asarray(luck < survey.sample)
    for i in np.flatnonzero(asked):
        c = customers[i]
        asked[i] = may_meet(audience, c["relationship"], c["permission"], c["visited"])
    found: Flags = asked
    return found


def _answers(
    t: Tables,
    survey: Survey,
    rows: NDArray[np.void],
    *,
    weights: NDArray[np.float32],
    day: int,
) -> NDArray[np.void]:
    """What people think on an evening, (n,) of ANSWER; what they then do is not known yet."""
    answers = np.zeros(len(rows), dtype=ANSWER)
    answers["customer"] = rows["number"]
    answers["relationship"] = rows["relationship"]
    answers["satisfaction"] = rows["satisfaction"]
    for answer, c, own in zip(answers, rows, weights, strict=True):
        judges, felt = c["relationship"] != Relationship.NONE, float(c["satisfaction"])
        stars = stars_of(felt, t.stars_neutral, t.stars_slope)
        answer["stars"] = stars if judges else NEVER
        score = recommendation(felt, t.score_neutral, t.score_slope)
        answer["score"] = score if judges else NEVER
        answer["intention"] = intention_of(t, c, own, day=day, within_days=survey.within_days)
    return answers
