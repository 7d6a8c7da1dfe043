"""A block of the configuration while it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from snippet2wasm.frontend.nginx import Directive


@dataclass
class Place:
    """What a `location` says of itself: modifier ("" for a prefix), and path, pattern or @name."""

    modifier: str
    name: str

    @property
    def is_regex(self) -> bool:
        """Whether its requests are found by a regular expression."""
        return self.modifier in ("~", "~*")

    @property
    def is_named(self) -> bool:
        """Whether only jumps reach it (`@name`)."""
        return not self.modifier and self.name.startswith("@")


@dataclass
class Scope:
    """One block.

    Attributes:
        contexts: nginx's names for what may stand here; several for a text whose level is not known.
        outer: the block around it.
        place: of a location.
        settings: the directives that nginx keeps one of, by what they set.
        values: what checks note of a block, by directive.
        locations: the prefix and exact locations in it.
    """

    contexts: frozenset[str]
    outer: Scope | None = None
    place: Place | None = None
    settings: dict[str, Directive] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    locations: dict[tuple[bool, str], Directive] = field(default_factory=dict)

    @property
    def is_implicit(self) -> bool:
        """Whether it is no location of its own: `if` and `limit_except`."""
        return any(each.endswith("_if") or each == "limit_except" for each in self.contexts)

    def location(self) -> Place | None:
        """The location that this block is, or is in."""
        scope: Scope | None = self
        while scope is not None and scope.place is None:
            scope = scope.outer
        return None if scope is None else scope.place
