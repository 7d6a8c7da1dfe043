"""The built-in upstream: answers every request with what it received, as JSON."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from typing import BinaryIO, cast

from snippet2wasm.verify.http1 import Head, Header, HttpError, read_body, read_head
from snippet2wasm.verify.process import LOOPBACK, Address, Server


class EchoUpstream(Server):
    """An HTTP/1.1 server on loopback in a thread of this process.

    The answer is 200 with a JSON object: `method`, `path`, `query` (absent without one), `headers` (name to
    value, or to a list of values for a header that came several times), and `body` (absent when empty;
    `body_base64` when it is not UTF-8).
    """

    def __init__(self) -> None:
        self._server: _TcpServer | None = None

    @property
    def address(self) -> Address:
        """Where it listens, once it is started."""
        if self._server is None:
            raise RuntimeError("the upstream does not run")
        port: int = self._server.server_address[1]
        return LOOPBACK, port

    def _start(self) -> None:
        self._server = _TcpServer((LOOPBACK, 0), _Connection)
        serve = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        serve.start()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """A peer that leaves in the middle of a request is no news."""


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    timeout = 300

    def handle(self) -> None:
        try:
            while self._answer_one(cast(BinaryIO, self.rfile)):
                pass
        except (HttpError, OSError, ValueError):
            return  # the peer left, or sent what is no HTTP

    def _answer_one(self, stream: BinaryIO) -> bool:
        """Answers one request; False when the connection is at its end."""
        head = read_head(stream)
        if head is None:
            return False
        body = read_body(stream, head, until_close=False)
        answer = (json.dumps(description(head, body), indent=2) + "\n").encode()
        lines = [
            "HTTP/1.1 200 OK",
            "content-type: application/json",
            f"content-length: {len(answer)}",
            "",
            "",
        ]
        is_head = head.start_line.startswith("HEAD ")
        self.wfile.write("\r\n".join(lines).encode() + (b"" if is_head else answer))
        return (head.get("connection") or "").lower() != "close"


def description(head: Head, body: bytes) -> dict[str, object]:
    """What the answer says about a request."""
    method, target, _version = head.start_line.split(" ", 2)
    path, mark, query = target.partition("?")
    found: dict[str, object] = {"method": method, "path": path}
    if mark:
        found["query"] = query
    found["headers"] = _headers(head.headers)
    if body:
        try:
            found["body"] = body.decode()
        except UnicodeDecodeError:
            found["body_base64"] = base64.b64encode(body).decode()
    return found


def _headers(headers: tuple[Header, ...]) -> dict[str, str | list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}
