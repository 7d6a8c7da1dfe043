"""Where a gateway differs from nginx before any plugin has its say: docs/differences.md lists the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from snippet2wasm.verify.client import Request, Response, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx, Site
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.servers import known
from snippet2wasm.verify.upstream import Upstream

DOCS = Path(__file__).parents[2] / "docs" / "differences.md"

# Name in the documentation, request, status of nginx, status of the gateway.
DIFFERENCES = [
    ("fragment in the request target", Request(target="/x?a#b"), 200, 400),
    ("byte above 0x7f in the request target", Request(target="/x?a=\xff"), 200, 400),
    ("unknown method", Request("BREW", "/x"), 200, 400),
    ("TRACE", Request("TRACE", "/x"), 405, 200),
    *(
        ("`%` without two digits, `%00` or `..` above the root in the path", Request(target=target), 400, 200)
        for target in ("/x%2", "/x%00", "/..", "/a/%2e%2e/../b")
    ),
    ("request target that begins neither with `/` nor with a scheme", Request(target="%2F"), 400, 400),
    ("two `Host` headers", Request(target="/x", headers=(("host", "a"), ("host", "b"))), 400, 200),
]


@pytest.fixture(scope="module")
def nginx(started_surroundings: Surroundings) -> Iterator[ReferenceNginx]:
    """nginx without any snippet."""
    with ReferenceNginx(Site({}, started_surroundings.upstream.address)) as server:
        yield server


@pytest.fixture(scope="module")
def gateway(started_surroundings: Surroundings) -> Iterator[EnvoyGateway]:
    """Envoy without any plugin."""
    with EnvoyGateway([Plugin("bare", None)], started_surroundings.upstream.address) as server:
        yield server


def _status(response: Response | None) -> int:
    assert response is not None
    return response.status


@pytest.mark.parametrize(("name", "request_", "of_nginx", "of_gateway"), DIFFERENCES)
def test_documented_difference_is_there(
    nginx: ReferenceNginx, gateway: EnvoyGateway, name: str, request_: Request, of_nginx: int, of_gateway: int
) -> None:
    assert _status(send(nginx.address, request_)) == of_nginx
    assert _status(send(gateway.address(), request_)) == of_gateway
    assert f"| {name} |" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("referer", "kept"),
    [
        ("https://h/a?b", True),
        ("ftp://h:1", True),
        ("android-app://com.example/", True),
        ("//h:80/x", True),
        ("/a?b=%zz&c='(x)'*,;@~", True),
        ("x, b", False),
        ("a:b", False),
        ("/x#f", False),
        ("https://h/x#f", False),
        ("http://u@h/x", False),
        ("http://a_b.c/x", False),
        ("http://h:x/", False),
        ("https://h/a b", False),
        ("\xe9", False),
    ],
)
def test_the_gateway_drops_odd_referers(
    nginx: ReferenceNginx, gateway: EnvoyGateway, upstream: Upstream, referer: str, kept: bool
) -> None:
    request = Request(headers=(("host", "h"), ("referer", referer)))
    for address in (nginx.address, gateway.address()):
        send(address, request)
    assert [("referer", referer) in each.headers for each in upstream.received] == [True, kept]
    name = "`Referer` that is no URL and no path, or has a fragment or user information"
    assert (name in known(request)) != kept
    assert f"| {name} |" in DOCS.read_text(encoding="utf-8")


def test_nginx_drops_headers_with_underscores(
    nginx: ReferenceNginx, gateway: EnvoyGateway, upstream: Upstream
) -> None:
    for address in (nginx.address, gateway.address()):
        send(address, Request(headers=(("host", "h"), ("x_y", "1"))))
    seen = [{name for name, _ in request.headers} for request in upstream.received]
    assert ["x_y" in names for names in seen] == [False, True]
    assert "| header name with an underscore |" in DOCS.read_text(encoding="utf-8")
