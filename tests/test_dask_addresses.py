"""A study on a cluster that is not there: one sentence, soon, and nothing is left behind."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest
from distributed import LocalCluster

from sim.errors import InputError
from sim.runs import many
from sim.runs.many import Cluster
from worlds.studies import write_tiny

SECONDS = 3.0  # that a test of one address may take


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "SECONDS_TO_CONNECT", 0.5)
    monkeypatch.setattr(many, "SECONDS_TO_ANSWER", 1.0)


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of something that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a web server."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def told(address: str) -> str:
    """The sentence for an address at which there is no cluster; it comes soon."""
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        Cluster(address).reach()
    assert time.monotonic() - began < SECONDS
    return caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "",
        "tcp://",
        "tcp://:8786",
        "tcp://host",
        "tcp://host:port",
        "tcp://host:0",
        "tcp://host:99999",
        "tcp://[::1:8786",
        "http://host:8787/status",
        "tcp://host:8786/path",
    ],
)
def test_what_is_no_address_is_told_with_what_is(address: str) -> None:
    assert told(address) == (
        f"no Dask scheduler answers at {address}: that is not an address; allowed: tcp://HOST:PORT,"
        " tls://HOST:PORT, ws://HOST:PORT, wss://HOST:PORT."
    )


def test_nobody_there_is_told() -> None:
    address = "tcp://127.0.0.1:1"
    assert told(address) == f"no Dask scheduler answers at {address}: connection refused."


def test_a_protocol_may_be_left_out() -> None:
    assert told("127.0.0.1:1") == "no Dask scheduler answers at 127.0.0.1:1: connection refused."


def test_a_machine_that_is_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", silent)
    assert told("tcp://10.0.0.5:8786").endswith("10.0.0.5:8786: there is no answer.")


def test_a_name_too_long_for_a_machine_is_told() -> None:
    assert told(f"tcp://{'a' * 70}.example:8786").startswith("no Dask scheduler answers at")


def test_who_says_nothing_is_no_scheduler(mute: str) -> None:
    sentence = f"no Dask scheduler answers at {mute}: another program answers there."
    assert told(mute) == sentence


def test_a_web_server_is_no_scheduler(web: str) -> None:
    assert told(web) == f"no Dask scheduler answers at {web}: another program answers there."


def test_a_cluster_without_workers_is_told() -> None:
    with LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp") as one:
        address = one.scheduler_address
        none = f"the Dask cluster at {address} has no workers yet; start at least one."
        assert told(address) == none


def test_a_worker_is_no_scheduler() -> None:
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None, protocol="tcp") as one:
        Cluster(one.scheduler_address).reach()
        assert told(one.workers[0].address).endswith("another program answers there.")


PROGRAM = """
import sys
from sim.cli import main
from sim.runs import many
many.SECONDS_TO_CONNECT, many.SECONDS_TO_ANSWER = 0.5, 1.0
sys.exit(main(sys.argv[1:]))
"""


def test_the_command_says_one_sentence_and_leaves_nothing(mute: str, tmp_path: Path) -> None:
    write_tiny(tmp_path)
    before = sorted(os.listdir(tmp_path))
    options = ["experiment", "tiny.yaml", "--dask", mute, "--out", "study"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *options], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    sentence = f"no Dask scheduler answers at {mute}: another program answers there."
    assert done.stderr.splitlines() == [sentence]
    assert sorted(os.listdir(tmp_path)) == before
