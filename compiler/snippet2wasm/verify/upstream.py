"""The HTTP upstream behind nginx and the gateway: records what it receives, answers 200 and echoes."""

from __future__ import annotations

import socket
import socketserver
import threading
from dataclasses import dataclass
from typing import BinaryIO, cast

from snippet2wasm.verify.http1 import Header, HttpError, read_body, read_head
from snippet2wasm.verify.process import LOOPBACK, Address, Server, free_port

# The upstream's answers carry this header, so that they can be told from the gateway's own.
MARK: Header = ("x-upstream", "reached")


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as the upstream received it; text is latin-1 of the bytes."""

    method: str
    target: str
    headers: tuple[Header, ...]
    body: bytes


class Upstream(Server):
    """A threaded HTTP/1.1 server on loopback.

    The answer to every request is 200, `MARK`, and the body "METHOD TARGET\\n" followed by the request's
    body: it depends on nothing that nginx and a gateway do differently by themselves.

    Attributes:
        received: every request so far, in order of arrival.
    """

    def __init__(self) -> None:
        self.address: Address = (LOOPBACK, free_port())
        self.received: list[ReceivedRequest] = []
        self._server: _TcpServer | None = None

    def _start(self) -> None:
        self._server = _TcpServer(self)
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        thread.start()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def reset(self) -> None:
        """Forgets what it received."""
        self.received = []


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        super().__init__(upstream.address, _Connection)


class _Connection(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self) -> None:
        try:
            while self._answer_one():
                pass
        except (HttpError, OSError, ValueError):
            return  # the peer left or sent nonsense: nothing was received

    def _answer_one(self) -> bool:
        """Answers one request; False when the connection is at its end."""
        stream = cast(BinaryIO, self.rfile)
        head = read_head(stream)
        if head is None:
            return False
        method, target, _version = head.start_line.split(" ", 2)
        body = read_body(stream, head, until_close=False)
        upstream = cast(_TcpServer, self.server).upstream
        upstream.received.append(ReceivedRequest(method, target, head.headers, body))
        echo = f"{method} {target}\n".encode("latin-1") + body
        lines = [
            "HTTP/1.1 200 OK",
            "content-type: text/plain",
            f"content-length: {len(echo)}",
            f"{MARK[0]}: {MARK[1]}",
            "",
            "",
        ]
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wfile.write("\r\n".join(lines).encode() + (b"" if method == "HEAD" else echo))
        return (head.get("connection") or "").lower() != "close"
