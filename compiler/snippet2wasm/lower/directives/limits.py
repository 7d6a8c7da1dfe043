"""`limit_req` and `limit_conn`, and the zones that they count in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.frontend import sizes
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Block, Constant, Expr, If, Phase, Stmt, Unary
from snippet2wasm.lower.directives import computed
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

_SMALLEST = 8 * 4096
_LEVELS = {"info": 7, "notice": 6, "warn": 5, "error": 4}
_ON_OFF = {"on": True, "off": False}


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
    name, size, rate = "", 0, 1000 if directive.name == "limit_req_zone" else 0
    for argument in rest:
        kind, _, value = argument.value.partition("=")
        if kind == "zone":
            name, _, text = value.partition(":")
            size = sizes.parse(text) or 0
            if not name or size < _SMALLEST:
                _refuse(
                    x,
                    f'zone "{value}" is too small' if size else f'invalid zone size "{argument.value}"',
                    argument,
                )
        elif kind == "rate" and directive.name == "limit_req_zone":
            found = re.fullmatch(r"(\d+)(r/s|r/m)", value, re.ASCII)
            if found is None or int(found[1]) < 1:
                _refuse(x, f'invalid rate "{argument.value}"', argument)
                continue
            rate = int(found[1]) * 1000 // (60 if found[2] == "r/m" else 1)
        else:
            _refuse(x, f'invalid parameter "{argument.value}"', argument)
    if not name:
        x.refuse(
            "S2W282", f'"{directive.name}" must have "zone" parameter', directive.span, "nginx refuses it too"
        )
    elif name in x.program.zones:
        x.refuse(
            "S2W282", f'"{directive.name}" "{name}" is there twice', directive.span, "nginx refuses it too"
        )
    else:
        x.program.zones[name] = Zone(directive.name, name, key, size, rate)


def _refuse(x: Lowering, message: str, argument: Argument) -> None:
    x.refuse("S2W282", message, argument.span, "nginx refuses it too")


def _zone(x: Lowering, directive: str, name: str, argument: Argument) -> Zone | None:
    zone = x.program.zones.get(name)
    if zone is not None and zone.directive == directive:
        return zone
    x.refuse(
        "S2W282",
        f'nothing declares the zone "{name}"',
        argument.span,
        f"a {directive} of the http level does that",
        "give the http level with it, too: the ConfigMap with its http-snippet",
    )
    return None


def _settings(x: Lowering, level: Level, kind: str, span: Directive) -> list[Expr]:
    """The status, the log level and whether it is a dry run."""
    status, severity, dry = 503, "error", "off"
    for each in level.effective(_SETTINGS[kind], Merge.VALUE):
        value = each.args[0].value
        if each.name.endswith("_status"):
            status = int(value) if value.isdigit() else 0
            if not 400 <= status <= 599:
                _refuse(x, "value must be between 400 and 599", each.args[0])
        elif each.name.endswith("_log_level"):
            severity = value
            if value not in _LEVELS:
                _refuse(x, f'invalid value "{value}"', each.args[0])
        else:
            dry = value.lower()
            if dry not in _ON_OFF:
                _refuse(
                    x,
                    f'invalid value "{value}" in "{each.name}" directive, it must be "on" or "off"',
                    each.args[0],
                )
    return [
        x.constant(status, span.span),
        x.constant(_LEVELS.get(severity, 4), span.span),
        Constant(span.span, _ON_OFF.get(dry, False)),
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


def _zone_operands(x: Lowering, zone: Zone, argument: Argument) -> list[Expr]:
    span = argument.span
    return [
        x.constant(zone.name, span),
        x.constant(zone.size, span),
        x.constant(zone.rate, span),
        x.text(zone.key),
    ]


def _requests(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    operands: list[Expr] = []
    waits = False
    seen: set[str] = set()
    for each in directives:
        zone, burst, delay = None, 0, 0
        for argument in each.args:
            kind, _, value = argument.value.partition("=")
            if kind == "zone":
                zone = _zone(x, "limit_req_zone", value, argument)
                if value in seen:
                    _refuse(x, f'"limit_req" zone "{value}" is duplicate', argument)
                seen.add(value)
                at = argument
            elif kind in ("burst", "delay") and value.isdigit() and int(value) > 0:
                burst, delay = (int(value), delay) if kind == "burst" else (burst, int(value))
            elif argument.value == "nodelay":
                delay = -1
            elif kind in ("burst", "delay"):
                _refuse(x, f'invalid {kind} value "{argument.value}"', argument)
            else:
                _refuse(x, f'invalid parameter "{argument.value}"', argument)
        if zone is None:
            continue
        numbers = [x.constant(burst, each.span), x.constant(delay, each.span)]
        operands += [*_zone_operands(x, zone, at), *numbers]
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
        most = int(number.value) if number.value.isdigit() else 0
        if not 0 < most <= 65535:
            text = (
                "connection limit must be less 65536"
                if most
                else f'invalid number of connections "{number.value}"'
            )
            _refuse(x, text, number)
        if zone is not None:
            operands += [*_zone_operands(x, zone, name), x.constant(most, number.span)]
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
