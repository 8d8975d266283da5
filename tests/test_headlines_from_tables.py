"""Every headline figure three times: in the report, in summary.json, and from the tables.

The third is worked out here with a few lines of pandas from the Parquet files and the scenario
file of the folder, without anything of `sim.measures`.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from sim import cli
from sim.scenario.dump import dump_scenario
from tools.projection import projected_margins
from worlds.dozen import SEEDS, dozen

SUMS = {"rel": 1e-12}  # floats added in another order
# the summary's g is found to about 1e-5, and moves the projection by less than so much of itself
FITTED = {"rel": 1e-5}
SMALL = ["--agents", "5000", "--days", "400", "--no-next-krone"]


class Folder:
    """A result folder, read with pandas."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.scenario = YAML(typ="safe").load((place / "scenario.yaml").read_text())
        self.people = self.scenario["population"] / self.scenario["agents"]
        self.summary: dict[str, Any] = json.loads((place / "summary.json").read_text())
        page = (place / "report.html").read_text()
        tags = re.findall(r"<data\b[^>]*>", page)
        self.shown = {
            re.search(r'data-key="([^"]*)"', tag)[1]: float(re.search(r'value="([^"]*)"', tag)[1])
            for tag in tags
        }

    def __getattr__(self, table: str) -> pd.DataFrame:
        return pd.read_parquet(self.place / f"{table}.parquet")


def default_purpose(touchpoint: dict[str, Any]) -> str:
    """As docs/model.md says."""
    delivers = touchpoint["capacity"] is not None or touchpoint["trigger"] == "purchase"
    return "delivery" if delivers else "acquisition"


def headlines_of(folder: Folder) -> dict[str, float]:
    """The headline figures, from the tables."""
    daily, customers, scores = folder.daily, folder.customers, folder.scores
    loop = folder.scenario["journey"]["shape"] == "loop"
    spend = folder.spend.groupby("touchpoint", observed=True)["spend"].sum()
    purpose = {
        name: touchpoint["purpose"] or default_purpose(touchpoint)
        for name, touchpoint in folder.scenario["touchpoints"].items()
    }
    to_win = sum(money for name, money in spend.items() if purpose[name] == "acquisition")
    margin, new = daily["margin"].sum(), daily["new_customers"].sum()
    first = customers["first_purchase_day"]
    there = customers[customers["left_day"].isna()]
    last = customers["left_day"].fillna(folder.scenario["days"] - 1)
    followed = first + 365 <= last
    again = customers["second_purchase_day"] - first <= 365
    answers = scores["judgements"].sum()
    promoters = scores.loc[scores["score"] >= 9, "judgements"].sum()
    detractors = scores.loc[scores["score"] <= 6, "judgements"].sum()
    figures = {
        "economics.profit": margin - spend.sum(),
        "economics.revenue": daily["revenue"].sum(),
        "economics.margin": margin,
        "economics.spend": spend.sum(),
        "customers.new": new,
        "customers.active_end": (there["relationship"] == "customer").sum() * folder.people,
        "conversion.per_need": conversion_of(folder),
        "economics.cac": to_win / new,
    }
    if loop:
        assert new == customers["first_purchase_day"].notna().sum() * folder.people
        if daily["renewals"].sum() > daily["purchases"].sum():  # they are kept, and renew
            months = folder.scenario["days"] * 12 // 365
            seen = folder.cohorts.query(f"age_months == 12 and cohort + 12 < {months}")
            figures["retention.month_12"] = seen["customers"].sum() / seen["new_customers"].sum()
        else:
            figures["retention.repeat_rate"] = (again & followed).sum() / followed.sum()
        figures["experience.recommendation_score"] = 100 * (promoters - detractors) / answers
        value = value_of(folder)
    else:
        value = margin / new
    return figures | {
        "economics.clv_projected": value,
        "economics.clv_cac_ratio": value / figures["economics.cac"],
    }


def conversion_of(folder: Folder) -> float:
    """The chance that a journey ends in a purchase: the phases of the search as a chain."""
    kinds = {name: phase["kind"] for name, phase in folder.scenario["journey"]["phases"].items()}
    search = [name for name, kind in kinds.items() if kind in ("consider", "purchase")]
    flows = folder.flows.groupby(["from_phase", "to_phase"], observed=False)["customers"].sum()
    moves = flows.unstack(fill_value=0.0)
    out = np.diag(moves.loc[search].sum(axis=1))
    bought = [folder.daily["purchases"].sum() * (kinds[name] == "purchase") for name in search]
    began = moves.drop(search)[search].sum()
    used = np.diag(out) > 0.0  # nobody came to the others
    balance = (out - moves.loc[search, search].to_numpy())[np.ix_(used, used)]
    chances = np.linalg.solve(balance, np.array(bought)[used])
    return float(began[used] @ chances / began.sum())


def value_of(folder: Folder) -> float:
    """Discounted margin per new customer over 36 months, in a loop."""
    whole = folder.cohorts[lambda t: t["cohort"].notna()]
    whole = whole.groupby(["cohort", "age_months"], as_index=False)[
        ["new_customers", "customers", "margin", "complete"]
    ].agg({"new_customers": "sum", "customers": "sum", "margin": "sum", "complete": "all"})
    earlier = whole.assign(age_months=whole["age_months"] + 1)[
        ["cohort", "age_months", "customers"]
    ]
    whole = whole.merge(earlier, on=["cohort", "age_months"], how="left", suffixes=("", "_before"))
    whole["customers_before"] = whole["customers_before"].fillna(whole["new_customers"])
    seen = whole[whole["complete"]].groupby("age_months").sum()
    seen = seen[seen["new_customers"] > 0] / folder.people
    daily = folder.daily
    by_day = daily.groupby("day")[["lapsed", "reactivations"]].sum().cumsum()
    lapsed_days = (by_day["lapsed"] - by_day["reactivations"]).sum() + lapsed_before(folder)
    back = daily["reactivations"].sum() / lapsed_days * 365 / 12 if lapsed_days else 0.0
    orders = daily["purchases"].sum() - daily["new_customers"].sum()
    later = daily["margin"].sum() - daily["new_margin"].sum() - daily["renewal_margin"].sum()
    periods = [offer["subscription_days"] or 0 for offer in folder.scenario["offers"].values()]
    margins = projected_margins(
        seen["new_customers"],
        seen["margin"],
        seen["customers"],
        seen["customers_before"],
        back=back,
        order=later / orders,
        period=max(1, math.ceil(max(periods) * 12 / 365)),
    )
    rate = folder.scenario["discount_rate_per_year"]
    return sum(money * (1 + rate) ** (-age / 12) for age, money in enumerate(margins))


def lapsed_before(folder: Folder) -> float:
    """Days of those lapsed on day 0, less those after a lapsed customer left the market."""
    customers, days = folder.customers, folder.scenario["days"]
    there = customers["joined_day"].isna() & (customers["relationship_at_start"] == "lapsed")
    gone = customers[customers["left_day"].notna() & (customers["relationship"] == "lapsed")]
    return (there.sum() * days - (days - gone["left_day"]).sum()) * folder.people


def at(summary: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        summary = summary[part]
    return summary


@pytest.mark.parametrize("name", ["webshop_loop", "webshop_funnel", "dozen"])
def test_report_summary_and_tables_agree(name: str, tmp_path: Path) -> None:
    source, options = name, SMALL
    if name == "dozen":
        source, options = str(tmp_path / "dozen.yaml"), []
        Path(source).write_text(dump_scenario(dozen(SEEDS[0])), encoding="utf-8")
    place = tmp_path / "result"
    assert cli.main(["run", source, *options, "--quiet", "--out", str(place)]) == 0
    folder = Folder(place)
    figures = headlines_of(folder)
    headlines = HEADLINES
    if name == "dozen":  # subscriptions, whose periods are renewed
        headlines = HEADLINES - {"retention.repeat_rate"} | {"retention.month_12"}
    missing = {key for key in headlines if at(folder.summary, key) is None}
    if name == "webshop_funnel":  # nobody is kept, and nobody judges
        assert missing == {"retention.repeat_rate", "experience.recommendation_score"}
    else:
        assert missing == set()
    assert set(figures) == headlines - missing
    assert set(folder.shown) == headlines - missing
    for key, figure in figures.items():
        assert folder.shown[key] == at(folder.summary, key), key
        how = FITTED if "clv" in key else SUMS
        assert folder.shown[key] == pytest.approx(float(figure), **how), key


HEADLINES = {
    "economics.profit",
    "economics.revenue",
    "economics.margin",
    "economics.spend",
    "customers.new",
    "customers.active_end",
    "conversion.per_need",
    "retention.repeat_rate",
    "economics.cac",
    "economics.clv_projected",
    "economics.clv_cac_ratio",
    "experience.recommendation_score",
}
