"""Directives as nginx text for the reference: each Lua with the name that the compiler gives it in messages,
and in each location what ingress-nginx's template has there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from snippet2wasm import catalogue
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.lower.directives.errors import for_the_service
from snippet2wasm.lower.directives.proxypass import target_of
from snippet2wasm.lower.levels import PASSES, Level, Merge, block, location_arguments
from snippet2wasm.source import Span
from snippet2wasm.verify.ingress import BEHIND, PASSED_ON, around
from snippet2wasm.verify.nginx import LuaBlock, lua_block, set_by_lua
from snippet2wasm.verify.snippets import Snippets

# What the site brings itself, see verify/site.py.
_LEFT_OUT = frozenset(("init", "shared_dict", "environment", "package_path"))
_MADE = frozenset(("proxy_pass", "content_by_lua", "content_by_lua_block", "content_by_lua_file"))
_EVERYTHING = ("/", "^~ /")

BlockOf = Callable[[Directive], LuaBlock]
"""The Lua of a directive."""
MarkOf = Callable[[Span, str], str]
"""Lua that notes that a block was reached: where it begins, and what it is ("then", "location")."""


@dataclass(frozen=True)
class Levels:
    """The directives of a unit by level, each in nginx's order.

    Attributes:
        http, server, location: for these levels.
        servers: of a whole configuration, in the place of `server` and `location`: its servers.
    """

    http: tuple[Directive, ...] = ()
    server: tuple[Directive, ...] = ()
    location: tuple[Directive, ...] = ()
    servers: tuple[Directive, ...] = ()

    def text(self) -> str:
        """All of it as it is written."""
        return "\n".join(each.span.text for each in self._tops())

    def all(self) -> list[Directive]:
        """Every directive, with those in blocks."""
        found: list[Directive] = []
        pending = [*reversed(self._tops())]
        while pending:
            found.append(pending.pop())
            pending += reversed(found[-1].block or [])
        return found

    def _tops(self) -> tuple[Directive, ...]:
        return (*self.http, *self.server, *self.location, *self.servers)

    def locations(self) -> list[Directive]:
        """The locations of the server level."""
        return [each for each in self.server if each.name == "location"]


def levels_of(directives: Sequence[Directive]) -> Levels:
    """The levels of an nginx text: a whole configuration, or one of a server, or of a location."""
    https = [each for each in directives if each.name == "http"]
    outer = [each for http in https for each in http.block or []] if https else list(directives)
    servers = [each for each in outer if each.name == "server"]
    if servers or https:
        return Levels(tuple(each for each in outer if each.name != "server"), servers=tuple(servers))
    if any(each.name == "location" for each in outer):
        return Levels(server=tuple(outer))
    return Levels(location=tuple(outer))


@dataclass(frozen=True)
class Whole:
    """A whole configuration: its http level and its servers."""

    http: tuple[Directive, ...]
    servers: tuple[Directive, ...]

    def _level(self, location: Directive) -> Level:
        for server in self.servers:
            root = block("http", None, None, [*self.http, server])
            for level in root.walk():
                if level.directive is location:
                    return level
        raise ValueError("a location of another configuration")

    def leaves(self, directive: Directive) -> bool:
        """Whether a `try_files` is left to the service that has the files."""
        for server in self.servers:
            root = block("http", None, None, [*self.http, server])
            for level in root.walk():
                if any(each is directive for each in level.own):
                    return for_the_service(level, directive)
        return False

    def headers(self, location: Directive) -> list[Directive]:
        """The proxy_set_header lines that count in a location, but those about the connection."""
        lines = self._level(location).effective(("proxy_set_header",), Merge.ARRAY)
        return [each for each in lines if each.args[0].value.lower() not in ("connection", "upgrade")]

    def uri(self, directive: Directive, location: Directive) -> str:
        """What follows the service in a proxy_pass."""
        target = target_of(directive, self._level(location), ())
        return "" if target is None else target.uri

    def host(self, directive: Directive, location: Directive) -> str:
        """What nginx itself gives a service for Host."""
        target = target_of(directive, self._level(location), ())
        return "$http_host" if target is None else target.host or "$http_host"


@dataclass(frozen=True)
class Renderer:
    """Makes texts of directives.

    Attributes:
        block: the Lua of a directive.
        mark: what is put into the blocks of `if` and `location`, if anything.
        users: the names of the files that stand for those of auth_basic_user_file, by their paths.
        whole: what is there of a whole configuration.
    """

    block: BlockOf
    mark: MarkOf | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    whole: Whole | None = None

    def snippets(self, levels: Levels, path: str = "/", *, variables: Mapping[str, str]) -> Snippets:
        """The texts of levels.

        Args:
            levels: their directives.
            path: of the location that the snippet for one is in.
            variables: values of the template's own.
        """
        if levels.servers:
            whole = replace(self, whole=Whole(levels.http, levels.servers))
            servers = tuple("\n".join(whole._server(each)) for each in levels.servers)
            http = "\n".join(whole._lines(whole.whole.http if whole.whole else ()))
            default = next((at for at, each in enumerate(levels.servers) if _is_default(each)), 0)
            return Snippets(http, marked=True, variables=variables, servers=servers, default=default)
        server = "\n".join(self._lines(levels.server))
        own = not levels.location and any(_path(each) in _EVERYTHING for each in levels.locations())
        return Snippets(
            "\n".join(self._lines(levels.http)),
            server,
            "\n".join(self._lines(levels.location)),
            path,
            own,
            marked=True,
            variables=variables,
        )

    def _lines(self, directives: Iterable[Directive]) -> list[str]:
        return [line for each in directives for line in self._directive(each)]

    def _directive(self, directive: Directive) -> list[str]:
        known = catalogue.load().directives.get(directive.name)
        role = known.role if known is not None else ""
        if directive.name == "try_files" and self.whole is not None and self.whole.leaves(directive):
            return []
        if role in _LEFT_OUT or (self.whole is not None and _of_the_gateway(directive)):
            return []
        if "_by_lua" in directive.name:
            return [self._lua(directive)]
        words = [_written(directive.name_span), *(_written(each.span) for each in directive.args)]
        if directive.name == "auth_basic_user_file" and directive.args:
            words[1] = self.users.get(directive.args[0].value, words[1])
        if directive.block is None:
            return [" ".join(words) + ";"]
        inside = self._lines(directive.block) if directive.name not in _DATA else _data(directive)
        if directive.name in ("if", "location") and self.mark is not None:
            what = "then" if directive.name == "if" else "location"
            inside.insert(0, self._marked(directive.name_span, what))
        if directive.name == "location":
            complete = self._completed if self.whole is None else self._passed_on
            inside = complete(directive, inside)
        return [" ".join(words) + " {", *inside, "}"]

    def _completed(self, directive: Directive, inside: list[str]) -> list[str]:
        """A location with what the template has."""
        if any(each.name in PASSES for each in directive.block or []):
            return self._routed(directive, inside)
        if any(each.name in _MADE for each in directive.block or []):
            return inside
        if any(each.name == "internal" for each in directive.block or []):
            return [*inside, PASSED_ON]
        return [*around("\n".join(inside)), *inside, BEHIND]

    def _routed(self, location: Directive, inside: list[str]) -> list[str]:
        """A location of a server-snippet with a service of its own: one server is in the place of all."""
        own = location.block or []
        directive = next(each for each in own if each.name in PASSES)
        target = target_of(directive, block("location", location, None, own), ())
        if target is None:
            return inside
        lines = [line for line in inside if not line.startswith((*PASSES, "proxy_set_header Connection "))]
        headers = {
            each.args[0].value.lower() for each in own if each.name == "proxy_set_header" and each.args
        }
        lines = [*([] if "host" in headers else _host(target.host, location)), *lines]
        url = _quoted_url(directive, target.uri)
        return [*lines, 'proxy_set_header Connection "";', "proxy_http_version 1.1;", f"proxy_pass {url};"]

    def _server(self, server: Directive) -> list[str]:
        """What stands in a server of a whole configuration, but for the address."""
        assert self.whole is not None
        block = server.block or []
        lines = self._lines(each for each in block if each.name != "server_name")
        names = server_names(server)
        if names:
            lines.insert(0, f"server_name {' '.join(names)};")
        everything = any(each.name == "location" and _path(each) in _EVERYTHING for each in block)
        return lines if everything else [*lines, "location / {", PASSED_ON, "}"]

    def _passed_on(self, location: Directive, inside: list[str]) -> list[str]:
        """A location of a whole configuration, with one service in the place of all services and files."""
        assert self.whole is not None
        block = location.block or []
        if any(each.name in ("return", *_CONTENT) for each in block):
            return inside
        target = next((each for each in block if each.name in PASSES), None)
        proxied = target is not None and target.name == "proxy_pass"
        quoted = _quoted_url(target, self.whole.uri(target, location) if target and proxied else "")
        lines = [line for line in inside if not line.startswith("proxy_set_header ")]
        lines = [_redirect(line, target, location) for line in lines]
        lines = [
            f"proxy{line.removeprefix('grpc')}" if line.startswith("grpc_set") else line for line in lines
        ]
        headers = self.whole.headers(location)
        given = {each.args[0].value.lower() for each in headers}
        lines += [line for each in headers for line in self._directive(each)]
        host = self.whole.host(target, location) if target is not None else "$http_host"
        lines = [*([] if "host" in given else _host(host, location)), *lines]
        return [*lines, 'proxy_set_header Connection "";', "proxy_http_version 1.1;", f"proxy_pass {quoted};"]

    def _marked(self, span: Span, what: str) -> str:
        assert self.mark is not None
        return f'set_by_lua_block $snippet2wasm_mark {{ {self.mark(span, what)} return "" }}'

    def _lua(self, directive: Directive) -> str:
        block = self.block(directive)
        stem = directive.name.partition("_by_lua")[0]
        if stem == "set":
            name, *args = (_written(each.span) for each in directive.args)
            behind = [] if directive.name.endswith("_block") else args[1:]
            return set_by_lua(name.removeprefix("$"), block, behind)
        return lua_block(f"{stem}_by_lua_block", block)


def _quoted_url(directive: Directive | None, uri: str) -> str:
    """What a `proxy_pass` says with that server in the place of its own; nginx takes the path of one with
    variables as it is, so variables stay where they were in the server only.
    """
    varies = directive is not None and "$" in directive.args[0].value and uri and "$" not in uri
    service = "$snippet2wasm_upstream" if varies else "upstream_balancer"
    return '"' + f"http://{service}{uri}".replace('"', '\\"') + '"'


_CONTENT = ("content_by_lua", "content_by_lua_block", "content_by_lua_file")
_DATA = frozenset(("map", "geo", "types", "split_clients"))


def _data(block: Directive) -> list[str]:
    """The lines of a block of data."""
    return [
        " ".join([_written(each.name_span), *(_written(argument.span) for argument in each.args)]) + ";"
        for each in block.block or []
    ]


def _of_the_gateway(directive: Directive) -> bool:
    """Whether a directive of a whole configuration is the gateway's, or about nginx alone."""
    known = catalogue.load().directives.get(directive.name)
    return known is not None and (
        directive.name in PASSES or bool(known.whole) or known.role in ("ignored", "gateway")
    )


def _host(service: str, location: Directive) -> list[str]:
    """What gives a service its Host: in subrequests nginx's own default, else the gateway's, the client's.

    It stands in front of a `rewrite … break`, behind which no variable is set. Each location has a variable
    of its own for it: a subrequest may share those of its request.
    """
    if service == "$http_host":
        return ["proxy_set_header Host $http_host;"]
    lua = f'if ngx.is_subrequest then return "{service}" end return ngx.var.http_host'
    name = f"$snippet2wasm_host_{location.span.start}"
    return [f"set_by_lua_block {name} {{ {lua} }}", f"proxy_set_header Host {name};"]


def _redirect(line: str, target: Directive | None, location: Directive) -> str:
    """A line, with `proxy_redirect default` written out: the service that it names is not there."""
    if line != "proxy_redirect default;" or target is None:
        return line
    url = target.args[0].value
    if "/" in url.partition("://")[2]:
        return f'proxy_redirect "{url}" "{location_arguments(location)[1]}";'
    return f'proxy_redirect "{url}/" /;'


def _is_default(server: Directive) -> bool:
    """Whether a server gets the requests that are for none."""
    listens = [each for each in server.block or [] if each.name == "listen"]
    return any(each.value in ("default_server", "default") for listen in listens for each in listen.args[1:])


def _path(location: Directive) -> str:
    return " ".join(argument.value for argument in location.args)


def server_names(server: Directive) -> list[str]:
    """The arguments of `server_name` in a server, as they are written."""
    own = [each for each in server.block or [] if each.name == "server_name"]
    return [_written(argument.span) for each in own for argument in each.args]


def _written(span: Span) -> str:
    """What stands at a place, as it is written; latin-1 of the bytes."""
    return span.source.data[span.start : span.end].decode("latin-1")
