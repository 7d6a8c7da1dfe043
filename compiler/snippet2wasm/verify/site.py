"""From a snippet as the compiler reads it to a site that the reference nginx serves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from snippet2wasm.frontend import nginx as nginx_text
from snippet2wasm.lower.nginx import LuaText, Parts, collect
from snippet2wasm.source import Source
from snippet2wasm.verify.nginx import LuaBlock, Site
from snippet2wasm.verify.process import LOOPBACK

# Nobody listens on the discard port: a site's real upstream is set by who serves it.
_NO_UPSTREAM = (LOOPBACK, 9)


def read_site(path: Path, lua_globals: Mapping[str, str]) -> Site:
    """The site of an nginx text: its handlers, their location, its init code.

    Args:
        path: the nginx text; Lua files that it names are looked up beside it.
        lua_globals: the globals that come from the plugin's configuration.

    Raises:
        Refusal: the compiler refuses the text, too.
        OSError: a file cannot be read.
    """
    parts = collect(nginx_text.parse(Source(path.name, path.read_bytes())))
    return site_of(parts, path.parent, lua_globals)


def site_of(parts: Parts, folder: Path, lua_globals: Mapping[str, str]) -> Site:
    """The site of the parts of an nginx text; Lua files that it names are looked up in folder."""
    init = [_block(text, folder) for text in parts.init]
    location = parts.location
    return Site(
        handlers={phase.value: _block(text, folder) for phase, text in parts.handlers.items()},
        upstream=_NO_UPSTREAM,
        location="" if location is None else f"{location.modifier} {_quoted(location.path)}".strip(),
        init=init[-1] if init else None,
        libraries=init[:-1],
        globals=lua_globals,
    )


def _quoted(path: str) -> str:
    """A path as an argument of a directive."""
    if re.fullmatch(r"[^\s;{}\"'\\]+", path):
        return path
    return '"' + re.sub(r'(["\\])', r"\\\1", path) + '"'


def _block(text: LuaText, folder: Path) -> LuaBlock:
    data = (folder / text.file).read_bytes() if text.source is None else text.source.data
    return LuaBlock(data.decode("latin-1"), text.chunk)
