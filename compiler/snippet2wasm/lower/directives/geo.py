"""`geo`: variables by the client's address."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Expr, Stmt
from snippet2wasm.lower.directives import computed
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Range = tuple[int, int]
_EVERYTHING = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_NO_ADDRESS = 0xFFFFFFFF
"""What nginx takes for no address."""


@dataclass
class _Geo:
    """What a block says so far.

    Attributes:
        default: the value without a range; of networks it is one of all addresses.
        networks: values by network.
        ranges: values by IPv4 addresses, as numbers, which do not overlap.
        proxies: whose X-Forwarded-For is believed.
    """

    default: str = ""
    by_ranges: bool = False
    recursive: bool = False
    networks: dict[Network, str] = field(default_factory=dict)
    ranges: dict[Range, str] = field(default_factory=dict)
    proxies: list[str] = field(default_factory=list)


def declare(x: Lowering, level: Level) -> None:
    """Takes in the `geo` blocks of the http level."""
    for each in computed.blocks(level, "geo"):
        _geo(x, each, each.block or [])


def _geo(x: Lowering, directive: Directive, block: list[Directive]) -> None:
    found = _Geo()
    for each in block:
        _line(x, found, each)
    target = directive.args[-1]
    source = directive.args[0] if len(directive.args) == 2 else None

    def body(keep: Callable[[Expr], Stmt]) -> list[Stmt]:
        span = directive.span
        if (
            not {*found.networks} - {*_EVERYTHING}
            and not found.ranges
            and not found.proxies
            and len({*found.networks.values()}) < 2
        ):
            return [keep(x.constant(found.default, span))]
        address = x.text(source) if source is not None else x.text("$remote_addr", target.span)
        rows: list[Expr] = []
        for kind, texts in _rows(found):
            rows += [
                x.constant(kind, span),
                x.constant(len(texts), span),
                *(x.constant(text, span) for text in texts),
            ]
        return [keep(x.call("nginx.geo", span, [address, x.constant(target.value[1:], target.span), *rows]))]

    computed.declare(x, directive, target, body)


def _rows(found: _Geo) -> list[tuple[str, tuple[str, ...]]]:
    """The lines of the table: the longest prefixes first."""
    rows: list[tuple[str, tuple[str, ...]]] = []
    if found.default and found.by_ranges:
        rows.append(("geo.Default", (found.default,)))
    if found.proxies:
        rows.append(("geo.Proxy", tuple(found.proxies)))
    if found.recursive:
        rows.append(("geo.ProxyRecursive", ()))
    networks = sorted(
        found.networks, key=lambda net: (net.version, -net.prefixlen, net.network_address.packed)
    )
    rows += [("geo.Net", (str(net), found.networks[net])) for net in networks]
    for (first, last), value in sorted(found.ranges.items()):
        ends = (str(ipaddress.IPv4Address(first)), str(ipaddress.IPv4Address(last)))
        rows.append(("geo.Range", (*ends, value)))
    return rows


def _line(x: Lowering, found: _Geo, each: Directive) -> None:
    words = [each.name, *(argument.value for argument in each.args)]
    if len(words) == 1 and words[0] == "ranges":
        found.by_ranges = True
    elif len(words) == 1 and words[0] == "proxy_recursive":
        found.recursive = True
    elif words[0] == "include":
        computed.refuse_include(x, each)
    elif words[0] == "proxy":
        found.proxies.append(str(_network(words[1])))
    elif words[0] == "default":
        found.default = words[1]
        if not found.by_ranges:
            _add(x, found, each, _EVERYTHING, words)
    elif found.by_ranges:
        _range(x, found, each, words)
    else:
        _cidr(x, found, each, words)


def _cidr(x: Lowering, found: _Geo, each: Directive, words: list[str]) -> None:
    if words[0] != "delete":
        _add(x, found, each, (_network(words[0]),), words)
    elif found.networks.pop(_network(words[1]), None) is None:
        _warn(x, f'no network "{words[1]}" to delete', each)


def _add(x: Lowering, found: _Geo, each: Directive, nets: tuple[Network, ...], words: list[str]) -> None:
    for net in nets:
        if net in found.networks:
            old = found.networks[net]
            _warn(x, f'duplicate network "{words[0]}", value: "{words[1]}", old value: "{old}"', each)
        found.networks[net] = words[1]


def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


def _range(x: Lowering, found: _Geo, each: Directive, words: list[str]) -> None:
    """A line with a range: it may be a part of one before it, but not overlap with one."""
    deletes = words[0] == "delete"
    text = words[1] if deletes else words[0]
    ends = _ends(text)
    if ends is None:
        _refuse(x, f'invalid range "{text}"', each)
    elif deletes:
        if found.ranges.pop(ends, None) is None:
            _warn(x, f'no address range "{text}" to delete', each)
    elif ends in found.ranges:
        _warn(x, f'duplicate range "{text}", value: "{words[1]}", old value: "{found.ranges[ends]}"', each)
        found.ranges[ends] = words[1]
    else:
        meets = [other for other in found.ranges if other[0] <= ends[1] and ends[0] <= other[1]]
        inside = [other for other in meets if other[0] <= ends[0] and ends[1] <= other[1]]
        if meets and not inside:
            shown = "-".join(str(ipaddress.IPv4Address(end)) for end in meets[-1])
            _refuse(x, f'range "{text}" overlaps "{shown}"', each)
        for other in inside:  # it is cut in pieces
            value = found.ranges.pop(other)
            for piece in ((other[0], ends[0] - 1), (ends[1] + 1, other[1])):
                if piece[0] <= piece[1]:
                    found.ranges[piece] = value
        found.ranges[ends] = words[1]


def _ends(text: str) -> Range | None:
    """The ends of a range as numbers; None for what is none."""
    first, _, last = text.partition("-")
    try:
        ends = int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
    except ValueError:
        return None
    return ends if ends[0] <= ends[1] < _NO_ADDRESS else None


def _refuse(x: Lowering, message: str, each: Directive) -> None:
    x.refuse("S2W280", message, each.span, "nginx refuses it too")


def _warn(x: Lowering, message: str, each: Directive) -> None:
    x.warn("S2W281", message, each.span, "nginx says so too")
