"""`snippet2wasm serve` as a process of its own, as a user runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request, Response
from snippet2wasm.verify.process import LOOPBACK, Address

START_SECONDS = 180.0
STOP_SECONDS = 30.0
SECONDS = 120.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Serving:
    """A running `serve`; what it writes goes to a file, both streams together.

    Its temporary files go to a folder of their own, so that a test sees that none is left.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        output: int | None = None,
    ) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._output = folder / "output.txt"
        self._seen: set[int] = set()
        with self._output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snippet2wasm", "serve", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=file if output is None else output,
                stderr=file if output is None else output,
                cwd=folder,
                env={**os.environ, "TMPDIR": str(self.temporary), **(env or {})},
                start_new_session=True,
            )

    def text(self) -> str:
        """All that it wrote so far."""
        return self._output.read_text("utf-8", "replace")

    def wait_for(self, text: str, seconds: float = SECONDS) -> None:
        """Waits until it has written a text; fails when it ends before."""
        deadline = time.monotonic() + seconds
        while text not in self.text():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.text()}"
            assert time.monotonic() < deadline, f"never wrote {text!r}:\n{self.text()}"
            self.descendants()
            time.sleep(0.1)

    def ready(self) -> Self:
        """Waits until it serves."""
        self.wait_for("  stop  ", START_SECONDS)
        return self

    @property
    def address(self) -> Address:
        """Where it serves."""
        match = re.search(r"  url +http://127\.0\.0\.1:(\d+)\n", _COLOURS.sub("", self.text()))
        assert match is not None
        return LOOPBACK, int(match[1])

    def ask(self, target: str, **more: object) -> Response:
        """Sends a request."""
        response = client.send(self.address, Request(target=target, **more))  # type: ignore[arg-type]
        assert response is not None
        return response

    def descendants(self) -> dict[int, str]:
        """Commands of the processes that it started and that run, by process id."""
        parents: dict[int, tuple[int, str]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    head, _, tail = (entry / "stat").read_text("utf-8", "replace").rpartition(")")
                except OSError:
                    continue
                state, parent = tail.split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent), head.partition("(")[2]
        ours = {self.process.pid}
        while more := {pid for pid, (parent, _) in parents.items() if parent in ours} - ours:
            ours |= more
        ours.discard(self.process.pid)
        self._seen |= ours
        return {pid: parents[pid][1] for pid in ours}

    def leftovers(self) -> list[int]:
        """Processes that were among its descendants once, and still run."""
        return [pid for pid in self._seen if _runs(pid)]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Sends a signal, if it still runs; its exit code."""
        if self.process.poll() is None:
            self.descendants()
            self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """Waits for its end; its exit code."""
        return self.process.wait(STOP_SECONDS)

    def assert_nothing_left(self) -> None:
        """No process and no temporary file of it is left."""
        assert self.leftovers() == []
        assert [str(path) for path in self.temporary.iterdir()] == []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            finally:
                self.process.kill()


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
