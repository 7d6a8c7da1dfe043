"""Directives that say who may pass."""

from __future__ import annotations

import ipaddress
import re

from snippet2wasm.checks import hashes
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Directive

_METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
        *("MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"),
    )
)


def is_network(text: str) -> bool:
    """Whether nginx takes a text for an address or a network. Numbers may begin with zeros, and bits behind
    the prefix may be set.
    """
    address, slash, length = text.partition("/")
    if slash and not re.fullmatch(r"\d+", length, re.ASCII):
        return False
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", address, re.ASCII):
        return all(int(number) < 256 for number in address.split(".")) and int(length or 0) <= 32
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return "%" not in address and int(length or 0) <= 128


def allow(_: Context, directive: Directive, __: Scope) -> None:
    """`allow network;`, `deny network;`"""
    argument = directive.args[0]
    if argument.value not in ("all", "unix:") and not is_network(argument.value):
        raise Fault(
            f'invalid parameter "{argument.value}"',
            argument.span,
            help="an address, a network (10.0.0.0/8) or all; host names and variables are not possible here",
        )


def auth_request_set(context: Context, directive: Directive, _: Scope) -> None:
    """`auth_request_set $name value;`"""
    context.declare(directive.args[0])
    context.text(directive.args[1])


def limit_except(_: Context, directive: Directive, __: Scope) -> None:
    """`limit_except method… {…}`"""
    for argument in directive.args:
        if argument.value.upper() not in _METHODS:
            raise Fault(f'invalid method "{argument.value}"', argument.span)


def valid_referers(context: Context, directive: Directive, scope: Scope) -> None:
    """`valid_referers none blocked server_names string…;`"""
    noted = scope.values.setdefault("valid_referers", [])
    scope.settings["valid_referers"] = directive
    for argument in directive.args:
        value = argument.value
        noted.append(value)
        if value in ("none", "blocked", "server_names"):
            continue
        if value.startswith("~"):
            context.regex(argument, value[1:])
        elif not hashes.is_host(value.partition("/")[0]):
            raise Fault(f'invalid hostname or wildcard "{value}"', argument.span)


CHECKS: dict[str, Check] = {
    "allow": allow,
    "deny": allow,
    "auth_request_set": auth_request_set,
    "limit_except": limit_except,
    "valid_referers": valid_referers,
}
