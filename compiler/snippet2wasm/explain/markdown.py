"""An explanation as Markdown, for people on GitHub and in editors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.explain.mermaid import fits, mermaid
from snippet2wasm.explain.model import Explanation
from snippet2wasm.explain.outline import Point, Section, behaviour, outline, summary
from snippet2wasm.explain.words import Code, Words


def markdown(explanation: Explanation) -> str:
    """A document of its own, with the flow chart."""
    lines = [f"# What {_shown(explanation.name)} does", ""]
    lines += [f"Made from {_span(explanation.source)}; it {render(summary(explanation))}.", ""]
    lines += _sections(outline(explanation), "##")
    lines += ["## Flow chart", "", *_chart(explanation)]
    return "\n".join(lines) + "\n"


def readme_part(explanation: Explanation) -> str:
    """What goes into an emitted project's README: the steps, the ends and the flow chart, a level lower."""
    lines = _sections(behaviour(explanation), "###")
    return "\n".join([*lines, *_chart(explanation)]) + "\n"


def _sections(sections: list[Section], level: str) -> list[str]:
    lines: list[str] = []
    for section in sections:
        if section.points:
            lines += [
                f"{level} {render(section.title)}",
                "",
                *_points(section.points, section.numbered, ""),
                "",
            ]
    return lines


def _points(points: tuple[Point, ...], numbered: bool, indent: str) -> Iterator[str]:
    for number, point in enumerate(points, 1):
        mark = f"{number}." if numbered else "-"
        yield f"{indent}{mark} {render(point.text)}"
        yield from _points(point.points, numbered, indent + " " * (len(mark) + 1))


def _chart(explanation: Explanation) -> list[str]:
    chart = mermaid(explanation)
    if not fits(chart):
        return [
            "The flow chart is too large to be drawn here; `snippet2wasm explain --format mermaid` prints it."
        ]
    return ["```mermaid", chart.rstrip("\n"), "```"]


def render(words: Words) -> str:
    """Words as Markdown, on one line."""
    return "".join(_span(part.text) if isinstance(part, Code) else _shown(part) for part in words.parts)


def _shown(text: str) -> str:
    """Plain text: nothing in it is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", text)


def _span(text: str) -> str:
    """A code span: its fence is longer than any run of backticks inside."""
    if not text:
        return "``"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    padded = f" {text} " if text[0] in "` " or text[-1] in "` " else text
    return f"{fence}{padded}{fence}"
