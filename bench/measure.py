"""Timing of whole processes, and the table of what was measured."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COMMAND_SECONDS = 600


@dataclass
class Times:
    """The times of one thing, in seconds.

    Attributes:
        name: what was timed.
        seconds: a time for each round.
    """

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.seconds)

    def cells(self) -> tuple[str, str, str]:
        """Median, spread and number of rounds, for people."""
        spread = f"{_shown(min(self.seconds))} to {_shown(max(self.seconds))}"
        return _shown(self.median), spread, str(len(self.seconds))


@dataclass(frozen=True)
class Size:
    """The size of one thing, the same in every round.

    Attributes:
        name: what it is.
        size: its bytes.
    """

    name: str
    size: int

    def cells(self) -> tuple[str, str, str]:
        """The size, no spread, one round."""
        return f"{self.size:,} bytes", "", ""


@dataclass(frozen=True)
class Ratio:
    """Two things that were timed in the same rounds.

    Attributes:
        name: what is compared.
        above: the times that are divided.
        below: by what.
    """

    name: str
    above: Times
    below: Times

    def cells(self) -> tuple[str, str, str]:
        """Median and spread of the rounds' ratios, and their number."""
        ratios = [one / other for one, other in zip(self.above.seconds, self.below.seconds, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        return f"{statistics.median(ratios):.2f}", spread, str(len(ratios))


Row = Times | Ratio | Size


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of a Markdown table."""
    head = ["| what | median | min to max | rounds |", "| --- | ---: | ---: | ---: |"]
    return head + [f"| {' | '.join((row.name, *row.cells()))} |" for row in rows]


def _shown(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def timed(command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str] | None = None) -> float:
    """Runs a command to its end and returns the seconds that it took, its start included.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        environment: what to add to the environment.

    Raises:
        RuntimeError: it failed; says what the command said.
    """
    begun = time.perf_counter()
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}")
    return seconds
