"""The servers that a unit calls, as far as the program says their addresses: each needs a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from snippet2wasm.analysis.origins import Origins
from snippet2wasm.ir.nodes import (
    Action,
    Binary,
    ConfigValue,
    Constant,
    Constructor,
    Expr,
    Unit,
    walk_expressions,
)

_CLUSTERS = {"higress": "outbound|{port}||{host}", "envoy": "http|{port}|{host}"}
"""Default cluster names; package transport makes the same."""

_CALLS = ("http:request_uri", "http:connect", "nginx.auth_pass", "nginx.pass_to")
_CALLING = frozenset(("pcall", "xpcall", "ngx.thread.spawn", "ngx.timer.at", "ngx.timer.every"))
"""What hands its arguments to a function."""
_URI = re.compile(rb"(https?)://([^\[\]:/?]+|\[[^\]]+\])(?::(\d+))?(?=[/?]|$)")
_PORTS = {"http": "80", "https": "443"}


def http_addresses(unit: Unit, target: str) -> list[dict[str, str]]:
    """The services, in order, as mappings with `scheme`, `host`, `port` and the default `cluster`."""
    origins = Origins(unit)
    of_calls = [list(_addresses(each, origins)) for each in unit.actions(*_CALLS)]
    addresses = [each for call in of_calls for each in call]
    if not all(of_calls):
        addresses += _mentioned(unit)
    found: dict[str, dict[str, str]] = {}
    for scheme, host, port in addresses:
        cluster = _CLUSTERS[target].format(host=host, port=port)
        address = {"scheme": scheme, "host": host, "port": port, "cluster": cluster}
        found.setdefault(f"{host}:{port}", address)
    return [found[key] for key in sorted(found)]


def _mentioned(unit: Unit) -> Iterator[tuple[str, str, str]]:
    """What may be the address of a call that does not say its own: the URIs of the unit, such as those in
    `services = {{name = "users", url = "http://users/health"}}` and `ngx.thread.spawn(ask, "http://users/health")`,
    but for those that a library call takes for something else, as `ngx.redirect` does.
    """
    other = {id(arg) for each in unit.actions() if each.entry.name not in _CALLING for arg in each.args}
    for function in unit.bodies:
        for expr in walk_expressions(function.body):
            if isinstance(expr, Constant) and isinstance(expr.value, bytes) and id(expr) not in other:
                yield from _from_uri(expr.value, b"")


def _addresses(call: Action, origins: Origins) -> Iterator[tuple[str, str, str]]:
    """Scheme, host and port of a call, if they are known."""
    match call.args:
        case [Constructor() as options, *_]:
            yield from _from_options(options)
        case [Expr(), Expr(), *_] if call.entry.name == "http:connect":
            yield from (("http", host, port) for host, port in host_and_port(origins, call))
        case [first, *_]:
            text, rest = _beginning(first)
            for each in origins.of(text):
                if isinstance(each, Constant) and isinstance(each.value, bytes):
                    yield from _from_uri(each.value, rest)


def _beginning(text: Expr) -> tuple[Expr, bytes | None]:
    """The first operand of a concatenation, and what follows it; None if that is not known."""
    rest: bytes | None = b""
    while isinstance(text, Binary) and text.operator == "..":
        after, _ = _beginning(text.right)
        rest = after.value if isinstance(after, Constant) and isinstance(after.value, bytes) else None
        text = text.left
    return text, rest


def _from_options(options: Constructor) -> Iterator[tuple[str, str, str]]:
    """From `{scheme = "https", host = "auth", port = 8443}`."""
    known = {
        key.value: value.value
        for key, value in options.fields
        if isinstance(key, Constant) and isinstance(value, Constant)
    }
    scheme, host, port = known.get(b"scheme"), known.get(b"host"), known.get(b"port")
    if isinstance(host, bytes) and isinstance(scheme, bytes) and scheme in (b"http", b"https"):
        name = scheme.decode()
        number = f"{port:.14g}" if isinstance(port, float) else _PORTS[name]
        yield name, host.decode("utf-8", "replace"), number


def _from_uri(text: bytes, rest: bytes | None) -> Iterator[tuple[str, str, str]]:
    """From a URI, or the beginning of one: `"http://auth:8080/check?t=" .. token`. `rest` is what follows it,
    None if that is not known.
    """
    found = _URI.match(text + (rest or b""))
    if found is not None and (rest is not None or found.end() < len(text)):
        scheme = found[1].decode()
        port = found[3].decode() if found[3] else _PORTS[scheme]
        yield scheme, found[2].decode("utf-8", "replace"), port


def host_and_port(
    origins: Origins, connect: Action, config: Mapping[str, object] | None = None
) -> Iterator[tuple[str, str]]:
    """Host and port of a `client:connect(host, port)`, as far as constants and the configuration say them."""
    known = [[_text_of(value, config or {}) for value in origins.of(arg)] for arg in connect.args[:2]]
    if len(known) == 2:
        hosts, ports = ([text for text in texts if text] for texts in known)
        yield from ((host, port) for host in hosts for port in ports if re.fullmatch("[0-9]{1,5}", port))


def _text_of(value: Constant | ConfigValue, config: Mapping[str, object]) -> str:
    """A part of an address; "" for what is none."""
    found = value.value if isinstance(value, Constant) else config.get(value.config.key)
    match found:
        case bytes():
            return found.decode("utf-8", "replace")
        case float() | int() if not isinstance(found, bool):
            return f"{found:.14g}"
        case str():
            return found
        case _:
            return ""
