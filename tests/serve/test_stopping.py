"""However `serve` ends, nothing of it stays behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serve.serving import START_SECONDS, STOP_SECONDS, Serving
from snippet2wasm.verify.process import wait_until


def _pid(serving: Serving, program: str) -> int:
    return next(pid for pid, name in serving.descendants().items() if name == program)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal(number: signal.Signals, counter_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, counter_project) as serving:
        serving.ready()
        assert len(serving.descendants()) == 3
        assert serving.stop(number) == 0
        serving.assert_nothing_left()
    assert serving.text().endswith("stopped\n")


def test_many_signals(counter_project: Path, tmp_path: Path) -> None:
    """An impatient user does not get the better of the clean-up."""
    with Serving(tmp_path, counter_project) as serving:
        serving.ready()
        serving.descendants()
        for _ in range(20):
            serving.process.send_signal(signal.SIGINT)
        assert serving.end() == 0
        serving.assert_nothing_left()


def test_signal_while_building(door: Path) -> None:
    with Serving(door, "door.conf") as serving:
        serving.wait_for("building door.conf")
        assert serving.stop(signal.SIGTERM) == 0
        serving.assert_nothing_left()


def test_signal_while_starting(counter_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, counter_project) as serving:
        wait_until(lambda: "envoy" in serving.descendants().values(), START_SECONDS)
        assert serving.stop(signal.SIGTERM) == 0
        serving.assert_nothing_left()


def test_killed(counter_project: Path, tmp_path: Path) -> None:
    """The kernel ends what cannot be stopped any more."""
    with Serving(tmp_path, counter_project) as serving:
        serving.ready()
        assert serving.stop(signal.SIGKILL) == -signal.SIGKILL
        wait_until(lambda: serving.leftovers() == [], STOP_SECONDS)


@pytest.mark.parametrize("program", ["envoy", "redis-server", "webdis"])
def test_crash(program: str, counter_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, counter_project) as serving:
        os.kill(_pid(serving.ready(), program), signal.SIGKILL)
        assert serving.end() == 1
        serving.assert_nothing_left()
    assert f"snippet2wasm: {program} ended with exit code -9:" in serving.text()
    assert serving.text().endswith("everything else has been stopped\n")
    assert "Traceback" not in serving.text()


def test_nobody_reads(door_project: Path, tmp_path: Path) -> None:
    """As in `serve … | head -1`: the reader's end is the end, without noise."""
    reader, writer = os.pipe()
    with Serving(tmp_path, door_project, output=writer) as serving:
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            while (line := stream.readline()).strip() != b"stop      Ctrl-C":
                assert line, "it ended early"
                match = line.split()
                if match[:1] == [b"url"]:
                    port = int(match[1].split(b":")[2].split(b"/")[0])
        serving.descendants()
        subprocess.run(
            ["curl", "-s", f"http://127.0.0.1:{port}/door?knock=bad"], check=True, capture_output=True
        )
        assert serving.end() == 0
        serving.assert_nothing_left()


def test_terminal(door_project: Path, tmp_path: Path) -> None:
    """A terminal gets colours; when it goes away, everything ends."""
    mine, theirs = pty.openpty()
    with Serving(tmp_path, door_project, output=theirs) as serving:
        os.close(theirs)
        seen = b""
        while b"Ctrl-C" not in seen:
            seen += os.read(mine, 4096)
        assert b"\x1b[1mserving" in seen
        serving.descendants()
        os.close(mine)
        serving.process.send_signal(signal.SIGHUP)
        assert serving.end() == 0
        serving.assert_nothing_left()


def test_a_background_job_is_stopped_while_it_builds(door: Path) -> None:
    """A shell without job control starts background jobs with SIGINT ignored; builds must end all the same."""
    code = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, '-m', 'snippet2wasm', 'serve', 'door.conf'])"
    )
    with (door / "output.txt").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", code], cwd=door, stdout=output, stderr=output)
    try:
        wait_until(lambda: b"building" in (door / "output.txt").read_bytes(), START_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
