"""HTTP/1.1 messages, byte for byte: what the raw client and the recording upstream share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

Header = tuple[str, str]


class HttpError(Exception):
    """The peer's bytes are no HTTP/1.1 message, or end in the middle of one."""


@dataclass(frozen=True)
class Head:
    """Start line and headers, in order, names as sent; text is latin-1 of the bytes."""

    start_line: str
    headers: tuple[Header, ...]

    def get(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def read_head(stream: BinaryIO) -> Head | None:
    """Reads a start line and headers; None when the stream ends before the first byte."""
    first = stream.readline()
    if not first:
        return None
    headers: list[Header] = []
    while (line := stream.readline()) not in (b"\r\n", b"\n"):
        if not line.endswith(b"\n"):
            raise HttpError(f"the message ends inside its headers: {first[:80]!r}")
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    return Head(first.decode("latin-1").rstrip("\r\n"), tuple(headers))


class CutBody(HttpError):
    """The connection was closed inside of a body.

    Attributes:
        body: what came of it.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__(f"the body ends after {len(body)} bytes")
        self.body = body


def read_body(stream: BinaryIO, head: Head, *, until_close: bool) -> bytes:
    """Reads the body that the head announces.

    Args:
        stream: positioned after the head.
        head: the message's head.
        until_close: whether a message without a length goes on until the peer closes (a response's does).
    """
    if (head.get("transfer-encoding") or "").lower() == "chunked":
        return _read_chunks(stream)
    length = head.get("content-length")
    if length is not None:
        return _read_exactly(stream, int(length))
    return stream.read() if until_close else b""


def _read_chunks(stream: BinaryIO) -> bytes:
    body = b""
    while line := _read_line(stream, body):
        if not (size := int(line.partition(b";")[0], 16)):
            break
        body += _read_exactly(stream, size, body)
        _read_line(stream, body)
    while stream.readline() not in (b"\r\n", b"\n", b""):
        pass  # trailers
    return body


def _read_line(stream: BinaryIO, before: bytes) -> bytes:
    try:
        line = stream.readline()
    except ConnectionResetError:
        line = b""
    if not line.endswith(b"\n"):
        raise CutBody(before)
    return line


def _read_exactly(stream: BinaryIO, size: int, before: bytes = b"") -> bytes:
    try:
        data = stream.read(size)
    except ConnectionResetError:
        data = b""
    if len(data) != size:
        raise CutBody(before + data)
    return data
