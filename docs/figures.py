"""Write the tables of the pages that hold the default market's figures: `make pictures`.

`python docs/figures.py [NAME ...]`: each table stands between two comments that hold its name, and
is made of the result folder that `make pictures` leaves in results/. A folder that is not there is
said and its tables stay as they are.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML
from scipy import stats

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
MILLION = 1_000_000.0
MODELS = (
    *("last_click", "last_non_direct_click", "first_click", "time_decay", "markov_1", "shapley"),
)
OWN_NAME, BANNERS = "paid_search_brand", "display"
FOLLOWED = {
    "today": "current plan",
    "truth": "incremental margin",
    "next_krone": "marginal margin",
}
SPLITS = {
    "today": "current plan",
    "equal": "equal amounts",
    "last_click": "by last click",
    "optimised": "optimised plan",
}
BELIEFS = {
    "knows": "loop plan",
    "believes": "funnel plan",
    "believes_wins": "funnel plan, retention spend unchanged",
}
HELD = {"": "free", "high": "at its upper bound", "low": "no spend"}

Figure = Sequence[float] | None
Rows = Iterator[Sequence[str]]
Summary = Mapping[str, Any]


# --- how figures are written ---


def number(value: float, digits: int = 2) -> str:
    """With a true minus sign, and as 0 where nothing is left of it."""
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        return "0"
    return ("−" if value < 0.0 else "") + text


def interval(figure: Figure, scale: float = 1.0, digits: int = 2) -> str:
    """A figure with its 95% confidence interval; a dash where there is none."""
    if figure is None:
        return "–"
    value, low, high = (number(v / scale, digits) for v in figure)
    return value if low == value == high else f"{value} ({low} to {high})"


def share(value: float) -> str:
    """A share in whole per cent."""
    return f"{100.0 * value:.0f}%"


# --- the tables ---


def models(found: Summary) -> Rows:
    """What web analytics would credit, against the incremental effects."""
    yield (
        *("model", "direct", "rank correlation", "misallocated credit"),
        *("branded search: credited / incremental", "display: credited / incremental"),
    )
    for name in MODELS:
        model = found["attribution"]["models"][name]
        factors = (model["credit"][touchpoint]["factor"] for touchpoint in (OWN_NAME, BANNERS))
        yield (
            *(f"`{name}`", share(model["direct"]), number(model["rank_correlation"])),
            *(share(model["misplaced"]), *(interval(factor) for factor in factors)),
        )


def followers(found: Summary) -> Rows:
    """What a budget earns that follows incremental effects, or a model."""
    plans = found["attribution"]["plans"]
    yield "plan", "budget displaced, DKK m", "profit gained, DKK m", "regret, DKK m"
    for name in sorted(plans, key=lambda plan: -float(plans[plan]["gain"][0])):
        plan = plans[name]
        yield (
            *(FOLLOWED.get(name, f"`{name}`"), number(plan["misplaced"] / MILLION)),
            *(interval(plan[what], MILLION) for what in ("gain", "regret")),
        )


def splits(found: Summary) -> Rows:
    """The plans of an optimised budget on held-out seeds."""
    yield "plan", "profit against current plan, DKK m", "optimised plan earns more by, DKK m"
    for name, words in SPLITS.items():
        plan = found["plans"][name]
        behind = "" if name == "optimised" else interval(plan["behind"]["profit"], MILLION)
        yield words, interval(plan["gain"]["profit"], MILLION), behind


def parts(found: Summary) -> Rows:
    """Where the money goes, and the marginal return of each part there."""
    yield "part", "current, DKK m", "optimised, DKK m", "bound", "marginal return"
    by_amount = sorted(found["parts"].items(), key=lambda item: -float(item[1]["optimised"]))
    for name, part in by_amount:
        amounts = (number(part[plan] / MILLION) for plan in ("today", "optimised"))
        yield f"`{name}`", *amounts, HELD[part["held"] or ""], interval(part["marginal"])


def beliefs(found: Summary) -> Rows:
    """Two firms, one of which plans with a funnel."""
    yield (
        *("plan", "retention share", "profit against current plan, DKK m"),
        *("new customers against current plan", "regret, DKK m"),
    )
    for name, words in BELIEFS.items():
        plan = found["plans"][name]
        yield (
            *(words, share(plan["share_keeping"]), interval(plan["gain"]["profit"], MILLION)),
            interval(plan["gain"]["new_customers"], digits=0),
            "" if name == "knows" else interval(plan["regret"]["profit"], MILLION),
        )


def frontier(found: Summary) -> Rows:
    """What each share of the total does that is spent on retention."""
    yield "retention share", "profit, DKK m", "new customers", "active customers"
    for point in found["frontier"]:
        gain = point["gain"]
        yield (
            *(share(point["share"]), interval(gain["profit"], MILLION)),
            *(interval(gain[what], digits=0) for what in ("new_customers", "retained_customers")),
        )


LEVERS = {
    "offers.everyday.price": "price of everyday goods, DKK",
    "offers.everyday.unit_cost": "unit cost of everyday goods, DKK",
    "offers.everyday.performance.mean": "product performance of everyday goods",
    "touchpoints.display.budget_per_day": "display budget per day, DKK",
    "touchpoints.parcel.quality.mean": "packaging quality",
    "touchpoints.loyalty_offers.cost.per_contact": "cost of a loyalty offer, DKK",
    "touchpoints.display.cost.per_contact": "cost of a display contact, DKK",
    "journey.behaviour.awareness_half_life_days": "awareness half-life, days",
}
DRIVEN = {
    "economics.profit": "profit",
    "retention.month_6": "retention after 6 months",
    "conversion.overall": "people with a need who bought",
}


def drivers(folder: Path) -> Rows:
    """Total-order index of each parameter: its share of the variance (Sobol)."""
    table = pd.read_parquet(folder / "sensitivity.parquet")
    table = table[(table["index"] == "total")].set_index(["lever", "measure"])
    ranges = YAML(typ="safe").load(folder / "study.yaml")["vary"]
    yield "parameter", "from", "to", *(f"{words}, %" for words in DRIVEN.values())
    for lever in table.index.get_level_values("lever").unique():
        ends = (f"{ranges[lever][end]:,g}" for end in ("low", "high"))
        rows = (table.loc[(lever, measure)] for measure in DRIVEN)
        found = ([float(row[name]) for name in ("value", "low", "high")] for row in rows)
        yield LEVERS[lever], *ends, *(interval(figure, 0.01, 0) for figure in found)


def movers(folder: Path) -> Rows:
    """How each value of a parameter moves the optimal allocation: mean over seeds, Student's t."""
    runs = pd.read_parquet(folder / "runs.parquet")
    by_row = dict(tuple(runs.groupby("row")))
    base = by_row[0]
    levers = [lever for lever in LEVERS if lever in runs and runs[lever].nunique() > 1]
    heads = ("optimal retention share, percentage points", "profit of current plan, DKK m")
    yield "parameter", "from", "to", *heads
    for lever in levers:
        usual = base[lever].iloc[0]
        for at in by_row.values():
            if at[lever].iloc[0] != usual:
                found = [
                    interval(change(at, base, measure), scale, digits)
                    for measure, scale, digits in (
                        ("best_split.share_keeping", 0.01, 1),
                        ("economics.profit", MILLION, 2),
                    )
                ]
                yield LEVERS[lever], f"{usual:g}", f"{at[lever].iloc[0]:g}", *found


def change(one: pd.DataFrame, other: pd.DataFrame, measure: str) -> Figure:
    """Mean difference over the seeds, with the ends of its 95% confidence interval."""
    paired = one.set_index("replicate")[measure] - other.set_index("replicate")[measure]
    differences = paired.to_numpy()
    mean = float(differences.mean())
    reach = float(stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences))
    return mean, mean - reach, mean + reach


def of_summary(table: Callable[[Summary], Rows]) -> Callable[[Path], Rows]:
    """A table of a folder's summary."""
    return lambda folder: table(json.loads((folder / "summary.json").read_text(encoding="utf-8")))


TABLES: dict[str, tuple[str, str, Callable[[Path], Rows]]] = {
    # name: page, folder of results, table
    "models": ("attribution", "touchpoints", of_summary(models)),
    "followers": ("attribution", "touchpoints", of_summary(followers)),
    "splits": ("optimise", "optimise", of_summary(splits)),
    "parts": ("optimise", "optimise", of_summary(parts)),
    "beliefs": ("optimise", "funnel_vs_loop", of_summary(beliefs)),
    "frontier": ("optimise", "acquisition_vs_retention", of_summary(frontier)),
    "drivers": ("studies", "what_drives_profit", drivers),
    "movers": ("studies", "what_moves_the_split", movers),
}


def written(rows: Rows) -> str:
    """A table of Markdown."""
    head, *body = [list(row) for row in rows]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_table(page: str, name: str, table: str) -> str:
    """A page with a table in its place. Raises ValueError if the place is not there once."""
    begin, end = f"<!-- figures: {name} -->", f"<!-- end of {name} -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"{begin} and {end} do not stand once")
    before, rest = page.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"


def main(names: Sequence[str]) -> int:
    """Write the tables; 1 if a folder of results is not there."""
    missing = 0
    for name in names or TABLES:
        page_name, folder, table = TABLES[name]
        page, results = HERE / f"{page_name}.md", RESULTS / folder
        try:
            found = written(table(results))
        except FileNotFoundError:
            print(
                f"results/{folder} holds no result; {page.name} keeps its {name}.", file=sys.stderr
            )
            missing = 1
            continue
        text = with_table(page.read_text(encoding="utf-8"), name, found)
        page.write_text(text, encoding="utf-8", newline="\n")
        print(f"{page.relative_to(HERE.parent)}: {name}")
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
