"""Work that is the same on every machine: how many Python functions are called."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType


def calls(run: Callable[[], object]) -> int:
    """How many Python functions are called while run() runs, in threads that it starts, too."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    threading.setprofile(called)
    sys.setprofile(called)
    try:
        run()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return count
