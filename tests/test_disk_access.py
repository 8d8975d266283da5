"""Results are written and read by `sim.disk` alone: every other way is found in the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent

# Names of functions and methods that open, write, read, rename or remove a file by its path.
OPENING = {"open", "fdopen", "memory_map", "OSFile", "savefig", "TemporaryFile"}
WRITING = {"write_text", "write_bytes", "to_parquet", "to_csv", "to_json", "to_pickle", "tofile"}
READING = {"read_text", "read_bytes", "read_parquet", "read_csv", "fromfile", "memmap", "getsize"}
CHANGING = {"unlink", "rename", "rmtree", "copytree", "copyfile", "copy2", "link", "symlink"}
OF_ARROW = {"ParquetWriter", "ParquetFile", "write_table", "read_table", "read_schema"}
NAMES = OPENING | WRITING | READING | CHANGING | OF_ARROW | {"write_csv", "savez", "touch"}

OWN = ("sim.disk", "sim.scenario.load")  # modules whose functions of such names are meant

# Where else files are touched, and why that is no result, or no path.
ALLOWED = {
    "disk.py": "here it is done",
    "caches.py": "where caches lie",
    "compile_cache.py": "machine code: damaged or not there, it is made again",
    "app/wasm.py": "a compiled module, in the cache: damaged or not there, it is made again",
    "runs/room.py": "what the system says of memory",
    "cli/last_resort.py": "traces, in the cache",
    "cli/streams.py": "standard output",
    "scenario/library.py": "packaged scenarios",
    "scenario/load.py": "scenario files that users write",
    "scenario/template.py": "a scenario file for the user, and its packaged template",
    "pages/words/language.py": "packaged texts",
    "runs/identity.py": "the sources of this program, for their hash",
}
# Single calls: the function they are in, and what is called.
CALLS = {
    ("locks.py", "_locked", "open"): "the lock itself",
    ("questions/question.py", "_kept", "open"): "a folder of finished runs",
    ("questions/mix/mmm.py", "_pack", "write_table"): "into memory",
    ("runs/store.py", "pack_run", "write_table"): "into memory",
    ("runs/store.py", "unpack_run", "read_table"): "from memory",
    ("runs/sweep.py", "_fill", "open"): "the folder of a study",
    ("runs/store.py", "version", "read_bytes"): "the sources of this program",
    ("runs/exports/files.py", "_is_export", "open"): "what a user's file begins with",
    ("runs/exports/files.py", "_is_export", "read_schema"): "what a user's file begins with",
    ("runs/exports/spreadsheet.py", "is_marked", "open"): "a part of a user's file that is open",
    ("runs/exports/files.py", "_fill_csv", "write_csv"): "into a `disk.new_file`",
    ("runs/exports/files.py", "_fill_parquet", "write_table"): "into a `disk.new_file`",
    ("questions/mix/folder.py", "fill", "write_table"): "into a `disk.new_file`",
    ("questions/mix/folder.py", "_write_csv", "write_csv"): "into a `disk.new_file`",
    ("runs/dataset.py", "table_bytes", "write_table"): "into memory",
    ("runs/dataset.py", "finish", "write_table"): "its own, by `make_file`",
    ("runs/dataset.py", "_table_in", "read_table"): "from memory",
    ("records/__init__.py", "write_frame", "to_parquet"): "into a `disk.new_file`",
    ("pages/charts/drawing.py", "as_svg", "savefig"): "into memory",
    ("pages/charts/figure_files.py", "_as_svg", "savefig"): "into memory",
    ("pages/charts/figure_files.py", "_as_png", "savefig"): "into memory",
    ("runs/run.py", "write_tables", "write_table"): "into a `disk.new_file`",
    ("runs/run.py", "write_table", "ParquetWriter"): "into the stream that is given",
    ("runs/run.py", "table", "ParquetFile"): "from memory",
}


def calls(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the name of the function it is in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield from calls(node, node.name)
            continue
        if isinstance(node, ast.Call):
            yield within, node
        yield from calls(node, within)


def called(node: ast.Call) -> str:
    """The last part of the name of what is called; empty for what `sim.disk` does."""
    by = node.func
    if isinstance(by, ast.Attribute):
        if isinstance(by.value, ast.Name) and by.value.id == "disk" and by.attr not in OPENING:
            return ""
        return by.attr
    return by.id if isinstance(by, ast.Name) else ""


def found_in(source: str) -> set[tuple[str, str]]:
    """The function and the name of each call in a source that touches a file by its path."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module in OWN
        for alias in node.names
    }
    return {
        (within, called(node))
        for within, node in calls(ast.parse(source))
        if called(node) in NAMES
        and not (isinstance(node.func, ast.Name) and node.func.id in imported)
    }


def sources() -> list[str]:
    return sorted(str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py"))


def test_files_are_touched_by_the_disk_module_alone() -> None:
    assert set(ALLOWED) <= set(sources())
    found = {
        (name, *each)
        for name in sources()
        if name not in ALLOWED
        for each in found_in((ROOT / name).read_text(encoding="utf-8"))
    }
    assert found == CALLS.keys()


@pytest.mark.parametrize(
    "line",
    [
        "open(place, 'w')",
        "place.open()",
        "(place / 'a').write_text('x')",
        "table.to_parquet(str(place))",
        "os.open(place, 0)",
        "pq.read_table(place)",
    ],
)
def test_a_way_past_the_disk_module_is_seen(line: str) -> None:
    assert found_in(f"def f(place, table):\n    {line}\n")
