"""What a WebAssembly module imports and exports, read independently of the code under test."""

from __future__ import annotations

import io

_IMPORTS = 2
_EXPORTS = 7
_FUNCTION = 0


def export_names(module: bytes) -> list[str]:
    """The names of a module's exports, in its order."""
    payload = _section(module, _EXPORTS)
    return [_export(payload) for _ in range(_number(payload))]


def import_names(module: bytes) -> set[tuple[str, str]]:
    """The functions that a module imports: module and name."""
    payload = _section(module, _IMPORTS)
    return {_import(payload) for _ in range(_number(payload))}


def _section(module: bytes, wanted: int) -> io.BytesIO:
    """The content of a section; that of an empty one if there is none."""
    stream = io.BytesIO(module)
    assert stream.read(8) == b"\0asm\x01\0\0\0"
    while kind := stream.read(1):
        payload = io.BytesIO(stream.read(_number(stream)))
        if kind[0] == wanted:
            return payload
    return io.BytesIO(b"\0")


def _import(stream: io.BytesIO) -> tuple[str, str]:
    found = _name(stream), _name(stream)
    assert stream.read(1)[0] == _FUNCTION, "Go imports nothing but functions"
    _number(stream)
    return found


def _export(stream: io.BytesIO) -> str:
    name = _name(stream)
    stream.read(1)
    _number(stream)
    return name


def _name(stream: io.BytesIO) -> str:
    return stream.read(_number(stream)).decode()


def _number(stream: io.BytesIO) -> int:
    byte = stream.read(1)[0]
    return byte if byte < 0x80 else byte - 0x80 + 0x80 * _number(stream)
