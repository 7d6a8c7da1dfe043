"""Runs recursive passes where recursion is safe.

Trees of real snippets can be deeper than Python's default recursion limit allows and, where the recursion
passes through C code, deeper than the main thread's stack. Such passes run in a thread of their own with a
large stack; what they recurse over is bounded (`lua.MAX_DEPTH`), so neither limit is ever reached.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_Result = TypeVar("_Result")

STACK_BYTES = 256 << 20  # address space; only what is used becomes memory
RECURSION_LIMIT = 100_000

_limits = threading.Lock()
_inside = threading.local()
_running = 0
_usual_limit = 0


def run(function: Callable[[], _Result]) -> _Result:
    """The result of `function()`, or its exception; called at once if this is already such a thread."""
    if getattr(_inside, "yes", False):
        return function()
    results: list[_Result] = []
    failures: list[BaseException] = []

    def body() -> None:
        _inside.yes = True
        try:
            results.append(function())
        except BaseException as failure:  # handed to the caller, whatever it is
            failures.append(failure)

    with _deep_recursion():
        thread = _start(body)
        thread.join()
    if failures:
        raise failures[0]
    return results[0]


def _start(body: Callable[[], None]) -> threading.Thread:
    """Starts a thread with the large stack; the size is set for the whole process, so it is put back."""
    with _limits:
        usual = threading.stack_size(STACK_BYTES)
        try:
            thread = threading.Thread(target=body, name="snippet2wasm-deep", daemon=True)
            thread.start()
        finally:
            threading.stack_size(usual)
    return thread


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Raises the recursion limit, which belongs to the process, while any such thread runs."""
    global _running, _usual_limit
    with _limits:
        if _running == 0:
            _usual_limit = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_usual_limit, RECURSION_LIMIT))
        _running += 1
    try:
        yield
    finally:
        with _limits:
            _running -= 1
            if _running == 0:
                sys.setrecursionlimit(_usual_limit)
