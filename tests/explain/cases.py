"""What the cases in data/ expect of `explain`: `text`, `markdown` or `mermaid`."""

from __future__ import annotations

from pathlib import Path

from support import cases
from support.cases import Case

DATA = Path(__file__).parent / "data"
OUTPUTS = ("text", "markdown", "mermaid")


def load(path: Path) -> list[Case]:
    """The cases of a file."""
    return cases.load(path, OUTPUTS)
