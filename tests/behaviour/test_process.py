"""Server processes of the harness: bounded, reaped, never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from snippet2wasm.verify.process import (
    LOOPBACK,
    Process,
    Server,
    ServerError,
    find_program,
    free_port,
    listens,
    wait_until,
)
from snippet2wasm.verify.redis import RedisServer


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_free_ports_are_distinct_and_free() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert not any(listens((LOOPBACK, port)) for port in ports)


def test_processes_choose_different_ports() -> None:
    program = (
        "from snippet2wasm.verify.process import free_port as f; print([f() for _ in range(500)]); input()"
    )
    command = _python(program)
    owners = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for _ in range(4)]
    ports: list[int] = []
    for owner in owners:
        assert owner.stdout is not None
        ports += json.loads(owner.stdout.readline())
    for owner in owners:
        owner.communicate("\n", timeout=30)
    assert len(set(ports)) == 4 * 500


def test_program_that_is_not_installed() -> None:
    with pytest.raises(ServerError, match="no-such-program is not installed"):
        find_program("no-such-program")


def test_program_outside_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_program("sh", "/bin") == Path("/bin/sh")


def test_waiting_is_bounded() -> None:
    with pytest.raises(TimeoutError, match=r"the impossible: not within 0\.05 s"):
        wait_until(lambda: False, 0.05, "the impossible")


def test_process_that_ends_early_is_reported_with_its_output(tmp_path: Path) -> None:
    process = Process(_python("print('no such option'); exit(3)"), log=tmp_path / "log", cwd=tmp_path)
    with pytest.raises(ServerError, match=r"exit code 3:\nno such option"):
        process.wait_ready(lambda: False, 5)


def test_process_that_never_answers_is_reported(tmp_path: Path) -> None:
    process = Process(_python("import time; time.sleep(60)"), log=tmp_path / "log", cwd=tmp_path)
    with pytest.raises(ServerError, match=r"not within 0.1 s"):
        process.wait_ready(lambda: False, 0.1)
    process.stop()
    assert process.exit_code == -signal.SIGTERM


def test_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    )
    process = Process(_python(code), log=tmp_path / "log", cwd=tmp_path)
    process.wait_ready(lambda: b"ready" in (tmp_path / "log").read_bytes(), 5)
    process.stop(grace=0.1)
    assert process.exit_code == -signal.SIGKILL


def test_process_that_is_stopped_by_a_signal_can_be_ended(tmp_path: Path) -> None:
    process = Process(_python("import time; time.sleep(60)"), log=tmp_path / "log", cwd=tmp_path)
    process.signal(signal.SIGSTOP)
    process.stop()
    assert process.exit_code == -signal.SIGTERM


def test_server_dies_with_its_owner() -> None:
    code = (
        "from snippet2wasm.verify.redis import RedisServer\n"
        "import time\n"
        "server = RedisServer().start()\n"
        "print(server.call('INFO', 'server').decode().split('process_id:')[1].split()[0], flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen(_python(code), stdout=subprocess.PIPE, text=True, env=os.environ | _PATHS)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    assert _is_running(pid)
    owner.kill()
    owner.wait(5)
    owner.stdout.close()
    wait_until(lambda: not _is_running(pid), 5, "Redis to die with its owner")


_PATHS = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class _Failing(Server):
    stopped = False

    def _start(self) -> None:
        self.seen = self.folder
        raise ServerError("does not start")

    def _stop(self) -> None:
        self.stopped = True


def test_server_that_does_not_start_is_cleaned_up() -> None:
    server = _Failing()
    with pytest.raises(ServerError, match="does not start"):
        server.start()
    assert server.stopped
    assert not server.seen.exists()


def test_servers_end_when_they_are_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Process, "kill")
    server = RedisServer().start()
    server.stop()
    assert not listens(server.address)
