"""What goes to the upstream: `proxy_set_header`, `proxy_method`, `proxy_set_body` and which parts of the
client's request are passed on.

ingress-nginx's location has proxy_set_header lines of its own, so that those of a server never reach it. How
nginx treats the rest was asked of nginx; see tests/directives/data/upstream.yaml.
"""

from __future__ import annotations

import re

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives import captures
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

TEMPLATE = frozenset(
    (
        *("host", "x-request-id", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port"),
        *("x-forwarded-proto", "x-forwarded-scheme", "x-scheme", "x-original-forwarded-for", "proxy"),
    )
)
"""Headers for the upstream that ingress-nginx's location sets, in lower case."""

_GATEWAYS = frozenset(("connection", "upgrade", "keep-alive", "transfer-encoding", "expect", "te"))
_CLIENTS_HOST = ("$host", "$http_host", "$best_http_host")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def set_headers(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_set_header name value;`, in the order of the text."""
    found: list[Stmt] = []
    for each in of_location(x, level, directives):
        name, value = each.args
        if _sent_by_us(x, level, each):
            operands = [x.constant(name.value, name.span), x.text(value)]
            found.append(x.act("nginx.proxy_set_header", each.span, operands))
    return found


def grpc_set_headers(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`grpc_set_header name value;`, which is proxy_set_header where the upstream speaks gRPC."""
    for each in [] if x.whole else directives:
        x.warn(
            "S2W472",
            "grpc_set_header acts where the Ingress has `backend-protocol: GRPC` only",
            each.span,
            reason="the plugin takes it for proxy_set_header, which nginx does for gRPC",
            help="leave the line out, if the service speaks HTTP",
        )
    return set_headers(x, level, directives)


def _sent_by_us(x: Lowering, level: Level, directive: Directive) -> bool:
    """Whether a header is one that the plugin sets; says why not, or what nginx does otherwise."""
    name, value = directive.args
    lower = name.value.lower()
    if lower in _GATEWAYS:
        x.warn(
            "S2W473",
            f"the gateway decides about {name.value} itself",
            directive.span,
            reason="it belongs to the connection to the upstream; WebSockets work without",
            help="leave the line out",
        )
        return False
    if lower == "content-length":
        return _length(x, level, directive)
    if not _TOKEN.fullmatch(name.value):
        x.refuse("S2W270", f"{name.value!r} is no name of a header", name.span, "a gateway can't send it")
        return False
    if lower == "host" and not value.value:
        reason = "a gateway can't send a request without a host"
        x.refuse("S2W270", "this takes Host out of the request", directive.span, reason, "give it a value")
        return False
    if x.captures and captures.is_service(level):
        return True  # nothing of ingress-nginx or of the gateway's routes is around it
    if lower in TEMPLATE and not x.whole:
        x.warn(
            "S2W471",
            f"ingress-nginx sets {name.value}, too, and sends both lines",
            directive.span,
            reason="the plugin sends this one only, which is what it was written for",
            help="compare what the service makes of it",
        )
    if lower == "host" and value.value not in _CLIENTS_HOST:
        x.warn(
            "S2W474",
            "the gateway may choose its route by this Host",
            directive.span,
            reason="Envoy looks for a route again when Host changes; Higress, where the path changes, too",
            help="let the route change it: annotation upstream-vhost, or host_rewrite_literal in Envoy",
        )
    return True


def _length(x: Lowering, level: Level, directive: Directive) -> bool:
    """Content-Length is a matter of the gateway: nothing has to be done where the body is not passed on."""
    passes = level.effective(("proxy_pass_request_body",), Merge.VALUE)
    if directive.args[1].value and directive.args[1].value not in ("$content_length", "$http_content_length"):
        dropped = False
    else:
        dropped = bool(directive.args[1].value) or any(each.args[0].value == "off" for each in passes)
    if not dropped:
        x.refuse(
            "S2W270",
            "a request can't have another Content-Length than its body",
            directive.span,
            reason="a gateway sends the length of the body that there is",
            help="leave the line out; `proxy_pass_request_body off` sends none",
        )
    return False


def of_location(
    x: Lowering, level: Level, directives: list[Directive], help: str = "put it into a configuration-snippet"
) -> list[Directive]:
    """The directives that count at a location of ingress-nginx: not a server's, since it has such lines
    itself. `help` says where else to put one. In a whole configuration all of them count.
    """
    if x.whole:
        return directives
    around = [outer for outer in level.chain() if outer.kind in ("http", "server", "main")]
    outer = [each for level in around for each in level.own]
    lost = [each for each in directives if any(each is other for other in outer)]
    for each in lost:
        x.warn(
            "S2W472",
            f"{each.name} has no effect here",
            each.span,
            reason="ingress-nginx's locations have such lines, and so do not inherit those of the server",
            help=help,
        )
    return [each for each in directives if each not in lost]


def method(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_method method;`."""
    return [x.act("nginx.proxy_method", each.span, [x.text(each.args[0])]) for each in directives]


def set_body(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_set_body value;`."""
    return [x.act("nginx.proxy_set_body", each.span, [x.text(each.args[0])]) for each in directives]


def pass_headers(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_pass_request_headers off;`."""
    return [_off(x, "nginx.proxy_pass_request_headers", each) for each in directives if _is_off(each)]


def pass_body(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_pass_request_body off;`, unless proxy_set_body gives another body."""
    if level.effective(("proxy_set_body",), Merge.VALUE):
        return []
    return [_off(x, "nginx.proxy_pass_request_body", each) for each in directives if _is_off(each)]


def _off(x: Lowering, act: str, directive: Directive) -> Stmt:
    return x.act(act, directive.span, [x.constant(False, directive.args[0].span)])


def _is_off(directive: Directive) -> bool:
    return directive.args[0].value.lower() == "off"


STEPS = (
    Step(Phase.PROXY, ("proxy_pass_request_headers",), Merge.VALUE, pass_headers),
    Step(Phase.PROXY, ("proxy_set_header",), Merge.ARRAY, set_headers),
    Step(Phase.PROXY, ("grpc_set_header",), Merge.ARRAY, grpc_set_headers),
    Step(Phase.PROXY, ("proxy_method",), Merge.VALUE, method),
    Step(Phase.PROXY, ("proxy_pass_request_body",), Merge.VALUE, pass_body),
    Step(Phase.PROXY, ("proxy_set_body",), Merge.VALUE, set_body),
)
