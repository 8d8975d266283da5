"""The fast engine as a WebAssembly module, made of the very kernels that run here.

numba's intermediate code of `run_days`, before any step that knows this machine, is compiled for
wasm32 by the compiler that numba brings. What comes out is an object file: a module that lacks its
exports only, because no function is called that is not in it. It imports its memory and a pointer
to a stack, and exports `run_days`: addresses of a returned value and of an error (both unused) and
of each bundle, then the five numbers. It returns 0 unless it failed.

The bits are those of the native engine: rules are made of + - * / and bit operations, which both
round alike (`sim.elementary`), and nothing may be fused or rearranged.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim.compile_cache import cache_folder, read_checked, write_checked
from sim.errors import JourneysimError, NotWritten
from sim.locks import AtWork, at_work

TRIPLE = "wasm32-unknown-unknown"
# What every browser since 2021 knows: webassembly.org/features
FEATURES = "+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals"
EXPORT = "run_days"
PAUSE = 0.5  # seconds, between looks whether another process has made the module
HEADER = b"\0asm\1\0\0\0"
CUSTOM, IMPORT, FUNCTION, EXPORTS, SYMBOLS = 0, 2, 3, 7, 8  # sections; symbols: a part of linking
FUNCTION_KIND = 0
NOT_HERE, OWN_NAME = 0x10, 0x40  # flags of a symbol
BEFORE_EXPORTS = range(1, EXPORTS)


def engine_module() -> bytes:
    """The module. Made once for these sources, which takes a minute, and kept beside machine code.

    Whoever asks while another process makes it waits for that. Raises `JourneysimError` if it
    cannot be made.
    """
    folder = cache_folder()
    kept = None if folder is None else folder / "engine.wasm"
    if kept is None:
        return _made_elsewhere()
    while (content := read_checked(kept)) is None:
        try:
            with at_work(kept):
                return _made_and_kept(kept)
        except AtWork:
            time.sleep(PAUSE)
        except NotWritten:  # nor can a lock be: everybody makes it
            return _made_elsewhere()
    return content


def _made_and_kept(kept: Path) -> bytes:
    content = _made_elsewhere()
    with suppress(OSError):  # it can be made again
        write_checked(kept, content)
    return content


def _made_elsewhere() -> bytes:
    """The module, made by a process whose numba leaves code as it is first written."""
    with tempfile.TemporaryDirectory(prefix="journeysim-") as place:
        file = Path(place) / "engine.wasm"
        surroundings = {**os.environ, "NUMBA_OPT": "0", "JOURNEYSIM_CACHE": place}
        command = [sys.executable, "-m", __name__, str(file)]
        done = subprocess.run(
            command, env=surroundings, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or not file.is_file():
            last = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise JourneysimError(f"the engine cannot be compiled to WebAssembly: {last}")
        return file.read_bytes()


def make_module() -> bytes:
    """Compile `run_days` here. Only in a process started with NUMBA_OPT=0."""
    from sim.engine import day
    from sim.scenario.load import load_scenario

    # compiles it: all markets are one
    day.FastMarket(load_scenario("webshop_loop", agents=1, days=1))
    kernel: Any = day.run_days  # numba's, with what it knows of its own code
    (signature,) = kernel.signatures
    text = kernel.inspect_llvm(signature)
    name = kernel.overloads[signature].fndesc.mangled_name
    return with_export(_object_file(text, name), name, EXPORT)


def _object_file(text: str, name: str) -> bytes:
    """Compile intermediate code for wasm32; all but the function `name` is left out if unused."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(
        cpu="generic", features=FEATURES, opt=3, codemodel="default", reloc="static"
    )
    text = re.sub('target triple = ".*"', f'target triple = "{TRIPLE}"', text)
    layout = f'target datalayout = "{machine.target_data}"'
    text = re.sub('target datalayout = ".*"', layout, text)
    text = re.sub('"target-(cpu|features)"="[^"]*"', "", text)
    module = llvm.parse_assembly(text)
    for thing in (*module.functions, *module.global_variables):
        if not thing.is_declaration and thing.name != name and not thing.name.startswith("llvm."):
            thing.linkage = "internal"
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    module.verify()
    content: bytes = machine.emit_object(module)
    return content


# --- the file format: webassembly.github.io/spec/core, and Linking.md of its tool conventions ---


def with_export(content: bytes, symbol: str, name: str) -> bytes:
    """A module of an object file: without what a linker would need, exporting one function.

    Raises ValueError if the object file needs a linker: a function of somebody else's, or more
    than memory and the stack pointer.
    """
    parts = list(_sections(content))
    number = next(
        number
        for section, body in parts
        if section == CUSTOM and _name(body, 0)[0] == "linking"
        for found, number in _functions(body)
        if found == symbol
    )
    word = name.encode()
    exports = bytes([1, len(word)]) + word + bytes([FUNCTION_KIND]) + _number(number)
    made, before = [HEADER], True
    for section, body in parts:
        if section == CUSTOM:
            continue
        if before and section not in BEFORE_EXPORTS:
            made.append(bytes([EXPORTS]) + _number(len(exports)) + exports)
            before = False
        made.append(bytes([section]) + _number(len(body)) + body)
    return b"".join(made)


def _sections(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = len(HEADER)
    while at < len(content):
        section = content[at]
        size, at = _read(content, at + 1)
        yield section, content[at : at + size]
        at += size


def _functions(linking: bytes) -> Iterator[tuple[str, int]]:
    """Names and numbers of the functions of an object file's table of symbols."""
    _, at = _name(linking, 0)
    _, at = _read(linking, at)  # version
    while at < len(linking):
        kind = linking[at]
        size, at = _read(linking, at + 1)
        if kind == SYMBOLS:
            yield from _functions_of_table(linking[at : at + size])
        at += size


def _functions_of_table(table: bytes) -> Iterator[tuple[str, int]]:
    count, at = _read(table, 0)
    for _ in range(count):
        kind = table[at]
        flags, at = _read(table, at + 1)
        if kind == 1:  # data
            _, at = _name(table, at)
            for _ in range(0 if flags & NOT_HERE else 3):
                _, at = _read(table, at)
            continue
        number, at = _read(table, at)
        name = ""
        if kind != 3 and (not flags & NOT_HERE or flags & OWN_NAME):  # 3: a section
            name, at = _name(table, at)
        if kind == FUNCTION_KIND:
            if flags & NOT_HERE:
                raise ValueError(f"it calls {name or 'a function'} of somebody else's")
            yield name, number


def _read(content: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and the place after it."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _number(value: int) -> bytes:
    made = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        made.append(low | (0x80 if value else 0))
        if not value:
            return bytes(made)


def _name(content: bytes, at: int) -> tuple[str, int]:
    size, at = _read(content, at)
    return content[at : at + size].decode(), at + size


def main(arguments: list[Any]) -> None:
    """Write the module into a file."""
    Path(arguments[0]).write_bytes(make_module())


if __name__ == "__main__":
    main(sys.argv[1:])
