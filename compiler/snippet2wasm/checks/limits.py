"""limit_req and limit_conn, and their zones."""

from __future__ import annotations

import re

from snippet2wasm.checks import values
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Argument, Directive

_SMALLEST_ZONE = 8 * 4096


def limit_req_zone(context: Context, directive: Directive, _: Scope) -> None:
    """`limit_req_zone key zone=name:size rate=1r/s;`"""
    key, *parameters = directive.args
    context.text(key)
    zone = ""
    for argument in parameters:
        if argument.value.startswith("zone="):
            zone = _zone(argument)
        elif argument.value.startswith("rate="):
            rate = values.number(re.sub(r"r/[sm]$", "", argument.value[5:]))
            if not rate:
                raise Fault(
                    f'invalid rate "{argument.value}"', argument.span, help="rate=10r/s or rate=30r/m"
                )
        else:
            raise Fault(f'invalid parameter "{argument.value}"', argument.span)
    _bind(context, directive, zone, key)


def limit_conn_zone(context: Context, directive: Directive, _: Scope) -> None:
    """`limit_conn_zone key zone=name:size;`"""
    key, argument = directive.args
    context.text(key)
    if not argument.value.startswith("zone="):
        raise Fault(f'invalid parameter "{argument.value}"', argument.span)
    _bind(context, directive, _zone(argument), key)


def _zone(argument: Argument) -> str:
    """The name in `zone=name:size`."""
    name, colon, text = argument.value.removeprefix("zone=").partition(":")
    found = values.size(text) if colon else None
    if found is None:
        raise Fault(f'invalid zone size "{argument.value}"', argument.span, help="zone=name:10m")
    if found < _SMALLEST_ZONE:
        raise Fault(f'zone "{argument.value}" is too small', argument.span, help="32k at least")
    return name


def _bind(context: Context, directive: Directive, zone: str, key: Argument) -> None:
    if not zone:
        raise Fault(f'"{directive.name}" must have "zone" parameter')
    first = context.zones.get(zone)
    if first is not None:
        raise Fault(f'{directive.name} "{zone}" is already bound to key "{first[1]}"', code="S2W134")
    context.zones[zone] = (directive.name, key.value)


def limit_req(context: Context, directive: Directive, scope: Scope) -> None:
    """`limit_req zone=name [burst=N] [nodelay | delay=N];`"""
    zone = None
    for argument in directive.args:
        value = argument.value
        if value.startswith("zone="):
            zone = argument
        elif value.startswith(("burst=", "delay=")):
            what, _, text = value.partition("=")
            if not values.number(text):
                raise Fault(f'invalid {what} value "{value}"', argument.span)
        elif value != "nodelay":
            raise Fault(f'invalid parameter "{value}"', argument.span)
    if zone is None or not zone.value[5:]:
        raise Fault('"limit_req" must have "zone" parameter')
    _use(context, directive, zone, zone.value[5:], scope)


def limit_conn(context: Context, directive: Directive, scope: Scope) -> None:
    """`limit_conn zone N;`"""
    zone, limit = directive.args
    _use(context, directive, zone, zone.value, scope)
    found = values.number(limit.value)
    if not found:
        raise Fault(f'invalid number of connections "{limit.value}"', limit.span)
    if found > 65535:
        raise Fault("connection limit must be less 65536", limit.span)


def _use(context: Context, directive: Directive, at: Argument, zone: str, scope: Scope) -> None:
    noted = scope.values.setdefault(directive.name, [])
    if zone in noted:
        raise Fault(f'"{directive.name}" directive is duplicate', code="S2W134", reason="for the same zone")
    noted.append(zone)
    context.wanted_zones.setdefault(zone, at.span)
    declared = context.zones.get(zone)
    if declared is not None and declared[0] != f"{directive.name}_zone":
        raise Fault(f'the shared memory zone "{zone}" is already declared for a different use', at.span)


CHECKS: dict[str, Check] = {
    "limit_req_zone": limit_req_zone,
    "limit_conn_zone": limit_conn_zone,
    "limit_req": limit_req,
    "limit_conn": limit_conn,
}
