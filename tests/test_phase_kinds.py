"""The kinds of phase: what each is, written by hand, and that all who ask read one declaration."""

import copy
import pickle
import re
from pathlib import Path

import pytest

from sim.measures.journey_map import label_of
from sim.scenario.arrays import make_tables
from sim.scenario.journey import Phase
from sim.vocabulary import NEVER, Label, PhaseKind
from worlds.markets import MARKETS

# A row a kind, in the order of a journey; x: its phases have the feature.
BY_HAND = """
kind      label   waits  searches  decides  relates  advocates  needed
latent    before  x      -         -        -        -          x
consider  before  -      x         -        -        -          x
purchase  during  -      x         x        -        -          x
relate    after   -      -         -        x        -          x
advocate  after   -      -         -        x        x          -
"""
HEADINGS, *ROWS = (line.split() for line in BY_HAND.strip().splitlines())
FEATURES = HEADINGS[2:]


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_a_kind_has_the_features_of_its_row(kind: PhaseKind) -> None:
    row = dict(zip(HEADINGS, ROWS[list(PhaseKind).index(kind)], strict=True))
    assert (kind, kind.label) == (row["kind"], row["label"])
    assert {name: getattr(kind, name) for name in FEATURES} == {
        name: row[name] == "x" for name in FEATURES
    }


def test_every_kind_has_its_row_in_the_order_of_a_journey() -> None:
    assert [row[0] for row in ROWS] == list(PhaseKind)


def test_the_model_page_tells_the_features() -> None:
    page = (Path(__file__).parent.parent / "docs" / "model.md").read_text(encoding="utf-8")
    for kind in PhaseKind:
        told = re.findall(rf"^\| `{kind}` \|.*\| ([\w, ]+) \|$", page, re.MULTILINE)
        has = [name for name in FEATURES if getattr(kind, name) and name != "needed"]
        assert told == [", ".join(has)]


def test_customers_do_one_thing_in_a_phase() -> None:
    for kind in PhaseKind:
        assert kind.waits + kind.searches + kind.relates == 1
        assert kind.searches or not kind.decides
        assert kind.relates or not kind.advocates


def test_parts_of_a_journey_follow_each_other() -> None:
    """The phases of the search lie between those of waiting and those of the relation."""
    parts = [(kind.relates, kind.searches, kind.waits) for kind in PhaseKind]
    assert parts == sorted(parts)


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_a_kind_is_its_word_and_survives_copies(kind: PhaseKind) -> None:
    assert PhaseKind(str(kind)) is kind
    assert f"{kind}" == kind.value == kind
    assert pickle.loads(pickle.dumps(kind)) is kind
    assert copy.deepcopy(kind) is kind


@pytest.mark.parametrize("name", list(MARKETS))
def test_the_engines_tables_have_the_features_of_each_phase(name: str) -> None:
    t, phases = make_tables(MARKETS[name]), MARKETS[name].journey.phases.values()
    for feature in ("searches", "decides", "relates", "advocates"):
        column = getattr(t, feature)
        assert column.dtype == bool
        assert column.tolist() == [getattr(phase.kind, feature) for phase in phases]


@pytest.mark.parametrize("name", list(MARKETS))
def test_the_tables_know_where_each_part_of_the_journey_begins(name: str) -> None:
    t, phases = make_tables(MARKETS[name]), MARKETS[name].journey.phases.values()
    kinds = [phase.kind for phase in phases]
    assert t.first_latent == kinds.index(PhaseKind.LATENT)
    assert t.first_consider == kinds.index(PhaseKind.CONSIDER)
    assert t.purchase_phase == kinds.index(PhaseKind.PURCHASE)
    later = [p for p, kind in enumerate(kinds) if kind in (PhaseKind.RELATE, PhaseKind.ADVOCATE)]
    assert t.first_relate == (later[0] if later else NEVER)


def test_a_phase_without_a_label_has_that_of_its_kind() -> None:
    assert [label_of(Phase(kind=kind)) for kind in PhaseKind] == [row[1] for row in ROWS]
    assert label_of(Phase(kind=PhaseKind.LATENT, label=Label.AFTER)) == Label.AFTER
