"""Every rule switched off or made worse by 30 %, one at a time: who notices?

`python -m benchmarks mutants [WORD] [--no-page]`, or `make mutants`. Each mutant is one text of the
program in place of another, in a copy of it; then those are asked who should notice (tests, or
limiting cases of `journeysim verify`), by `benchmarks.noticing`. The table is printed and written
into docs/mutants.md; with a WORD only the mutants are tried whose name holds it, and only their
rows are written. Exits with 1 if one survives.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks.mutations import MUTANTS, Mutant
from benchmarks.noticing import NOTICED, SILENT, VERIFY
from benchmarks.stages import with_figures

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "mutants.md"
BEGIN, END = "<!-- benchmarks.mutants -->", "<!-- end of the mutants -->"
LINKED = ("tests", "benchmarks", "docs", "scenarios", "experiments", "pyproject.toml")
LINKED = (*LINKED, "README.md", "README.da.md")
NOBODY = "NOBODY"
FAR = 10_000_000_000  # nanoseconds: a changed file is not taken for the one that was compiled


class NotThere(Exception):
    """A mutant's old text does not stand exactly once in its file."""


@dataclass(frozen=True)
class Found:
    """What became of a mutant."""

    mutant: Mutant
    by: str | None  # who noticed
    seconds: float
    said: dict[str, str]  # of each who was asked

    @property
    def words(self) -> str:
        """Who noticed, or what those said who did not."""
        if self.by is not None:
            return self.by
        return f"{NOBODY}: " + "; ".join(f"{name} {word}" for name, word in self.said.items())


def changed(mutant: Mutant, text: str) -> str:
    """The file's text with the mutant's in place of the old. Raises `NotThere`."""
    count = text.count(mutant.old)
    if count != 1:
        raise NotThere(f"{mutant.name}: {mutant.file} has {count} times {mutant.old!r}, not once")
    return text.replace(mutant.old, mutant.new)


class Asking:
    """Those who should notice, ready to be asked about the program at a place."""

    def __init__(self, place: Path) -> None:
        surroundings = os.environ | {
            "PYTHONPATH": str(place),
            "PYTHONDONTWRITEBYTECODE": "1",
            "JOURNEYSIM_CACHE": str(place / "cache"),
        }
        self._place = place
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.noticing"],
            cwd=place,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, names: tuple[str, ...]) -> dict[str, str]:
        """What each says; those after one who noticed are not asked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(names)}\n")
        self._process.stdin.flush()
        found: dict[str, str] = json.loads(self._process.stdout.readline())
        return found

    def about(self, mutant: Mutant) -> Found:
        """Ask those who should notice the mutant; the program is put back."""
        file = self._place / mutant.file
        before, stamp = file.read_text(encoding="utf-8"), file.stat().st_mtime_ns
        file.write_text(changed(mutant, before), encoding="utf-8")
        os.utime(file, ns=(stamp + FAR, stamp + FAR))
        began = monotonic()
        try:
            said = self(mutant.noticed_by)
        finally:
            file.write_text(before, encoding="utf-8")
            os.utime(file, ns=(stamp, stamp))
        by = next((name for name, word in said.items() if word == NOTICED), None)
        return Found(mutant, by, monotonic() - began, said)

    def end(self) -> None:
        """Ask no more."""
        self._process.communicate()


@contextmanager
def asking() -> Iterator[Asking]:
    """The program in a place where it may be changed, everything else by links."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        place = Path(folder)
        shutil.copytree(ROOT / "sim", place / "sim")
        for name in LINKED:
            (place / name).symlink_to(ROOT / name)
        ask = Asking(place)
        try:
            yield ask
        finally:
            ask.end()


def short(name: str) -> str:
    """Who noticed, without what all names have in common."""
    return name if name.startswith(VERIFY) else name.removeprefix("tests/")


def line(found: Found) -> str:
    """What became of a mutant, for a terminal."""
    mutant = found.mutant
    return f"{mutant.name:<44}{mutant.rule:<34}{found.seconds:>5.0f} s  {short(found.words)}"


def row(found: Found) -> str:
    """What became of a mutant, as a row of Markdown."""
    mutant = found.mutant
    anchor = mutant.section.lower().replace(" ", "-").replace(",", "")
    rule = f"[{mutant.section}](model.md#{anchor}): `{mutant.rule}`"
    cells = mutant.name, rule, f"`{short(found.words)}`", f"{found.seconds:.0f}"
    return f"| {' | '.join(cells)} |"


def table(all_found: list[Found], page: str) -> str:
    """What became of the mutants; of those not tried now, what the page says of them."""
    rows = {}
    for told in page.split(BEGIN)[1].split(END)[0].splitlines():
        rows[told.removeprefix("| ").split(" | ")[0]] = told
    rows |= {found.mutant.name: row(found) for found in all_found}
    known = [rows[mutant.name] for mutant in MUTANTS if mutant.name in rows]
    noticed = sum(f"`{NOBODY}" not in each for each in known)
    head = ["| mutant | rule | noticed by | seconds |", "|---|---|---|---|"]
    return "\n".join([*head, *known, "", f"{noticed} of {len(MUTANTS)} mutants were noticed."])


def unchanged(mutants: list[Mutant], ask: Asking) -> dict[str, str]:
    """Those who do not hold their peace where nothing is wrong."""
    names = dict.fromkeys(name for mutant in mutants for name in mutant.noticed_by)
    return {name: word for name, word in ask(tuple(names)).items() if word != SILENT}


def main(words: list[str] | None = None) -> int:
    """Try the mutants; 1 if one survives, 2 if one cannot be made."""
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="only mutants whose name holds it")
    parser.add_argument("--no-page", action="store_true", help="write no page")
    arguments = parser.parse_args(words)
    mutants = [mutant for mutant in MUTANTS if arguments.word in mutant.name]
    if not mutants:
        print(f"no mutant has {arguments.word!r} in its name", file=sys.stderr)
        return 2
    try:
        for mutant in mutants:
            changed(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))
    except NotThere as problem:
        print(problem, file=sys.stderr)
        return 2
    all_found: list[Found] = []
    with asking() as ask:
        loud = unchanged(mutants, ask)
        if loud:
            print(f"these fail where nothing is wrong: {loud}", file=sys.stderr)
            return 2
        for mutant in mutants:
            all_found.append(ask.about(mutant))
            print(line(all_found[-1]), flush=True)
    survivors = [found.mutant.name for found in all_found if found.by is None]
    print(f"{len(all_found) - len(survivors)} of {len(all_found)} mutants were noticed.")
    if not arguments.no_page:
        page = PAGE.read_text(encoding="utf-8")
        page = with_figures(page, table(all_found, page), marks=(BEGIN, END))
        PAGE.write_text(page, encoding="utf-8")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
