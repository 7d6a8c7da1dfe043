"""What the compiler says to its user: errors and warnings with a place, a code, a reason and a way out.

Rendering: `render_text` for people (file:line:column, the line, a caret), `to_json` for programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypedDict

from snippet2wasm.source import Span


class Severity(Enum):
    """How bad it is: an error refuses the input, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Diagnostic:
    """One message.

    Attributes:
        code: `S2W` and three digits; docs/diagnostics.md lists them.
        message: what is wrong, one sentence without a full stop.
        span: where; None for what has no place in a text (a folder, an option).
        reason: why that is refused or warned about ("" if the message says it all).
        help: the way out.
        paste: text ready to paste into a file (a bindings entry), shown indented.
    """

    code: str
    message: str
    span: Span | None = None
    reason: str = ""
    help: str = ""
    paste: str = ""
    severity: Severity = Severity.ERROR

    def sort_key(self) -> tuple[str, int, str]:
        """Order of messages: by file and place."""
        if self.span is None:
            return ("", 0, self.code)
        place = self.span.outermost()
        return (place.source.name, place.start, self.code)


class Refusal(Exception):
    """The input can't be compiled; carries the diagnostics that say why (at least one error)."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found = [diagnostics] if isinstance(diagnostics, Diagnostic) else list(diagnostics)
        super().__init__("; ".join(diagnostic.message for diagnostic in found))
        self.diagnostics: list[Diagnostic] = found


class JsonDiagnostic(TypedDict, total=False):
    """A diagnostic as JSON; lines and columns count from 1, columns in bytes, the end is exclusive."""

    code: str
    severity: str
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    reason: str
    help: str
    paste: str


def to_json(diagnostic: Diagnostic) -> JsonDiagnostic:
    """The diagnostic as a JSON object."""
    found: JsonDiagnostic = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
    }
    if diagnostic.span is not None:
        place = diagnostic.span.outermost()
        found["file"] = place.source.name
        found["line"], found["column"] = place.source.line_column(place.start)
        found["end_line"], found["end_column"] = place.source.line_column(place.end)
    if diagnostic.reason:
        found["reason"] = diagnostic.reason
    if diagnostic.help:
        found["help"] = diagnostic.help
    if diagnostic.paste:
        found["paste"] = diagnostic.paste
    return found


_LONGEST_LINE = 160


def render_text(diagnostic: Diagnostic) -> str:
    """The diagnostic for a terminal, plain text, several lines, ending in a line feed."""
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    if diagnostic.span is None:
        lines = [f"snippet2wasm: {head}"]
    else:
        place = diagnostic.span.outermost()
        line, column = place.source.line_column(place.start)
        lines = [
            f"{place.source.name}:{line}:{column}: {head}",
            *_excerpt(place, line, column),
        ]
    if diagnostic.reason:
        lines.append(f"  why: {diagnostic.reason}")
    if diagnostic.help:
        lines.append(f"  try: {diagnostic.help}")
    lines.extend(f"      {row}" for row in diagnostic.paste.splitlines())
    return "\n".join(lines) + "\n"


def _excerpt(place: Span, line: int, column: int) -> list[str]:
    """The source line and a caret line under the span (its part on that line)."""
    data = place.source.shown_line(line)
    first = max(0, column - 1 - _LONGEST_LINE // 2) if len(data) > _LONGEST_LINE else 0
    shown = data[first : first + _LONGEST_LINE]
    before = _printable(data[first : column - 1])
    under = _printable(data[column - 1 : min(column - 1 + place.end - place.start, first + _LONGEST_LINE)])
    gutter = f"{line:>5} | "
    padding = "".join("\t" if char == "\t" else " " for char in before)
    return [
        gutter + _printable(shown),
        " " * (len(gutter) - 2) + "| " + padding + "^" * max(1, len(under)),
    ]


def _printable(data: bytes) -> str:
    """Bytes for a terminal: control characters must not reach it."""
    text = data.decode("utf-8", "replace")
    return "".join(
        char if char == "\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )
