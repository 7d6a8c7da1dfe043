"""The HTTP upstream behind nginx and the gateway: records what it receives and answers as it is told."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from dataclasses import dataclass
from typing import BinaryIO, cast

from snippet2wasm.verify.http1 import Header, HttpError, read_body, read_head
from snippet2wasm.verify.process import LOOPBACK, Address, Server, free_port

# The upstream's answers carry this header, so that they can be told from the gateway's own.
MARK: Header = ("x-upstream", "reached")


ANSWER = "x-upstream-answer"
"""The request header that tells the upstream what to answer: an `Answer` as JSON."""


@dataclass(frozen=True)
class Answer:
    """What the upstream answers; text is latin-1 of the bytes.

    Attributes:
        status: of the answer.
        headers: in order; an own Content-Type takes the place of `text/plain`.
        body: the body, in pieces that are sent one by one; None for the echo. Several make it a chunked one.
        cut: whether the connection is closed in the middle of the body.
    """

    status: int = 200
    headers: tuple[Header, ...] = ()
    body: tuple[str, ...] | None = None
    cut: bool = False

    def header(self) -> Header:
        """The request header that asks for this answer."""
        asked: dict[str, object] = {"status": self.status}
        if self.headers:
            asked["headers"] = self.headers
        if self.body is not None:
            asked["body"] = self.body
        if self.cut:
            asked["cut"] = True
        return ANSWER, json.dumps(asked)

    @staticmethod
    def read(text: str) -> Answer:
        """The answer that a request header asks for."""
        asked = json.loads(text)
        headers = tuple((name, value) for name, value in asked.get("headers", []))
        body = asked.get("body")
        return Answer(
            asked.get("status", 200), headers, None if body is None else tuple(body), "cut" in asked
        )


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as the upstream received it; text is latin-1 of the bytes."""

    method: str
    target: str
    headers: tuple[Header, ...]
    body: bytes


@dataclass(frozen=True)
class RawAnswer:
    """The bytes of an answer, and whether the connection ends with it."""

    data: bytes
    closes: bool = False


class Upstream(Server):
    """A threaded HTTP/1.1 server on loopback.

    The answer to a request is 200, `MARK`, and the body "METHOD TARGET\\n" followed by the request's body,
    which depends on nothing that nginx and a gateway do differently by themselves; or what `ANSWER` says.

    Attributes:
        received: every request so far, in order of arrival.
        answered: what each of them got.
    """

    def __init__(self) -> None:
        self.address: Address = (LOOPBACK, free_port())
        self.received: list[ReceivedRequest] = []
        self.answered: list[Answer] = []
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

    def raw_answer(self, request: ReceivedRequest) -> RawAnswer | None:
        """Another answer than the one that is described above; None for that one."""
        return None

    def reset(self) -> None:
        """Forgets what it received."""
        self.received = []
        self.answered = []


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
        request = ReceivedRequest(method, target, head.headers, body)
        upstream.received.append(request)
        if (raw := upstream.raw_answer(request)) is not None:
            self.wfile.write(raw.data)
            return not raw.closes
        asked = head.get(ANSWER)
        answer = Answer() if asked is None else Answer.read(asked)
        echo = f"{method} {target}\n".encode("latin-1") + body
        pieces = [echo] if answer.body is None else [piece.encode("latin-1") for piece in answer.body]
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if answer.status in (204, 304):
            pieces = []
        headers = _headers(answer)
        upstream.answered.append(Answer(answer.status, headers, tuple(map(_text, pieces))))
        self.wfile.write(_head(answer.status, headers, pieces))
        if method == "HEAD":
            pieces = []
        for index, piece in enumerate(pieces):
            if answer.cut and index == len(pieces) - 1:
                return False
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if len(pieces) > 1 else piece)
            self.wfile.flush()
        if len(pieces) > 1:
            self.wfile.write(b"0\r\n\r\n")
        return (head.get("connection") or "").lower() != "close"


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def _headers(answer: Answer) -> tuple[Header, ...]:
    """The headers of an answer, without those that frame it."""
    typed = any(name.lower() == "content-type" for name, _ in answer.headers)
    return (*answer.headers, *(() if typed else (("content-type", "text/plain"),)), MARK)


def _head(status: int, headers: tuple[Header, ...], pieces: list[bytes]) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} Upstream", *(f"{name}: {value}" for name, value in headers)]
    if len(pieces) > 1:
        lines.append("transfer-encoding: chunked")
    elif status not in (204, 304):
        lines.append(f"content-length: {sum(map(len, pieces))}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
