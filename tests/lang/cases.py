"""The language cases in data/*.lua.

A file holds programs. Each begins with a line `--- NAME`; what stands in front of the first one begins all of
them. What a program prints and how it ends has to be the same by LuaJIT, which is asked when the tests run, so
there are no expected results. To run some: pytest tests/lang -k NAME; nothing else is compiled then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
_HEADER = re.compile(r"(?m)^--- ([\w-]+)\n")


@dataclass(frozen=True)
class Program:
    """A Lua program: its name, which is unique, and its text."""

    name: str
    text: str


def load() -> list[Program]:
    """All cases."""
    return [program for path in sorted(DATA.glob("*.lua")) for program in read(path)]


def read(path: Path) -> list[Program]:
    """The cases of a file, named FILE-NAME."""
    prelude, *rest = _HEADER.split(path.read_text("utf-8"))
    return [
        Program(f"{path.stem}-{name}", prelude + text)
        for name, text in zip(rest[::2], rest[1::2], strict=True)
    ]
