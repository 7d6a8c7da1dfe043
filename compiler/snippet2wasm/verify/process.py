"""Server processes: start, wait until they answer, stop by pid, never outlive their owner."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

LOOPBACK = "127.0.0.1"
Address = tuple[str, int]

# Below Linux's ephemeral range (32768 and up): no outgoing connection takes a port between choice and use.
_PORTS = range(10240, 32768)
_BLOCK = 64
_POLL_SECONDS = 0.01
_LOG_TAIL_BYTES = 4000
_own_ports: list[int] = []
_reservations: list[socket.socket] = []


class ServerError(Exception):
    """A server could not be found or started, did not answer in time, or ended by itself."""


def free_port() -> int:
    """A loopback TCP port that nobody listens on; no two calls give the same one, in whichever process.

    Raises:
        ServerError: none is left.
    """
    while True:
        if not _own_ports:
            _own_ports.extend(_reserve_block())
        port = _own_ports.pop()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port


def _reserve_block() -> Sequence[int]:
    """Ports for this process alone, until it ends.

    A server may bind its port long after the choice (all plugins of a session are built before Envoy starts).
    A name in Linux's abstract namespace says meanwhile whose it is: binding one is atomic, and the kernel
    takes it back.
    """
    starts = list(_PORTS[::_BLOCK])
    random.shuffle(starts)
    for start in starts:
        reservation = socket.socket(socket.AF_UNIX)
        try:
            if sys.platform == "linux":
                reservation.bind(f"\0snippet2wasm-ports-{start}")
        except OSError:
            reservation.close()
            continue
        _reservations.append(reservation)
        return _PORTS[start - _PORTS.start : start - _PORTS.start + _BLOCK]
    raise ServerError("no free loopback port found")


# What brings a program, in Debian and Ubuntu.
_PACKAGES = {
    "nginx": "nginx-light libnginx-mod-http-lua libnginx-mod-http-headers-more-filter lua-resty-core "
    "lua-cjson lua-nginx-redis lua-nginx-string lua-nginx-cookie",
    "redis-server": "redis-server",
    "webdis": "webdis",
    "setpriv": "util-linux",
}


def find_program(name: str, *folders: str) -> Path:
    """The executable called name, on PATH or in one of the folders (sbin is not on everyone's PATH).

    Raises:
        ServerError: it is not installed.
    """
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    if found is None:
        packages = f": apt install {_PACKAGES[name]}" if name in _PACKAGES else ""
        raise ServerError(f"{name} is not installed{packages}")
    return Path(found)


def wait_until(condition: Callable[[], bool], timeout: float, what: str = "condition") -> None:
    """Polls the condition until it holds.

    Raises:
        TimeoutError: it did not hold within timeout seconds.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s")
        time.sleep(_POLL_SECONDS)


def listens(address: Address) -> bool:
    """Whether something accepts TCP connections there."""
    try:
        with socket.create_connection(address, timeout=1):
            return True
    except OSError:
        return False


class Process:
    """One running child process, its output in a file.

    The child gets SIGKILL from the kernel when the thread that started it ends: start servers from a thread
    that lives as long as they should (the main thread).
    """

    def __init__(
        self, command: Sequence[str | Path], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = Path(command[0]).name
        self.log = log
        # setpriv (util-linux) sets the death signal; a preexec_fn may deadlock with threads.
        words = [str(find_program("setpriv")), "--pdeathsig", "KILL", "--", *map(str, command)]
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._child.poll()

    def wait_ready(self, ready: Callable[[], bool], timeout: float) -> None:
        """Waits until ready() holds.

        Raises:
            ServerError: the process ended, or was not ready in time; says the end of its log.
        """

        def ready_or_ended() -> bool:
            self.check()
            return ready()

        try:
            wait_until(ready_or_ended, timeout, self.name)
        except TimeoutError as error:
            raise ServerError(f"{error}\n{self._log_tail()}") from None

    def check(self) -> None:
        """Does nothing while the process runs.

        Raises:
            ServerError: it has ended; says the end of its log.
        """
        if self.exit_code is not None:
            raise ServerError(f"{self.name} ended with exit code {self.exit_code}:\n{self._log_tail()}")

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal; does nothing when the process has ended."""
        if self.exit_code is None:
            self._child.send_signal(number)

    def stop(self, grace: float = 3.0) -> None:
        """Terminates the process, kills it after grace seconds, and reaps it."""
        if self.exit_code is not None:
            return
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            self._child.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kills the process at once and reaps it."""
        self.signal(signal.SIGKILL)
        self._child.wait(5)

    def _log_tail(self) -> str:
        return self.log.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")


class Server(ABC):
    """A server of the harness: a context manager that starts it on entry and stops it on exit.

    Subclasses implement `_start` and `_stop`; `_stop` is called after a failed `_start`, too.
    """

    _folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        """The server's own temporary folder; it is removed when the server stops."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="snippet2wasm-")
        return Path(self._folder.name)

    def start(self) -> Self:
        """Starts the server and returns when it answers.

        Raises:
            ServerError: it did not start.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stops the server; may be called twice."""
        self._stop()
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._folder.cleanup()
            self._folder = None

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _stop(self) -> None: ...

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class ProcessServer(Server):
    """A server that is one process, which `_start` starts."""

    _process: Process | None = None

    def _stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def check(self) -> None:
        """Raises ServerError if it has ended by itself."""
        if self._process is not None:
            self._process.check()


class LogFile:
    """A server's log, from some point on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start = 0

    def reset(self) -> None:
        """Forgets what has been written so far."""
        self.start = self.path.stat().st_size

    def text(self) -> str:
        """What has been written since; latin-1 of the bytes."""
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            return stream.read().decode("latin-1")
