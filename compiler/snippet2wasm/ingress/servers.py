"""The servers and locations that ingress-nginx makes of Ingresses.

Its rules (controller.go, template.go): of several Ingresses the older goes first. Each host is a server; the
first server-snippet counts. The first Ingress of a host also gives the location "/", until a path takes it.
A path that stands there already, with the same type, is passed over. Canary Ingresses make nothing of their
own. When an Ingress of the host has `use-regex` or a `rewrite-target`, all of the host's locations are
regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.kubernetes.model import Backend, Ingress, Path, Text, by_age
from snippet2wasm.ir.nodes import Location

FOREIGN_CLASSES = frozenset(
    (
        "alb",
        "gce",
        "gce-internal",
        "traefik",
        "istio",
        "haproxy",
        "kong",
        "contour",
        "azure-application-gateway",
    )
)
"""Classes of other controllers, by the names that their documents use."""


@dataclass(frozen=True, eq=False)
class Site:
    """A location of a server.

    Attributes:
        ingress: whose annotations act in it.
        path: as the Ingress has it.
        type: `Exact` or `Prefix`: the controller takes `ImplementationSpecific` for `Prefix`.
        backend: where its requests go; None for the default backend.
        fallback: nothing of the Ingresses names it: what no path of the host takes.
    """

    ingress: Ingress
    path: str
    type: str
    backend: Backend | None
    fallback: bool = False

    def locations(self, regex: bool = False) -> tuple[Location, ...]:
        """As nginx's locations; `regex`: those of the server are regular expressions."""
        if regex:
            return (Location("~*", f"^{self.path}"),)
        if self.type == "Exact":
            return (Location("=", self.path),)
        if self.path == "/":
            return (Location("", self.path),)
        whole = self.path.rstrip("/")
        return Location("=", whole), Location("", f"{whole}/")


@dataclass(eq=False)
class Server:
    """A host.

    Attributes:
        host: "" for all hosts that have no server of their own.
        ingresses: those with a rule for it, in their order.
        snippet: of the annotation, with its Ingress.
        sites: its locations.
        aliases: of the annotation server-alias.
        regex: its locations are regular expressions.
    """

    host: str
    ingresses: list[Ingress] = field(default_factory=list)
    snippet: tuple[Ingress, Text] | None = None
    sites: list[Site] = field(default_factory=list)
    aliases: tuple[str, ...] = ()
    regex: bool = False

    def in_order(self) -> list[Site]:
        """The locations, in the order in which ingress-nginx writes them."""
        by_path = sorted(self.sites, key=lambda site: site.path, reverse=True)
        return sorted(by_path, key=lambda site: len(site.path), reverse=True)

    def locations(self) -> tuple[Location, ...]:
        """The same as nginx's locations."""
        return tuple(at for site in self.in_order() for at in self.locations_of(site))

    def locations_of(self, site: Site) -> tuple[Location, ...]:
        """Those of one of its sites: a prefix leaves the path itself to a site of type `Exact`."""
        found = site.locations(self.regex)
        if self.regex or site.type == "Exact":
            return found
        exact = {f"= {each.path}" for each in self.sites if each.type == "Exact"}
        return tuple(at for at in found if f"{at.modifier} {at.path}" not in exact)

    def of(self, ingress: Ingress) -> list[Site]:
        """The locations of an Ingress."""
        return [site for site in self.sites if site.ingress is ingress]


@dataclass
class Cluster:
    """The servers, by class and host, and the canary Ingresses by the hosts and paths that they are for."""

    servers: list[Server] = field(default_factory=list)
    canaries: list[Ingress] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def cluster(ingresses: Iterable[Ingress]) -> Cluster:
    """The servers of these Ingresses; what of them ingress-nginx passes over is told."""
    found = Cluster()
    servers: dict[tuple[str, str], Server] = {}
    in_order = by_age(ingresses)
    _catch_all(in_order, servers)
    for ingress in in_order:
        class_ = class_of(ingress)
        if class_ in FOREIGN_CLASSES:
            continue
        if ingress.canary:
            found.canaries.append(ingress)
            continue
        for host in _hosts(ingress):
            server = servers.setdefault((class_, host), Server(host))
            _enter(server, ingress, found.diagnostics)
        for rule in ingress.rules:
            server = servers[class_, _host(rule.host)]
            for path in rule.paths:
                _add(server, ingress, path, found.diagnostics)
    found.servers = sorted(servers.values(), key=lambda server: server.host)
    for (class_, host), server in servers.items():
        names = dict.fromkeys(server.aliases)
        server.aliases = tuple(name for name in names if name != host and (class_, name) not in servers)
    return found


def _catch_all(ingresses: Iterable[Ingress], servers: dict[tuple[str, str], Server]) -> None:
    """The location "/" of all hosts without a server is that of the first Ingress without rules, whatever
    paths others have for all hosts.
    """
    for ingress in ingresses:
        key = (class_of(ingress), "")
        if not (ingress.rules or ingress.canary or key[0] in FOREIGN_CLASSES or key in servers):
            site = Site(ingress, "/", "Prefix", ingress.default_backend, fallback=True)
            servers[key] = Server("", sites=[site])


def class_of(ingress: Ingress) -> str:
    """The class of an Ingress: which controller it is for."""
    return ingress.ingress_class.value if ingress.ingress_class else "nginx"


def _hosts(ingress: Ingress) -> list[str]:
    """The hosts of an Ingress, each once; one without rules is for all."""
    return list(dict.fromkeys([_host(rule.host) for rule in ingress.rules] or [""]))


def _host(host: Text | None) -> str:
    return host.value.lower() if host else ""


def _enter(server: Server, ingress: Ingress, diagnostics: list[Diagnostic]) -> None:
    """Takes in what an Ingress says of a server."""
    if not server.sites and server.host:
        server.sites.append(Site(ingress, "/", "Prefix", ingress.default_backend, fallback=True))
    server.ingresses.append(ingress)
    alias = ingress.annotation("server-alias")
    if alias is not None and not server.aliases:
        server.aliases = tuple(name.strip() for name in alias.value.split(",") if name.strip())
    regex = ingress.annotation("use-regex")
    target = ingress.annotation("rewrite-target")
    server.regex |= regex is not None and regex.flag is True
    if target is not None and not server.regex:
        paths = [path for rule in ingress.rules if _host(rule.host) == server.host for path in rule.paths]
        server.regex = any(path.value != target.value for path in paths)
    snippet = ingress.annotation("server-snippet")
    if snippet is None or not snippet.value.strip():
        return
    if not ingress.rules and ingress.name:
        diagnostics.append(
            _no_effect(
                snippet,
                f"{title(ingress)} has no rules",
                "ingress-nginx takes server-snippets for the hosts of rules",
                "put it into the ConfigMap's server-snippet, or give the Ingress a rule, if it should act",
            )
        )
    elif server.snippet is None:
        server.snippet = (ingress, snippet)
    else:
        diagnostics.append(
            _no_effect(
                snippet,
                f"{title(server.snippet[0])} has one for {_shown(server)}, too",
                "ingress-nginx takes the first for a host: that of the older Ingress; of equally old ones"
                " that of the last name",
                "put both into one Ingress if it should act",
            )
        )


def _no_effect(snippet: Text, why: str, reason: str, help_: str) -> Diagnostic:
    message = f"this server-snippet had no effect: {why}"
    return Diagnostic(
        "S2W460", message, snippet.key or snippet.span, reason, help_, severity=Severity.WARNING
    )


def _add(server: Server, ingress: Ingress, path: Path, diagnostics: list[Diagnostic]) -> None:
    """Makes a location of a path, unless it is there."""
    if path.backend is not None and path.backend.service is None:
        return
    new = Site(ingress, path.value, "Exact" if path.type == "Exact" else "Prefix", path.backend)
    for i, site in enumerate(server.sites):
        if (site.path, site.type) != (new.path, new.type):
            continue
        if site.fallback and site.ingress.rules:
            server.sites[i] = new
            return
        if (
            any(ingress.annotation(name) for name in ("configuration-snippet",))
            and site.ingress is not ingress
        ):
            diagnostics.append(
                Diagnostic(
                    "S2W467",
                    f"the path {new.path!r} of {_shown(server)} is that of {title(site.ingress)}, so the"
                    " snippet had no effect there",
                    path.span,
                    reason="ingress-nginx takes a path of the older Ingress",
                    severity=Severity.WARNING,
                )
            )
        return
    server.sites.append(new)


def title(ingress: Ingress) -> str:
    """What messages call an Ingress."""
    return (
        f"the Ingress {ingress.namespace}/{ingress.name}" if ingress.name else "the Ingress of these values"
    )


def _shown(server: Server) -> str:
    return server.host or "all hosts"
