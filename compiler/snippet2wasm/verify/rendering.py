"""Directives as nginx text for the reference: each Lua with the name that the compiler gives it in messages,
and in each location what ingress-nginx's template has there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from snippet2wasm import catalogue
from snippet2wasm.frontend.nginx import Directive
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
    """The directives of a unit by level, each in nginx's order."""

    http: tuple[Directive, ...] = ()
    server: tuple[Directive, ...] = ()
    location: tuple[Directive, ...] = ()

    def text(self) -> str:
        """All of it as it is written."""
        return "\n".join(each.span.text for each in (*self.http, *self.server, *self.location))

    def all(self) -> list[Directive]:
        """Every directive, with those in blocks."""
        found: list[Directive] = []
        pending = [*reversed((*self.http, *self.server, *self.location))]
        while pending:
            found.append(pending.pop())
            pending += reversed(found[-1].block or [])
        return found

    def locations(self) -> list[Directive]:
        """The locations of the server level."""
        return [each for each in self.server if each.name == "location"]


def levels_of(directives: Sequence[Directive]) -> Levels:
    """The levels of an nginx text: one with `http` or `server` blocks, one of a server, one of a location."""
    https = [each for each in directives if each.name == "http"]
    outer = [each for http in https for each in http.block or []] if https else list(directives)
    servers = [each for each in outer if each.name == "server"]
    if servers or https:
        http = tuple(each for each in outer if each.name != "server")
        return Levels(http, tuple(servers[0].block or ()) if servers else ())
    if any(each.name == "location" for each in outer):
        return Levels(server=tuple(outer))
    return Levels(location=tuple(outer))


@dataclass(frozen=True)
class Renderer:
    """Makes texts of directives.

    Attributes:
        block: the Lua of a directive.
        mark: what is put into the blocks of `if` and `location`, if anything.
        users: the names of the files that stand for those of auth_basic_user_file, by their paths.
    """

    block: BlockOf
    mark: MarkOf | None = None
    users: Mapping[str, str] = field(default_factory=dict)

    def snippets(self, levels: Levels, path: str = "/", *, variables: Mapping[str, str]) -> Snippets:
        """The texts of levels.

        Args:
            levels: their directives.
            path: of the location that the snippet for one is in.
            variables: values of the template's own.
        """
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
        if role in _LEFT_OUT:
            return []
        if "_by_lua" in directive.name:
            return [self._lua(directive)]
        words = [_written(directive.name_span), *(_written(each.span) for each in directive.args)]
        if directive.name == "auth_basic_user_file" and directive.args:
            words[1] = self.users.get(directive.args[0].value, words[1])
        if directive.block is None:
            return [" ".join(words) + ";"]
        inside = self._lines(directive.block)
        if directive.name in ("if", "location") and self.mark is not None:
            what = "then" if directive.name == "if" else "location"
            inside.insert(0, self._marked(directive.name_span, what))
        if directive.name == "location":
            inside = self._completed(directive, inside)
        return [" ".join(words) + " {", *inside, "}"]

    def _completed(self, directive: Directive, inside: list[str]) -> list[str]:
        """A location with what the template has."""
        if any(each.name in _MADE for each in directive.block or []):
            return inside
        if any(each.name == "internal" for each in directive.block or []):
            return [*inside, PASSED_ON]
        return [*around("\n".join(inside)), *inside, BEHIND]

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


def _path(location: Directive) -> str:
    return " ".join(argument.value for argument in location.args)


def _written(span: Span) -> str:
    """What stands at a place, as it is written; latin-1 of the bytes."""
    return span.source.data[span.start : span.end].decode("latin-1")
