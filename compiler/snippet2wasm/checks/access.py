"""Directives that say who may pass."""

from __future__ import annotations

import ipaddress
import re

from snippet2wasm.checks import hashes
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.source import Span

_METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
        *("MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"),
    )
)


# A number that is missing in an address.
_EMPTY = re.compile(r"(?<=\.)(?=\.|/|$)|^(?=\.)")


def _incomplete(text: str, at: Span | None) -> Fault:
    """nginx takes an address that lacks numbers, as if they were 0; a plugin does not."""
    reason = "nginx reads the numbers that are missing in it as 0"
    return Fault(f"{text!r} can't be compiled", at, "S2W230", reason, "write the zeros")


def check_network(text: str, message: str) -> None:
    """Raises Fault with nginx's message for what is no network."""
    if is_network(text):
        return
    raise _incomplete(text, None) if is_network(_EMPTY.sub("0", text)) else Fault(message)


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
    if argument.value in ("all", "unix:"):
        return
    try:
        check_network(argument.value, f'invalid parameter "{argument.value}"')
    except Fault as fault:
        fault.at = argument.span
        fault.help = fault.help or (
            "an address, a network (10.0.0.0/8) or all; host names and variables are not possible here"
        )
        raise


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
        else:
            _referer(argument, scope.values.setdefault("valid_referers names", []))


def _referer(argument: Argument, noted: list[str]) -> None:
    """A host of valid_referers, with a path or without."""
    host = hashes.lower_case(argument.value.partition("/")[0])
    if not hashes.is_host(host):
        raise Fault(f'invalid hostname or wildcard "{argument.value}"', argument.span)
    made = hashes.entries(host)
    if made & {*noted}:
        raise Fault(f'conflicting parameter "{argument.value.partition("/")[0]}"', argument.span, "S2W134")
    noted += made


CHECKS: dict[str, Check] = {
    "allow": allow,
    "deny": allow,
    "auth_request_set": auth_request_set,
    "limit_except": limit_except,
    "valid_referers": valid_referers,
}
