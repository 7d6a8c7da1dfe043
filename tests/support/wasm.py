"""What a WebAssembly module exports, read independently of the code under test."""

from __future__ import annotations

import io

_EXPORTS = 7


def export_names(module: bytes) -> list[str]:
    """The names of a module's exports, in its order."""
    stream = io.BytesIO(module)
    assert stream.read(8) == b"\0asm\x01\0\0\0"
    while kind := stream.read(1):
        payload = io.BytesIO(stream.read(_number(stream)))
        if kind[0] == _EXPORTS:
            return [_export(payload) for _ in range(_number(payload))]
    return []


def _export(stream: io.BytesIO) -> str:
    name = stream.read(_number(stream)).decode()
    stream.read(1)
    _number(stream)
    return name


def _number(stream: io.BytesIO) -> int:
    byte = stream.read(1)[0]
    return byte if byte < 0x80 else byte - 0x80 + 0x80 * _number(stream)
