"""A cluster end to end: its Ingresses compiled to one plugin in a real Envoy, beside a real nginx with the
configuration that ingress-nginx writes for them (by hand here, so that nothing of ours decides what it is).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.bundle import bundle
from snippet2wasm.cluster import Compiled, compile_cluster
from snippet2wasm.compiler import Options
from snippet2wasm.frontend import kubernetes
from snippet2wasm.source import Source
from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import differences
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.ingress import BEHIND, Ingresses, IngressNginx, around, normalisations
from snippet2wasm.verify.nginx import Site, placed
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Surroundings, observe

TEXT = (Path(__file__).parent / "data" / "cluster.yaml").read_text()
NAME = "cluster"
OBJECTS = {item["metadata"]["name"]: item for item in yaml.safe_load(TEXT)["items"]}


def snippet(owner: str, key: str) -> str:
    """A snippet of an Ingress or of the ConfigMap, whose Lua says in messages where it stands in the file."""
    found = OBJECTS[owner]
    text = (
        found["data"].get(key) if owner == CONFIG else found["metadata"]["annotations"].get(f"{PREFIX}{key}")
    )
    first = text.split("\n")[0]
    line = next((number for number, each in enumerate(TEXT.split("\n"), 1) if each.strip() == first), 1)
    return placed(text, line)


PREFIX = "nginx.ingress.kubernetes.io/"
CONFIG = "ingress-nginx-controller"


@dataclass(frozen=True)
class Location:
    """A location as ingress-nginx writes it; the owner is the Ingress with the snippet, "" for one without."""

    argument: str
    namespace: str
    ingress: str
    service: str
    port: str
    owner: str = ""

    def lines(self) -> list[str]:
        path = self.argument.removeprefix("= ").rstrip("/") or "/"  # as the Ingress has it
        names = ("namespace", "ingress_name", "service_name", "service_port", "location_path")
        values = (self.namespace, self.ingress, self.service, self.port, path)
        variables = [(name, f'"{value}"') for name, value in zip(names, values, strict=True)]
        upstream = (
            f"{self.namespace}-{self.service}-{self.port}" if self.service else "upstream-default-backend"
        )
        own = [snippet(self.owner, "configuration-snippet")] if self.owner else []
        inside = around("", variables, f'"{upstream}"')
        return [
            f"location {self.argument} {{",
            *inside,
            *own,
            snippet(CONFIG, "location-snippet"),
            BEHIND,
            "}",
        ]


SERVERS = {
    "shop.example": (
        ("web",),
        [
            Location("/api/v1/health/deep/", "shop", "web", "web", "80"),
            Location("= /api/v1/health/deep", "shop", "web", "web", "80"),
            Location("= /only", "shop", "api", "only", "http", "api"),
            Location("/web/", "shop", "web", "web", "80"),
            Location("= /web", "shop", "web", "web", "80"),
            Location("/api/", "shop", "api", "api", "8080", "api"),
            Location("= /api", "shop", "api", "api", "8080", "api"),
            Location("/", "shop", "web", "", ""),
        ],
    ),
    "*.old.example": (
        (),
        [
            Location("/v1/plain/", "old", "plain", "plain", "80"),
            Location("= /v1/plain", "old", "plain", "plain", "80"),
            Location("/v1/", "old", "legacy", "legacy", "80", "legacy"),
            Location("= /v1", "old", "legacy", "legacy", "80", "legacy"),
            Location("/", "old", "legacy", "", "", "legacy"),
        ],
    ),
    "moved.example": (
        ("front",),
        [
            Location("/front/", "moved", "front", "front", "80", "front"),
            Location("= /front", "moved", "front", "front", "80", "front"),
            Location("/new/", "moved", "new", "new", "80", "new"),
            Location("= /new", "moved", "new", "new", "80", "new"),
            Location("/", "moved", "front", "", "", "front"),
        ],
    ),
    "plain.example": ((), [Location("/", "old", "plain", "plain", "80")]),
}
"""What the controller makes of the cluster: hosts, who has a server-snippet, locations. The first Ingress of a host,
by age, has the location of all that no path takes."""


class WholeIngressNginx(IngressNginx):
    """A real nginx with these servers."""

    def _servers(self) -> list[str]:
        lines = super()._servers()
        for host, (owners, locations) in SERVERS.items():
            lines += ["server {", f"server_name {host};", f"listen {self.address[0]}:{self.address[1]};"]
            lines += [
                'set $proxy_upstream_name "-";',
                *(snippet(owner, "server-snippet") for owner in owners),
            ]
            for location in locations:
                lines += location.lines()
            lines += [snippet(CONFIG, "server-snippet"), "}"]
        return lines


# name → (host, request target, headers)
REQUESTS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "prefix": ("shop.example", "/api/x?y=1", ()),
    "prefix itself": ("shop.example", "/api", ()),
    "not a whole segment": ("shop.example", "/apix", ()),
    "exact": ("shop.example", "/only", ()),
    "below exact": ("shop.example", "/only/x?bad=1", ()),
    "return": ("shop.example", "/api/x?old=1", ()),
    "Lua's answer and log": ("shop.example", "/api/x?bad=1", ()),
    "Lua's answer and log at the exact path": ("shop.example", "/only?bad=1", ()),
    "other Ingress": ("shop.example", "/web/x?bad=1&old=1", ()),
    "server": ("shop.example", "/api/x", (("user-agent", "BadBot/1"),)),
    "server, other Ingress": ("shop.example", "/web", (("user-agent", "badbot"),)),
    "server, no path": ("shop.example", "/none", (("user-agent", "bad-bot"),)),
    "no path": ("shop.example", "/none?bad=1&old=1", ()),
    "location of the snippet, exact": ("shop.example", "/ping", ()),
    "location of the snippet, prefix": ("shop.example", "/api/v1/health/x?old=1", ()),
    "an Ingress' longer path": ("shop.example", "/api/v1/health/deep/x?bad=1", ()),
    "an Ingress' exact path": ("shop.example", "/api/v1/health/deep?common=1", ()),
    "location of the snippet, regex": ("shop.example", "/api/index.php?bad=1", ()),
    "location of the snippet, regex in the other": ("shop.example", "/web/index.php", ()),
    "port": ("shop.example:8080", "/api/x?old=1", ()),
    "upper case": ("SHOP.example", "/api/x?old=1", ()),
    "wildcard": ("a.old.example", "/v1/x", ()),
    "wildcard, deep": ("a.b.old.example", "/v1/x?seen=1", ()),
    "wildcard, a prefix of nginx": ("a.old.example", "/v1x?seen=1", ()),
    "wildcard, no path": ("a.old.example", "/zzz?seen=1", ()),
    "wildcard, other Ingress": ("a.old.example", "/v1/plain/x?seen=1", ()),
    "not the wildcard": ("old.example", "/v1/x?seen=1", ()),
    "config map": ("plain.example", "/x?common=1", ()),
    "config map behind the annotation": ("a.old.example", "/v1/x?common=1", ()),
    "config map, other Ingress": ("shop.example", "/web/x?common=1", ()),
    "config map, no path": ("shop.example", "/none?common=1", ()),
    "moved by the server to another Ingress": ("moved.example", "/old/x", ()),
    "moved by the server, and stopped there": ("moved.example", "/old/x?stop=1", ()),
    "not moved": ("moved.example", "/front/x?stop=1", ()),
    "not moved, the other": ("moved.example", "/new/x?stop=1", ()),
    "not moved, a location of the snippet": ("moved.example", "/front/exact", ()),
    "not moved, no path": ("moved.example", "/zzz", ()),
    "nothing": ("plain.example", "/x?bad=1&old=1&seen=1", ()),
}
PLACES = {"/api/x?bad=1": "shop-api", "/only?bad=1": "shop-api-2"}
"""The entries of the table that write into the log; $location_path differs, so each path has one."""

METHODS = {
    "config map's server": ("shop.example", "/ping", "PROPFIND"),
    "same": ("plain.example", "/", "PROPFIND"),
}


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    with Surroundings() as servers:
        yield servers


def compiled(target: str) -> Compiled:
    manifests = kubernetes.read(Source("nginx.conf", TEXT.encode()))
    return compile_cluster(manifests, Path(), Options("", target=target))


def table(found: Compiled) -> Json:
    """The plugin's configuration, made as the manifest has it."""
    entries: list[Json] = []
    for each in found.compilations:
        for i, place in enumerate(each.places):
            match: list[Json] = [dict(match.parts()) for match in place.match]
            name = each.unit.name if i == 0 else f"{each.unit.name}-{i + 1}"
            entries.append(
                {"name": name, "unit": each.unit.name, "match": match, "config": dict(place.values)}
            )
    others: list[Json] = [dict(match.parts()) for match in found.others]
    unit = found.compilations[0].unit.name
    entries.append({"name": "others", "unit": unit, "match": others, "disabled": True})
    return {"units": entries}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = compiled("envoy")
    project = tmp_path_factory.mktemp("cluster") / "project"
    write(bundle(NAME, "envoy", found.compilations, found.others).files(), project, force=False)
    return build(project, "local").path


@pytest.fixture(scope="module")
def sides(surroundings: Surroundings, module: Path) -> Iterator[tuple[NginxSubject, EnvoyGateway]]:
    found = compiled("envoy")
    upstream = surroundings.upstream.address
    with contextlib.ExitStack() as stack:
        plugin = Plugin(NAME, module, table(found))
        gateway = stack.enter_context(EnvoyGateway([plugin], upstream))
        nginx = stack.enter_context(WholeIngressNginx(Ingresses([], Site({}, upstream))))
        yield NginxSubject(nginx), gateway


CASES = [
    *(
        pytest.param(host, target, "GET", headers, id=name)
        for name, (host, target, headers) in REQUESTS.items()
    ),
    *(pytest.param(host, target, method, (), id=name) for name, (host, target, method) in METHODS.items()),
]


@pytest.mark.parametrize(("host", "target", "method", "headers"), CASES)
def test_the_plugin_does_what_ingress_nginx_does(
    surroundings: Surroundings,
    sides: tuple[NginxSubject, EnvoyGateway],
    host: str,
    target: str,
    method: str,
    headers: tuple[tuple[str, str], ...],
) -> None:
    nginx, gateway = sides
    request = Request(method, target, headers=(("host", host), *headers))
    expected = observe(nginx, surroundings, request)
    got = observe(GatewaySubject(gateway, NAME, PLACES.get(target, "")), surroundings, request)
    assert expected.response is not None
    found = [str(each) for each in differences(expected, got, normalisations("x-from x-lost"))]
    assert not found, "\n".join(found)


# name → (host, request target, status): routes are called as in Higress, and found by the path alone
BY_ROUTE = {
    "route": ("shop.example", "/api/main?bad=1", 403),
    "route of a canary": ("shop.example", "/api/canary?old=1", 301),
    "route of an Ingress with the host's snippet only": ("shop.example", "/web/index.php", 404),
    "the same, and no snippet of another": ("shop.example", "/web/x?bad=1", 200),
    "no route, a host": ("shop.example", "/none/index.php", 404),
    "no route, no host": ("other.example", "/none?old=1", 200),
    "route without a host": ("other.example", "/v1/x?seen=1", 200),
    "what the route leads to": ("b.old.example", "/v1/x?common=1", 200),
}
ROUTES = {
    "shop/api-canary": "/api/canary",
    "shop/api": "/api/main",
    "shop/web": "/web/x",
    "old/legacy": "/v1/x",
}


def test_routes_that_are_called_as_in_higress(surroundings: Surroundings, module: Path) -> None:
    plugin = Plugin(NAME, module, table(compiled("higress")), routes=ROUTES)
    got, bodies = {}, {}
    with EnvoyGateway([plugin], surroundings.upstream.address) as gateway:
        for name, (host, target, _) in BY_ROUTE.items():
            answer = client.send(gateway.address(NAME), Request("GET", target, (("host", host),)))
            assert answer is not None
            got[name], bodies[name] = answer.status, answer.body
    assert got == {name: status for name, (_, _, status) in BY_ROUTE.items()}
    assert bodies["route without a host"] == b"GET /v2/x?seen=1\n"  # the path that the snippet gives it
    assert bodies["what the route leads to"] == b"GET /v2/x?common=1\n"
