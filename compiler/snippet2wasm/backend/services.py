"""The HTTP services that a unit calls, as far as their addresses are constant: each needs a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.ir.nodes import Action, Binary, Constant, Constructor, Unit, walk_expressions

_CLUSTERS = {"higress": "outbound|{port}||{host}", "envoy": "http|{port}|{host}"}
"""Default cluster names; package transport makes the same."""

_CALLS = ("http:request_uri", "http:connect", "nginx.auth_pass", "nginx.pass_to")
_URI = re.compile(rb"(https?)://([^\[\]:/?]+|\[[^\]]+\])(?::(\d+))?(?=[/?]|$)")
_PORTS = {"http": "80", "https": "443"}


def http_addresses(unit: Unit, target: str) -> list[dict[str, str]]:
    """The services, in order, as mappings with `scheme`, `host`, `port` and the default `cluster`."""
    found: dict[str, dict[str, str]] = {}
    for function in [handler.body for handler in unit.handlers] + unit.functions:
        for expr in walk_expressions(function.body):
            if isinstance(expr, Action) and expr.entry.name in _CALLS:
                for scheme, host, port in _addresses(expr):
                    cluster = _CLUSTERS[target].format(host=host, port=port)
                    address = {"scheme": scheme, "host": host, "port": port, "cluster": cluster}
                    found.setdefault(f"{host}:{port}", address)
    return [found[key] for key in sorted(found)]


def _addresses(call: Action) -> Iterator[tuple[str, str, str]]:
    """Scheme, host and port of a call, if they are constant."""
    match call.args:
        case [Constant(value=bytes() as host), Constant(value=float() as port), *_]:
            yield "http", host.decode("utf-8", "replace"), f"{port:.14g}"
        case [Constructor() as options, *_]:
            yield from _from_options(options)
        case [first, *_]:
            text, rest = first, False
            while isinstance(text, Binary) and text.operator == "..":
                text, rest = text.left, True
            if isinstance(text, Constant) and isinstance(text.value, bytes):
                yield from _from_uri(text.value, rest)


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


def _from_uri(text: bytes, continues: bool) -> Iterator[tuple[str, str, str]]:
    """From a URI, or the beginning of one: `"http://auth:8080/check?t=" .. token`."""
    found = _URI.match(text)
    if found is not None and (not continues or found.end() < len(text)):
        scheme = found[1].decode()
        port = found[3].decode() if found[3] else _PORTS[scheme]
        yield scheme, found[2].decode("utf-8", "replace"), port
