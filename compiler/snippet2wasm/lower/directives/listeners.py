"""Which server of several a request is for: `listen` and `server_name`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Listener
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level

_PORT = re.compile(r"(?:.*:)?(\d+)")
_LISTEN = re.compile(r"(?P<only>\d+)|(?!\d+-)(?P<address>\[[^\]]*\]|[^:\[\]]+)(?::(?P<port>\d+))?")
_ANY = ("*", "0.0.0.0", "[::]")


def of(x: Lowering, servers: Sequence[Level]) -> dict[Level, Listener]:
    """The listeners of servers. What a plugin can't tell apart is refused."""
    given = {server: listens(server.own) for server in servers}
    alike = len({frozenset(each) for each in given.values()}) == 1
    default = {port: server for server in reversed(servers) for port in given[server]}
    for server in servers:
        default |= {port: server for port, options in given[server].items() if "default" in options}
    found = {}
    for server in servers:
        ports = given[server]
        of_it = tuple(port for port in ports if default[port] is server)
        found[server] = Listener(
            _names(x, server),
            () if alike else tuple(ports),
            () if alike else tuple(port for port, options in ports.items() if "ssl" in options),
            of_it if not alike else (0,) * bool(of_it),
        )
    _check(x, servers)
    first = servers[0].directive
    if not alike and first is not None:
        x.warn(
            "S2W484",
            "which of these servers a request is for depends on the port at which the gateway listens",
            first.name_span,
            reason="nginx chooses by the port first; a port that is none of theirs counts as the first of"
            " them, with or without TLS as the request came",
            help="let the gateway listen at the same ports, or compile those of one port, with --listen",
        )
    return found


def _check(x: Lowering, servers: Sequence[Level]) -> None:
    """Refuses what is no port, and tells of servers that only their addresses tell apart."""
    seen: dict[int, tuple[set[str], Directive]] = {}
    for server in servers:
        found: dict[int, set[str]] = {}
        for each in _own(server.own, "listen"):
            match = _LISTEN.fullmatch(each.args[0].value)
            if match is None:
                x.refuse(
                    "S2W230",
                    f"`listen {each.args[0].value}` can't be compiled beside other servers",
                    each.span,
                    reason="a plugin tells servers apart by one port each, and by names",
                    help="leave the server out if the gateway's clients do not reach it, or name each port",
                )
                continue
            address, port = match["address"] or "*", int(match["only"] or match["port"] or 80)
            found.setdefault(port, set()).add("*" if address in _ANY else address.lower())
            seen.setdefault(port, (found[port], each))
        for port, addresses in found.items():
            known, there = seen[port]
            if known != addresses:
                x.warn(
                    "S2W484",
                    f"port {port} belongs to several servers that only their addresses tell apart",
                    there.span,
                    reason="nginx chooses by the address first; a plugin knows the port only, and chooses"
                    " among all of them by the host, so clients may reach each",
                    help="leave out servers that the gateway's clients must not reach",
                )
                return


def at_port(directives: Sequence[Directive], port: int) -> list[Directive]:
    """The directives of a text without the servers that do not listen at a port."""
    found = []
    for each in directives:
        if each.name == "http" and each.block is not None:
            found.append(replace(each, block=at_port(each.block, port)))
        elif each.name != "server" or each.block is None or port in listens(each.block):
            found.append(each)
    return found


def servers(directives: Sequence[Directive]) -> list[Directive]:
    """The servers of a text."""
    found = []
    for each in directives:
        if each.block is not None and each.name in ("http", "server"):
            found += servers(each.block) if each.name == "http" else [each]
    return found


def listens(server: Sequence[Directive]) -> dict[int, frozenset[str]]:
    """The ports of a server with these directives, with the parameters of `listen`."""
    found: dict[int, frozenset[str]] = {}
    for each in _own(server, "listen"):
        match = _PORT.fullmatch(each.args[0].value)
        port = int(match[1]) if match is not None else 80
        options = {argument.value.replace("default_server", "default") for argument in each.args[1:]}
        found[port] = found.get(port, frozenset()) | (options & {"ssl", "default"})
    if any(each.args[0].value == "on" for each in _own(server, "ssl")):
        found = {port: options | {"ssl"} for port, options in found.items()}
    return found or {80: frozenset()}


def _own(server: Sequence[Directive], name: str) -> list[Directive]:
    return [each for each in server if each.name == name and each.args]


def _names(x: Lowering, server: Level) -> tuple[str, ...]:
    found: list[str] = []
    for argument in (each for directive in _own(server.own, "server_name") for each in directive.args):
        name = argument.value.lower()
        if name.startswith("~") or "$" in name:
            _refuse(x, argument)
        elif name.startswith("."):
            found += [name[1:], f"*{name}"]
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _refuse(x: Lowering, name: Argument) -> None:
    x.refuse(
        "S2W230",
        f"the server name {name.value!r} can't be compiled beside other servers",
        name.span,
        reason="this version chooses servers by names and wildcards",
        help="name the hosts, or compile the server from an input of its own",
    )
