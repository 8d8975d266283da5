"""Write the table of claims: `python docs/claims.py [FOLDER]`.

FOLDER is that of `journeysim experiment --all` (results/claims if none is given), which has the
runs. From its answers come `claims.md`, `claims.json` (every figure with its interval, which the
lessons quote) and a picture of each claim in `images/claims`.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.folders import open_folder
from sim.pages.claim_page import claim_drawings, expected_rows, figures_of, short_verdict
from sim.pages.claims_page import ClaimedAnswer, claim_lines
from sim.pages.words.language import speaking
from sim.questions.claims.claim import FoundClaim, plain_claim
from sim.questions.claims.claim_file import ClaimFile
from sim.questions.kinds import answer_in
from sim.questions.studies import claim_names, load_question

HERE = Path(__file__).parent
PAGE, FIGURES, IMAGES = HERE / "claims.md", HERE / "claims.json", HERE / "images" / "claims"
HEAD = """\
# The table of claims

What is said of customer journeys, put to markets that anyone can run and bend. Each claim is a
study file that says what a program expects of it; the verdict is that of the 95% confidence
intervals over the file's own seeds. A claim that fails with honest parameters is reported so. All
markets are invented: a verdict says what follows from a market's assumptions, and *why* says
which of them decide.

`journeysim experiment umbrella` runs one, `journeysim experiment umbrella --seed 7` with other
random draws, `journeysim experiment --all` runs them all and writes this table as [a
page](../results/gallery/claims.html). `make verdicts` judges them again on other seeds, with
[this outcome](verdicts.txt).
`python docs/claims.py` makes this page from it.
"""


def answers(place: Path) -> list[ClaimedAnswer]:
    """The answers in the folder of all claims, told in the words that the library has now."""
    found = []
    for name in claim_names():
        answer = answer_in(open_folder(place / name))
        assert isinstance(answer, ClaimedAnswer)
        study = load_question(name).study
        words: dict[str, Any] = {"title": study.title, "claim": study.claim}
        if isinstance(answer.study, ClaimFile) and isinstance(study, ClaimFile):
            formulas = [{k: f.of for k, f in one.figures.items()} for one in (answer.study, study)]
            if formulas[0] != formulas[1]:
                raise SystemExit(f"{name} has other figures now; run it again.")
            words["figures"] = study.figures
        changed: Any = replace(answer, study=answer.study.model_copy(update=words))
        found.append(changed)
    return found


def found_of(answer: ClaimedAnswer) -> FoundClaim:
    """What was found of its claim."""
    found = answer.claimed
    assert found is not None
    return found


def table(made: Sequence[ClaimedAnswer]) -> str:
    """A row a claim."""
    rows = ["| claim | market | verdict | found, with 95% CI |", "|---|---|---|---|"]
    for line in claim_lines(made):
        anchor = line.title.lower().replace(" ", "-").translate({ord(c): None for c in "?,.:;'’"})
        rows.append(
            f"| [{line.title}](#{anchor}) | {line.market} | **{line.verdict}** | {line.by} |"
        )
    return "\n".join(rows)


def section(answer: ClaimedAnswer) -> str:
    """A claim, what was expected, what was found, and why."""
    found, called = found_of(answer), figures_of(answer)
    line = claim_lines([answer])[0]
    currency = answer.scenario.currency
    rows = ["| expected | found, with 95% CI | verdict |", "|---|---|---|"]
    rows += [f"| {' | '.join(row)} |" for row in expected_rows(found, called, currency)]
    parts = [
        f"## {line.title}",
        f"*{line.says}* {line.source}",
        f"![{line.title}: the figures that decide](images/claims/{line.name}.svg)",
        f"**{short_verdict(found.verdict).capitalize()}.** {line.why}",
        f"*What would change the verdict*: {found.claim.found.would_change}",
        "\n".join(rows),
        f"[`{line.name}.yaml`](../experiments/{line.name}.yaml), in {line.market}.",
    ]
    return "\n\n".join(parts)


def write_picture(answer: ClaimedAnswer) -> None:
    """The first drawing of its figures."""
    found, called = found_of(answer), figures_of(answer)
    drawing = claim_drawings(found, called, answer.scenario.currency)[0]
    # white, because a drawing of a page has the page's background
    picture = drawing.svg.replace("<svg ", '<svg style="background:#fff" ', 1)
    target = IMAGES / f"{answer.study.name}.svg"
    target.write_text(picture + "\n", encoding="utf-8", newline="\n")


def figures(made: Sequence[ClaimedAnswer]) -> dict[str, Any]:
    """Every claim with its verdict, figures and expectations, as plain values."""
    return {
        answer.study.name: {"currency": answer.scenario.currency, **plain_claim(found_of(answer))}
        for answer in made
    }


def main() -> None:
    """Write them."""
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "results" / "claims"
    IMAGES.mkdir(parents=True, exist_ok=True)
    with speaking("en"):
        made = answers(place)
        text = "\n\n".join([HEAD + "\n" + table(made), *map(section, made)]) + "\n"
        for answer in made:
            write_picture(answer)
    PAGE.write_text(text, encoding="utf-8")
    FIGURES.write_text(
        json.dumps(figures(made), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(PAGE)


if __name__ == "__main__":
    main()
