"""One changed folder: make it, let a command read it, and judge what came of it.

Good is: refused with exit code 2 and one sentence, or done with the very figures of the folder
that nobody changed. In both cases nothing beside the folder was touched, and nothing is left.
A folder without digests, or signed by a forger, may hold other figures that could be true: that
cannot be told.
"""

import hashlib
import io
import json
import os
import random
import re
import signal
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType

from benchmarks.fuzz_bases import BASES, EXPORT, MADE, OTHER, PAGE, Base, Command, copied, make_base
from benchmarks.fuzz_changes import CHANGES
from sim.cli import DONE, WRONG_INPUT, main
from sim.errors import InputError
from sim.folders import MADE_ANEW, MANIFEST, digest_of_file, open_folder, parse_json
from sim.pages.folder import REPLICATES
from sim.runs.unfinished import STUDY

SECONDS = 20  # that a command may take
CASES_OF_A_SEED = 1_000_000
CANNOT_CHECK = "cannot be checked"
LONGEST = 900  # letters of a sentence
CLOCK = re.compile(rb"\bseconds=[-+.e\d]+")  # in what stands for a page
NOTHING = re.compile(r"(?!)")
ANEW = re.compile(r"manifest\.json|study\.json|" + MADE_ANEW.pattern)


class Verdict(StrEnum):
    """What came of a case."""

    REFUSED = "refused"
    REDONE = "told, redone"
    UNCHANGED = "unchanged"
    UNTOLD = "cannot be told"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Case:
    """A case and what came of it."""

    seed: int
    base: str
    changes: tuple[str, ...]
    command: str
    verdict: Verdict
    why: str  # it failed
    said: str  # on standard error


class TooSlow(BaseException):
    """The command did not end; no rule for errors catches this."""


class Failed(Exception):
    """The case is a failure."""


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    told: str  # on standard error, or as errors of an object on standard output


Tree = dict[str, tuple[int, int, str]]  # kind, time and content of each name


class Fuzz:
    """The bases, made in a folder of their own, and the cases of them."""

    def __init__(self, around: Path) -> None:
        self.around = around
        self.work = around / "work"
        self.temporary = around / "temporary"
        self.temporary.mkdir()
        self._expected: dict[tuple[str, int], dict[str, bytes | None]] = {}

    def stored(self, base: Base) -> Path:
        """The working folder of a base, made when it is first asked for."""
        place = self.around / "bases" / base.name
        if not place.exists():
            make_base(base, place)
        return place

    def case(self, seed: int) -> Case:
        """Do the case of a seed."""
        number = seed % CASES_OF_A_SEED
        base = BASES[number % len(BASES)]
        first = base.changes[number // len(BASES) % len(base.changes)]
        luck = random.Random(seed)
        which = luck.randrange(len(base.commands))
        expected = self.expected(base, which)
        with _in_time():
            changes = self._changed(base, first, luck)
        command = base.commands[which]
        before, outside = self._subject(base), self._outside()
        names = set(os.listdir(self.work))
        verdict, why, told = Verdict.FAILED, "", ""
        try:
            done = self._do(command)
            told = done.told
            self._nothing_touched(outside, names)
            verdict = self._judged(base, command, done, expected, before)
        except (Failed, TooSlow) as error:
            why = str(error)
        except Exception as error:
            why = f"it could not be judged: {type(error).__name__}: {error}"
        return Case(seed, base.name, changes, command.name, verdict, why, told)

    def expected(self, base: Base, which: int) -> dict[str, bytes | None]:
        """The figures of a command on the folder that nobody changed."""
        key = base.name, which
        if key not in self._expected:
            copied(self.stored(base), self.work)
            command = base.commands[which]
            done = self._do(command)
            if done.code != DONE:
                raise RuntimeError(f"{base.name}: {' '.join(command.words)}: {done.told}")
            found = self._figures(command)
            if command.fresh:
                found = {n: _bytes(self.work / MADE / n) for n in _names(self.work / MADE)}
            self._expected[key] = found
        return self._expected[key]

    # --- the case ---

    def _changed(self, base: Base, first: str, luck: random.Random) -> tuple[str, ...]:
        """Put a copy of the base in place and change it, once or several times."""
        copied(self.stored(base), self.work)
        subject = self.work / base.subject
        done: list[str] = []
        wanted = [first, *luck.choices(base.changes, k=luck.choice((0, 0, 0, 1, 3)))]
        while wanted:
            change = wanted.pop(0)
            try:
                CHANGES[change](luck, subject)
                done.append(change)
            except Exception:  # `Nothing`, or what an earlier change left cannot be changed so
                if not done and not wanted:
                    wanted = [luck.choice(base.changes)]
        base.forge(subject)
        return tuple(done)

    def _do(self, command: Command) -> Done:
        """Do a command in the working folder, within its time."""
        printed, told = io.StringIO(), io.StringIO()
        with self._here(), redirect_stdout(printed), redirect_stderr(told):
            try:
                with _in_time():
                    code = main(list(command.words))
            except Exception as error:
                raise Failed(f"{type(error).__name__} came out of it: {error}") from error
        said = told.getvalue()
        if code != DONE and "--json" in command.words:
            errors = json.loads(printed.getvalue())["errors"]
            said += "".join(f"{error['message']}\n" for error in errors)
        return Done(code, said)

    @contextmanager
    def _here(self) -> Iterator[None]:
        before, temporary = Path.cwd(), tempfile.tempdir
        tempfile.tempdir = str(self.temporary)
        os.chdir(self.work)
        try:
            yield
        finally:
            os.chdir(before)
            tempfile.tempdir = temporary

    # --- what it did ---

    def _figures(self, command: Command) -> dict[str, bytes | None]:
        return {name: _bytes(self.work / MADE / name) for name in command.looks}

    def _subject(self, base: Base) -> Tree:
        return _tree(self.work / base.subject)

    def _outside(self) -> Tree:
        """All that a command must not touch."""
        own = {MADE, f"{MADE}.partial", f"{MADE}.unfinished", PAGE, EXPORT}
        found = {}
        for name in sorted(set(os.listdir(self.work)) - own):
            for inner, what in _tree(self.work / name).items():
                if name != OTHER or not (inner in ("", "figures") or ANEW.fullmatch(inner)):
                    found[f"{name}/{inner}"] = what
        return found

    def _nothing_touched(self, before: Tree, names: set[str]) -> None:
        after = self._outside()
        touched = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
        if touched:
            raise Failed(f"outside the folder it touched {', '.join(touched[:3])}")
        left = set(os.listdir(self.work)) - names - {MADE, PAGE, EXPORT}
        if left:
            raise Failed(f"it left {', '.join(sorted(left)[:3])}")
        if os.listdir(self.temporary):
            raise Failed(f"it left {os.listdir(self.temporary)[0]} in the temporary folder")

    def _judged(
        self,
        base: Base,
        command: Command,
        done: Done,
        expected: Mapping[str, bytes | None],
        before: Tree,
    ) -> Verdict:
        lines = done.told.splitlines()
        sentences = [line for line in lines if not line.startswith("note: ")]
        _check_words(done.told)
        if done.code != DONE:
            _check_refusal(base, done.code, sentences)
            if (
                base.kind == "sealed"
                and base.subject == MADE
                and command.words[0] in ("report", "export")
            ):
                self._left_as_it_was(base, before)
            return Verdict.REFUSED
        if sentences:
            raise Failed("it is done, and says something that is no note")
        notes = [line for line in lines if CANNOT_CHECK not in line]
        if base.kind == "before" and CANNOT_CHECK not in done.told:
            self._made_anew(base)
        found = {name: _bytes(self.work / MADE / name) for name in expected}
        wrong = [name for name in expected if found[name] != expected[name] and _counts(name)]
        if base.kind != "sealed":
            return Verdict.UNTOLD if wrong else Verdict.UNCHANGED
        if wrong:
            raise Failed(f"done, and {wrong[0]} is not what it was")
        # an export neither reads nor writes what can be made anew
        self._whole(base, MADE_ANEW if command.name == "export" else NOTHING)
        return Verdict.REDONE if notes else Verdict.UNCHANGED

    def _left_as_it_was(self, base: Base, before: Tree) -> None:
        after = self._subject(base)
        touched = sorted(
            name
            for name in (before.keys() | after.keys()) - {""}
            if (before.get(name) or (0, 0, ""))[::2] != (after.get(name) or (0, 0, ""))[::2]
        )
        if touched:
            raise Failed(f"it refused the folder and changed {', '.join(touched[:3])}")

    def _made_anew(self, base: Base) -> None:
        """What a manifest without digests called unfinished was done again, from the first run."""
        try:
            sealed = open_folder(self.work / MADE, base.manifest).files is not None
        except InputError:
            sealed = False
        if not sealed:
            raise Failed("it does not say that the folder cannot be checked")
        self._whole(base, NOTHING)

    def _whole(self, base: Base, skip: re.Pattern[str]) -> None:
        """No manifest vouches for anything that is not what was written first."""
        place, manifest = self.work / MADE, MANIFEST
        if (place / STUDY).exists():
            manifest = STUDY
        original = self.stored(base) / MADE
        said_inside = parse_json((place / manifest).read_bytes()).get(REPLICATES)
        inside = said_inside if isinstance(said_inside, list) else []
        for inner in [place, *(place / name for name in inside)]:
            try:
                folder = open_folder(inner, manifest)
                folder.check(skip)
            except InputError as error:
                raise Failed(f"done, and then {error.message}") from error
            for name, said in (folder.files or {}).items():
                file = original / inner.relative_to(place) / name
                changed = file.is_file() and digest_of_file(file) != said
                if changed and not MADE_ANEW.fullmatch(name):
                    raise Failed(f"done, and the manifest vouches for another {name}")


def _check_words(told: str) -> None:
    for word in ("Traceback", "unforeseen", "Error:", "Warning"):
        if word in told:
            raise Failed(f"it says {word}")


def _check_refusal(base: Base, code: int, sentences: list[str]) -> None:
    if code != WRONG_INPUT and not (base.kind == "forged" and code == 1):
        raise Failed(f"it ended with {code}")
    # of a file that somebody edits, every fault is told
    edited = rf"{MADE}/(replicate-\d+/)?(scenario|study)\.yaml[,:]"
    several = base.kind != "sealed" and all(re.match(edited, line) for line in sentences)
    if len(sentences) != 1 and not (several and sentences):
        raise Failed(f"it says {len(sentences)} sentences")
    for line in sentences:
        if not line.endswith((".", "?")) or len(line) > LONGEST or not line.isprintable():
            raise Failed("what it says is no sentence")


def _counts(name: str) -> bool:
    """Whether a file's bytes must be the same: those of manifests hold more than figures."""
    return Path(name).name not in (MANIFEST, STUDY)


def _names(folder: Path) -> list[str]:
    found = [os.path.relpath(Path(a) / n, folder) for a, _, names in os.walk(folder) for n in names]
    return sorted(name for name in found if _counts(name))


def _bytes(file: Path) -> bytes | None:
    try:
        plain = stat.S_ISREG(os.lstat(file).st_mode)
        return CLOCK.sub(b"", file.read_bytes()) if plain else None
    except OSError:
        return None


def _tree(place: Path) -> Tree:
    """Everything in a folder, by name; links are not followed."""
    found: Tree = {}
    todo = [""]
    while todo:
        name = todo.pop()
        path = place / name if name else place
        try:
            what = os.lstat(path)
        except FileNotFoundError:
            continue
        content = ""
        if stat.S_ISLNK(what.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(what.st_mode):
            content = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        elif stat.S_ISDIR(what.st_mode):
            todo += [f"{name}/{inner}" if name else inner for inner in os.listdir(path)]
        found[name] = (what.st_mode, what.st_mtime_ns, content)
    return found


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise `TooSlow` in what takes too long."""

    def stop(_: int, frame: FrameType | None) -> None:
        where = "" if frame is None else f" at {frame.f_code.co_qualname}"
        raise TooSlow(f"it took more than {SECONDS} seconds{where}")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


__all__ = ["CASES_OF_A_SEED", "Case", "Fuzz", "Verdict"]
