"""`limit_req` and `limit_conn`, and the zones that they count in."""

from __future__ import annotations

from dataclasses import dataclass

from snippet2wasm.frontend import sizes
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Block, Constant, Expr, If, Phase, Stmt, Unary
from snippet2wasm.lower.directives import computed
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

_LEVELS = {"info": 7, "notice": 6, "warn": 5, "error": 4}
_NO_DELAY = -1


@dataclass(frozen=True)
class Zone:
    """A `limit_req_zone` or a `limit_conn_zone`.

    Attributes:
        key: what is counted.
        size: of its memory in bytes.
        rate: of limit_req_zone, in thousandths of a request per second.
    """

    directive: str
    name: str
    key: Argument
    size: int
    rate: int = 0


def declare(x: Lowering, level: Level) -> None:
    """Takes in the zones of the http level."""
    for name in ("limit_req_zone", "limit_conn_zone"):
        for each in computed.blocks(level, name):
            _declare(x, each)


def _declare(x: Lowering, directive: Directive) -> None:
    key, *rest = directive.args
    given = dict(argument.value.partition("=")[::2] for argument in rest)
    name, _, size = given["zone"].partition(":")
    rate = 0
    if directive.name == "limit_req_zone":
        number, _, unit = given.get("rate", "1r/s").partition("r/")
        rate = int(number) * 1000 // (60 if unit == "m" else 1)
    x.program.zones[name] = Zone(directive.name, name, key, sizes.parse(size) or 0, rate)


def _zone(x: Lowering, directive: str, name: str, argument: Argument) -> Zone | None:
    zone = x.program.zones.get(name)
    if zone is not None:
        return zone
    x.refuse(
        "S2W282",
        f'nothing declares the zone "{name}"',
        argument.span,
        f"a {directive} of the http level does that",
        "give the http level with it, too: the ConfigMap with its http-snippet",
    )
    return None


def _settings(x: Lowering, level: Level, kind: str, first: Directive) -> list[Expr]:
    """The status, the log level and whether it is a dry run."""
    given = {each.name: each.args[0].value for each in level.effective(_SETTINGS[kind], Merge.VALUE)}
    status, severity, dry = (given.get(name, "") for name in _SETTINGS[kind])
    return [
        x.constant(int(status or 503), first.span),
        x.constant(_LEVELS[severity or "error"], first.span),
        Constant(first.span, dry.lower() == "on"),
    ]


_SETTINGS = {
    kind: (f"limit_{kind}_status", f"limit_{kind}_log_level", f"limit_{kind}_dry_run")
    for kind in ("req", "conn")
}


def _stop_unless(x: Lowering, call: Expr, directive: Directive) -> Stmt:
    """The end of the phase, unless the request goes on."""
    body = Block([x.leave(directive.span)])
    body.ends = True
    return If(directive.span, [(Unary(directive.span, "not", call), body)], None)


def _zone_operands(x: Lowering, zone: Zone) -> list[Expr]:
    span = zone.key.span
    return [
        x.constant(zone.name, span),
        x.constant(zone.size, span),
        x.constant(zone.rate, span),
        x.text(zone.key),
    ]


def _requests(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    operands: list[Expr] = []
    waits = False
    for each in directives:
        zone, burst, delay = None, 0, 0
        for argument in each.args:
            kind, _, value = argument.value.partition("=")
            match kind:
                case "zone":
                    zone = _zone(x, "limit_req_zone", value, argument)
                case "burst":
                    burst = int(value)
                case "delay":
                    delay = int(value)
                case "nodelay":
                    delay = _NO_DELAY
        if zone is not None:
            numbers = [x.constant(burst, each.span), x.constant(delay, each.span)]
            operands += [*_zone_operands(x, zone), *numbers]
        waits |= burst > 0 and 0 <= delay < burst
    if not operands:
        return []
    first = directives[0]
    name = "nginx.limit_req_delay" if waits else "nginx.limit_req"
    return [_stop_unless(x, x.call(name, first.span, [*_settings(x, level, "req", first), *operands]), first)]


def _connections(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    operands: list[Expr] = []
    for each in directives:
        name, number = each.args
        zone = _zone(x, "limit_conn_zone", name.value, name)
        if zone is not None:
            operands += [*_zone_operands(x, zone), x.constant(int(number.value), number.span)]
    if not operands:
        return []
    first = directives[0]
    call = x.call("nginx.limit_conn", first.span, [*_settings(x, level, "conn", first), *operands])
    return [_stop_unless(x, call, first)]


def _nothing(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What the others have read already."""
    return []


STEPS = (
    Step(Phase.PREACCESS, ("limit_req",), Merge.ARRAY, _requests),
    Step(Phase.PREACCESS, _SETTINGS["req"], Merge.VALUE, _nothing),
    Step(Phase.PREACCESS, ("limit_conn",), Merge.ARRAY, _connections),
    Step(Phase.PREACCESS, _SETTINGS["conn"], Merge.VALUE, _nothing),
)
"""nginx looks at limit_req before limit_conn."""
