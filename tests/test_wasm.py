"""The engine compiled to WebAssembly leaves the same bits as the native one, every night."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wasmtime

from sim import load_scenario
from sim.app import wasm
from sim.app.image import STACK, image_of
from sim.app.wasm import engine_module, with_export
from sim.engine.day import BIRTH, OPENING, WHOLE_DAY, FastMarket
from sim.engine.state import new_morning, new_state
from sim.model.columns import FLAGS
from sim.scenario.schema import Scenario
from worlds.markets import MARKETS

PAGE = 1 << 16


def from_day_0(scenario: Scenario) -> Scenario:
    """The market without what its memory would be laid out anew for: a past, people who come and
    go, changes on a day. The module's rules are the same with them."""
    without = {"past_days": 0, "turnover_per_year": 0.0, "changes": []}
    return scenario.model_copy(update=without)


LIBRARY = {
    name: from_day_0(load_scenario(name, agents=700, days=45, seed=5))
    for name in ("webshop_loop", "webshop_funnel")
}


@pytest.fixture(scope="module")
def module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, engine_module())


class Browser:
    """A market in the memory of a WebAssembly module, as a page would hold it."""

    def __init__(self, module: tuple[wasmtime.Engine, wasmtime.Module], market: FastMarket) -> None:
        engine, code = module
        self.store = wasmtime.Store(engine)
        self.image = image_of(market.bundles)
        pages = -(-self.image.end // PAGE)
        limits = wasmtime.MemoryType(wasmtime.Limits(pages, None))
        self.memory = wasmtime.Memory(self.store, limits)
        stack = wasmtime.Global(
            self.store, wasmtime.GlobalType(wasmtime.ValType.i32(), True), wasmtime.Val.i32(STACK)
        )
        self.memory.write(self.store, self.image.content, STACK)
        given = {"__linear_memory": self.memory, "__stack_pointer": stack}
        inside = wasmtime.Instance(self.store, code, [given[one.name] for one in code.imports])
        self.run_days: Any = inside.exports(self.store)[wasm.EXPORT]

    def do(self, stages: int, first_day: int, last_day: int) -> None:
        unused = STACK - 2 * PAGE  # where a value and an error would go: far below the stack's top
        numbers = (stages, 0, 1, first_day, last_day)
        assert self.run_days(self.store, unused, unused, *self.image.blocks, *numbers) == 0

    def array(self, name: str) -> bytes:
        address, here = self.image.arrays[name]
        return bytes(self.memory.read(self.store, address, address + here.nbytes))

    def forget_events(self) -> None:
        """What the market does between calls: the panel's log starts at its beginning again."""
        (name,) = (name for name in self.image.arrays if name.endswith("Log.used"))
        address, here = self.image.arrays[name]
        self.memory.write(self.store, bytes(here.nbytes), address)


def unborn(scenario: Scenario) -> FastMarket:
    """A market of one chunk, before its customers are born."""
    market = FastMarket(scenario, chunk=scenario.agents)
    cells = len(market.t.share_cumulative) * len(market.t.pace) * FLAGS
    for mine, fresh in (
        (market.state, new_state(market.t, cells)),
        (market.morning, new_morning(market.t, cells)),
    ):
        for old, new in zip(mine, fresh, strict=True):
            old[...] = new
    return market


def nights(
    scenario: Scenario, module: Any, browser: Browser | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Night by night the names of the arrays whose bytes are not those of the native engine."""
    native = FastMarket(scenario, chunk=scenario.agents)
    browser = browser or Browser(module, unborn(scenario))
    browser.do(BIRTH | OPENING, 0, 0)
    arrays = [name for name in browser.image.arrays if " Log." not in name]
    mine = image_of(native.bundles).arrays
    for day in range(scenario.days):
        native.tick(day)
        browser.do(WHOLE_DAY, day, day + 1)
        browser.forget_events()
        yield day, [n for n in arrays if digest(browser.array(n)) != digest(mine[n][1])]


def digest(content: Any) -> str:
    held = content if isinstance(content, bytes) else np.ascontiguousarray(content).tobytes()
    return hashlib.sha256(held).hexdigest()


@pytest.mark.parametrize("name", [*LIBRARY, *MARKETS])
def test_every_array_is_the_same_every_night(name: str, module: Any) -> None:
    scenario = from_day_0((LIBRARY | MARKETS)[name])
    found = dict(nights(scenario, module))
    assert found == {day: [] for day in range(scenario.days)}


def test_a_difference_would_be_seen(module: Any) -> None:
    """Another seed in the module's memory alone: all is well until somebody's luck is asked."""
    scenario = LIBRARY["webshop_loop"]
    other = unborn(scenario.model_copy(update={"seed": scenario.seed + 1}))
    found = dict(nights(scenario, module, browser=Browser(module, other)))
    assert all("State.customers" in " ".join(differing) for differing in found.values())


def test_many_days_in_one_call_are_the_same(module: Any) -> None:
    scenario = LIBRARY["webshop_loop"].model_copy(update={"panel": 0.0})
    browser = Browser(module, unborn(scenario))
    browser.do(BIRTH | OPENING | WHOLE_DAY, 0, scenario.days)
    native = FastMarket(scenario, chunk=scenario.agents)
    for day in range(scenario.days):
        native.tick(day)
    for name, (_, held) in image_of(native.bundles).arrays.items():
        if " Log." not in name:
            assert digest(browser.array(name)) == digest(held), name


def test_the_module_needs_nothing_but_memory(module: Any) -> None:
    _, code = module
    assert {one.name for one in code.imports} == {"__linear_memory", "__stack_pointer"}
    assert [one.name for one in code.exports] == [wasm.EXPORT]


ASKING = """
import sys, time
from pathlib import Path
from sim.app import wasm

def made():
    with Path(sys.argv[1]).open("a") as times:
        times.write("made\\n")
    time.sleep(1.0)
    return b"a module"

wasm._made_elsewhere, wasm.PAUSE = made, 0.02
print(wasm.engine_module().decode())
"""


def test_processes_that_ask_at_once_make_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path / "cache"))
    times = tmp_path / "times"
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASKING, str(times)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert [one.communicate()[0] for one in asking] == ["a module\n"] * 3
    assert times.read_text() == "made\n"


def test_where_no_lock_can_be_it_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(wasm, "_made_elsewhere", lambda: b"a module")
    assert wasm.engine_module() == b"a module"


def test_an_object_file_that_needs_a_linker_is_refused() -> None:
    name = b"\3env"
    symbols = bytes([1, 0, 0x10 | 0x40, 0]) + b"\1f"  # one symbol: function 0, not here, named f
    linking = b"\7linking\2" + bytes([8, len(symbols)]) + symbols
    content = b"\0asm\1\0\0\0" + bytes([0, len(linking)]) + linking
    assert name not in content
    with pytest.raises(ValueError, match="it calls f of somebody else's"):
        with_export(content, "f", "f")
