"""The snippets that act on the requests of one place, level by level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Location
from snippet2wasm.source import Source, Span


@dataclass(frozen=True)
class Layers:
    """The directives of a unit, each level in the order in which nginx reads them.

    Attributes:
        source: the text that messages about the whole unit point at.
        http: of the ConfigMap's http-snippet.
        server: of the host's server-snippet, then the ConfigMap's.
        location: of the configuration-snippet, then the ConfigMap's location-snippet.
        neighbours: the locations of the host's Ingresses: those that a `location` in a server-snippet shares
            requests with.
        sites: in the place of `location`, all locations of a host with their directives, where a server's
            directives may send a request from one to another.
    """

    source: Source
    http: tuple[Directive, ...] = ()
    server: tuple[Directive, ...] = ()
    location: tuple[Directive, ...] = ()
    neighbours: tuple[Location, ...] = ()
    sites: tuple[tuple[Location, tuple[Directive, ...]], ...] = ()

    def tree(self) -> list[Directive]:
        """One configuration: with the server and the location around the snippets, where there are more than
        the location's. Where a snippet has locations of its own, those of the Ingresses stand beside them.
        """
        nested = any(each.name == "location" for each in self.location)
        if not self.http and not self.server and not nested:
            return list(self.location)
        whole = self.source.span(0, 0)
        server, own = map(_answered, (self.server, self.location))
        theirs = [location_of(each) for each in self.server if each.name == "location"]
        ours = [Location("", "/"), *(at for at in self.neighbours if _competes(at, theirs))]
        inner = dict.fromkeys(ours, own)
        if self.sites:
            inner = {at: _answered(directives) for at, directives in self.sites}
            inner.setdefault(Location("", "/"), [])
        locations = [
            _block("location", _arguments(at, self.source), each, whole) for at, each in inner.items()
        ]
        return [*self.http, _block("server", [], [*server, *locations], whole)]


_ANSWERS = re.compile(
    r"return|try_files|content_by_lua\w*|(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass|empty_gif|stub_status"
)


def _answered(directives: Sequence[Directive]) -> list[Directive]:
    """The directives of a snippet, where a location without anything that answers gets what nginx does there:
    it looks for a file, which a plugin does not have. The locations of Ingresses have proxy_pass.
    """
    return [_with_answer(each) if each.name == "location" else each for each in directives]


def _with_answer(location: Directive) -> Directive:
    block = _answered(location.block or ())
    if not _has_answer(block) and not _denies(block):
        place = location.name_span.source.span(location.name_span.start, location.name_span.start)
        args = [Argument(text, place, False) for text in ("$uri", "=404")]
        missing = Directive("try_files", args, None, None, "", place, place)
        block = [*(_without_file(each, missing) for each in block), missing]
    return replace(location, block=block)


_REWRITES = re.compile(r"set\w*|if|return|rewrite|break")


def _has_answer(block: Sequence[Directive]) -> bool:
    """Whether something in a location answers all requests; `break` may keep them from `return`."""
    found = {each.name for each in block if _ANSWERS.fullmatch(each.name)}
    return bool(found - {"return"}) or ("return" in found and not _breaks(block))


def _breaks(block: Sequence[Directive]) -> bool:
    """Whether a request may leave the rewrite directives of a location before their end, and stay there."""
    return any(
        each.name == "break"
        or (each.name == "rewrite" and [flag.value for flag in each.args[2:]] == ["break"])
        or (each.name == "if" and _breaks(each.block or []))
        for each in block
    )


def _without_file(directive: Directive, missing: Directive) -> Directive:
    """An `if` of a location without an answer: where requests stay in it, it has none, either."""
    inner = directive.block or []
    stays = any(not _REWRITES.fullmatch(each.name) for each in inner)
    if directive.name != "if" or not stays or _has_answer(inner):
        return directive
    return replace(directive, block=[*inner, missing])


def with_answers(directives: Sequence[Directive]) -> list[Directive]:
    """The directives of a text, where locations inside of others get the same: they inherit no
    proxy_pass. What the outer ones answer with a text need not say.
    """
    found = []
    for each in directives:
        if each.block and each.name in ("http", "server"):
            each = replace(each, block=with_answers(each.block))
        elif each.block and each.name == "location" and any(inner.name == "location" for inner in each.block):
            each = replace(each, block=_answered(each.block))
        found.append(each)
    return found


def _denies(block: Sequence[Directive]) -> bool:
    """Whether a location lets nobody in."""
    values = [each.args[0].value for each in block if each.name == "deny" and each.args]
    return "all" in values and all(each.name not in ("allow", "satisfy") for each in block)


def location_of(directive: Directive) -> Location:
    """Where a `location` block acts."""
    values = [argument.value for argument in directive.args]
    if len(values) == 1:
        found = next((each for each in ("=", "^~", "~*", "~") if values[0].startswith(each)), "")
        return Location(found, values[0].removeprefix(found))
    return Location(values[0], values[1]) if len(values) == 2 else Location("?", "")


def _competes(at: Location, theirs: Sequence[Location]) -> bool:
    """Whether a location of an Ingress takes requests that one of a snippet had without it."""
    if at.modifier in ("~", "~*"):
        return any(each.modifier in ("", "~", "~*") for each in theirs)
    if at.modifier == "=" and any(each.modifier in ("~", "~*") for each in theirs):
        return True
    return at.path != "/" and any(
        each.modifier in ("", "^~") and at.path.startswith(each.path) for each in theirs
    )


def _arguments(at: Location, source: Source) -> list[Argument]:
    """The arguments of a block that stands in no text."""
    found = []
    for text in (at.modifier, at.path):
        written = source.child(text.encode("utf-8", "surrogateescape"), ((0, 0),))
        found += [Argument(text, written.span(0, len(written.data)), False)] if text else []
    return found


def _block(name: str, args: list[Argument], block: list[Directive], span: Span) -> Directive:
    """A block that ingress-nginx writes around a snippet."""
    return Directive(name, args, block, None, "", span, span)
