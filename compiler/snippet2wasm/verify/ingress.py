"""What ingress-nginx's configuration has around snippets, and a real nginx that serves snippets inside of it.

The lines are what the controller 1.12 to 1.15 writes with the settings that it has by default, for an
Ingress without annotations, apart from its Lua (`upstream_balancer` is the one server behind). Its handlers
are there, and empty: nginx takes one of a kind in a location. A text that has such a handler itself was never
in ingress-nginx; the template's is left out then, so that other nginx texts can be compared, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from snippet2wasm.verify.compare import NORMALISATIONS, Normalisation, Observation
from snippet2wasm.verify.http1 import Header
from snippet2wasm.verify.nginx import ReferenceNginx, Site, listen, placed
from snippet2wasm.verify.process import ServerError
from snippet2wasm.verify.snippets import Snippets

HEADERS = (
    *("x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"),
    *("x-forwarded-scheme", "x-scheme", "x-original-forwarded-for", "x-request-id", "proxy"),
)
"""Request headers that the template sets for the upstream, and a gateway in its own way, in lower case."""

MIME_TYPES = "/etc/nginx/mime.types"
_HANDLERS = ("rewrite", "header_filter", "log")
_HTTP = f"""\
include {MIME_TYPES};
default_type text/html;
server_names_hash_max_size 4096;
server_names_hash_bucket_size 256;
variables_hash_max_size 2048;
variables_hash_bucket_size 256;
map_hash_bucket_size 64;
proxy_headers_hash_max_size 512;
proxy_headers_hash_bucket_size 64;
underscores_in_headers off;
ignore_invalid_headers on;
limit_req_status 503;
limit_conn_status 503;
more_clear_headers Server;
uninitialized_variable_warn off;
map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
map $http_x_request_id $req_id {{ default $http_x_request_id; "" $request_id; }}
geo $literal_dollar {{ default "$"; }}
server_name_in_redirect off;
port_in_redirect off;
proxy_ssl_session_reuse on;"""
_VARIABLES = (
    ("proxy_host", "$proxy_upstream_name"),
    ("pass_access_scheme", "$scheme"),
    ("pass_server_port", "$server_port"),
    ("best_http_host", "$http_host"),
    ("pass_port", "$pass_server_port"),
    ("proxy_alternative_upstream_name", '""'),
)
_PROXY = """\
client_max_body_size 1m;
proxy_set_header Host $best_http_host;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $connection_upgrade;
proxy_set_header X-Request-ID $req_id;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Host $best_http_host;
proxy_set_header X-Forwarded-Port $pass_port;
proxy_set_header X-Forwarded-Proto $pass_access_scheme;
proxy_set_header X-Forwarded-Scheme $pass_access_scheme;
proxy_set_header X-Scheme $pass_access_scheme;
proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
proxy_set_header Proxy "";
proxy_connect_timeout 5s;
proxy_send_timeout 60s;
proxy_read_timeout 60s;
proxy_buffering off;
proxy_buffer_size 4k;
proxy_buffers 4 4k;
proxy_max_temp_file_size 1024m;
proxy_request_buffering on;
proxy_http_version 1.1;
proxy_cookie_domain off;
proxy_cookie_path off;
proxy_next_upstream error timeout;
proxy_next_upstream_timeout 0;
proxy_next_upstream_tries 3;"""
_REPLACED = frozenset(("client_max_body_size", "proxy_cookie_domain", "proxy_cookie_path"))
BEHIND = """\
proxy_pass http://upstream_balancer;
proxy_redirect off;"""


@dataclass(frozen=True)
class IngressServer:
    """One server of the configuration, with one location of an Ingress.

    Attributes:
        name: tells it from others in messages.
        hosts: the arguments of server_name.
        snippets: what it holds.
        namespace, ingress, service, port: what the template's variables have of the Ingress.
    """

    name: str
    hosts: tuple[str, ...]
    snippets: Snippets
    namespace: str = "default"
    ingress: str = "app"
    service: str = "app"
    port: str = "80"

    def lines(self, address: str, more: str = "") -> list[str]:
        """The server block, for an address as `listen` takes it, with more directives of ours."""
        snippets, upstream = self.snippets, f'"{self.namespace}-{self.service}-{self.port}"'
        if "proxy_upstream_name" in snippets.variables:
            upstream = f'"{snippets.variables["proxy_upstream_name"]}"'
        locations = []
        if not snippets.own:
            inside = around(snippets.location, self._variables(), upstream)
            text = [self._placed("location")] if snippets.location else []
            behind = _without_own(BEHIND, snippets.location)
            locations = [f"location {snippets.path} {{", *inside, *text, behind, "}"]
            if snippets.path.strip() != "/":
                locations += ["location / {", PASSED_ON, "}"]
        return [
            "server {",
            f"server_name {' '.join(self.hosts)};",
            f"listen {address};",
            'set $proxy_upstream_name "-";',
            *([more] if more else []),
            *([self._placed("server")] if snippets.server else []),
            *locations,
            "}",
        ]

    def _placed(self, level: str) -> str:
        text = self.snippets.server if level == "server" else self.snippets.location
        return text if self.snippets.marked else placed(text, self.snippets.first_lines()[level])

    def _variables(self) -> tuple[tuple[str, str], ...]:
        values = {
            "namespace": self.namespace,
            "ingress_name": self.ingress,
            "service_name": self.service,
            "service_port": self.port,
            "location_path": "/",
        }
        given = self.snippets.variables
        return tuple((name, f'"{given.get(name, value)}"') for name, value in values.items())


def around(
    text: str, variables: Sequence[tuple[str, str]] = (), upstream: str = '"default-app-80"'
) -> list[str]:
    """What the template has in a location in front of a snippet.

    Args:
        text: the snippet; a handler of the template's that it has itself is left out.
        variables: of the Ingress, and their values as nginx text.
        upstream: the value of $proxy_upstream_name.
    """
    handlers = [
        f"{phase}_by_lua_block {{ }}" for phase in _HANDLERS if not re.search(rf"\b{phase}_by_lua", text)
    ]
    return [
        *(f"set ${name} {value};" for name, value in variables),
        *handlers,
        "port_in_redirect off;",
        'set $balancer_ewma_score "-1";',
        f"set $proxy_upstream_name {upstream};",
        *(f"set ${name} {value};" for name, value in _VARIABLES),
        _without_own(_PROXY, text, _REPLACED),
    ]


PASSED_ON = """\
proxy_set_header Host $http_host;
proxy_set_header Connection "";
proxy_http_version 1.1;
proxy_pass http://upstream_balancer;"""
"""What a location has that is none of an Ingress with snippets."""

UPSTREAM = 'map "" $snippet2wasm_upstream { default upstream_balancer; }'
"""A variable with the name of the one server that stands for all, for `proxy_pass` with variables."""


@dataclass(frozen=True)
class Ingresses:
    """All that one nginx serves.

    Attributes:
        servers: each for its hosts; with an http level, only one.
        site: what Lua finds in that nginx, and the upstream. Its handlers and directives are not used.
        upstreams: further servers by the names that proxy_pass has for them, as "host:port" addresses.
    """

    servers: Sequence[IngressServer]
    site: Site
    upstreams: Mapping[str, str] = field(default_factory=dict)


class IngressNginx(ReferenceNginx):
    """A real nginx that serves snippets inside ingress-nginx's configuration."""

    def __init__(self, ingresses: Ingresses, *, log_level: str = "info") -> None:
        http = next((each.snippets.http for each in ingresses.servers if each.snippets.http), "")
        if http and len(ingresses.servers) > 1:
            raise ValueError("an http level is common to all servers")
        self._ingresses = ingresses
        self._starts_itself = re.search(r"\binit_by_lua_block\s*\{", http) is not None
        self._snippet = http
        super().__init__(ingresses.site, log_level=log_level)

    def _servers(self) -> list[str]:
        host, port = self.site.upstream
        upstreams = {"upstream_balancer": f"{host}:{port}", **self._ingresses.upstreams}
        blocks = [f"upstream {name} {{ server {address}; }}" for name, address in upstreams.items()]
        http = self._snippet
        if self._starts_itself:
            http = re.sub(
                r"(\binit_by_lua_block\s*\{)", lambda match: f"{match[1]} {self.prelude()} ", http, count=1
            )
        marked = any(each.snippets.marked for each in self._ingresses.servers)
        given = [] if not http else [http if marked else placed(http, 2)]
        address, more = listen(self.address), self.site.server_directives
        servers = [line for each in self._ingresses.servers for line in each.lines(address, more)]
        return [_without_own(_HTTP, http), *given, *blocks, UPSTREAM, *servers]

    def at_fault(self, error: ServerError) -> str | None:
        """The name of the server that a failed start is about; None when it does not say."""
        found = re.search(r"nginx\.conf:(\d+)", str(error))
        if found is None:
            return None
        lines = self._configuration().split("\n")[: int(found[1])]
        self.stop()  # the configuration has made a folder again
        names = {f"server_name {' '.join(each.hosts)};": each.name for each in self._ingresses.servers}
        return next((names[line] for line in reversed(lines) if line in names), None)


class WholeNginx(ReferenceNginx):
    """A real nginx that serves a whole configuration: its own http level and servers."""

    def _servers(self) -> list[str]:
        host, port = self.site.upstream
        snippets = self.site.snippets
        assert snippets is not None
        lines = [_without_own(_WHOLE, snippets.http), snippets.http]
        lines += [f"upstream upstream_balancer {{ server {host}:{port}; }}", UPSTREAM]
        for number, inside in enumerate(snippets.servers):
            address = listen(self.address) + (" default_server" if number == snippets.default else "")
            lines += ["server {", f"listen {address};", self.site.server_directives, inside, "}"]
        return [re.sub(r"include \S*mime\.types;", f"include {MIME_TYPES};", each) for each in lines]


_WHOLE = f"""\
include {MIME_TYPES};
default_type text/html;
client_max_body_size 0;
proxy_redirect off;
port_in_redirect off;
variables_hash_max_size 2048;
variables_hash_bucket_size 256;
server_names_hash_bucket_size 256;
map_hash_bucket_size 256;"""
"""What a whole configuration has besides: a gateway has no largest size of bodies, changes no redirects, and
listens at another port.
"""


def without(ingresses: Ingresses, name: str) -> Ingresses:
    """All but one server."""
    return replace(ingresses, servers=[each for each in ingresses.servers if each.name != name])


def _without_own(template: str, text: str, names: frozenset[str] | None = None) -> str:
    """The template's lines without what a text has itself: nginx takes most directives once.

    Args:
        template: the lines.
        text: what stands at their level.
        names: the directives that this is about; all unless given.
    """
    own = set(re.findall(r"(?m)^[\x00@\d]*\s*(\w+)", text)) - {"map", "geo", "include"}
    own = own if names is None else own & names
    return "\n".join(line for line in template.split("\n") if line.split(" ")[0] not in own)


def normalisations(text: str) -> list[Normalisation]:
    """What is left aside where nginx has ingress-nginx's template around a text.

    The request headers that the template and a gateway both set, in their own ways, are; but not those that
    the text names. They take the place of the entry about headers that every gateway adds.
    """
    names = tuple(name for name in HEADERS if name not in text.lower().replace("_", "-"))

    def left(headers: tuple[Header, ...]) -> tuple[Header, ...]:
        lines = ((name.lower(), (name, value)) for name, value in headers)
        return tuple(line for name, line in lines if name not in names and not name.startswith("x-envoy-"))

    def drop(observation: Observation) -> Observation:
        response = observation.response
        return replace(
            observation,
            response=response and replace(response, headers=left(response.headers)),
            upstream=tuple(replace(each, headers=left(each.headers)) for each in observation.upstream),
        )

    kept = [each for each in NORMALISATIONS if each.name != "gateway-headers"]
    what = f"Headers of the gateway, and {', '.join(HEADERS)}, unless the text names them, are left out."
    why = "The template and the gateway both set them, each in its own way, with and without snippets."
    return [*kept, Normalisation("template-headers", what, why, drop)]


def reference(site: Site, log_level: str = "info") -> ReferenceNginx:
    """The nginx for a site: one of handlers, or one of nginx texts."""
    if site.snippets is None:
        return ReferenceNginx(site, log_level=log_level)
    if site.snippets.servers:
        return WholeNginx(site, log_level=log_level)
    return IngressNginx(Ingresses([IngressServer("", ("_",), site.snippets)], site), log_level=log_level)
