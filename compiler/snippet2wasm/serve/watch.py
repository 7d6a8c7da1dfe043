"""Sees that files change, by their times and sizes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

_SECONDS = 0.25
_Stamp = tuple[int, int, int] | None


class Watch:
    """Looks at files a few times per second.

    Args:
        files: gives the files; those that are not there count, too.
    """

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._known = self._state()
        self._last = self._known
        self._next = 0.0

    def accept(self) -> None:
        """Takes the files as they are now for known."""
        self._known = self._last = self._state()

    def follow(self) -> None:
        """Takes in that there are other files to look at; a known one that changed meanwhile has changed."""
        self._known = {path: self._known.get(path, stamp) for path, stamp in self._state().items()}

    def changed(self) -> bool:
        """Whether the files are others than the known ones, and have stayed so for two looks.

        An editor that writes a file in several steps is not read in between.
        """
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _SECONDS
        before, self._last = self._last, self._state()
        return self._last != self._known and self._last == before

    def _state(self) -> dict[Path, _Stamp]:
        return {path: _stamp(path) for path in self._files()}


def _stamp(path: Path) -> _Stamp:
    """Time, size and inode; None for what is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
