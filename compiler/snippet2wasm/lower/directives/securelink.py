"""`secure_link`, `secure_link_md5` and `secure_link_secret`: what $secure_link is.

How they behave was asked of nginx; see tests/directives/data/securelink.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Constant, Expr, Stmt
from snippet2wasm.lower.directives import perlevel
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.directives.perlevel import Settings
from snippet2wasm.lower.levels import Level, Merge

NAMES = frozenset(("secure_link", "secure_link_md5", "secure_link_secret"))


def declare(x: Lowering, level: Level) -> None:
    """Declares $secure_link."""

    def value(found: Settings, first: Directive) -> list[Stmt | Expr]:
        by_name = {each.name: each for each in found}
        secret = by_name.get("secure_link_secret")
        link, text = by_name.get("secure_link"), by_name.get("secure_link_md5")
        if secret is not None:
            word = secret.args[0]
            return [x.call("nginx.secure_link_word", secret.span, [x.plain(word.value, word.span)])]
        if link is None or text is None:
            return [Constant(first.span, None)]
        return [
            x.act("nginx.secure_link", link.span, [x.text(link.args[0])]),
            x.call("nginx.secure_link_md5", text.span, [x.text(text.args[0])]),
        ]

    perlevel.declare(x, level, "secure_link", (NAMES, Merge.VALUE), value, absent=True)
