"""The command `verify`: exit codes, what it shows, what it refuses, whose Redis it touches."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from snippet2wasm.verify.process import wait_until
from snippet2wasm.verify.redis import RedisServer

SNIPPET = """\
if ngx.var.arg_key ~= api_key then
    ngx.log(ngx.WARN, "wrong key")
    ngx.exit(403)
end
"""
BINDINGS = "globals: {api_key: {config: apiKey, type: string, secret: true}}\n"
DIFFERING = (
    '- {name: cut, request: {target: "/x#y"}}\n'  # the servers differ in fragments, whatever a plugin does
)


@dataclass
class Done:
    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Done:
    command = [sys.executable, "-m", "snippet2wasm", "verify", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "snippet.lua").write_text(SNIPPET)
    (tmp_path / "snippet2wasm.yaml").write_text(BINDINGS)
    return tmp_path


def test_no_difference(folder: Path) -> None:
    done = run(folder, "--generate", "30", "--seed", "4")
    assert done.code == 0, done.out + done.err
    assert "30 requests (30 generated, seed 4): no difference" in done.out
    assert "branches reached: 2 of 2" in done.out
    assert "made-up configuration: apiKey" in done.out


def test_difference(folder: Path) -> None:
    (folder / "requests.yaml").write_text(DIFFERING)
    done = run(folder / "snippet.lua")
    assert done.code == 4
    assert "1 requests (1 given): 1 differ" in done.out
    assert "$GATEWAY" in done.out
    assert f"not reached: {folder / 'snippet.lua'}:1 (not taken)" in done.out.replace("\n", "")


def test_json(folder: Path) -> None:
    requests = folder / "mine.yaml"
    requests.write_text(DIFFERING + "- {name: wrong, request: {target: /}, status: 200}\n")
    (folder / "config.yaml").write_text("apiKey: hunter2\n")
    done = run(folder, "--requests", requests, "--config", folder / "config.yaml", "--format", "json")
    assert done.code == 4
    found: dict[str, Any] = json.loads(done.out)
    assert (found["status"], found["requests"], found["given"], found["generated"]) == ("differs", 2, 2, 0)
    cut, wrong = found["differences"]
    assert (cut["name"], cut["origin"]) == ("cut", "given")
    assert {"field": "status", "nginx": "403", "plugin": "400"} in cut["differences"]
    assert wrong["differences"] == [
        {"field": "status, of which the requests file expects 200", "nginx": "403", "plugin": "nothing"}
    ]
    assert found["branches"]["total"] == 2
    assert found["generated_config"] == []
    assert "hunter2" not in done.out


def test_recordings_are_made(folder: Path) -> None:
    (folder / "snippet2wasm.yaml").write_text(BINDINGS + "recordings: recorded\n")
    (folder / "requests.yaml").write_text("- {name: wrong, request: {target: /}, status: 403}\n")
    assert run(folder, "--record", folder / "recorded").code == 0
    found = json.loads((folder / "recorded" / "wrong.json").read_text())
    assert found["response"]["status"] == 403
    assert found["log"] == [{"level": "warn", "message": "wrong key"}]
    compiled = [sys.executable, "-m", "snippet2wasm", "compile", folder / "snippet.lua", "-o", folder / "out"]
    done = subprocess.run(compiled, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "out" / "testdata" / "wrong.json").is_file()


def test_secrets_are_not_recorded(folder: Path) -> None:
    (folder / "config.yaml").write_text("apiKey: hunter2\n")
    done = run(folder, "--config", folder / "config.yaml", "--record", folder / "recorded")
    assert done.code == 2
    assert "--record would write secrets" in done.err
    assert not (folder / "recorded").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--redis", "here"], "HOST:PORT"),
        (["--requests", "missing.yaml"], "can't read missing.yaml"),
        (["--requests", "{folder}/snippet2wasm.yaml"], "a list of cases"),
        (["--config", "missing.yaml"], "can't read missing.yaml"),
        (["--config", "{folder}/snippet.lua"], "--config"),
        (["--config", "{folder}/snippet2wasm.yaml"], "'globals': not a key of this plugin"),
        (["--generate", "-1"], "--generate"),
    ],
)
def test_wrong_use(folder: Path, arguments: list[str], message: str) -> None:
    done = run(folder, *(argument.format(folder=folder) for argument in arguments))
    assert done.code == 2
    assert message in done.err


def test_recordings_that_have_no_place(folder: Path) -> None:
    done = run(folder, "--generate", "1", "--record", folder / "snippet.lua" / "recorded")
    assert (done.code, "--record: can't write" in done.err) == (2, True)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""  # it has ended


@pytest.fixture
def running(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Popen[str], Path]]:
    """The command at work, when its Redis runs, and where its temporary files are."""
    temporary = tmp_path_factory.mktemp("temporary")
    command = [sys.executable, "-m", "snippet2wasm", "verify", str(folder), "--generate", "20000"]
    command += ["--format", "json"]
    with Popen(
        command, stdout=PIPE, stderr=PIPE, text=True, env={**os.environ, "TMPDIR": str(temporary)}
    ) as process:
        try:
            wait_until(
                lambda: {"redis-server", "nginx"} <= {*map(_name, _children(process.pid))}, 60, "its servers"
            )
            yield process, temporary
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(running: tuple[Popen[str], Path], number: signal.Signals) -> None:
    process, temporary = running
    servers = _children(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (128 + number, False)
    assert list(temporary.iterdir()) == []
    # One that was just being started gets its signal from the kernel.
    wait_until(lambda: not any(map(_name, servers)), 10, "the servers' end")


def test_a_server_that_dies(running: tuple[Popen[str], Path]) -> None:
    process, temporary = running
    os.kill(next(pid for pid in _children(process.pid) if _name(pid) == "redis-server"), signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, "")
    assert json.loads(out)["status"] == "failed"
    assert list(temporary.iterdir()) == []


def test_folder_without_a_snippet(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.code, "holds no nginx.conf and no .lua file" in done.err) == (2, True)


def test_refused_input(folder: Path) -> None:
    (folder / "snippet.lua").write_text("ngx.exti(403)\n")
    done = run(folder)
    assert done.code == 3
    assert "error[S2W217]" in done.err


def test_go_hooks_are_refused(folder: Path) -> None:
    (folder / "hooks").mkdir()
    (folder / "hooks" / "hooks.go").write_text(
        '// Package hooks has the functions.\npackage hooks\n\n// Check checks.\nfunc Check(key string) bool { return key != "" }\n'
    )
    (folder / "snippet2wasm.yaml").write_text("globals: {check: {go: ./hooks}}\n")
    (folder / "snippet.lua").write_text('if not check(ngx.var.arg_key or "") then ngx.exit(403) end\n')
    done = run(folder)
    assert done.code == 3
    assert "error[S2W501]" in done.err


COUNTER = """\
local redis = require "resty.redis"
local red = redis:new()
red:connect("redis.internal", 6379)
red:incr("visits")
"""


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def test_given_redis_is_left_empty(folder: Path, own_redis: RedisServer) -> None:
    (folder / "snippet.lua").write_text(COUNTER)
    own_redis.call("CONFIG", "RESETSTAT")
    done = run(folder, "--generate", "5", "--redis", f"127.0.0.1:{own_redis.address[1]}")
    assert done.code == 0, done.out + done.err
    stats = own_redis.call("INFO", "commandstats")
    assert isinstance(stats, bytes)
    assert b"cmdstat_incr:" in stats
    assert b"flush" not in stats
    assert own_redis.call("DBSIZE") == 0


def test_given_redis_with_data_is_left_alone(folder: Path, own_redis: RedisServer) -> None:
    (folder / "snippet.lua").write_text(COUNTER)
    own_redis.call("SET", "mine", "precious")
    done = run(folder, "--generate", "5", "--redis", f"127.0.0.1:{own_redis.address[1]}")
    assert done.code == 3
    assert "is not empty" in done.err
    assert own_redis.snapshot()[b"mine"].value == b"precious"
