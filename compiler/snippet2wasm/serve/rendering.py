"""Envoy's records for people: places in the source, colours on a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import click

from snippet2wasm.serve.logs import AccessRecord, LogRecord

_COLOURS = {"critical": "bright_red", "error": "red", "warning": "yellow", "info": "green", "debug": "cyan"}
_LUA = "[lua] "
# nginx's name of a chunk and the line in it: "access_by_lua(nginx.conf:20):12" is line 31 of nginx.conf.
_BLOCK = re.compile(r"\w+_by_lua\w*\((?P<file>[^\n]*?):(?P<first>\d+)\):(?P<line>\d+)(?=: )")
_FILE = re.compile(r"(?<![^\s(])(?P<file>[^\s:()]+\.lua):(?P<line>\d+)(?=: )")


class Renderer:
    """Makes lines of records.

    Args:
        sources: gives the paths to show for files, by the name that a chunk has for them.
        verbose: show Envoy's own records, too.
    """

    def __init__(self, sources: Callable[[], Mapping[str, str]], verbose: bool) -> None:
        self._sources = sources
        self._verbose = verbose

    def line(self, record: LogRecord | AccessRecord) -> str | None:
        """The text for a record, with colours; None if it is not to be shown."""
        if isinstance(record, AccessRecord):
            return _access_line(record)
        if record.component == "plugin":
            return self._plugin_line(record)
        return _envoy_line(record) if self._verbose or _matters(record) else None

    def _plugin_line(self, record: LogRecord) -> str:
        place, message = self.place(record.text)
        where = click.style(printable(place), bold=True) + ": " if place else ""
        level = click.style(record.level, fg=_COLOURS.get(record.level))
        return f"{where}{level}: {_indented(message)}"

    def place(self, text: str) -> tuple[str, str]:
        """The place that a message begins with ("path:line", or "") and the message without it.

        Further places in the message become `path:line`, too.
        """
        text = text.replace(_LUA, "", 1)
        first = _BLOCK.search(text) or _FILE.search(text)
        if first is None:
            return "", text
        rest = _FILE.sub(self._place, _BLOCK.sub(self._place, text[first.end() + len(": ") :]))
        return self._place(first), text[: first.start()] + rest

    def _place(self, match: re.Match[str]) -> str:
        file = match["file"]
        line = int(match["line"])
        if "first" in match.re.groupindex:
            line += int(match["first"]) - 1
        return f"{self._sources().get(file, file)}:{line}"


def _access_line(record: AccessRecord) -> str:
    status = str(record.status) if record.status else "---"
    colour = "red" if record.status >= 500 else "yellow" if record.status >= 400 else "green"
    request = f"{printable(record.method)} {printable(record.path)}"
    shown = click.style(status, fg=colour, bold=True)
    return f"{request} → {shown} {record.ms} ms ({printable(record.answered_by)})"


def _envoy_line(record: LogRecord) -> str:
    level = click.style(record.level, fg=_COLOURS.get(record.level)) + ": " if record.level else ""
    return click.style("envoy: ", dim=True) + level + _indented(record.text)


def _matters(record: LogRecord) -> bool:
    """Whether a record of Envoy itself is more than noise."""
    if record.component == "wasm":
        return record.level in ("warning", "error", "critical")
    return record.level in ("", "error", "critical")


def _indented(text: str) -> str:
    """A message of several lines: the further ones stand under its first."""
    return "\n    ".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """Text for a line of a terminal: what requests bring in must not control it."""
    return "".join(char if char == "\t" or char.isprintable() else f"\\x{ord(char):02x}" for char in text)
