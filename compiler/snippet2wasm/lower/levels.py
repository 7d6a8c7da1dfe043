"""The levels of nginx's configuration: http, server, location and `if`, and what each inherits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Location
from snippet2wasm.source import Span


class Merge(Enum):
    """What a level has of a directive that stands at levels around it, too."""

    ARRAY = "array"  # those of the innermost level that has any: add_header, proxy_set_header
    APPEND = "append"  # all, the outer ones first: more_set_headers
    VALUE = "value"  # of each name the innermost: expires, satisfy
    OWN = "own"  # nothing: the rewrite module's
    LOCATION = "location"  # in an `if` or a limit_except those of their location: proxy_pass


@dataclass(eq=False)
class Level:
    """One block of the configuration.

    Attributes:
        kind: "http", "server", "location", "if" or "limit_except".
        directive: the block; None for text around which there is none.
        outer: the level around it.
        own: the directives in it, in order, those that make levels too.
        inner: the levels in it.
        number: of those that requests can be at: the place in `Unit.levels`; -1 for others.
        match: the locations that it is.
    """

    kind: str
    directive: Directive | None
    outer: Level | None
    own: list[Directive]
    inner: list[Level] = field(default_factory=list)
    number: int = -1
    match: tuple[Location, ...] = ()

    def chain(self) -> list[Level]:
        """The levels from the outermost to this one."""
        return [*(self.outer.chain() if self.outer is not None else []), self]

    def effective(self, names: Collection[str], merge: Merge) -> list[Directive]:
        """The directives with these names that count at this level, in the order in which they act."""
        found = [[each for each in level.own if each.name in names] for level in self.chain()]
        match merge:
            case Merge.OWN:
                return found[-1]
            case Merge.LOCATION:
                noname = self.kind in ("if", "limit_except") and self.outer is not None
                return found[-1] or (self.outer.effective(names, merge) if noname and self.outer else [])
            case Merge.APPEND:
                return [each for level in found for each in level]
            case Merge.ARRAY:
                return next((level for level in reversed(found) if level), [])
            case Merge.VALUE:
                last: dict[str, Directive] = {}
                for level in found:
                    for each in level:
                        last.pop(each.name, None)
                        last[each.name] = each
                return list(last.values())

    def walk(self) -> Iterator[Level]:
        """This level and those inside of it, in the order of the text."""
        yield self
        for level in self.inner:
            yield from level.walk()

    @property
    def text(self) -> str:
        """How it begins, on one line: `location /api`, `if ($bot)`."""
        return " ".join(self._text().split())

    def _text(self) -> str:
        if self.directive is None:
            return self.kind
        name, args = self.directive.name_span, self.directive.args
        if name.start == name.end:  # ingress-nginx writes it around a snippet
            return " ".join([self.directive.name, *(each.value for each in args)])
        return name.to(args[-1].span if args else name).shown

    @property
    def name(self) -> str:
        """The name of a named location, `@name`; "" for all others."""
        if self.kind != "location" or self.directive is None:
            return ""
        path = location_arguments(self.directive)[1]
        return path if path.startswith("@") else ""

    @property
    def answers(self) -> bool:
        """Whether it has a content handler of its own: no location of ingress-nginx's template has one."""
        return any(each.name.startswith("content_by_lua") for each in self.own)

    @property
    def of_ingress(self) -> bool:
        """Whether it is a location that ingress-nginx writes, which stands in no text."""
        span = self.directive.name_span if self.kind == "location" and self.directive else None
        return span is not None and span.start == span.end

    @property
    def final(self) -> bool:
        """Whether requests can be at it when the rewrite directives have run."""
        return self.number >= 0


def block(kind: str, directive: Directive | None, outer: Level | None, own: list[Directive]) -> Level:
    """A level and those inside of it."""
    level = Level(kind, directive, outer, own)
    for each in own:
        inner = _INNER.get((kind, each.name))
        if inner is not None and each.block is not None:
            found = block(inner, each, level, each.block)
            if inner == "location":
                modifier, path = location_arguments(each)
                found.match = () if path.startswith("@") else (Location(modifier, path, wants_slash(each)),)
            level.inner.append(found)
    return level


def tree(directives: list[Directive]) -> list[Level]:
    """The servers of a text, each with its levels; a text without servers is one itself, or what stands in a
    location.
    """
    names = {each.name for each in directives if each.block is not None}
    if "http" in names or "server" in names:
        root = block("main" if "http" in names else "http", None, None, directives)
        return [level for level in root.walk() if level.kind == "server"]
    return [block("server" if "location" in names else "location", None, None, directives)]


_INNER = {
    ("main", "http"): "http",
    ("http", "server"): "server",
    ("server", "location"): "location",
    ("location", "location"): "location",
    ("location", "if"): "if",
    ("location", "limit_except"): "limit_except",
    ("server", "if"): "if",
}


def server_of(level: Level) -> Level:
    """The server that a level is in; the outermost level where there is none."""
    server = level
    while server.kind != "server" and server.outer is not None:
        server = server.outer
    return server


PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass")
"""The directives that send the requests of a location to a server."""


def wants_slash(directive: Directive) -> bool:
    """Whether nginx redirects requests for the path of a location without its last slash."""
    modifier, path = location_arguments(directive)
    return (
        modifier in ("", "^~", "=")
        and path.endswith("/")
        and path != "/"
        and any(each.name in PASSES for each in directive.block or [])
    )


def location_arguments(directive: Directive) -> tuple[str, str]:
    """The modifier and the path of a `location` directive; "?" for what nginx does not take."""
    values = [argument.value for argument in directive.args]
    if len(values) == 1:
        for modifier in ("=", "^~", "~*", "~"):
            if values[0].startswith(modifier):
                return modifier, values[0][len(modifier) :]
        return "", values[0]
    return (values[0], values[1]) if len(values) == 2 else ("?", "")


def span_of(level: Level, whole: Span) -> Span:
    """Where a level stands; `whole` for text around which there is no block."""
    return whole if level.directive is None else level.directive.span
