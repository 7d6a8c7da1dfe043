"""Recordings of real nginx, which the emitted tests replay: reading them and telling stale ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity


@dataclass(frozen=True)
class Recordings:
    """The recordings for one unit: their bytes by file name, and the names of those made from other text."""

    files: dict[str, bytes]
    stale: tuple[str, ...]

    def warnings(self) -> list[Diagnostic]:
        """What to tell the user of them."""
        if not self.stale:
            return []
        return [
            Diagnostic(
                "S2W403",
                f"recordings were made from another version of the handlers: {', '.join(self.stale)}",
                reason="the emitted tests replay them, and may fail where the snippet changed",
                help="record them again: snippet2wasm verify INPUT --record DIR",
                severity=Severity.WARNING,
            )
        ]


def digest(texts: Iterable[bytes]) -> str:
    """The SHA-256 that ties recordings to handlers; indentation and blank lines don't count."""
    lines = [[line.strip() for line in text.splitlines()] for text in texts]
    return hashlib.sha256(b"\0".join(b"\n".join(filter(None, text)) for text in lines)).hexdigest()


def read(folder: Path, shown: str, handlers: str) -> Recordings:
    """The recordings in a folder.

    Args:
        folder: where they are.
        shown: what the bindings call it.
        handlers: the digest of the handlers that are compiled.

    Raises:
        Refusal: S2W240, there is none, or one is no recording.
    """
    found: dict[str, bytes] = {}
    stale: list[str] = []
    try:
        for path in sorted(folder.glob("*.json")):
            found[path.name] = path.read_bytes()
            recording = json.loads(found[path.name])
            if recording["source_sha256"] != handlers:
                stale.append(path.name)
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(
            Diagnostic(
                "S2W240", f"{path} is not a recording", help="record it again, or take it out of the folder"
            )
        ) from None
    if not found:
        raise Refusal(
            Diagnostic(
                "S2W240",
                f"there are no recordings in {shown!r}",
                help="the folder is relative to the bindings file; leave `recordings` out if there are none",
            )
        )
    return Recordings(found, tuple(stale))
