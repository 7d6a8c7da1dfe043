"""Reads the case files in `data/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
_BYTES = re.compile(r"⟦([0-9A-F]{2}(?: [0-9A-F]{2})*)⟧")


@dataclass(frozen=True)
class Case:
    """One line of a case file: where it stands, the heading it stands under, and its bytes."""

    place: str
    heading: str
    text: bytes


def unescape(line: str) -> bytes:
    """The bytes of a case: UTF-8, with ⟦0D 0A⟧ for bytes that can't be written."""
    parts = _BYTES.split(line)
    return b"".join(
        bytes.fromhex(part) if index % 2 else part.encode("utf-8") for index, part in enumerate(parts)
    )


def lines(name: str) -> list[Case]:
    """The cases of a file with one case per line; lines that start with `## ` are headings or remarks."""
    found = []
    heading = ""
    for number, line in enumerate((DATA / name).read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            heading = line[3:]
        elif line:
            found.append(Case(f"{name}:{number}", heading, unescape(line)))
    return found
