"""The little that builders and images need to know of a WebAssembly module."""

from __future__ import annotations

from collections.abc import Iterator

from snippet2wasm.build.errors import ImageError

MAGIC = b"\x00asm"
SMALLEST = 8  # the magic and the version
LARGEST = 256 * 1024 * 1024  # what a gateway takes (ISTIO_WASM_MAX_BINARY_SIZE_BYTES)
_CUSTOM_SECTION = 0


def check_module(data: bytes) -> None:
    """Check what a gateway checks before it compiles a module.

    Raises:
        ImageError: not WebAssembly, or too large.
    """
    if len(data) < SMALLEST or not data.startswith(MAGIC):
        raise ImageError("the module is not WebAssembly: it does not begin with the magic number")
    if len(data) > LARGEST:
        raise ImageError(f"the module has {len(data)} bytes, and a gateway takes {LARGEST} at most")


def go_version(module: bytes) -> str:
    """The version of Go that linked the module ("go1.26.8"), "" when it does not say so.

    Go's linker writes a custom section `producers`: a vector of fields (`language`, `processed-by`), each a
    name and a vector of pairs of a tool's name and its version.
    """
    try:
        for name, payload in _custom_sections(module):
            if name == "producers":
                return dict(_producers(payload)).get("Go cmd/compile", "")
    except (IndexError, UnicodeDecodeError):
        pass  # a damaged module has no version; whoever runs it will say more
    return ""


def _custom_sections(module: bytes) -> Iterator[tuple[str, bytes]]:
    position = SMALLEST
    while position < len(module):
        kind = module[position]
        size, start = _uint(module, position + 1)
        position = start + size
        if kind == _CUSTOM_SECTION:
            name, rest = _name(module, start)
            yield name, module[rest:position]


def _producers(payload: bytes) -> Iterator[tuple[str, str]]:
    fields, position = _uint(payload, 0)
    for _ in range(fields):
        _, position = _name(payload, position)
        tools, position = _uint(payload, position)
        for _ in range(tools):
            tool, position = _name(payload, position)
            version, position = _name(payload, position)
            yield tool, version


def _name(data: bytes, position: int) -> tuple[str, int]:
    size, start = _uint(data, position)
    return data[start : start + size].decode(), start + size


def _uint(data: bytes, position: int) -> tuple[int, int]:
    """An unsigned LEB128 number and the position behind it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
