"""`userid`: a cookie with an id for each client."""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Expr, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

_OPTIONS = ("name", "service", "expires", "domain", "path", "flags", "mark", "p3p")
ASKED_FOR = frozenset(f"userid_{each}" for each in _OPTIONS)

_VERSIONS = {"on": 2, "v1": 1}
_FLAGS = {
    "secure": "; secure",
    "httponly": "; httponly",
    "samesite=strict": "; samesite=strict",
    "samesite=lax": "; samesite=lax",
    "samesite=none": "; samesite=none",
}


def userid(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`userid on|v1`; `log` only fills variables, which are not compiled."""
    directive = directives[-1]
    version = _VERSIONS.get(directive.args[0].value, 0)
    if not version:
        return []
    options = {each.name: each for each in level.effective(tuple(sorted(ASKED_FOR)), Merge.VALUE)}

    def value(option: str, usual: str, none: str) -> str:
        found = options.get(f"userid_{option}")
        text = found.args[0].value if found is not None else usual
        return "" if text == none else text

    domain, path = value("domain", "none", "none"), value("path", "/", "")
    flags = options.get("userid_flags")
    given = {argument.value.lower() for argument in flags.args} if flags is not None else set()
    attributes = f"; domain={domain}" if domain else ""
    attributes += f"; path={path}" + "".join(text for flag, text in _FLAGS.items() if flag in given)
    texts = [
        value("name", "uid", ""),
        value("service", "", ""),
        value("expires", "off", "off"),
        attributes,
        value("mark", "off", "off"),
        value("p3p", "none", "none"),
    ]
    operands: list[Expr] = [x.constant(version, directive.span)]
    operands += [x.constant(each, directive.span) for each in texts]
    return [x.act("nginx.userid", directive.span, operands)]


def _settings(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What belongs to `userid`: see there. Levels with other settings have functions of their own."""
    return []


STEPS = (
    Step(Phase.HEADERS, ("userid",), Merge.VALUE, userid),
    Step(Phase.HEADERS, tuple(sorted(ASKED_FOR)), Merge.VALUE, _settings),
)
