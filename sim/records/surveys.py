"""The tables of a run's surveys: what people said, what was so, what the same people then did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.surveys import stated_importance, stated_intention
from sim.records.interviews import ANSWER, IMPORTANCE
from sim.records.names import Names
from sim.records.people import (
    SLICE,
    Own,
    Rows,
    customer_of_row,
    given,
    judgement,
    own,
    put,
    word,
    yes,
)
from sim.records.recorder import Records
from sim.records.table import NUMBER, Made, RunTable, Stored, present


class Answers(Rows):
    """Answers by survey and customer. `array`: of ANSWER."""

    @classmethod
    def of(cls, records: Records, names: Names) -> Iterator[Answers]:
        """All answers, a slice at a time."""
        for first in range(0, max(1, len(records.answers)), SLICE):
            yield cls(records.answers[first : first + SLICE], names)

    @classmethod
    def stored(cls, table: Stored, records: Records, names: Names) -> Answers:
        """Blank rows for those of a table."""
        return cls(np.zeros(len(table), dtype=ANSWER), names)


class Importances(Rows):
    """Needs of those who answered, by survey, customer and need. `array`: of IMPORTANCE."""

    @classmethod
    def of(cls, records: Records, names: Names) -> Iterator[Importances]:
        """All of them, a slice at a time."""
        for first in range(0, max(1, len(records.importances)), SLICE):
            yield cls(records.importances[first : first + SLICE], names)

    @classmethod
    def stored(cls, table: Stored, records: Records, names: Names) -> Importances:
        """Blank rows for those of a table."""
        return cls(np.zeros(len(table), dtype=IMPORTANCE), names)


def _surveys(names: Names) -> tuple[str, ...]:
    return tuple(names.scenario.surveys)


def _of_rows(rows: Rows, field: str) -> NDArray[np.float64]:
    """A number of the survey of each row, (n,)."""
    surveys = rows.names.scenario.surveys.values()
    numbers = np.array([getattr(survey, field) for survey in surveys], dtype=np.float64)
    found: NDArray[np.float64] = numbers[rows.array["survey"]]
    return found


def _intention(name: str, meaning: str) -> Own:
    def fill(rows: Answers) -> Any:
        intention = np.ascontiguousarray(rows.array[name])
        return present(intention, ~np.isnan(intention))

    return own(
        name,
        NUMBER,
        meaning,
        unit="0..1",
        nullable=True,
        fill=fill,
        keep=lambda rows, stored: put(rows, name, stored.values(name, np.nan)),
    )


def _stated(name: str, meaning: str) -> Made:
    def fill(rows: Answers) -> Any:
        intention = np.ascontiguousarray(rows.array["intention"])
        kept = _of_rows(rows, "kept")
        said = [stated_intention(*both) for both in zip(intention, kept, strict=True)]
        return present(np.array(said, dtype=np.float64), ~np.isnan(intention))

    return Made(name=name, kind=NUMBER, meaning=meaning, unit="0..1", nullable=True, fill=fill)


def _stated_importance(name: str, meaning: str) -> Made:
    def fill(rows: Importances) -> Any:
        needs = len(rows.names.scenario.journey.needs)
        weights, levelling = rows.array["weight"].astype(np.float64), _of_rows(rows, "levelling")
        said = [stated_importance(w, needs, far) for w, far in zip(weights, levelling, strict=True)]
        return np.array(said, dtype=np.float64)

    return Made(name=name, kind=NUMBER, meaning=meaning, unit="0..1", fill=fill)


def _are_known(records: Records) -> bool:
    """Whether answers are of customers that there are."""
    return bool((records.answers["customer"] < len(records.customers)).all())


def _are_of_the_asked(records: Records) -> bool:
    """Whether there is a weight of every need for all who answered, and for nobody else."""
    needs = len(records.scenario.journey.needs)
    asked = np.repeat(records.answers[["survey", "customer"]], needs)
    weighed = records.importances
    if len(asked) != len(weighed) or (weighed["need"] != np.arange(len(weighed)) % needs).any():
        return False
    return all(np.array_equal(asked[field], weighed[field]) for field in ("survey", "customer"))


def _most_answers(names: Names) -> int:
    return len(names.scenario.surveys) * names.scenario.agents


ANSWERS = RunTable(
    name="survey_answers",
    meaning="One row for each person whom a survey asked: what was said, what was so, what was"
    " done then.",
    columns=(
        word("survey", _surveys, "survey of the scenario", key=True),
        customer_of_row("customer_key", "who was asked", key=True),
        word("relationship", lambda names: names.relationships, "that evening"),
        given("stars", pa.int8(), "said: satisfaction, 1 to 5; null: has owned nothing"),
        given(
            "score",
            pa.int8(),
            "said: likely to recommend; null: has owned nothing",
            unit="0..10",
        ),
        _stated("stated_intention", "said: chance to buy in the window; null: subscribes"),
        judgement("satisfaction", "so: the judgement itself; null: has owned nothing"),
        _intention(
            "intention", "so: chance to buy in the window as the mind stands; null: subscribes"
        ),
        own("bought", pa.int16(), "done: purchases in the window", unit="purchases"),
        word(
            "last_competitor",
            lambda names: tuple(names.scenario.competitors),
            "done: of whom the last purchase by the window's end was; null: of none, or a funnel",
            missing=lambda array: array["last_competitor"] < 0,
        ),
        yes("lapsed", "done: stopped being a customer in the window"),
        yes("left", "done: left the market in the window"),
    ),
    rows=Answers.of,
    stored=Answers.stored,
    most_rows=_most_answers,
    claims={"it names customers that there are not": _are_known},
)

NEEDS = RunTable(
    name="survey_needs",
    meaning="One row for each person whom a survey asked and each need attribute.",
    columns=(
        word("survey", _surveys, "survey of the scenario", key=True),
        customer_of_row("customer_key", "who was asked", key=True),
        word(
            "need",
            lambda names: tuple(names.scenario.journey.needs),
            "need attribute of the scenario",
            key=True,
        ),
        _stated_importance("stated", "said: importance; those of a person add up to 1"),
        own("weight", pa.float32(), "so: weight; those of a person add up to 1", unit="0..1"),
    ),
    rows=Importances.of,
    stored=Importances.stored,
    most_rows=lambda names: _most_answers(names) * len(names.scenario.journey.needs),
    claims={"its people are not those of survey_answers": _are_of_the_asked},
)

SURVEYS = (ANSWERS, NEEDS)
