"""A raw HTTP/1.1 client: sends exactly the bytes it is given, normalises nothing."""

from __future__ import annotations

import contextlib
import re
import select
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from snippet2wasm.verify.http1 import CutBody, Head, Header, HttpError, read_body, read_head
from snippet2wasm.verify.process import LOOPBACK, Address

DEFAULT_TIMEOUT = 10.0
_STATUS_LINE = re.compile(r"HTTP/1\.[01] (?P<code>\d{3})( .*)?")


@dataclass(frozen=True)
class Request:
    """A request as it goes over the wire; text is latin-1 of the bytes.

    Attributes:
        method: such as GET.
        target: the request target, sent as it is.
        headers: in order; nothing is added but Content-Length when there is a body and no such header.
        body: the body's bytes.
        source: the loopback address that it comes from.
    """

    method: str = "GET"
    target: str = "/"
    headers: tuple[Header, ...] = (("host", "device.example"),)
    body: bytes = b""
    source: str = LOOPBACK

    def encode(self) -> bytes:
        """The bytes on the wire."""
        headers = list(self.headers)
        if self.body and not any(
            name.lower() in ("content-length", "transfer-encoding") for name, _ in headers
        ):
            headers.append(("content-length", str(len(self.body))))
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers),
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1") + self.body


@dataclass(frozen=True)
class Response:
    """A response as it came; header names as sent, in order. `cut` says that the body ended too early."""

    status: int
    reason: str
    headers: tuple[Header, ...]
    body: bytes
    cut: bool = False


def send(address: Address, request: Request, timeout: float = DEFAULT_TIMEOUT) -> Response | None:
    """Sends a request on a new connection; None when the server closed without an answer.

    Raises:
        TimeoutError: no complete answer in time.
        HttpError: the answer is no HTTP.
    """
    # A bound socket takes a port until it has timed out, so most are not bound.
    source = None if request.source == LOOPBACK else (request.source, 0)
    with socket.create_connection(address, timeout, source) as connection:
        with contextlib.suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it may have answered before reading all
            connection.sendall(request.encode())
        return _read_response(connection, request.method)


def _read_response(connection: socket.socket, method: str) -> Response | None:
    with connection.makefile("rb") as stream:
        try:
            head = _read_final_head(stream)
        except ConnectionResetError:
            return None
        if head is None:
            return None
        _, code, reason = f"{head.start_line} ".split(" ", 2)
        bodiless = method == "HEAD" or code in ("204", "304")
        try:
            body = b"" if bodiless else read_body(stream, head, until_close=True)
        except CutBody as cut:
            return Response(int(code), reason.strip(), head.headers, cut.body, cut=True)
        return Response(int(code), reason.strip(), head.headers, body)


def _read_final_head(stream: BinaryIO) -> Head | None:
    """The head of the final answer; interim ones, as 100 Continue, are skipped."""
    while (head := read_head(stream)) is not None:
        match = _STATUS_LINE.fullmatch(head.start_line)
        if match is None:
            raise HttpError(f"not an HTTP response: {head.start_line[:80]!r}")
        if not match["code"].startswith("1"):
            return head
    return None


class OpenRequest:
    """A request whose answer has not been read; a context manager that hangs up on exit."""

    def __init__(self, address: Address, request: Request, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._method = request.method
        self._connection = socket.create_connection(address, timeout)
        self._connection.sendall(request.encode())

    def send(self, data: bytes) -> None:
        """Sends more of the body."""
        self._connection.sendall(data)

    def read(self) -> Response | None:
        """Reads the answer; None when the server closed without one."""
        return _read_response(self._connection, self._method)

    def answered(self) -> bool:
        """Whether there is something to read: an answer, or the end of the connection."""
        return bool(select.select([self._connection], [], [], 0)[0])

    def hang_up(self) -> None:
        """Closes the connection at once, answer or not."""
        self._connection.close()

    def __enter__(self) -> OpenRequest:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()


def send_interleaved(
    address: Address, requests: Sequence[Request], connections: int = 50, timeout: float = DEFAULT_TIMEOUT
) -> list[Response | None]:
    """Sends all requests, up to `connections` at a time; the answers stand in the order of the requests."""
    with ThreadPoolExecutor(connections) as pool:
        return list(pool.map(lambda request: send(address, request, timeout), requests))
