"""An explanation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from snippet2wasm.explain.model import Explanation
from snippet2wasm.explain.outline import Point, outline, summary


def text(explanation: Explanation) -> str:
    """The explanation, line by line."""
    lines = [f"{explanation.name} ({explanation.source}) {summary(explanation)}."]
    for section in outline(explanation):
        lines += ["", str(section.title)]
        lines += _points(section.points, 1, section.numbered)
    return "\n".join(lines) + "\n"


def _points(points: tuple[Point, ...], depth: int, numbered: bool, above: str = "") -> Iterator[str]:
    for number, point in enumerate(points, 1):
        own = f"{above}{number}."
        mark = own if numbered else "-"
        yield f"{'  ' * depth}{mark} {point.text}"
        yield from _points(point.points, depth + 1, numbered, own)
