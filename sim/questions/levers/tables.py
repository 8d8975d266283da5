"""The files of a study's figures, column by column.

The table of all runs grows run by run (`sim.runs.dataset`); `sensitivity` makes the other one.
"""

from __future__ import annotations

from sim.records.table import NUMBER, TEXT, WHOLE, Column, Table

# In names of columns: there is one for each lever and each measure of the study.
LEVER, MEASURE = "<lever>", "<measure>"

RUNS = Table(
    name="runs",
    meaning="A row a row of the design and replicate.",
    columns=(
        Column(name="row", kind=WHOLE, meaning="row of the design, 0-based"),
        Column(name="replicate", kind=WHOLE, meaning="number of the replicate, 0-based"),
        Column(name="seed", kind=WHOLE, meaning="seed of the run"),
        Column(name="run", kind=TEXT, meaning="name of the run: rows with the same one share it"),
        Column(
            name=LEVER,
            kind=NUMBER,
            unit="of the lever",
            meaning="its value, a number, a word, or true or false; null: null in the scenario",
            nullable=True,
        ),
        Column(
            name=MEASURE,
            kind=NUMBER,
            unit="of the measure",
            meaning="the figure of the run; null: it does not exist",
            nullable=True,
        ),
        Column(name="engine", kind=TEXT, meaning="the engine that made the run"),
        Column(name="version", kind=TEXT, meaning="version of journeysim"),
        Column(name="source", kind=TEXT, meaning="hash of the model's source code"),
    ),
)
SENSITIVITY = Table(
    name="sensitivity",
    meaning="A row a measure and figure of its sensitivity.",
    columns=(
        Column(name="measure", kind=TEXT, meaning="key of the measure"),
        Column(
            name="index",
            kind=TEXT,
            meaning="first, total, second; mu_star, mu, sigma; least, most, swing; `luck`, `noise`",
        ),
        Column(name="lever", kind=TEXT, meaning="the lever; null: of none", nullable=True),
        Column(
            name="other", kind=TEXT, meaning="the second lever of a pair; else null", nullable=True
        ),
        Column(
            name="level",
            kind=TEXT,
            meaning="the lever's value at the least or the most; else null",
            nullable=True,
        ),
        Column(
            name="value",
            kind=NUMBER,
            unit="share or of the measure",
            meaning="the figure: a share of the variance, or in the unit of the measure",
        ),
        Column(
            name="low",
            kind=NUMBER,
            unit="as value",
            meaning="low end of its 95% CI; null: it has none",
            nullable=True,
        ),
        Column(
            name="high",
            kind=NUMBER,
            unit="as value",
            meaning="high end of its 95% CI; null: it has none",
            nullable=True,
        ),
    ),
)
