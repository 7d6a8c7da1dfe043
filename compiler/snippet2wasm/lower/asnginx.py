"""What nginx's Lua makes of its own tables and functions where they are values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snippet2wasm.frontend import lua_ast as ast

if TYPE_CHECKING:
    from snippet2wasm.catalogue import Catalogue

# Tables that are empty and look up what they are asked for → what has a list.
LOOKED_UP = {
    "ngx.header": "ngx.resp.get_headers() has a list",
    "ngx.var": "ngx.req.get_uri_args() and ngx.req.get_headers() have lists",
}

# What runs a function later → the place of that among the arguments. They take functions written in Lua.
STARTS = {"ngx.thread.spawn": 0, "ngx.timer.at": 1, "ngx.timer.every": 1}

# They take exactly one argument: neither none, nor nil behind another.
ONE_ARGUMENT = ("cjson.encode", "cjson.decode", "cjson.safe.encode", "cjson.safe.decode")


def is_miscounted(arguments: tuple[ast.Expression, ...]) -> bool:
    """Whether these are certainly not one argument."""
    spreads = bool(arguments) and isinstance(arguments[-1], ast.Call | ast.MethodCall | ast.Vararg)
    return len(arguments) > 2 if spreads else len(arguments) != 1


def is_in_c(path: str, catalogue: Catalogue) -> bool:
    """Whether a name of the library is a function that nginx has in C."""
    entry = catalogue.entries.get(path)
    known = path in catalogue.names or path.startswith("cjson.")
    return known and entry is not None and not entry.value and path not in catalogue.in_lua
