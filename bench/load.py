"""What a request costs an Envoy that is loaded as fast as it answers.

Envoy's only worker thread has one core, the client (wrk) another. Two costs are taken: the time from answer
to answer, and the worker's processor time. When something else runs on the machine the first suffers and
the second hardly does.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from snippet2wasm.verify.process import Address, ServerError, find_program

CONNECTIONS = 16
_WORKER_NAME = "wrk:worker_"  # Envoy's own name for its worker threads
_SUMMARY = re.compile(r"^\s*(?P<count>\d+) requests in .*^Requests/sec:\s*(?P<rate>[\d.]+)$", re.M | re.S)
_TROUBLE = re.compile(r"^\s*(Socket errors|Non-2xx or 3xx responses): .*$", re.M)


@dataclass(frozen=True)
class Load:
    """What one round of load showed.

    Attributes:
        rate: answers a second.
        cpu: seconds of the worker's processor time for a request.
    """

    rate: float
    cpu: float


class Worker:
    """The worker thread of an Envoy with one, and the cores of the machine that it and its client have."""

    def __init__(self, envoy: int) -> None:
        """Gives the worker of the process `envoy` a core.

        Raises:
            ServerError: it has not exactly one worker.
        """
        tasks = Path(f"/proc/{envoy}/task").iterdir()
        workers = [task for task in tasks if (task / "comm").read_text().startswith(_WORKER_NAME)]
        if len(workers) != 1:
            raise ServerError(f"Envoy has {len(workers)} worker threads, and one is measured")
        self._statistics = workers[0] / "schedstat"
        cores = sorted(os.sched_getaffinity(0))
        self._client_core = cores[-1]
        os.sched_setaffinity(int(workers[0].name), {cores[0]})

    def _cpu(self) -> float:
        """Seconds that the thread has run so far."""
        return int(self._statistics.read_text().split()[0]) / 1e9

    def load(self, address: Address, seconds: int, headers: Mapping[str, str]) -> Load:
        """Sends GET requests for that long.

        Raises:
            ServerError: not all of them were answered with a status below 400.
        """
        command = ["taskset", "-c", str(self._client_core), str(find_program("wrk"))]
        command += ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        before = self._cpu()
        done = subprocess.run(
            [*command, f"http://{address[0]}:{address[1]}/"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds + 30,
        )
        used = self._cpu() - before
        summary = _SUMMARY.search(done.stdout)
        if done.returncode != 0 or summary is None or _TROUBLE.search(done.stdout):
            raise ServerError(f"wrk could not load the gateway:\n{done.stdout}")
        return Load(float(summary["rate"]), used / int(summary["count"]))
