"""What differs once, and then does not, is a difference unless a clock ticked that the snippet looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest

from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.client import Request, Response
from snippet2wasm.verify.compare import NORMALISATIONS, Observation
from snippet2wasm.verify.settings import Clock
from snippet2wasm.verify.sides import Sides
from snippet2wasm.verify.verification import _compare

QUIET, TICKED = (100.1, 100.4), (100.9, 101.2)


@dataclass
class Recorded:
    """Two servers whose answers are known: the plugin's first `wrong` ones differ."""

    wrong: int
    span: tuple[float, float]
    later: float = 0.0

    def __post_init__(self) -> None:
        self._bodies: Iterator[bytes] = iter([b"wrong"] * self.wrong + [b"right"] * 9)

    def patient(self) -> Recorded:
        """The same servers."""
        return self

    def nginx(self, _case: Case) -> Observation:
        """The reference."""
        return Observation(Response(200, "OK", (), b"right"), began=self.span[0], ended=self.span[0])

    def plugin(self, _case: Case, _name: str) -> Observation:
        """The plugin."""
        return Observation(
            Response(200, "OK", (), next(self._bodies)), began=self.span[1], ended=self.span[1]
        )


@pytest.mark.parametrize(
    ("wrong", "clock", "span", "differs", "each_time"),
    [
        (0, "none", QUIET, False, True),
        (1, "none", TICKED, True, False),
        (1, "seconds", QUIET, True, False),
        (1, "seconds", TICKED, False, True),
        (1, "finer", QUIET, False, True),
        (2, "none", QUIET, True, False),
        (9, "none", QUIET, True, True),
        (9, "finer", TICKED, True, True),
    ],
)
def test_verdict(wrong: int, clock: Clock, span: tuple[float, float], differs: bool, each_time: bool) -> None:
    sides = cast("Sides", Recorded(wrong, span))
    result = _compare(sides, Case("c", Request()), "given", NORMALISATIONS, {}, clock)
    assert (bool(result.differences), result.each_time) == (differs, each_time)
    assert bool(result.unsteady) == (wrong > 0 and not differs)


@pytest.mark.parametrize(("wrong", "differs"), [(1, False), (2, False), (9, True)])
def test_timers_may_be_late(wrong: int, differs: bool) -> None:
    sides = cast("Sides", Recorded(wrong, QUIET, later=0.05))
    result = _compare(sides, Case("c", Request()), "given", NORMALISATIONS, {}, "none")
    assert bool(result.differences) == differs
