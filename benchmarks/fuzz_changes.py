"""What happens to folders: disks fail, programs rewrite tables, people rename, forgers lie.

Each change takes a source of luck and a folder and does one thing to one or two of its files.
`beside`, next to the folder, is what no command may touch: links and hostile names lead there.
"""

import json
import os
import random
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

BESIDE = "beside"  # the name of what lies next to the folder
NEST = 100_000  # brackets in each other
BOMB = "@bomb@"  # stands in a text for what no writer of JSON would write


class Nothing(Exception):
    """The folder has nothing that this could be done to."""


Luck = random.Random
Change = Callable[[Luck, Path], None]


def files_in(folder: Path, suffix: str = "") -> list[Path]:
    """The plain files in a folder whose names end so, links not followed."""
    found = []
    for around, _, names in os.walk(folder):
        found += [Path(around) / name for name in names if name.endswith(suffix)]
    return sorted(file for file in found if file.is_file() and not file.is_symlink())


def _one(luck: Luck, found: Sequence[Path]) -> Path:
    if not found:
        raise Nothing
    return luck.choice(found)


def _two(luck: Luck, found: Sequence[Path]) -> tuple[Path, Path]:
    if len(found) < 2:
        raise Nothing
    one, other = luck.sample(found, 2)
    return one, other


def _outside(folder: Path) -> Path:
    return folder.parent.resolve() / BESIDE


# --- bytes, as a disk loses them ---


def bytes_changed(luck: Luck, folder: Path) -> None:
    """Bits, blocks and ends of a file that are not what they were."""
    file = _one(luck, files_in(folder))
    file.write_bytes(_hurt(luck, file.read_bytes()))


def _hurt(luck: Luck, content: bytes) -> bytes:
    size = len(content)
    if size < 4:
        return luck.randbytes(luck.randrange(1, 50))
    start = luck.randrange(size)
    block = luck.choice((1, 16, 512, 4096))
    end = min(size, start + block)
    how = luck.choice(("flip", "cut", "zero", "append", "double", "swap", "empty", "newlines"))
    if how == "flip":
        bit = bytes([content[start] ^ (1 << luck.randrange(8))])
        return content[:start] + bit + content[start + 1 :]
    if how == "cut":
        return content[:start]
    if how == "zero":
        return content[:start] + bytes(end - start) + content[end:]
    if how == "append":
        return content + luck.choice((b"\0" * block, b"\n", luck.randbytes(block), content))
    if how == "double":
        return content[:end] + content[start:end] + content[end:]
    if how == "swap":
        third = max(1, size // 3)
        return content[third : 2 * third] + content[:third] + content[2 * third :]
    return b"" if how == "empty" else content.replace(b"\n", b"\r\n")


# --- JSON ---


def hostile_names(folder: Path) -> list[str]:
    """Names that lead elsewhere, that no system takes, or that belong to other files."""
    outside = _outside(folder)
    return [
        f"../{BESIDE}/letter.txt",
        f"figures/../../{BESIDE}/letter.txt",
        str(outside / "letter.txt"),
        str(outside),
        f"..\\{BESIDE}\\letter.txt",
        "C:\\letter.txt",
        "a\0b",
        "n" * 5000,
        "/".join("n" * 40),
        "",
        ".",
        "..",
        "/",
        "\ud800",
        "na\u00efve\u202e.parquet",
        "report.html",
        "scenario.yaml",
        "manifest.json",
        "replicate-01",
        "replicate-02/../../beside",
        "figures",
        f"../{BESIDE}/result",
    ]


def json_changed(luck: Luck, folder: Path) -> None:
    """A JSON file that says something else, or something that cannot be."""
    file = _one(luck, files_in(folder, ".json"))
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise Nothing from None
    file.write_text(_json_text(luck, folder, content))


def _json_text(luck: Luck, folder: Path, content: Any) -> str:
    bomb = ""
    for _ in range(luck.choice((1, 1, 1, 3))):
        content, bomb = _with_change(luck, folder, content, bomb)
    text = json.dumps(content)
    if luck.random() < 0.05 and isinstance(content, dict) and content:
        key = luck.choice(list(content))
        text = f"{{{json.dumps(key)}: {json.dumps(luck.choice((content[key], 1, [])))}, {text[1:]}"
    return text.replace(json.dumps(BOMB), bomb)


def _with_change(luck: Luck, folder: Path, content: Any, bomb: str) -> tuple[Any, str]:
    places = list(_places(content))
    if not places or luck.random() < 0.02:
        return luck.choice(([], {}, None, 1, "text", [content], {"files": content})), bomb
    around, key = luck.choice(places)
    old = around[key]
    how = luck.choice(("drop", "add", "number", "name", "kind", "key", "bomb", "other", "files"))
    if how == "drop":
        del around[key]
    elif how == "add":
        extra = luck.choice(hostile_names(folder))
        if isinstance(around, dict):
            around[extra] = luck.choice((old, 1, None, {"bytes": 3, "sha256": "0" * 64}))
        else:
            around.insert(luck.randrange(len(around) + 1), luck.choice((extra, old)))
    elif how == "number":
        around[key] = _other_number(luck, old)
    elif how == "name":
        around[key] = luck.choice(hostile_names(folder))
    elif how == "kind":
        around[key] = luck.choice(([], {}, None, True, "1", 1, [old], {"a": old}, str(old), [[]]))
    elif how == "key" and isinstance(around, dict):
        around[luck.choice(hostile_names(folder))] = around.pop(key)
    elif how == "bomb":
        around[key] = BOMB
        bomb = luck.choice(_bombs())
    elif how == "other":
        other, name = luck.choice(places)
        if name in other if isinstance(other, dict) else name < len(other):
            around[key] = other[name]
            try:
                json.dumps(content)
            except (ValueError, RecursionError):  # it holds itself now
                around[key] = None
    elif isinstance(content, dict) and isinstance(content.get("files"), dict):
        digest = {"bytes": 3, "sha256": "0" * 64}
        content["files"][luck.choice(hostile_names(folder))] = digest
    return content, bomb


def _places(content: Any) -> list[tuple[Any, Any]]:
    """Every container in some JSON, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    todo = [content] if isinstance(content, dict | list) else []
    while todo:
        around = todo.pop()
        keys = list(around) if isinstance(around, dict) else range(len(around))
        for key in keys:
            found.append((around, key))
            if isinstance(around[key], dict | list):
                todo.append(around[key])
    return found


def _other_number(luck: Luck, old: Any) -> Any:
    whole = old if type(old) in (int, float) else 1
    return luck.choice(
        (
            *(whole + 1, -whole, whole * 10, whole / 3, 0, -1, 10**400, 2**63, 1e308, 1e-320),
            *(float("nan"), float("inf"), str(whole)),
        )
    )


def _bombs() -> list[str]:
    return [
        "[" * NEST + "]" * NEST,
        '{"a":' * NEST + "1" + "}" * NEST,
        "[" * NEST,
        "9" * 5000,
        "1e999",
        "-Infinity",
        "NaN",
        "'text'",
        '"\\ud800"',
        '"\\u0000"',
        "01",
        "{1: 2}",
        '{"a": 1, "a": 2}',
    ]


# --- YAML ---


def yaml_changed(luck: Luck, folder: Path) -> None:
    """A scenario or study whose lines are not what they were."""
    file = _one(luck, files_in(folder, ".yaml"))
    lines = file.read_text(errors="replace").split("\n")
    for _ in range(luck.choice((1, 1, 1, 4))):
        _change_line(luck, folder, lines)
    text = "\n".join(lines)
    file.write_bytes(text.encode(errors="surrogatepass"))


def _change_line(luck: Luck, folder: Path, lines: list[str]) -> None:
    place = luck.randrange(len(lines))
    line = lines[place]
    name, colon, _ = line.partition(":")
    how = luck.choice(("drop", "double", "move", "value", "indent", "swap", "text"))
    if how == "drop":
        lines[place : place + 1] = []
        lines[:] = lines or [""]
    elif how == "double":
        lines.insert(place, line)
    elif how == "move":
        lines.insert(luck.randrange(len(lines)), lines.pop(place))
    elif how == "indent":
        lines[place] = luck.choice((" ", "\t", "      ")) + line
    elif how == "swap":
        other = luck.randrange(len(lines))
        lines[place], lines[other] = lines[other], line
    elif how == "value" and colon:
        value = luck.choice((*_yaml_values(), *map(json.dumps, hostile_names(folder))))
        lines[place] = f"{name}: {value}"
    else:
        lines.insert(place, luck.choice(_yaml_values()))


def _yaml_values() -> list[str]:
    return [
        *("1", "0", "-1", "1e400", "9" * 5000, ".nan", ".inf", "true", "null", "text", "[]", "{}"),
        *("[" * NEST, "- " * 500, "&a [*a, *a]", "!!python/object/apply:os.abort []", "<<: *a"),
        *("0x10", "1_000", "2020-01-01", "'", '"\\ud800"', "\0", "\ud800", "\u2028", "%YAML 9.9"),
        *("--- ", "...", "? [a]", "100000000000", "0.5", "x" * 1_100_000),
    ]


# --- tables ---


def table_changed(luck: Luck, folder: Path) -> None:
    """A table written anew by another program, with other rows, columns, types or values."""
    file = _one(luck, files_in(folder, ".parquet"))
    try:
        table = parquet.read_table(file)
    except Exception:  # it has been damaged before
        raise Nothing from None
    ways = [_other_values, _other_values, _other_values, _other_type, _other_columns, _other_rows]
    way = luck.choice([*ways, _by_pandas, _huge])
    written = pa.BufferOutputStream()
    try:
        changed = way(luck, table)
        parquet.write_table(changed, written, compression=luck.choice(("zstd", "none", "snappy")))
    except pa.ArrowException:
        raise Nothing from None
    file.write_bytes(written.getvalue())


def _column(luck: Luck, table: Any) -> str:
    return str(luck.choice(table.column_names))


def _with_column(table: Any, name: str, column: Any) -> Any:
    return table.set_column(table.column_names.index(name), name, column)


def _other_values(luck: Luck, table: Any) -> Any:
    if not table.num_rows:
        raise Nothing
    name = _column(luck, table)
    column = table.column(name)
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    values = column.to_pylist()
    for _ in range(luck.choice((1, 1, 2, len(values)))):
        place = luck.randrange(len(values))
        values[place] = _other_value(luck, values[place], values)
    try:
        made = pa.array(values, type=plain)
        if plain is not column.type:
            made = made.dictionary_encode().cast(column.type)
    except (pa.ArrowException, TypeError, OverflowError, ValueError):
        raise Nothing from None
    if made.null_count and luck.random() < 0.5:  # a column that may be empty, then
        return _with_column(table, name, made)
    field = table.schema.field(name)
    try:
        return table.set_column(table.column_names.index(name), field, made)
    except pa.ArrowException:
        raise Nothing from None


def _other_value(luck: Luck, old: Any, values: list[Any]) -> Any:
    if luck.random() < 0.1:
        return None
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return luck.choice((old + 1, old - 1, -old, 0, -1, 127, 32_767, 2**31 - 1, 2**62, old * 2))
    if isinstance(old, float):
        odd = (float("nan"), float("inf"), float("-inf"), 1e300, -1.0, 0.5, 0.0, 1e-300)
        return luck.choice((*odd, old * 2, old + 1, -old, old * (1 + 1e-9)))
    if isinstance(old, str):
        return luck.choice(("unknown", "", "x" * 100_000, "\u202e", luck.choice(values)))
    if hasattr(old, "replace"):  # a moment
        return luck.choice((old.replace(year=1970), old.replace(year=2200), luck.choice(values)))
    return luck.choice(values)


def _other_type(luck: Luck, table: Any) -> Any:
    name = _column(luck, table)
    wanted = luck.choice((pa.float32(), pa.float64(), pa.int64(), pa.int8(), pa.string()))
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return _with_column(table, name, column.cast(wanted))


def _other_columns(luck: Luck, table: Any) -> Any:
    name = _column(luck, table)
    how = luck.choice(("drop", "add", "rename", "order", "double"))
    if how == "drop":
        return table.drop_columns([name])
    if how == "order":
        return table.select(luck.sample(table.column_names, table.num_columns))
    if how == "rename":
        new = luck.choice((name.upper(), "", "other", luck.choice(table.column_names)))
        return table.rename_columns([new if n == name else n for n in table.column_names])
    extra = luck.choice(("extra", "index", "__index_level_0__")) if how == "add" else name
    return table.append_column(extra, table.column(name))


def _other_rows(luck: Luck, table: Any) -> Any:
    rows = table.num_rows
    if not rows:
        raise Nothing
    order = list(range(rows))
    how = luck.choice(("drop", "double", "shuffle", "half", "none", "swap", "last"))
    one = luck.randrange(rows)
    if how == "drop":
        order.pop(one)
    elif how == "double":
        order.insert(one, luck.randrange(rows))
    elif how == "shuffle":
        luck.shuffle(order)
    elif how == "half":
        order = order[: rows // 2] if luck.random() < 0.5 else order[::2]
    elif how == "none":
        order = []
    elif how == "swap":
        other = luck.randrange(rows)
        order[one], order[other] = order[other], order[one]
    else:
        order.append(rows - 1)
    return table.take(pa.array(order, type=pa.int64()))


def _by_pandas(luck: Luck, table: Any) -> Any:
    frame = table.to_pandas()
    if luck.random() < 0.5 and len(frame):
        frame = frame.sample(frac=1.0, random_state=luck.randrange(1000))
    return pa.Table.from_pandas(frame)


def _huge(luck: Luck, table: Any) -> Any:
    if not table.num_rows:
        raise Nothing
    if luck.random() < 0.5:
        return table.take(pa.array([0] * 300_000, type=pa.int64()))
    text = pa.array(["x" * 20_000_000] + [""] * (table.num_rows - 1))
    return _with_column(table, _column(luck, table), text)


# --- whole files ---


def file_moved(luck: Luck, folder: Path) -> None:
    """A file that is missing, doubled, in another's place, or that something else replaced."""
    found = files_in(folder)
    file = _one(luck, found)
    how = luck.choice(("missing", "doubled", "swapped", "folder", "pipe", "copied", "filled"))
    if how == "missing":
        file.unlink()
    elif how == "doubled":
        shutil.copy2(file, file.with_name(luck.choice(_near_names(file.name))))
    elif how == "swapped":
        one, other = _two(luck, found)
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    elif how == "copied":
        one, other = _two(luck, found)
        one.write_bytes(other.read_bytes())
    else:
        file.unlink()
        if how == "pipe":
            os.mkfifo(file)
            return
        file.mkdir()
        if how == "filled":
            (file / "letter.txt").write_text("dear")


def _near_names(name: str) -> list[str]:
    stem, dot, suffix = name.partition(".")
    return [
        f"copy of {name}",
        f"{stem} (1){dot}{suffix}",
        f"{name}.orig",
        name.upper() if name.upper() != name else name.lower(),
        f"\u202e{name}",
        f".{name}.00000000.{'9' * 30}.new",
        f"{stem}\u0308{dot}{suffix}",
    ]


def linked(luck: Luck, folder: Path) -> None:
    """A file or a folder that a link replaced: to what lies outside, to itself, to nothing."""
    outside = _outside(folder)
    folders = [Path(a) / name for a, names, _ in os.walk(folder) for name in names]
    places = sorted(one for one in folders if not one.is_symlink())
    if not places or luck.random() < 0.6:
        places = files_in(folder)
    place = _one(luck, places)
    how = luck.choice(("moved", "outside", "itself", "nowhere", "beside", "root"))
    target: Path
    if how == "moved":  # the very content, but elsewhere
        target = outside / f"moved-{luck.randrange(1000)}"
        if target.exists():
            raise Nothing
        shutil.move(place, target)
    else:
        near = "photos" if place.is_dir() else "letter.txt"
        if place.is_dir() and luck.random() < 0.5:
            near = "result"
        target = {
            "outside": outside / near,
            "itself": place,
            "nowhere": outside / "nowhere" / "at all",
            "beside": Path(f"../{BESIDE}") / near,
            "root": outside,
        }[how]
        _remove(place)
    place.symlink_to(target)


def _copy_tree(source: Path, target: Path) -> None:
    """A copy of a folder, without what cannot be copied, such as pipes."""
    with suppress(shutil.Error):
        shutil.copytree(source, target, symlinks=True)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()


def renamed(luck: Luck, folder: Path) -> None:
    """A file with another case or other letters in its name."""
    file = _one(luck, files_in(folder))
    new = file.with_name(luck.choice(_near_names(file.name)))
    if new.exists():
        raise Nothing
    file.rename(new)


def left_over(luck: Luck, folder: Path) -> None:
    """Hidden names as killed programs leave them, and such as none would."""
    import socket
    from zlib import crc32

    machine = f"{crc32(socket.gethostname().encode()):08x}"
    place = luck.choice([folder, *(file for file in files_in(folder))])
    process = luck.choice(("9" * 30, "9" * 10, "4194304", "0", "1", "00000000"))
    name = f".{place.name}.{luck.choice((machine, '00000000'))}.{process}"
    made = place.with_name(f"{name}.{luck.choice(('new', 'old'))}")
    how = luck.choice(("file", "folder", "link", "copy"))
    if made.exists() or made.is_symlink():
        raise Nothing
    if how == "link":
        made.symlink_to(_outside(folder) / luck.choice(("photos", "letter.txt", "result")))
    elif how == "file":
        made.write_bytes(b"half")
    elif how == "copy" and place.is_dir():
        _copy_tree(place, made)
    else:
        made.mkdir()
        (made / "half.parquet").write_bytes(b"PAR1")


def extra(luck: Luck, folder: Path) -> None:
    """Something that nobody of ours put there."""
    name = luck.choice(("letter.txt", "figures", "parts", "scenarios", "replicate-07", "x.kept"))
    place = folder / name
    if place.exists() or place.is_symlink():
        raise Nothing
    how = luck.choice(("file", "folder", "pipe", "link"))
    if how == "file":
        place.write_text("dear")
    elif how == "pipe":
        os.mkfifo(place)
    elif how == "link":
        place.symlink_to(_outside(folder) / luck.choice(("photos", "letter.txt", "result")))
    else:
        place.mkdir()
        (place / "letter.txt").write_text("dear")


# --- replicates ---


def replicates_mixed(luck: Luck, folder: Path) -> None:
    """Replicates in each other's places, twice, missing, or of something else."""
    found = sorted(one for one in folder.glob("replicate-*") if one.is_dir())
    one, other = _two(luck, [each for each in found if not each.is_symlink()])
    how = luck.choice(("copy", "swap", "missing", "foreign", "doubled", "inner", "renamed"))
    if how == "copy":
        shutil.rmtree(one)
        _copy_tree(other, one)
    elif how == "swap":
        hidden = folder / "hidden"
        one.rename(hidden)
        other.rename(one)
        hidden.rename(other)
    elif how == "missing":
        shutil.rmtree(one)
    elif how == "foreign":
        shutil.rmtree(one)
        _copy_tree(_outside(folder) / "result", one)
    elif how == "doubled":
        _copy_tree(other, folder / "replicate-09")
    elif how == "renamed":
        one.rename(folder / luck.choice(("replicate-2", "Replicate-01", "replicate-1000")))
    else:
        file = luck.choice([file.relative_to(other) for file in files_in(other)] or [Path()])
        if not file.name or not (one / file).parent.is_dir() or (one / file).is_symlink():
            raise Nothing
        shutil.copy2(other / file, one / file)


# --- unfinished work ---


def journal_changed(luck: Luck, folder: Path) -> None:
    """Lines of a journal that are cut, doubled, reordered, changed or another study's."""
    file = _one(luck, files_in(folder, ".jsonl"))
    lines = file.read_bytes().split(b"\n")
    place = luck.randrange(len(lines))
    line = lines[place]
    how = luck.choice(
        ("blank", "double", "foreign", "order", "digit", "utf-8", "end", "drop", "nest", "join")
    )
    if how == "blank":
        lines.insert(place, luck.choice((b"", b" ", b"\r")))
    elif how == "double":
        lines.insert(place, line)
    elif how == "foreign":
        lines.insert(0, b'["0123456789abcdef", "fedcba9876543210", 1.0, 2.0]')
    elif how == "order":
        luck.shuffle(lines)
    elif how == "digit":
        digits = [at for at, mark in enumerate(line) if chr(mark).isdigit()]
        if not digits:
            raise Nothing
        at = luck.choice(digits)
        lines[place] = line[:at] + str(luck.randrange(10)).encode() + line[at + 1 :]
    elif how == "utf-8":
        lines[place] = line[: len(line) // 2] + b"\xff\xfe" + line[len(line) // 2 :]
    elif how == "end":
        lines = [*(one for one in lines if one)]
        lines[-1:] = [lines[-1][: luck.randrange(len(lines[-1]) + 1)]] if lines else []
    elif how == "drop":
        lines.pop(place)
    elif how == "nest":
        lines.insert(place, luck.choice(_bombs()).encode())
    else:
        lines = [b"".join(lines)]
    file.write_bytes(b"\n".join(lines))


def parts_changed(luck: Luck, folder: Path) -> None:
    """Parts that are there twice, under other names, or in each other's places."""
    found = [file for file in files_in(folder, ".parquet") if file.parent.name == "parts"]
    file = _one(luck, found)
    number, digest = file.name[5:11], file.name[12:28]
    how = luck.choice(("double", "number", "digest", "swap", "huge", "drop"))
    if how == "double":
        shutil.copy2(file, file.with_name(f"part-000077-{digest}.parquet"))
    elif how == "number":
        file.rename(file.with_name(f"part-000088-{digest}.parquet"))
    elif how == "digest":
        file.rename(file.with_name(f"part-{number}-0123456789abcdef.parquet"))
    elif how == "huge":
        file.rename(file.with_name(f"part-999999-{digest}.parquet"))
    elif how == "swap":
        one, other = _two(luck, found)
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    else:
        file.unlink()


def kept_mixed(luck: Luck, folder: Path) -> None:
    """Kept runs in each other's places, under other names, or that are no files."""
    one, other = _two(luck, files_in(folder, ".kept"))
    how = luck.choice(("swap", "copy", "rename", "folder", "pipe", "short", "missing"))
    if how in ("swap", "copy"):
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        if how == "swap":
            other.write_bytes(content)
    elif how == "rename":
        one.rename(one.with_name(luck.choice(("0123456789abcdef.kept", one.name.upper()))))
    elif how == "short":
        one.write_bytes(one.read_bytes().partition(b"\n")[luck.choice((0, 1, 2))])
    else:
        one.unlink()
        if how == "folder":
            one.mkdir()
        elif how == "pipe":
            os.mkfifo(one)


COMMON: dict[str, Change] = {
    "bytes": bytes_changed,
    "JSON": json_changed,
    "YAML": yaml_changed,
    "table": table_changed,
    "file": file_moved,
    "link": linked,
    "name": renamed,
    "leftover": left_over,
    "extra": extra,
}
CHANGES: dict[str, Change] = {
    **COMMON,
    "replicate": replicates_mixed,
    "journal": journal_changed,
    "part": parts_changed,
    "kept": kept_mixed,
}
