"""What Envoy writes while it runs: its log and its access log, read as they grow."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from snippet2wasm.serve.gateway import RECORD_SEPARATOR

_SEPARATOR = RECORD_SEPARATOR.encode()
_LARGEST_FILE = 64 << 20
_LARGEST_READ = 1 << 20


@dataclass(frozen=True)
class LogRecord:
    """A record of Envoy's log.

    Attributes:
        level: Envoy's: trace, debug, info, warning, error, critical; "" for what has none (a crash).
        component: the part of Envoy that wrote it; "plugin" for what the plugin logged.
        text: it may hold line feeds.
    """

    level: str
    component: str
    text: str


@dataclass(frozen=True)
class AccessRecord:
    """A request that is done.

    Attributes:
        method, path: of the request.
        status: of the answer; 0 if there was none.
        ms: how long it took.
        answered_by: "plugin", "upstream", or what Envoy says about an answer of its own.
    """

    method: str
    path: str
    status: int
    ms: int
    answered_by: str


Record = LogRecord | AccessRecord


class LogReader:
    """Reads both files of a gateway; nothing is read twice, and the files do not grow without end."""

    def __init__(self, log: Path, access_log: Path) -> None:
        self._log = _Tail(log)
        self._access = _Tail(access_log)
        self._rest = b""
        self._access_rest = b""

    def read(self) -> list[Record]:
        """What is new, the requests behind what was logged while they ran."""
        requests = self._access.read()
        self._rest += self._log.read()
        *complete, last = self._rest.split(_SEPARATOR)
        if last.endswith(b"\n"):
            complete, self._rest = [*complete, last], b""
        else:
            self._rest = _SEPARATOR + last if complete else last
        records: list[Record] = [log_record(each) for each in complete if each.strip()]
        *lines, self._access_rest = (self._access_rest + requests).split(b"\n")
        return [*records, *(access_record(line) for line in lines if line)]


class _Tail:
    """The end of a file that another process appends to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> bytes:
        """The next bytes; b"" when there are none."""
        if not self._path.exists():
            return b""
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            data = stream.read(_LARGEST_READ)
        self._offset += len(data)
        if not data and self._offset > _LARGEST_FILE:
            # Its writer appends (O_APPEND), so it goes on at the new end.
            os.truncate(self._path, 0)
            self._offset = 0
        return data


def log_record(data: bytes) -> LogRecord:
    """A record, without the separator in front of it."""
    text = data.decode("utf-8", "replace").rstrip("\n")
    words = text.split(" ", 2)
    if len(words) < 3 or words[0] not in ("trace", "debug", "info", "warning", "error", "critical"):
        return LogRecord("", "", text)
    level, component, message = words
    _, mark, logged = message.partition("wasm log ")
    if component == "wasm" and mark:
        # The plugin's name, its root id if the record belongs to a request, and the id of its VM.
        return LogRecord(level, "plugin", logged.partition(": ")[2])
    return LogRecord(level, component, message)


def access_record(line: bytes) -> AccessRecord:
    """A line of the access log."""
    found = json.loads(line.decode("utf-8", "replace"))
    details = found["details"] or ""
    if found["upstream"] and details in ("via_upstream", ""):
        answered_by = "upstream"
    else:
        answered_by = details.partition("{")[0].replace("_", " ") or "plugin"
    return AccessRecord(
        found["method"] or "-", found["path"] or "-", found["status"] or 0, found["ms"] or 0, answered_by
    )
