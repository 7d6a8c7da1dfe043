"""An upstream that answers as its request's target says, for snippets that call HTTP services."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from snippet2wasm.verify.upstream import RawAnswer, ReceivedRequest, Upstream

PATH = "/answer"
"""What answers are asked for with: the query, percent-encoded, is a Script as JSON, such as {"status": 503}."""


@dataclass(frozen=True)
class Script:
    """What an answer is to be.

    Attributes:
        status: the status line behind the version.
        headers: lines, names as they are.
        body: text, latin-1.
        delay: seconds before it.
        cut: "before": the connection is closed without an answer; "within": in the middle of the body.
        chunked: pieces of the body, in the place of body.
    """

    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    delay: float = 0.0
    cut: str = ""
    chunked: tuple[str, ...] = field(default=())


class ScriptedUpstream(Upstream):
    """An Upstream that answers requests for PATH as they ask; all others as an Upstream does."""

    def raw_answer(self, request: ReceivedRequest) -> RawAnswer | None:
        """The answer to a request for PATH."""
        target = urlsplit(request.target)
        if target.path != PATH:
            return None
        given: dict[str, Any] = json.loads(unquote(target.query) or "{}")
        script = Script(**given)
        time.sleep(script.delay)
        if script.cut == "before":
            return RawAnswer(b"", closes=True)
        lines = [f"HTTP/1.1 {script.status}", *(f"{name}: {value}" for name, value in script.headers)]
        body = script.body.encode("latin-1")
        if script.chunked:
            lines.append("Transfer-Encoding: chunked")
            pieces = [piece.encode("latin-1") for piece in script.chunked]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        elif script.status[:3] not in ("204", "304"):
            lines.append(f"Content-Length: {len(body)}")
        if request.method == "HEAD":
            body = b""
        if script.cut == "within":
            body = body[: len(body) // 2]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return RawAnswer(head + body, closes=bool(script.cut))
