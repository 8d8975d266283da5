"""Folders that can be trusted: whole or not there, and read only as they were written.

*Written*: a folder is filled under a hidden name beside its place, flushed to the disk, sealed and
then renamed into its place. Whatever stops the program, at the place there is the old folder, the
new one, or none; hidden leftovers of a program that was killed are removed the next time.

*Sealed*: the manifest names every file with its size and SHA-256, and carries a SHA-256 of itself.
What is read is held against it, and refused in one sentence if it is not what was written. Folders
of before have a manifest that only lists names: they are read with a note that says so.

*Never believed*: what a file says never decides what is removed or where something is written.
`inside` tells whether a name lies inside its folder; a folder is replaced only if every file in it
is, to the byte, one that this program wrote there.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import socket
import stat
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from sim import disk
from sim.disk import reason, sentence
from sim.errors import InputError, NotWritten, note, shown
from sim.locks import at_work, is_lock

FORMAT = 2  # of a manifest: raised when what is in it changes its meaning
MANIFEST = "manifest.json"
FILES, COMING, SEAL = "files", "coming", "manifest_sha256"  # keys of a manifest
RESULTS = Path("results")  # where commands write if nothing is said
NEW, OLD = "new", "old"
PICTURES = "figures/"  # before the name of a picture of the report
LEFTOVER = re.compile(
    r"\.(?P<name>.+)\.(?P<machine>[0-9a-f]{8})\.(?P<process>\d{1,10})\.(?P<what>new|old)"
)
MOST_OF_MANIFEST = 50_000_000  # bytes
MOST_PARTS, LONGEST_NAME = 3, 200  # of a name in a manifest

# What is made anew from the rest of a folder: pages, their pictures, and what is reckoned from the
# tables. Nothing else is made of them, so that one that was changed or lost does no harm.
MADE_ANEW = re.compile(
    r"(report|compare|touchpoints|optimise)\.html|summary\.json|sensitivity\.parquet"
    r"|figures/[\w-]{1,100}\.(svg|png)"
)
# The names that folders of before, which have no digests, may hold and still be replaced.
OF_BEFORE = re.compile(
    r"(scenario[\w-]*|plan|study|believed)\.yaml|scenarios/[^/]+\.yaml|README\.txt"
    r"|(manifest|summary|next_krone)\.json|[\w-]+\.(parquet|csv)"
)


class Damaged(InputError):
    """A folder is not as it was written, or holds what it must not; the message says what."""


# --- names ---


def inside(folder: Path, name: object) -> Path:
    """The path of the file `name` in `folder`: the one way from a name that a file gives to a path.

    Raises `Damaged` unless it is a plain relative name, with `/` between its parts, that leads to
    a place in the folder without going through a link.
    """
    parts = name.split("/") if isinstance(name, str) else [""]
    plain = (
        len(parts) <= MOST_PARTS
        and all(part not in ("", ".", "..") and len(part) <= LONGEST_NAME for part in parts)
        and not any(mark in part for part in parts for mark in '\\:*?"<>|')
        and all(part.isprintable() for part in parts)
    )
    if not plain:
        raise Damaged(f"{folder} is damaged: {shown(name)} is not a valid file name.")
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise Damaged(f"{folder} is damaged: {shown('/'.join(parts))} is a symbolic link.")
    return path


# --- digests ---


@dataclass(frozen=True)
class FileDigest:
    """What a manifest says of a file."""

    bytes: int
    sha256: str


def digest_of(content: bytes) -> FileDigest:
    """The digest of a file that holds `content`."""
    return FileDigest(len(content), hashlib.sha256(content).hexdigest())


def digest_of_file(file: Path) -> FileDigest:
    """The digest of a plain file. Raises OSError."""
    size, digest = 0, hashlib.sha256()
    for piece in disk.pieces(file):
        size += len(piece)
        digest.update(piece)
    return FileDigest(size, digest.hexdigest())


def as_json(content: Mapping[str, Any]) -> str:
    """The content as text: standard JSON, without NaN."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def parse_json(content: bytes) -> dict[str, Any]:
    """The JSON object that a file of ours holds.

    Raises ValueError for anything else: NaN, a name twice, nesting that no reader can follow.
    """
    try:
        found = json.loads(
            content.decode(),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_each_once,
        )
        json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except RecursionError:
        raise ValueError("its nesting is too deep") from None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is too large")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _seal_of(content: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != SEAL}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


# --- reading ---


@dataclass(frozen=True)
class Folder:
    """A folder of ours, open for reading: `said` is its manifest, `files` the digests in it.

    `files` is None where the folder is one of before, which has no digests.
    """

    place: Path
    manifest: str  # its name
    said: Mapping[str, Any]
    files: Mapping[str, FileDigest] | None
    coming: Mapping[str, FileDigest] = field(default_factory=dict)  # that were being written

    @property
    def names(self) -> Sequence[str]:
        """The files that the manifest lists."""
        return list(self.said[FILES]) if self.files is None else list(self.files)

    def read(self, name: str, most: int | None = None) -> bytes:
        """The bytes of a file that the manifest lists, as they were written.

        `most`: so many bytes are accepted from a folder without digests. Raises `Damaged`.
        """
        file = inside(self.place, name)
        if name not in self.names:
            raise Damaged(f"{self.place} is damaged: its {self.manifest} does not list {name}.")
        try:
            if self.files is not None and disk.size_of(file) != self.files[name].bytes:
                raise self.damage(name)
            content = disk.read(file, most)
        except OSError as error:
            raise self.damage(name, reason(error)) from error
        if self.files is not None and digest_of(content) != self.files[name]:
            raise self.damage(name)
        return content

    def read_json(self, name: str) -> dict[str, Any]:
        """The JSON object in a file that the manifest lists. Raises `Damaged`."""
        try:
            return parse_json(self.read(name))
        except ValueError as error:
            raise self.damage(name, f"it is not valid JSON ({error})") from error

    def check(self, skip: re.Pattern[str] = MADE_ANEW) -> None:
        """Hold every listed file against its digest, but those that can be made anew.

        Raises `Damaged` for the first that is not as it was written.
        """
        for name in self.names:
            if skip.fullmatch(name) or (self.files is None and name == self.manifest):
                continue
            file = inside(self.place, name)
            try:
                if self.files is None:
                    disk.size_of(file)
                whole = self.files is None or digest_of_file(file) == self.files[name]
            except OSError as error:
                raise self.damage(name, reason(error)) from error
            if not whole:
                raise self.damage(name)

    def damage(self, name: str, what: str = "its content has changed") -> Damaged:
        """The error that says what is wrong with a file of the folder."""
        if self._is_replaced():
            return Damaged(f"{self.place} was changed by another command meanwhile; try again.")
        return Damaged(f"{self.place} is damaged: {name}: {what}.")

    def _is_replaced(self) -> bool:
        """Whether another manifest stands there by now: its files need not fit this one."""
        try:
            found = _opened(self.place, self.manifest)
        except InputError:
            return False
        return found is not None and found.said != self.said

    def data_digest(self) -> str | None:
        """One digest of all files but those that can be made anew; None without digests."""
        if self.files is None:
            return None
        data = {
            name: each.sha256 for name, each in self.files.items() if not MADE_ANEW.fullmatch(name)
        }
        return _seal_of(data)


def open_folder(place: Path, manifest: str = MANIFEST, tell: bool = True) -> Folder:
    """The folder at `place`, whose manifest is believed only if it is as it was written.

    `tell`: say that a folder of before cannot be checked. Raises `InputError` if there is none or
    it is not a folder of ours, `Damaged` if its manifest is damaged.
    """
    found = _opened(place, manifest)
    if found is None:
        what = "is not a result folder" if place.exists() else "does not exist"
        raise InputError(f"{place} {what}.")
    if tell and found.files is None:
        note(
            f"{place} was written by an earlier version, without digests, so it cannot be checked"
            " for damage."
        )
    return found


def is_ours(place: Path, manifest: str = MANIFEST) -> bool:
    """Whether a folder of ours stands at `place`, damaged or not."""
    try:
        return _opened(place, manifest) is not None
    except Damaged:
        return True


def _opened(place: Path, manifest: str) -> Folder | None:
    file = place / manifest
    try:
        content = disk.read(file, MOST_OF_MANIFEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Damaged(f"{place} is damaged: {manifest}: {reason(error)}.") from error
    try:
        said = parse_json(content)
    except ValueError as error:
        what = f"{manifest}: it is not valid JSON ({error})"
        raise Damaged(f"{place} is damaged: {what}.") from error
    files = said.get(FILES)
    if SEAL not in said:
        of_before = isinstance(files, list) and said.get("format", 1) == 1
        if of_before and not all(isinstance(name, str) for name in files or ()):
            raise Damaged(f"{place} is damaged: {manifest}: {FILES} is not a list of names.")
        return Folder(place, manifest, said, None) if of_before else None
    if said[SEAL] != _seal_of(said):
        raise Damaged(f"{place} is damaged: {manifest}: its content has changed.")
    if said.get("format") != FORMAT:
        raise InputError(
            f"{place} was written by another version of journeysim: its format is"
            f" {shown(said.get('format'))}, and this version reads {FORMAT}."
        )
    try:
        digests, coming = _digests(files), _digests(said.get(COMING, {}))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Damaged(
            f"{place} is damaged: {manifest}: {FILES} is not a list of digests."
        ) from error
    for name in digests:
        inside(place, name)
    return Folder(place, manifest, said, digests, coming)


def _digests(files: Any) -> dict[str, FileDigest]:
    return {n: FileDigest(int(each["bytes"]), str(each["sha256"])) for n, each in files.items()}


# --- what may be replaced ---


def check_place(place: Path) -> None:
    """Make sure, before long work, that a folder can be put at `place`.

    Raises `InputError` if something stands there that must not be replaced, and
    `NotWritten` if the folder around it cannot be written.
    """
    if place.is_symlink() and not place.exists():
        raise InputError(f"{place} is a broken link. Choose another folder.")
    if place.exists():
        if not place.is_dir():
            raise InputError(f"{place} is a file. Choose another folder.")
        foreign = _foreign(place)
        if foreign is not None:
            raise InputError(
                f"{place} exists and was not changed: {foreign}. Choose another folder."
            )
    around = place.resolve().parent
    try:
        around.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(sentence(around, error)) from error
    if not os.access(around, os.W_OK | os.X_OK):
        raise NotWritten(f"{around} cannot be written: permission denied.")


def _foreign(place: Path, is_top: bool = True) -> str | None:
    """What in the folder at `place` is not this program's own, to the byte, if anything.

    A folder inside that has a manifest of its own is looked at in the same way.
    """
    try:
        folder = _opened(place, MANIFEST)
        files, folders, empty = _walk(place)
    except InputError as error:
        return error.message.rstrip(".")
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    if not files and not folders and not empty and is_top:
        return None
    if folder is None:
        return "it is not a result folder"
    others = [name for name in files if not _is_own(folder, name)]
    others += [name for name in empty if not MADE_ANEW.fullmatch(f"{name}/x.svg")]
    if others:
        changed = [name for name in others if name in folder.names]
        if changed:
            return f"{changed[0]} has changed since it was written"
        return f"it also holds {', '.join(map(shown, others[:3]))}"
    for name in folders:
        found = _foreign(place / name, is_top=False)
        if found is not None:
            return f"{name}: {found}"
    return None


def _walk(place: Path, before: str = "") -> tuple[list[str], list[str], list[str]]:
    """The files in a folder, the folders in it that have a manifest, and the empty ones, by name.

    Raises `Damaged` for links and whatever else is neither file nor folder, and OSError.
    """
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    files, folders, empty = found
    for name in sorted(os.listdir(place)):
        kind = os.lstat(place / name).st_mode
        if stat.S_ISREG(kind):
            files.append(f"{before}{name}")
        elif not stat.S_ISDIR(kind):
            raise Damaged(
                f"it also holds {shown(before + name)}, which is neither a file nor a folder"
            )
        elif (place / name / MANIFEST).exists():
            folders.append(f"{before}{name}")
        else:
            inner = _walk(place / name, f"{before}{name}/")
            for mine, more in zip(found, inner, strict=True):
                mine += more
            if not any(inner):
                empty.append(f"{before}{name}")
    return found


def _is_own(folder: Folder, name: str) -> bool:
    """Whether a file in a folder of ours is this program's own."""
    if name == folder.manifest or _is_leftover(name) or is_lock(folder.place / name):
        return True
    if folder.files is None:
        known = OF_BEFORE.fullmatch(name) or MADE_ANEW.fullmatch(name)
        return name in folder.names and known is not None
    try:
        found = digest_of_file(folder.place / name)
    except OSError:
        return False
    return found in (folder.files.get(name), folder.coming.get(name))


def _is_leftover(name: str) -> bool:
    return any(LEFTOVER.fullmatch(part) for part in name.split("/"))


def remove_own(place: Path) -> None:
    """Remove a folder of ours. Raises `InputError` if there is anything else in it."""
    foreign = _foreign(place)
    if foreign is not None:
        raise InputError(f"{place} was not changed: {foreign}. Move it away.")
    disk.remove_tree(place)


def remove_unfinished(place: Path, ours: Container[str]) -> None:
    """Remove a damaged folder of unfinished work: one that holds files of these names only.

    What stands in the files does not matter, nor what a manifest says of them. Raises `InputError`
    if there is anything else in it.
    """
    try:
        files, folders, empty = _walk(place)
    except OSError as error:
        raise InputError(f"{place} cannot be read: {reason(error)}.") from error
    except Damaged as error:
        raise InputError(f"{place} was not changed: {error.message}. Move it away.") from error
    files = [name for name in files if not MADE_ANEW.fullmatch(name) and not _is_leftover(name)]
    others = [name for name in files if name not in ours]
    others += [*folders, *(name for name in empty if not MADE_ANEW.fullmatch(f"{name}/x.svg"))]
    if others:
        also = ", ".join(shown(name) for name in others[:3])
        raise InputError(f"{place} was not changed: it also holds {also}. Move it away.")
    disk.remove_tree(place)


# --- writing ---


@contextmanager
def writing(place: Path | None) -> Iterator[None]:
    """Surround all that a command does for the folder `place`, from its first check to its result.

    Keeps other commands out (`sim.locks`), checks that a folder may be put there, and removes
    what killed programs left. None: nothing is written. Raises as `check_place` and
    `sim.locks.at_work` do.
    """
    if place is None:
        yield
        return
    with at_work(place):
        check_place(place)
        remove_leftovers(place.resolve())
        yield


def put_folder(
    place: Path, fill: Callable[[Path], Mapping[str, Any]], manifest: str = MANIFEST
) -> None:
    """Let `fill` write into a new folder and put that folder, finished and sealed, at `place`.

    `fill`: writes files by `sim.disk` and returns what the manifest is to say. A folder of ours
    that stands there is replaced. Raises as `writing` does, and `NotWritten` when the disk is
    full or the like; nothing is left behind then.
    """
    with writing(place):
        place = place.resolve()
        new = _hidden(place, NEW)
        try:
            new.mkdir()
            seal(new, fill(new), manifest)
            _move(new, place)
        except OSError as error:
            raise NotWritten(sentence(place, error)) from error
        finally:
            disk.remove_tree(new)


def seal(
    folder: Path,
    said: Mapping[str, Any],
    manifest: str = MANIFEST,
    *,
    names: Sequence[str] | None = None,
) -> None:
    """Write the manifest: what is `said`, and a digest of every file that the folder holds.

    `names`: of these files only. Folders inside that have a manifest of their own stand for
    themselves. Raises OSError.
    """
    files = list(names) if names is not None else _walk(folder)[0]
    files = [name for name in files if name != manifest and not _is_leftover(name)]
    content = _sealed(said, {name: digest_of_file(folder / name) for name in files})
    _make_file(folder / manifest, lambda new: disk.write(new, content))
    for inner in {(folder / name).parent for name in [manifest, *files]}:
        disk.flush_folder(inner)


def _sealed(
    said: Mapping[str, Any],
    files: Mapping[str, FileDigest],
    coming: Mapping[str, FileDigest] | None = None,
) -> bytes:
    content: dict[str, Any] = {"format": FORMAT}
    content |= {k: value for k, value in said.items() if k not in ("format", FILES, COMING, SEAL)}
    content[FILES] = {name: vars(files[name]) for name in sorted(files)}
    if coming is not None:
        content[COMING] = {name: vars(coming[name]) for name in sorted(coming)}
    content[SEAL] = _seal_of(content)
    return as_json(content).encode()


def change_files(folder: Folder, new: Mapping[str, bytes]) -> None:
    """Put pages, and whatever else can be made anew, into a folder of ours; the rest stays.

    Pictures that are no longer made go, if they are still what this program wrote. While it lasts
    the manifest says what is coming, so that the folder is known as ours whatever stops the
    program. Raises `Damaged` for a name that leads elsewhere, `NotWritten`.
    """
    paths = {name: _room_for(folder, name) for name in new}
    manifest = folder.place / folder.manifest
    if folder.files is None:
        listed = sorted({*folder.names, *new})
        put_file(manifest, as_json({**folder.said, FILES: listed}))
        for name, content in new.items():
            put_bytes(paths[name], content)
        return
    coming = {name: digest_of(content) for name, content in new.items()}
    put_bytes(manifest, _sealed(folder.said, folder.files, coming))
    for name, content in new.items():
        put_bytes(paths[name], content)
    gone = []
    if any(name.startswith(PICTURES) for name in new):
        gone = [name for name in folder.files if name.startswith(PICTURES) and name not in new]
        for name in gone:
            _remove_unchanged(folder, name)
    files = {name: each for name, each in folder.files.items() if name not in gone}
    put_bytes(manifest, _sealed(folder.said, files | coming))


def _room_for(folder: Folder, name: str) -> Path:
    """The path of a file that is to be written into a folder of ours.

    Raises `Damaged` if what stands there, or where a folder around it is to be, is another thing.
    """
    path = inside(folder.place, name)
    for around in path.relative_to(folder.place).parents[:-1]:
        if os.path.lexists(folder.place / around) and not (folder.place / around).is_dir():
            raise folder.damage(str(around), "it is not a folder")
    if os.path.lexists(path) and not path.is_file():
        raise folder.damage(name, "it is not a file")
    return path


def _remove_unchanged(folder: Folder, name: str) -> None:
    """Remove a picture that this program wrote, if it still is what it wrote."""
    assert folder.files is not None
    if not MADE_ANEW.fullmatch(name):
        return
    with suppress(OSError):
        file = inside(folder.place, name)
        if digest_of_file(file) == folder.files[name]:
            disk.remove(file)


def move_folder(new: Path, place: Path) -> None:
    """Put a finished folder at `place`, instead of a folder of ours that stands there.

    Under its own name stands `new` as it was, or nothing: never what it replaces, which would be
    taken for unfinished work if the program were stopped before that is removed. Raises as
    `check_place` does, and `NotWritten`.
    """
    check_place(place)
    place = place.resolve()
    hidden = _hidden(place, NEW)
    try:
        if not place.exists():
            disk.rename(new, place)
            return
        disk.remove_tree(hidden)
        disk.link_tree(new, hidden)
        _move(hidden, place)
        with suppress(OSError):  # the result is there; what was made of it may be taken up again
            disk.rename(new, hidden)
    except OSError as error:
        raise NotWritten(sentence(place, error)) from error
    finally:
        disk.remove_tree(hidden)


def _move(new: Path, place: Path) -> None:
    """In one step where the system can; else with a moment in which there is none at `place`."""
    if not place.exists():
        disk.rename(new, place)
        return
    if disk.exchange(new, place):
        disk.remove_tree(new)
        return
    old = _hidden(place, OLD)
    try:
        disk.rename(place, old)
        disk.rename(new, place)
    except BaseException:
        if old.exists() and not place.exists():
            disk.rename(old, place)
        raise
    finally:
        if place.exists():
            disk.remove_tree(old)


def put_file(place: Path, content: str) -> None:
    """Write a text file, whole or not at all. Raises `NotWritten`."""
    put_bytes(place, content.encode())


def put_bytes(place: Path, content: bytes) -> None:
    """Write a file, whole or not at all. Raises `NotWritten`."""
    make_file(place, lambda new: disk.write(new, content))


def make_file(place: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a new file by `sim.disk` and put that file, finished, at `place`.

    Whatever file stands there is replaced. The folders around it are made. Raises
    `NotWritten`; nothing is left behind then.
    """
    try:
        _make_file(place, fill)
    except OSError as error:
        raise NotWritten(sentence(place, error)) from error


def _make_file(place: Path, fill: Callable[[Path], None]) -> None:
    new = _hidden(place, NEW)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(place)
        disk.remove(new)
        fill(new)
        disk.rename(new, place)
    finally:
        with suppress(OSError):  # there is none if the folder around it is none
            disk.remove(new)


# --- what killed programs left ---


def remove_leftovers(place: Path) -> None:
    """Remove what killed programs left beside `place`; living ones keep theirs.

    A folder that one had moved aside, and not replaced yet, is moved back.
    """
    for name in sorted(os.listdir(place.parent)):
        found = LEFTOVER.fullmatch(name)
        if found is None or (found["name"], found["machine"]) != (place.name, _machine()):
            continue
        if _is_alive(int(found["process"])):
            continue
        hidden = place.with_name(name)
        if found["what"] == OLD and not place.exists() and not hidden.is_symlink():
            disk.rename(hidden, place)
        elif hidden.is_dir() and not hidden.is_symlink():
            disk.remove_tree(hidden)
        else:
            disk.remove(hidden)


def remove_leftovers_in(folder: Path) -> None:
    """Remove what killed programs left in a folder of ours, whatever it was to become."""
    for name in os.listdir(folder):
        found = LEFTOVER.fullmatch(name)
        if found is not None:
            remove_leftovers(folder / found["name"])


def _hidden(place: Path, what: str) -> Path:
    """The hidden name of this process beside `place`."""
    return place.with_name(f".{place.name}.{_machine()}.{os.getpid()}.{what}")


def _machine() -> str:
    """A short name of this machine: a folder may be shared with others."""
    return f"{crc32(socket.gethostname().encode()):08x}"


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False  # what this process left earlier is no longer in use
    if os.name == "nt":
        return True  # there the question itself would end the process
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
