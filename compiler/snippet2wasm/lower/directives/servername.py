"""`$server_name`: the first name of the server that the request is for.

How it behaves was asked of nginx; see tests/directives/data/server-name.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Expr
from snippet2wasm.lower.directives import perlevel
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.directives.perlevel import Settings
from snippet2wasm.lower.levels import Level, Merge

_NAMES = frozenset(("server_name",))


def declare(x: Lowering, top: Level) -> None:
    """Declares $server_name, if the text has servers."""
    server = next((level.directive for level in top.walk() if level.kind == "server"), None)

    def value(found: Settings, first: Directive) -> list[Expr]:
        if not found:
            return [x.constant("", first.span)]
        name = found[0].args[0]
        if name.value == "$hostname":
            return [x.text(name)]
        return [x.constant(_shown(name.value), name.span)]

    if server is not None:
        perlevel.declare(x, top, "server_name", (_NAMES, Merge.ARRAY), value, first=server)


def _shown(name: str) -> str:
    """A name as nginx keeps it: `.example.com` stands for it with anything in front, or nothing."""
    return name if name.startswith("~") else name.lower().removeprefix(".")
