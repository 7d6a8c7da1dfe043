"""Which snippets act on which requests: the units of a cluster, and the places that each is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from snippet2wasm import naming
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.frontend import nginx
from snippet2wasm.frontend.kubernetes.model import Controller, Ingress, Manifests, Text
from snippet2wasm.frontend.layers import Layers
from snippet2wasm.frontend.matches import Match, Place
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ingress import beside, gates, settings, template
from snippet2wasm.ingress.servers import Cluster, Server, Site, class_of, cluster, title
from snippet2wasm.ir.nodes import Location
from snippet2wasm.lower.directives import secrets

HIGRESS_NAMESPACE = "higress-system"
"""Where Higress itself runs: routes of Ingresses there are called without the namespace."""

VARIABLES = {
    "namespace": "namespace",
    "ingress_name": "ingressName",
    "service_name": "serviceName",
    "service_port": "servicePort",
    "location_path": "locationPath",
    "proxy_upstream_name": "proxyUpstreamName",
    "proxy_host": "proxyHost",
}
"""ingress-nginx's variables that differ from location to location, with their keys in the configuration."""

_USED = re.compile(rb"(?:\$\{?|\.\s*|\[\s*[\"'])(" + "|".join(VARIABLES).encode() + rb")\b", re.IGNORECASE)


@dataclass(eq=False)
class Composed:
    """The snippets that act together.

    Attributes:
        name: of the unit.
        layers: the snippets.
        ingresses: those on whose requests they act.
        variables: those of ingress-nginx that the snippets use.
        places: what they are for.
    """

    name: str
    layers: Layers
    ingresses: list[Ingress]
    variables: tuple[str, ...]
    places: list[Place]

    @property
    def namespace(self) -> str:
        """Of its Ingresses, "" when they have several."""
        found = {ingress.namespace for ingress in self.ingresses}
        return found.pop() if len(found) == 1 else ""


@dataclass
class Composition:
    """The units of a cluster.

    Attributes:
        units: each with its places.
        others: requests of Ingresses that nothing acts on, though a match of some unit would take them.
        warnings: what is to be told.
    """

    units: list[Composed]
    others: tuple[Match, ...]
    warnings: list[Diagnostic]


@dataclass(eq=False)
class _Group:
    """Locations with the same snippets; of a host whose server moves requests, all of them."""

    server: Text | None
    location: Text | None
    neighbours: tuple[Location, ...]
    members: list[tuple[Server, Ingress]] = field(default_factory=list)
    whole: Server | None = None


def compose(manifests: Manifests, target: str) -> Composition:
    """The units of a cluster; none, if it has no snippets.

    Raises:
        Refusal: what is no nginx text, and S2W361 for locations that can't be told from each other.
    """
    return _Composer(manifests, target).compose()


class _Composer:
    def __init__(self, manifests: Manifests, target: str) -> None:
        self.manifests = manifests
        self.target = target
        self.cluster: Cluster = cluster(manifests.ingresses)
        self.controller: Controller | None = manifests.controller
        self.told: list[Diagnostic] = [*manifests.warnings, *self.cluster.diagnostics]
        self.refused: list[Diagnostic] = []
        self.parsed: dict[int, tuple[Directive, ...]] = {}
        self.with_unit: set[tuple[int, int]] = set()  # servers and Ingresses

    def compose(self) -> Composition:
        self.shut, told = gates.check(self.manifests.ingresses, self.controller)
        self.told += [*told, *settings.check(self.controller)]
        groups = self._groups()
        taken: set[str] = set()
        found = [self._unit(group, taken) for group in groups]
        self._check_texts()
        self._check_classes()
        self.told += beside.check(_unique(each for unit in found for each in unit.ingresses), self.target)
        if self.refused:
            raise Refusal(sorted(self.refused, key=Diagnostic.sort_key))
        return Composition(found, tuple(dict.fromkeys(self._others())), self.told)

    # --- which snippets act together ---

    def _groups(self) -> list[_Group]:
        found: dict[object, _Group] = {}
        everywhere = any(map(self._setting, ("http-snippet", "server-snippet", "location-snippet")))
        for server in self.cluster.servers:
            own = server.snippet if server.snippet and id(server.snippet[0]) not in self.shut else None
            outer = own[1] if own else None
            neighbours = () if outer is None else server.locations()
            ingresses = _unique(site.ingress for site in server.sites)
            whole = server if self._moves(outer, ingresses) else None
            for ingress in ingresses:
                inner = self._annotation(ingress, "configuration-snippet")
                if outer is None and inner is None and not everywhere:
                    continue
                key: object = (id(outer), id(inner), neighbours) if whole is None else id(whole)
                first = inner if whole is None else None
                group = found.setdefault(key, _Group(outer, first, neighbours, whole=whole))
                group.members.append((server, ingress))
                self.with_unit.add((id(server), id(ingress)))
        return list(found.values())

    def _moves(self, outer: Text | None, ingresses: list[Ingress]) -> bool:
        """Whether a host's server may send a request from one snippet to another."""
        inner = {id(self._annotation(each, "configuration-snippet")) for each in ingresses}
        server = (*self._parse(outer), *self._parse(self._setting("server-snippet")))
        return len(inner) > 1 and template.moves(server)

    def _annotation(self, ingress: Ingress, name: str) -> Text | None:
        text = ingress.annotation(name)
        return text if text is not None and text.value.strip() and id(ingress) not in self.shut else None

    def _setting(self, name: str) -> Text | None:
        text = self.controller.setting(name) if self.controller else None
        return text if text is not None and text.value.strip() else None

    # --- their texts ---

    def _unit(self, group: _Group, taken: set[str]) -> Composed:
        http, server, location = (
            self._setting(f"{level}-snippet") for level in ("http", "server", "location")
        )
        inner = [self._annotation(each, "configuration-snippet") for _, each in group.members]
        given = [*(inner if group.whole else [group.location]), group.server, location, server, http]
        texts = list({id(text): text for text in given if text is not None}.values())
        snippets = [directive for text in texts for directive in self._parse(text)]
        outer, own = template.inherited(self._parse(http), (*self._parse(group.server), *self._parse(server)))
        layers = Layers(
            texts[0].source,
            (*settings.directives(self.controller, snippets), *outer),
            own,
            (*self._parse(group.location), *self._parse(location)),
            neighbours=group.neighbours,
            sites=self._sites(group.whole, location),
        )
        used = {found[1].decode().lower() for text in texts for found in _USED.finditer(text.source.data)}
        variables = tuple(name for name in VARIABLES if name in used)
        ingresses = _unique(ingress for _, ingress in group.members)
        places = list(self._places(group, variables))
        return Composed(naming.unique(_name(group), taken), layers, ingresses, variables, places)

    def _sites(
        self, server: Server | None, common: Text | None
    ) -> tuple[tuple[Location, tuple[Directive, ...]], ...]:
        """All locations of a server, each with its snippets."""
        if server is None:
            return ()
        found: dict[Location, tuple[Directive, ...]] = {}
        for site in server.in_order():
            inner = self._annotation(site.ingress, "configuration-snippet")
            for at in server.locations_of(site):
                found.setdefault(at, (*self._parse(inner), *self._parse(common)))
        return tuple(found.items())

    def _parse(self, text: Text | None) -> tuple[Directive, ...]:
        if text is None:
            return ()
        if id(text) not in self.parsed:
            try:
                self.parsed[id(text)] = tuple(nginx.parse(text.source))
                secrets.hide(self.parsed[id(text)])
            except Refusal as refusal:
                self.refused += refusal.diagnostics
                self.parsed[id(text)] = ()
        return self.parsed[id(text)]

    def _check_texts(self) -> None:
        """Tells what of the snippets was not loaded, or had no effect: once for each text."""
        for ingress in self.manifests.ingresses:
            if ingress.canary:
                continue
            inner = self._annotation(ingress, "configuration-snippet")
            self.told += template.check_location(self._known(inner), "configuration-snippet")
            self.told += template.check_content(self._known(inner), "configuration-snippet")
            around = [at for server in self.cluster.servers for at in self._locations(server, ingress)]
            self.told += template.check_nested(self._known(inner), around)
            outer = self._annotation(ingress, "server-snippet")
            self.told += template.check_outer(self._known(outer), "server-snippet")
        self.told += template.check_location(
            self._known(self._setting("location-snippet")), "location-snippet"
        )
        common = self._known(self._setting("location-snippet"))
        self.told += template.check_content(common, "location-snippet")
        for name in ("server-snippet", "http-snippet"):
            self.told += template.check_outer(self._known(self._setting(name)), name)

    def _check_classes(self) -> None:
        """Refuses a host of two controllers where a match can't tell their requests from each other."""
        acting: dict[str, Server] = {}
        for server in self.cluster.servers:
            sites = [site for site in server.sites if (id(server), id(site.ingress)) in self.with_unit]
            by_host = sites if self.target != "higress" else [site for site in sites if site.fallback]
            if not by_host:
                continue
            other = acting.setdefault(server.host, server)
            if other is not server:
                classes = [class_of(each.ingresses[0]) for each in (other, server)]
                self.refused.append(
                    Diagnostic(
                        "S2W242",
                        f"the host {server.host!r} is one of two controllers,"
                        f" {' and '.join(map(repr, classes))}",
                        by_host[0].ingress.span,
                        reason="each has its own snippets for the same requests; one unit acts on a request",
                        help="compile the Ingresses of one class at a time, a plugin for each gateway",
                    )
                )

    @staticmethod
    def _locations(server: Server, ingress: Ingress) -> list[Location]:
        return [at for site in server.of(ingress) for at in server.locations_of(site)]

    def _known(self, text: Text | None) -> tuple[Directive, ...]:
        return self.parsed.get(id(text), ())

    # --- what they are for ---

    def _places(self, group: _Group, variables: tuple[str, ...]) -> Iterator[Place]:
        """The places of a unit: locations whose variables have the same values are one."""
        found: dict[tuple[tuple[str, str], ...], dict[Match, None]] = {}
        for ingress in _unique(ingress for _, ingress in group.members):
            servers = [server for server, each in group.members if each is ingress]
            for values, match in self._matches(ingress, servers, variables):
                found.setdefault(values, {})[match] = None
        for values, matches in found.items():
            yield Place(tuple(matches), values)

    def _matches(
        self, ingress: Ingress, servers: list[Server], variables: tuple[str, ...]
    ) -> Iterator[tuple[tuple[tuple[str, str], ...], Match]]:
        """What of an Ingress's requests to some hosts has which values."""
        route = _route(ingress) if self.target == "higress" else ""
        everywhere = {
            _values(ingress, site, variables)
            for server in servers
            for site in server.of(ingress)
            if not site.fallback
        }
        hosts = [server for server in self.cluster.servers if server.of(ingress)]
        whole = bool(route) and len(servers) == len(hosts) and len(everywhere) == 1
        if whole:
            for name in (route, *self._canaries(ingress, None)):
                yield next(iter(everywhere)), _match(name)
        for server in servers:
            yield from self._matches_of(server, ingress, variables, route, whole)

    def _matches_of(
        self, server: Server, ingress: Ingress, variables: tuple[str, ...], route: str, told: bool
    ) -> Iterator[tuple[tuple[tuple[str, str], ...], Match]]:
        """The same of one host; `told`: its route is a match already."""
        routes = (route, *self._canaries(ingress, server)) if route else ("",)
        sites = [
            (_values(ingress, site, variables), at, site)
            for site in server.of(ingress)
            for at in server.locations_of(site)
        ]
        named = [(values, at) for values, at, site in sites if not site.fallback]
        if named and not told:
            alone = route or self._all_of(server, ingress)
            if alone and len({values for values, _ in named}) == 1:
                for name in routes:
                    yield from ((named[0][0], match) for match in _of_host(name, server, None))
            elif server.regex:
                yield from self._regex(server, ingress, named, routes)
            else:
                for values, at in named:
                    for name in routes:
                        yield from ((values, match) for match in _of_host(name, server, at))
        for values, _, site in sites:
            if site.fallback:
                if route and ingress.default_backend is not None:
                    yield values, _match(f"{route}-default")
                yield from ((values, match) for match in _of_host("", server, None))

    @staticmethod
    def _all_of(server: Server, ingress: Ingress) -> bool:
        """Whether all requests of a server are an Ingress'."""
        if any(site.ingress is not ingress for site in server.sites):
            return False
        return server.regex or any(at == Location("", "/") for at in server.locations())

    def _others(self) -> Iterator[Match]:
        """Matches of the Ingresses without a unit, where a unit's match would take their requests."""
        for server in self.cluster.servers:
            acting = [site for site in server.sites if (id(server), id(site.ingress)) in self.with_unit]
            by_route = self.target == "higress" or server.regex
            if not acting or (by_route and not any(site.fallback for site in acting)):
                continue
            prefixes = [at.path for site in acting for at in server.locations_of(site) if at.modifier == ""]
            for site in server.sites:
                if site.fallback or (id(server), id(site.ingress)) in self.with_unit:
                    continue
                route = _route(site.ingress)
                if by_route:
                    for name in (route, *self._canaries(site.ingress, server)):
                        yield from _of_host(name, server, None)
                    continue
                for at in server.locations_of(site):
                    if any(at.path.startswith(prefix) for prefix in prefixes):
                        yield from _of_host("", server, at)

    def _regex(
        self,
        server: Server,
        ingress: Ingress,
        named: list[tuple[tuple[tuple[str, str], ...], Location]],
        routes: tuple[str, ...],
    ) -> Iterator[tuple[tuple[tuple[str, str], ...], Match]]:
        """Locations that are regular expressions can't be told by their paths, but by the route."""
        if len({values for values, _ in named}) > 1:
            self.refused.append(
                Diagnostic(
                    "S2W361",
                    f"the paths of {title(ingress)} are regular expressions, and its snippet uses a variable"
                    " that differs from path to path",
                    ingress.span,
                    reason="the plugin tells them by host and path, and knows no regular expressions there",
                    help="make an Ingress of each path",
                )
            )
            return
        route = _route(ingress)
        if not routes[0]:
            self.told.append(
                Diagnostic(
                    "S2W469",
                    f"call the gateway's route for {title(ingress)} {route!r}",
                    ingress.span,
                    reason=f"the paths of {server.host or 'all hosts'} are regular expressions (use-regex or"
                    " rewrite-target), so the plugin tells its requests by the name of their route",
                    severity=Severity.WARNING,
                )
            )
        for name in routes if routes[0] else (route,):
            yield from ((named[0][0], match) for match in _of_host(name, server, None))

    def _canaries(self, ingress: Ingress, server: Server | None) -> list[str]:
        """The routes of the canaries of an Ingress, which are Higress' names for its requests, too."""
        if self.target != "higress" or not self.cluster.canaries:
            return []
        own = _addresses(ingress, server)
        return [
            _route(canary)
            for canary in self.cluster.canaries
            if canary.name and own & _addresses(canary, server)
        ]


Values = tuple[tuple[str, str], ...]


def _unique(ingresses: Iterable[Ingress]) -> list[Ingress]:
    """Each Ingress once, in the order of their first places."""
    return list({id(ingress): ingress for ingress in ingresses}.values())


def _name(group: _Group) -> str:
    """What a unit is called after: its Ingress, its host, or nothing special."""
    ingresses = _unique(ingress for _, ingress in group.members)
    first = ingresses[0]
    if len(ingresses) == 1 and first.name:
        return naming.slug(f"{first.namespace}-{first.name}")
    hosts = {server.host for server, _ in group.members}
    return naming.slug(hosts.pop() or "all-hosts") if len(hosts) == 1 else "all-ingresses"


def _route(ingress: Ingress) -> str:
    """What Higress calls the routes of an Ingress; "" for one whose name is not known."""
    if not ingress.name or ingress.namespace == HIGRESS_NAMESPACE:
        return ingress.name
    return f"{ingress.namespace}/{ingress.name}"


def _addresses(ingress: Ingress, server: Server | None) -> set[tuple[str, str]]:
    """The hosts and paths of an Ingress, or those of one host."""
    return {
        (host, path.value)
        for rule in ingress.rules
        for host in [rule.host.value.lower() if rule.host else ""]
        for path in rule.paths
        if server is None or server.host == host
    }


def _values(ingress: Ingress, site: Site, variables: Iterable[str]) -> Values:
    """The values of variables in a location, by their keys."""
    backend = site.backend
    service = backend.service.value if backend is not None and backend.service is not None else ""
    port = backend.service_port if backend is not None else ""
    upstream = f"{ingress.namespace}-{service}-{port}" if service else "upstream-default-backend"
    known = {
        "namespace": ingress.namespace,
        "ingress_name": ingress.name,
        "service_name": service,
        "service_port": port,
        "location_path": site.path,
        "proxy_upstream_name": upstream,
        "proxy_host": upstream,
    }
    return tuple((VARIABLES[name], known[name]) for name in variables)


def _match(route: str, host: str = "", at: Location | None = None) -> Match:
    location = f"{at.modifier} {at.path}".strip() if at is not None else ""
    return Match(route, host, location if route or host or location else "/", None)


def _of_host(route: str, server: Server, at: Location | None) -> Iterator[Match]:
    """A host's requests, and those to its aliases."""
    for host in (server.host, *server.aliases):
        yield _match(route, host, at)
