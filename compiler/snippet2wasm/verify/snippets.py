"""The nginx texts that act on one request, level by level, for the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Snippets:
    """What an Ingress and the controller's ConfigMap add to the configuration that one request meets.

    Attributes:
        http, server, location: nginx texts for these levels.
        path: the argument of the location.
        own: the server level has a location of its own for everything, so there is no other.
        marked: the texts say themselves what their Lua is called in messages.
        variables: values of variables that the template sets.
        servers: of a whole configuration: the texts inside of its servers. Then nothing of ingress-nginx is
            around it, and of the levels there is only `http`.
        default: which of them gets requests that are for none.
    """

    http: str = ""
    server: str = ""
    location: str = ""
    path: str = "/"
    own: bool = False
    marked: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    servers: tuple[str, ...] = ()
    default: int = 0

    def text(self) -> str:
        """The snippets as one nginx text, without anything of the template's."""
        inside = [self.location] if self.location else []
        lines = ["server {", *_given(self.server), f"location {self.path} {{", *inside, "}", "}"]
        return "\n".join(["http {", self.http, *lines, "}"] if self.http else lines) + "\n"

    def first_lines(self) -> Mapping[str, int]:
        """Where the text of each level begins in `text`, by its name; the first line is 1."""
        http = 2
        server = 2 if not self.http else http + _count(self.http) + 1
        location = server + (_count(self.server) if self.server else 0) + 1
        return {"http": http, "server": server, "location": location}


def _given(text: str) -> list[str]:
    return [text] if text else []


def _count(text: str) -> int:
    return text.count("\n") + 1
