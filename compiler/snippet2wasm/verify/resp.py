"""RESP2, Redis's wire protocol: frames as raw bytes, commands as tuples, replies as Python values."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from snippet2wasm.verify.process import Address

Command = tuple[bytes, ...]
Reply = None | int | bytes | list["Reply"]


class RespError(Exception):
    """An error reply of Redis (its text), or bytes that are no RESP."""


class FrameReader:
    """Cuts complete RESP frames out of a byte stream that arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterable[bytes]:
        """Adds data; yields every frame that is now complete, as its raw bytes.

        Raises:
            RespError: the stream is no RESP.
        """
        self._buffer += data
        while (end := _frame_end(self._buffer, 0)) is not None:
            frame = bytes(self._buffer[:end])
            del self._buffer[:end]
            yield frame


def _frame_end(data: bytearray, start: int) -> int | None:
    """The offset just after the frame that begins at start; None when it is not complete."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        return None
    after = line_end + 2
    kind = bytes(data[start : start + 1])
    if kind in (b"+", b"-", b":"):
        return after
    size = _integer(data[start + 1 : line_end])
    if kind == b"$":
        end = after if size < 0 else after + size + 2
        return end if end <= len(data) else None
    if kind == b"*":
        end_or_none: int | None = after
        for _ in range(size):
            if end_or_none is None:
                return None
            end_or_none = _frame_end(data, end_or_none)
        return end_or_none
    raise RespError(f"not RESP: {bytes(data[start : start + 20])!r}")


def _integer(digits: bytearray) -> int:
    try:
        return int(digits)
    except ValueError:
        raise RespError(f"not a RESP length: {bytes(digits[:20])!r}") from None


def parse(frame: bytes) -> Reply | RespError:
    """The value of one complete frame; an error reply is returned, not raised."""
    value, _ = _parse_at(frame, 0)
    return value


def _parse_at(frame: bytes, start: int) -> tuple[Reply | RespError, int]:
    line_end = frame.index(b"\r\n", start)
    kind, text, after = frame[start : start + 1], frame[start + 1 : line_end], line_end + 2
    if kind == b"+":
        return text, after
    if kind == b"-":
        return RespError(text.decode("utf-8", "replace")), after
    if kind == b":":
        return int(text), after
    size = int(text)
    if size < 0:
        return None, after
    if kind == b"$":
        return frame[after : after + size], after + size + 2
    values: list[Reply] = []
    for _ in range(size):
        value, after = _parse_at(frame, after)
        if isinstance(value, RespError):
            raise value
        values.append(value)
    return values, after


def parse_command(frame: bytes) -> Command:
    """The arguments of a command frame (an array of bulk strings)."""
    values = parse(frame)
    if not isinstance(values, list) or not all(isinstance(value, bytes) for value in values):
        raise RespError(f"not a command: {frame[:40]!r}")
    return tuple(value for value in values if isinstance(value, bytes))


def encode_command(*arguments: str | bytes | int) -> bytes:
    """A command as an array of bulk strings; text is sent as UTF-8."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class RedisClient:
    """A small synchronous Redis client; a context manager."""

    def __init__(self, address: Address, timeout: float = 5.0) -> None:
        self._socket = socket.create_connection(address, timeout)
        self._frames = FrameReader()

    def __enter__(self) -> RedisClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def call(self, *arguments: str | bytes | int) -> Reply:
        """Sends one command and returns its reply.

        Raises:
            RespError: Redis answered with an error.
            OSError: the connection broke or the answer took too long.
        """
        self._socket.sendall(encode_command(*arguments))
        while True:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("Redis closed the connection")
            for frame in self._frames.feed(data):
                value = parse(frame)
                if isinstance(value, RespError):
                    raise value
                return value
