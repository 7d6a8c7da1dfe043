"""What a unit of a bundle is for: routes of the gateway, or hosts and locations.

match:
  - {route: shop/heartbeat}                      # the name of a route, whole
  - {route: shop/heartbeat, host: a.example}     # its requests of one host
  - {host: "*.example.com", location: /api}      # as in nginx: server_name and location
  - {location: "= /x"}

The plugin reads the same entries in its configuration (go_runtime/internal/dispatch) and has the same rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.ir.nodes import Location
from snippet2wasm.source import Span

KEYS = ("route", "host", "location")
_LABEL = r"[^*/ .:\[\]]+"
_HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*|\[[^\]*/ ]+\]")
_LOCATION = re.compile(r"(?P<modifier>=|\^~|) *(?P<path>/.*)", re.DOTALL)


@dataclass(frozen=True)
class Match:
    """One entry; absent parts are "".

    Attributes:
        route: the name of a route.
        host: a name, or `*.` and the end of names.
        location: `/prefix`, `^~ /prefix` or `= /path`.
        span: the entry in the bindings file; None for one that was made of the unit's own location.
    """

    route: str
    host: str
    location: str
    span: Span | None

    def problem(self) -> str:
        """What is wrong with it, "" for nothing."""
        if not self.route and not self.host and not self.location:
            return "it names neither a route nor a host nor a location"
        if self.host and not _HOST.fullmatch(self.host):
            return "a host is a name without a port, or *.NAME"
        if self.location.startswith("~"):
            return "locations with a regular expression are not known; write a prefix"
        if self.location and not _LOCATION.fullmatch(self.location):
            return 'a location is "/prefix", "^~ /prefix" or "= /path"'
        if any("${" in value for value in self.parts().values()):
            return "Higress would take ${…} for a reference to a Secret"
        return ""

    def parts(self) -> dict[str, str]:
        """What it has, in the order of KEYS."""
        found = zip(KEYS, (self.route, self.host, self.location), strict=True)
        return {key: value for key, value in found if value}

    def key(self) -> tuple[str, str, bool, str]:
        """Two with one key are for the same requests."""
        location = self.where()
        exact = location is not None and location.modifier == "="
        return self.route, self.host.lower(), exact, location.path if location else ""

    def where(self) -> Location | None:
        """Its location, taken apart."""
        found = _LOCATION.fullmatch(self.location)
        return Location(found["modifier"], found["path"]) if found else None

    def meets(self, location: Location | None) -> bool:
        """Whether some path is in its location and in another."""
        own = self.where()
        if own is None or location is None:
            return True
        if own.modifier == "=" and location.modifier == "=":
            return own.path == location.path
        if own.modifier == "=":
            return own.path.startswith(location.path)
        if location.modifier == "=":
            return location.path.startswith(own.path)
        return own.path.startswith(location.path) or location.path.startswith(own.path)


@dataclass(frozen=True)
class Place:
    """Requests that a unit is for, and what it is told there.

    Attributes:
        match: which requests.
        values: of the unit's configuration, by key.
    """

    match: tuple[Match, ...]
    values: tuple[tuple[str, str], ...] = ()


def of_location(location: Location) -> Match:
    """The match for a unit's own location."""
    modifier = f"{location.modifier} " if location.modifier else ""
    return Match("", "", f"{modifier}{location.path}", None)
