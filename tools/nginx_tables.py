"""Reads what nginx's own tables say of directives and variables, out of its program file.

    python tools/nginx_tables.py [--check]

nginx describes every directive in a table (`ngx_command_t`): its name, the blocks and numbers of arguments
that it takes, and the function that reads its value. Variables are in tables, too (`ngx_http_variable_t`).
Both are in the program file and in those of its modules, so what is written to catalogue/commands.json is
what that version of nginx does, not what its documentation says. Needs Debian's nginx and two modules.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NGINX = Path("/usr/sbin/nginx")
_MODULES = Path("/usr/lib/nginx/modules")
_LOADED = ("ngx_http_headers_more_filter", "ngx_http_lua", "ndk_http")
_OUTPUT = Path(__file__).parents[1] / "compiler" / "snippet2wasm" / "catalogue" / "commands.json"

_CONTEXTS = {
    0x01000000: "main",
    0x02000000: "http",
    0x04000000: "server",
    0x08000000: "location",
    0x10000000: "upstream",
    0x20000000: "server_if",
    0x40000000: "location_if",
    0x80000000: "limit_except",
}
_BLOCK, _FLAG, _ANY, _ONE_MORE, _TWO_MORE = 0x100, 0x200, 0x400, 0x800, 0x1000
_SETTABLE, _PREFIX = 1, 32
_HTTP, _CORE = 0x50545448, 0x45524F43

# What the functions that read values are for; all others check for themselves.
_KINDS = {
    "ngx_conf_set_flag_slot": "flag",
    "ngx_conf_set_str_slot": "string",
    "ngx_conf_set_str_array_slot": "strings",
    "ngx_conf_set_keyval_slot": "pair",
    "ngx_conf_set_num_slot": "number",
    "ngx_conf_set_size_slot": "size",
    "ngx_conf_set_off_slot": "offset",
    "ngx_conf_set_msec_slot": "milliseconds",
    "ngx_conf_set_sec_slot": "seconds",
    "ngx_conf_set_bufs_slot": "buffers",
    "ngx_conf_set_enum_slot": "one",
    "ngx_conf_set_bitmask_slot": "some",
    "ngx_conf_set_path_slot": "path",
    "ngx_conf_set_access_slot": "access",
    "ngx_http_types_slot": "types",
    "ngx_http_set_predicate_slot": "predicate",
    "ngx_http_set_complex_value_slot": "text",
    "ngx_http_set_complex_value_zero_slot": "text",
    "ngx_http_set_complex_value_size_slot": "text_size",
}


@dataclass(frozen=True)
class Command:
    """One entry of a module's table; `words` are the values that `one` and `some` take."""

    module: str
    name: str
    type: int
    kind: str
    words: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None

    def form(self) -> dict[str, object]:
        """The entry as JSON."""
        form: dict[str, object] = {
            "module": self.module,
            "in": [name for bit, name in _CONTEXTS.items() if self.type & bit],
            "takes": _takes(self.type),
        }
        if self.type & _BLOCK:
            form["block"] = True
        if self.kind:
            form["value"] = self.kind
        if self.words:
            form["words"] = self.words
        if self.bounds is not None:
            form["bounds"] = self.bounds
        return form


def _takes(kind: int) -> list[int]:
    """The least and the greatest number of arguments; -1 for any number."""
    for bit, least in ((_FLAG, 1), (_ANY, 0), (_ONE_MORE, 1), (_TWO_MORE, 2)):
        if kind & bit:
            return [least, 1 if bit == _FLAG else -1]
    numbers = [number for number in range(8) if kind >> number & 1]
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "no directive takes one or three"
    return [numbers[0], numbers[-1]]


class ProgramFile:
    """A 64-bit little-endian ELF file: its data as it is when it is loaded, with the names of symbols."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        (count,) = struct.unpack_from("<H", self.data, 0x3C)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, table + 64 * n) for n in range(count)]
        self.symbols: dict[str, int] = {}
        self.pointers: dict[int, int | str] = {}
        self._read()
        self.names = {address: name for name, address in self.symbols.items()}

    def _read(self) -> None:
        dynamic = next(section for section in self.sections if section[1] == 11)
        strings = self.sections[dynamic[6]][4]
        entries = []
        for at in range(dynamic[4], dynamic[4] + dynamic[5], 24):
            name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
            end = self.data.index(b"\0", strings + name)
            entries.append((self.data[strings + name : end].decode(), value, section != 0))
        self.symbols = {name: value for name, value, defined in entries if defined}
        for relocations in (section for section in self.sections if section[1] == 4):
            for at in range(relocations[4], relocations[4] + relocations[5], 24):
                place, info, addend = struct.unpack_from("<QQq", self.data, at)
                name, value, defined = entries[info >> 32]
                if info & 0xFFFFFFFF == 8:
                    self.pointers[place] = addend
                elif info & 0xFFFFFFFF in (1, 6):
                    self.pointers[place] = value + addend if defined else name

    def bytes(self, address: int, length: int) -> bytes:
        """Bytes of the loaded program; none where there are none."""
        for _, kind, flags, start, offset, size, *_ in self.sections:
            if kind == 1 and flags & 2 and start <= address < start + size:
                first = offset + address - start
                return self.data[first : first + length]
        return b""

    def number(self, address: int) -> int:
        """The number there; 0 where there is none."""
        found = self.bytes(address, 8)
        return struct.unpack("<Q", found)[0] if len(found) == 8 else 0

    def pointer(self, address: int) -> int | str:
        """What the pointer there points at: an address, or a symbol of another file."""
        return self.pointers.get(address, self.number(address))

    def text(self, address: int) -> str:
        """The `ngx_str_t` there."""
        place = self.pointer(address + 8)
        return self.bytes(place, self.number(address)).decode() if isinstance(place, int) else ""

    def name(self, address: int | str) -> str:
        """The symbol of an address, or "" if it has none."""
        return address if isinstance(address, str) else self.names.get(address, "")

    def is_code(self, address: int) -> bool:
        """Whether functions stand there."""
        return any(kind == 1 and flags & 4 and start <= address < start + size
                   for _, kind, flags, start, _, size, *_ in self.sections)  # fmt: skip


def commands(file: ProgramFile) -> Iterator[Command]:
    """The directives of all modules of a file."""
    for module, address in sorted(file.symbols.items()):
        table = file.pointer(address + 64)
        if not module.endswith("_module") or file.number(address + 72) not in (_HTTP, _CORE):
            continue
        while isinstance(table, int) and file.number(table):
            yield _command(file, module, table)
            table += 56


def _command(file: ProgramFile, module: str, at: int) -> Command:
    kind = _KINDS.get(file.name(file.pointer(at + 24)), "")
    post = file.pointer(at + 48)
    words: list[str] = []
    bounds = None
    if kind in ("one", "some") and isinstance(post, int):
        while file.number(post):
            words.append(file.text(post))
            post += 24
    elif kind == "number" and isinstance(post, int) and post and _has_bounds(file, post):
        low, high = struct.unpack("<qq", file.bytes(post + 8, 16))
        bounds = (low, high)
    return Command(module, file.text(at), file.number(at + 16), kind, tuple(words), bounds)


def _has_bounds(file: ProgramFile, at: int) -> bool:
    return file.name(file.pointer(at)) == "ngx_conf_check_num_bounds"


def variables(file: ProgramFile) -> Iterator[tuple[str, int]]:
    """The variables in the tables of a file, with their flags: 1 can be set, 32 is a prefix."""
    for _, kind, flags, start, _, size, *_ in file.sections:
        if kind != 1 or not flags & 2 or flags & 4:
            continue
        for at in range(start, start + size - 55, 8):
            found = _variable(file, at)
            if found is not None:
                yield found


def _variable(file: ProgramFile, at: int) -> tuple[str, int] | None:
    length, place = file.number(at), file.pointer(at + 8)
    setter, getter, flags = file.pointer(at + 16), file.pointer(at + 24), file.number(at + 40)
    if not (
        0 < length < 40 and isinstance(place, int) and isinstance(getter, int) and isinstance(setter, int)
    ):
        return None
    name = file.bytes(place, length + 1)
    if not re.fullmatch(rb"[a-z0-9_]+\0", name) or not file.is_code(getter):
        return None
    if flags > 63 or file.number(at + 48) or (setter and not file.is_code(setter)):
        return None
    return name[:-1].decode(), flags


def table() -> str:
    """The text of commands.json: one line for each directive."""
    files = [ProgramFile(path) for path in (_NGINX, *(_MODULES / f"{name}_module.so" for name in _LOADED))]
    found: dict[str, list[Command]] = {}
    for file in files:
        for command in commands(file):
            found.setdefault(command.name, []).append(command)
    known = dict(pair for file in files for pair in variables(file))
    names = sorted(name for name, flags in known.items() if not flags & _PREFIX and name != "regex")
    lines = {
        "nginx": "1.22.1",
        "fixed": [name for name in names if not known[name] & _SETTABLE],
        "settable": [name for name in names if known[name] & _SETTABLE],
        "prefixes": sorted(name for name, flags in known.items() if flags & _PREFIX),
    }
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in lines.items())
    rows = ",\n".join(
        f"{json.dumps(name)}: {json.dumps([command.form() for command in found[name]])}"
        for name in sorted(found)
    )
    return f'{{\n{head},\n"directives": {{\n{rows}\n}}}}\n'


def main() -> int:
    """Writes the file, or says whether it is as it should be."""
    text = table()
    if "--check" in sys.argv:
        return int(_OUTPUT.read_text("utf-8") != text)
    _OUTPUT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
