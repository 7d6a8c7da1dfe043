"""nginx directives → the parts of a unit: handlers, init code and the location they act in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import sizes
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Location, Phase
from snippet2wasm.lower import gateway, routes
from snippet2wasm.lower.dicts import DeclaredDict
from snippet2wasm.lower.directives import LOWERED, authrequest, captures
from snippet2wasm.lower.levels import PASSES, Level, location_arguments, tree, wants_slash
from snippet2wasm.lower.routes import Route
from snippet2wasm.lower.variables import SetDirective
from snippet2wasm.source import Source, Span


@dataclass(frozen=True)
class LuaText:
    """A piece of Lua: its text (or the file that holds it), nginx's name for the chunk and the directive it
    came from.
    """

    directive: str
    source: Source | None
    file: str
    chunk: str
    span: Span


@dataclass
class Parts:
    """What an nginx text holds.

    Attributes:
        dicts: the shared dicts that it declares, by name.
        complete: its http level is there to be seen, so there are no other dicts.
        warnings: what of it the plugin leaves to the gateway.
        server: the levels of its configuration, where it takes more than the handlers of one place; then
            handlers, sets and location are not there.
        of_nginx: whether there is an nginx text at all: not where the input is Lua alone.
        others: the levels of further servers.
        whole: it is a whole configuration: what stands around its servers is seen, or is nothing.
        routes: where it sends requests, which the gateway's routes have to do.
        text: its servers, or the text itself where it has none.
    """

    handlers: dict[Phase, LuaText] = field(default_factory=dict)
    init: list[LuaText] = field(default_factory=list)
    sets: list[SetDirective] = field(default_factory=list)
    need_body: bool = False
    package_path: list[str] = field(default_factory=list)
    location: Location | None = None
    where: Span | None = None
    dicts: dict[str, DeclaredDict] = field(default_factory=dict)
    complete: bool = False
    warnings: list[Diagnostic] = field(default_factory=list)
    server: Level | None = None
    of_nginx: bool = True
    others: list[Level] = field(default_factory=list)
    whole: bool = False
    routes: list[Route] = field(default_factory=list)
    text: list[Level] = field(default_factory=list)

    @property
    def servers(self) -> list[Level]:
        """The levels of all servers."""
        return [] if self.server is None else [self.server, *self.others]


def read(directives: list[Directive], whole: bool = False, by_level: bool = False) -> Parts:
    """The parts of an nginx text.

    Args:
        directives: the text, those that it includes in their places.
        whole: ingress-nginx has nothing around it.
        by_level: its levels are wanted in any case.

    Raises:
        Refusal: as of `collect`.
    """
    parts = _read(directives, whole, by_level)
    parts.whole = whole
    parts.text = tree(directives)
    parts.routes = routes.of(parts.text, whole)
    parts.warnings += routes.warnings(parts.routes)
    return parts


def is_whole(directives: list[Directive]) -> bool:
    """Whether a text is a whole configuration, or has whole servers: ingress-nginx has nothing around it."""
    return any(each.name in ("http", "server") and each.block is not None for each in directives)


def _read(directives: list[Directive], whole: bool, by_level: bool) -> Parts:
    if not by_level and not needs_levels(directives):
        return collect(directives, whole)
    servers = tree(directives)
    if not servers:
        raise Refusal(
            Diagnostic("S2W231", "there is no server in this nginx text", directives[0].span, help="add one")
        )
    collector = _Collector(levels=True, whole=whole)
    collector.taken = frozenset(
        each for level in servers for each in (*authrequest.taken(level), *captures.taken(level))
    )
    collector.directives(directives, None, None)
    if not whole:
        for level in servers[1:]:
            collector.several_servers(level)
    collector.finish()
    collector.parts.server, *collector.parts.others = servers
    return collector.parts


def needs_levels(directives: list[Directive]) -> bool:
    """Whether a text has directives that act themselves, or handlers in more than one place, or requests that
    find their place among several.
    """
    places: set[int] = set()
    servers, locations = 0, list[tuple[str, str]]()
    pending = [(each, 0) for each in directives]
    while pending:
        directive, place = pending.pop()
        known = catalogue.load().directives.get(directive.name)
        if directive.name == "proxy_pass":
            if not _SERVICE.fullmatch(directive.args[0].value):
                return True
        elif directive.name in LOWERED and directive.name not in _SETS:
            return True
        if known is not None and known.role == "handler":
            places.add(place)
        if known is not None and known.role in ("container", "location"):
            servers += directive.name == "server"
            if known.role == "location":
                locations.append(location_arguments(directive))
                if wants_slash(directive) or locations[-1][0] in ("~", "~*") or locations[-1][1][:1] == "@":
                    return True
            inner = id(directive)
            pending += [(each, inner) for each in directive.block or []]
    return len(places) > 1 or servers > 1 or _overlap(locations)


_SERVICE = re.compile(r"\w+://[^/$?#]+")
"""A `proxy_pass` that leaves the path alone."""


def _overlap(locations: list[tuple[str, str]]) -> bool:
    """Whether one of some locations takes requests out of another."""
    return any(
        one is not other and one[0] != "=" and other[1].startswith(one[1])
        for one in locations
        for other in locations
    )


_SETS = frozenset(("set", "set_by_lua", "set_by_lua_block", "set_by_lua_file"))


def collect(directives: list[Directive], whole: bool = False) -> Parts:
    """The parts of the one place in these directives that has handlers. `whole` is as in `read`.

    Raises:
        Refusal: directives that can't be compiled (S2W230), no handler (S2W231), more than one place with
            handlers (S2W232), a kind of location that can't be matched (S2W233), two handlers of a kind
            (S2W234).
    """
    collector = _Collector(whole=whole)
    collector.directives(directives, None, None)
    collector.check_neighbours()
    collector.finish()
    return collector.parts


_ANY_HOST = ("_", "", "localhost")
"""Names of servers that say nothing of hosts."""


class _Collector:
    """Takes in directives; with `levels`, those only that are not lowered by level."""

    def __init__(self, levels: bool = False, whole: bool = False) -> None:
        self.levels = levels
        self.whole = whole
        self.left: list[tuple[Directive, catalogue.Directive]] = []
        self.taken: frozenset[int] = frozenset()  # the identities of directives that others lower
        self.parts = Parts()
        self.diagnostics: list[Diagnostic] = []
        self.place: Directive | None = None
        self.locations: list[Directive] = []
        self.servers: list[Directive] = []
        self.inside: list[tuple[SetDirective, Directive | None]] = []  # with the locations that they stand in

    def directives(
        self, directives: list[Directive], location: Directive | None, block: Directive | None
    ) -> None:
        """Takes in the directives of one block."""
        for directive in directives:
            self._directive(directive, location, block)

    def _directive(self, directive: Directive, location: Directive | None, block: Directive | None) -> None:
        known = catalogue.load().directives.get(directive.name)
        if id(directive) in self.taken:
            return
        if directive.name in PASSES and self._is_route(directive, block):
            return
        if self.levels and self._by_level(directive, known):
            if directive.name in ("if", "location", "limit_except"):
                self.directives(directive.block or [], location, directive)
        elif known is None or known.role in ("compiled", "ignored", "gateway", "refused"):
            self._left(directive, known)
        elif known.role == "container":
            self.parts.complete |= directive.name == "http"
            if directive.name == "server":
                self.servers.append(directive)
            self.directives(directive.block or [], location, directive)
        elif known.role == "location":
            self._location(directive, location)
        elif known.role == "set":
            self._set(directive, location)
        elif known.role == "set_by_lua":
            self._set_by_lua(directive, location)
        elif known.role == "need_body":
            self._need_body(directive)
        elif known.role == "init":
            self.parts.init.append(self._lua(directive))
        elif known.role == "shared_dict":
            self._shared_dict(directive)
        elif known.role == "package_path":
            self.parts.package_path += [argument.value for argument in directive.args]
        elif known.role != "environment":  # which is what the plugin's configuration has of it
            self._handler(directive, Phase(known.phase), location, block)

    def _left(self, directive: Directive, known: catalogue.Directive | None) -> None:
        """Takes in a directive that no plugin does."""
        if known is None or known.role == "compiled":
            self._refuse(
                "S2W230",
                f"the directive {directive.name!r} can't be compiled",
                directive,
                "this version does not compile it, so what it does would be missing",
                "leave it out of the input if the gateway does it already, or port it by hand",
            )
        elif self.whole and (known.whole or known.role != "refused"):
            if directive.name != "server_name" or self._names_hosts(directive):
                self.left.append((directive, known))
        else:
            warnings, errors = gateway.check(directive, known)
            self.parts.warnings += warnings
            self.diagnostics += errors

    def _names_hosts(self, directive: Directive) -> bool:
        """Whether a `server_name` limits the plugin to hosts: beside other servers, it is compiled."""
        return len(self.servers) == 1 and any(each.value not in _ANY_HOST for each in directive.args)

    def finish(self) -> None:
        """Adds what all directives together give.

        Raises:
            Refusal: what was found to be wrong.
        """
        if self.diagnostics:
            raise Refusal(self.diagnostics)
        # nginx runs them when its workers start.
        self.parts.init.sort(key=lambda text: text.directive.startswith("init_worker"))
        several = len(self.servers) > 1
        self.parts.warnings += gateway.grouped(
            [each for each in self.left if not several or each[0].name not in ("server_name", "listen")]
        )

    def _is_route(self, directive: Directive, block: Directive | None) -> bool:
        """Whether a directive says where a written location sends requests; refuses it where it has none."""
        if block is not None and block.name in ("if", "limit_except"):
            self._refuse(
                "S2W230",
                f"{directive.name} in `{block.name}` chooses another service for some requests",
                directive,
                "which service a request goes to is what the gateway's routes say, not a plugin",
                "give the gateway a route with this condition (a header, a method, a path)",
            )
            return True
        if block is None or block.name != "location":
            self._refuse(
                "S2W230",
                f"{directive.name!r} can't be compiled here",
                directive,
                "where a request goes is what the gateway's routes say, not a plugin",
                "give the location around it, too; or use the backend of the Ingress, with the annotation"
                " backend-protocol for HTTPS and gRPC",
            )
        return True

    def _by_level(self, directive: Directive, known: catalogue.Directive | None) -> bool:
        """Whether a directive is lowered by level."""
        if directive.name in LOWERED:
            return True
        return known is not None and known.role in ("handler", "set_by_lua", "need_body", "location")

    def several_servers(self, level: Level) -> None:
        """Refuses a second server."""
        if level.directive is not None:
            self._refuse(
                "S2W232",
                "there is more than one server",
                level.directive,
                "the plugin would act on the hosts of all of them",
                "compile each server from an input of its own",
            )

    def _location(self, directive: Directive, outer: Directive | None) -> None:
        if outer is not None:
            self._refuse(
                "S2W233",
                "a location inside a location can't be compiled",
                directive,
                "",
                "give the inner one alone",
            )
            return
        modifier, path = location_arguments(directive)
        if modifier not in ("", "=", "^~") or path.startswith("@"):
            self._refuse(
                "S2W233",
                "this kind of location can't be compiled",
                directive,
                "this version matches prefix (`/x`, `^~ /x`) and exact (`= /x`) locations",
                "give the handler alone (a .lua file) and select its requests by the gateway's routes",
            )
            return
        self.locations.append(directive)
        self.directives(directive.block or [], directive, directive)

    def check_neighbours(self) -> None:
        """Refuses other servers, and locations that take requests out of the one with the handlers."""
        self.parts.sets = [
            replace(each, runs=location is None or location is self.place) for each, location in self.inside
        ]
        for server in self.servers[1:]:
            self._refuse(
                "S2W232",
                "there is more than one server",
                server,
                "the plugin would act on the hosts of all of them",
                "compile each server from an input of its own",
            )
        ours = self.parts.location
        if ours is None or ours.modifier == "=":
            return
        for directive in self.locations:
            _, path = location_arguments(directive)
            if directive is not self.place and path.startswith(ours.path):
                self._refuse(
                    "S2W232",
                    f"this location takes requests out of `location {ours.path}`, which has the handler",
                    directive,
                    "nginx would not run the handler for them; this version compiles one location at a time",
                    "leave it out of the input if the handler may run for its requests, too",
                )

    def _handler(
        self, directive: Directive, phase: Phase, location: Directive | None, block: Directive | None
    ) -> None:
        place = location or block
        if self.parts.handlers and place is not self.place:
            self._refuse(
                "S2W232",
                "there are handlers in more than one place",
                directive,
                "this version compiles one location (or server) at a time",
                "compile each location from an input of its own",
            )
            return
        if phase in self.parts.handlers:
            self._refuse(
                "S2W234", f"{directive.name!r} directive is duplicate", directive, "nginx refuses it too"
            )
            return
        self.place = place
        self.parts.handlers[phase] = self._lua(directive)
        if location is not None:
            self.parts.location = Location(*location_arguments(location))

    def _shared_dict(self, directive: Directive) -> None:
        values = [argument.value for argument in directive.args]
        name, size = values if len(values) == 2 else ("", "")
        found = sizes.parse(size)
        if not name or found is None:
            self._refuse("S2W237", f"{' '.join(values)!r} declares no shared dict", directive, "", sizes.HELP)
        elif name in self.parts.dicts:
            self._refuse(
                "S2W237", f"lua_shared_dict {name!r} is there twice", directive, "nginx refuses it too"
            )
        else:
            self.parts.complete = True
            self.parts.dicts[name] = DeclaredDict(found, directive.span)

    def _set(self, directive: Directive, location: Directive | None) -> None:
        """`set $name value;`."""
        values = [argument.value for argument in directive.args]
        if len(values) != 2:
            self._refuse("S2W235", "invalid number of arguments in 'set' directive", directive)
        elif not re.fullmatch(r"\$\w+", values[0], re.ASCII):
            self._refuse(
                "S2W235", f"{values[0]!r} is no name of a variable", directive, "nginx refuses it too"
            )
        else:
            name = values[0][1:].lower()
            found = catalogue.load().variable(name)
            if found is not None and name != "args":
                self._refuse(
                    "S2W235",
                    f"the variable ${name} is nginx's own and can't be set",
                    directive,
                    "nginx refuses it, too" if not found[1] else "a plugin sets only variables of your own",
                    "choose another name",
                )
            self.inside.append((SetDirective(name, values[1], directive.span), location))

    def _set_by_lua(self, directive: Directive, location: Directive | None) -> None:
        """`set_by_lua_block $name {…}`, `set_by_lua $name 'code' $argument…;`."""
        values = [argument.value for argument in directive.args]
        if not values or not re.fullmatch(r"\$\w+", values[0], re.ASCII):
            self._refuse("S2W235", f"{directive.name!r} names no variable", directive, "nginx refuses it too")
            return
        name, block = values[0][1:].lower(), directive.name.endswith("_block")
        if directive.name.endswith("_file"):
            path = values[1] if len(values) > 1 else ""
            if not path or "$" in path:
                self._refuse("S2W235", "the path of this Lua file must be constant", directive)
            lua = LuaText(directive.name, None, path, path.rpartition("/")[2], directive.span)
        else:
            lua = LuaText(directive.name, directive.lua, "", directive.chunk, directive.span)
        args = () if block else tuple(values[2:])
        self.inside.append((SetDirective(name, "", directive.span, lua=lua, args=args), location))

    def _need_body(self, directive: Directive) -> None:
        """`lua_need_request_body on;`."""
        values = [argument.value.lower() for argument in directive.args]
        if values not in (["on"], ["off"]):
            self._refuse("S2W235", "lua_need_request_body is on or off", directive, "nginx refuses it too")
        self.parts.need_body |= values == ["on"]

    def _lua(self, directive: Directive) -> LuaText:
        text, problem = lua_text(directive)
        if problem:
            self._refuse("S2W235", problem, directive)
        return text

    def _refuse(
        self, code: str, message: str, directive: Directive, reason: str = "", help_: str = ""
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, directive.span, reason=reason, help=help_))


def lua_text(directive: Directive) -> tuple[LuaText, str]:
    """The Lua of a `*_by_lua*` directive, and what is wrong with it, if anything is."""
    args = directive.args[1:] if directive.name.startswith("set_by_lua") else directive.args
    if directive.name.endswith("_file"):
        value = args[0].value if args else ""
        wrong = not value or "$" in value
        text = LuaText(directive.name, None, value, value.rpartition("/")[2], directive.span)
        return text, "the path of this Lua file must be constant" if wrong else ""
    text = LuaText(directive.name, directive.lua, "", directive.chunk, directive.span)
    wrong = directive.lua is None
    return text, f"invalid number of arguments in {directive.name!r} directive" if wrong else ""


def is_handler(directive: Directive) -> bool:
    """Whether a directive holds, or names, Lua code that runs for requests."""
    known = catalogue.load().directives.get(directive.name)
    return known is not None and known.role in ("handler", "set_by_lua")
