"""map, geo and split_clients: blocks of data."""

from __future__ import annotations

import re

from snippet2wasm.checks import hashes
from snippet2wasm.checks.access import check_network, is_network
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Argument, Directive

_PERCENT = re.compile(r"(\d*)(?:\.(\d{1,2}))?%")
_RANGE = re.compile(r"[\d.]+-[\d.]+")


def map_(context: Context, directive: Directive, _: Scope) -> None:
    """`map text $name {…}`"""
    text, name = directive.args
    if not name.value.startswith("$"):
        raise Fault(f'invalid variable name "{name.value}"', name.span)
    context.text(text)
    context.declare(name)
    entries = directive.block or []
    with_hosts = any(_words(entry) == ["hostnames"] for entry in entries)
    seen: set[str] = set()
    for entry in entries:
        try:
            _map_entry(context, entry, with_hosts, seen)
        except Fault as fault:
            raise _at(fault, entry) from None


def _map_entry(context: Context, entry: Directive, with_hosts: bool, seen: set[str]) -> None:
    words = _words(entry)
    if words in (["hostnames"], ["volatile"]):
        return
    if len(words) != 2 or entry.block is not None:
        raise Fault("invalid number of the map parameters", help="a map's line is a key and a value")
    if words[0] == "include":
        return
    key, value = entry.name, entry.args[0]
    context.text(value)
    if key == "default":
        if "default" in seen:
            raise Fault("duplicate default map parameter", code="S2W134")
        seen.add("default")
    elif key.startswith("~"):
        pattern = key[2:] if key.startswith("~*") else key[1:]
        context.regex(Argument(entry.name, entry.name_span, False), pattern)
    else:
        plain = hashes.lower_case(key.removeprefix("\\"))
        if with_hosts and not hashes.is_host(plain):
            raise Fault(f'invalid hostname or wildcard "{key}"')
        made = {f"={each}" for each in (hashes.entries(plain) if with_hosts else {plain})}
        if made & seen:
            raise Fault(f'conflicting parameter "{key}"', code="S2W134")
        seen |= made


def geo(context: Context, directive: Directive, _: Scope) -> None:
    """`geo [$address] $name {…}`"""
    *address, name = directive.args
    for argument in address:
        if not argument.value.startswith("$"):
            raise Fault(f'invalid variable name "{argument.value}"', argument.span)
        context.variables.use(argument.value[1:], argument.span)
    context.declare(name)
    entries = directive.block or []
    ranges = bool(entries) and _words(entries[0]) == ["ranges"]
    for entry in entries:
        try:
            _geo_entry(entry, ranges)
        except Fault as fault:
            raise _at(fault, entry) from None


def _geo_entry(entry: Directive, ranges: bool) -> None:
    words = _words(entry)
    if words == ["ranges"]:
        if not ranges:
            raise Fault('the "ranges" directive must be the first directive inside "geo" block')
        return
    if words == ["proxy_recursive"]:
        return
    if len(words) != 2 or entry.block is not None:
        raise Fault("invalid number of the geo parameters", help="a geo's line is a network and a value")
    key, value = words
    if key in ("default", "include"):
        return
    if key in ("proxy", "delete"):
        key = value
    if ranges and words[0] != "proxy":
        first, _, last = key.partition("-")
        if not _RANGE.fullmatch(key) or not (is_network(first) and is_network(last)) or _behind(first, last):
            raise Fault(f'invalid range "{key}"')
    else:
        check_network(key, f'invalid network "{key}"')


def _behind(first: str, last: str) -> bool:
    """Whether an address of IPv4 is greater than another."""
    return [*map(int, first.split("."))] > [*map(int, last.split("."))]


def split_clients(context: Context, directive: Directive, _: Scope) -> None:
    """`split_clients text $name {…}`"""
    text, name = directive.args
    context.text(text)
    context.declare(name)
    total = 0
    for entry in directive.block or []:
        try:
            total = _share(entry.name, total)
        except Fault as fault:
            raise _at(fault, entry) from None


def _share(text: str, total: int) -> int:
    """The sum of shares in hundredths of a percent with this one, which `*` fills up."""
    if text == "*":
        return 10000
    match = _PERCENT.fullmatch(text)
    share = int(match[1] or "0") * 100 + int((match[2] or "0").ljust(2, "0")) if match else 0
    if not share:
        raise Fault(f'invalid percent value "{text}"', help="a number with up to two decimals and a %")
    if total + share > 10000:
        raise Fault("percent total is greater than 100%")
    return total + share


def _words(entry: Directive) -> list[str]:
    return [entry.name, *(argument.value for argument in entry.args)]


def _at(fault: Fault, entry: Directive) -> Fault:
    """The fault, at an entry of a block."""
    if fault.at is None:
        fault.at = entry.name_span.to(entry.args[-1].span) if entry.args else entry.name_span
    return fault


CHECKS: dict[str, Check] = {"map": map_, "geo": geo, "split_clients": split_clients}
