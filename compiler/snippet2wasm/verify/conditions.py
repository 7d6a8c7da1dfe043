"""Requests that directives ask for: what their conditions, maps and regular expressions compare, put into the
part of a request that they look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, ip_network

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.verify.drafts import METHODS, Draft, path_text, query_text, to_base64, usable_header
from snippet2wasm.verify.pcre import samples
from snippet2wasm.verify.rendering import Levels
from snippet2wasm.verify.vocabulary import Vocabulary

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_OPERATORS = ("=", "!=", "~", "~*", "!~", "!~*")
# Of the made-up user, with a wrong password, of nobody, and what is none.
_AUTHORIZATIONS = (
    *tuple(
        f"Basic {to_base64(text)}" for text in (b"user:password", b"user:wrong", b"nobody:x", b"user", b"")
    ),
    "basic dXNlcjpwYXNzd29yZA==",
    "Basic !",
    "Bearer x",
)
_LOOPBACK = IPv4Network("127.0.0.0/8")
_ON_RESPONSES = re.compile(
    r"(add_header|add_trailer|expires|more_(set|clear)_headers|proxy_(hide|pass)_header|proxy_cookie_\w+"
    r"|proxy_redirect|sub_filter|error_page|proxy_intercept_errors|charset|auth_request)"
)


@dataclass(frozen=True)
class Wish:
    """A text that a variable should have."""

    variable: str
    text: str


@dataclass
class Conditions:
    """What directives compare.

    Attributes:
        wishes: in the order of the text, each once.
        sources: addresses of clients, on loopback.
        paths: of requests, decoded.
        answers: there are directives about responses.
        hosts: of servers.
    """

    wishes: list[Wish] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: bool = False
    hosts: list[str] = field(default_factory=list)

    def drafts(self, base: Draft) -> Iterator[Draft]:
        """The request with each of them met, for each host."""
        for host in ("", *self.hosts):
            yield from self._drafts(replace(base, host=host) if host else base)

    def _drafts(self, base: Draft) -> Iterator[Draft]:
        yield base
        for path in self.paths:
            yield replace(base, path=path_text(path))
        for wish in self.wishes:
            yield from _met(base, wish)
        for source in self.sources:
            yield replace(base, source=source)


@dataclass(frozen=True)
class Capture:
    """What a variable got of another: a group, by name or number, of a regular expression."""

    variable: str
    pattern: str
    group: str | int


def conditions_of(levels: Levels, words: Vocabulary) -> Conditions:
    """What the directives of levels compare; the words take in what they look at."""
    reader = _Reader(words, _origins(levels), _captures(levels))
    for directive in levels.all():
        reader.directive(directive)
    found = reader.found
    return Conditions(
        list(dict.fromkeys(found.wishes)),
        list(dict.fromkeys(found.sources)),
        list(dict.fromkeys(found.paths)),
        found.answers,
        list(dict.fromkeys(_hosts(levels))) if len(levels.servers) > 1 else [],
    )


def _hosts(levels: Levels) -> Iterator[str]:
    """A host for each name of a server."""
    for server in levels.servers:
        for directive in server.block or []:
            if directive.name == "server_name":
                for each in directive.args:
                    name = each.value.lower()
                    if re.fullmatch(r"[*.]?[\w.-]+(?:\.\*)?", name) and name != "_":
                        yield re.sub(r"^\*?\.", "sub.", name).replace(".*", ".example")


def _origins(levels: Levels) -> dict[str, list[str]]:
    """By a variable of `set`, `map` or `geo`: the variables that it is made of."""
    found: dict[str, list[str]] = {}
    for directive in levels.all():
        values = [argument.value for argument in directive.args]
        if directive.name == "set" and len(values) == 2:
            found.setdefault(values[0].lstrip("$"), []).extend(_names(values[1]))
        elif directive.name in ("map", "geo", "split_clients") and values:
            source = values[0] if len(values) > 1 else "$remote_addr"
            found.setdefault(values[-1].lstrip("$"), []).extend(_names(source))
    return found


_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")


def _captures(levels: Levels) -> dict[str, Capture]:
    """By a variable that a group gave its value: where that came from."""
    found: dict[str, Capture] = {}
    last = ("", "")
    for directive in levels.all():
        values = [argument.value for argument in directive.args]
        if directive.name == "if":
            last = _pattern_of(values) or last
        elif directive.name == "rewrite" and values:
            last = ("uri", values[0])
        elif directive.name == "set" and len(values) == 2 and (match := re.search(r"\$([1-9])", values[1])):
            found[values[0].lstrip("$")] = Capture(*last, int(match[1]))
        for name in _GROUP.findall(last[1]):
            found.setdefault(name, Capture(*last, name))
    return found


def _pattern_of(values: Sequence[str]) -> tuple[str, str] | None:
    """The variable and the regular expression of a condition, if it is such a one."""
    words = _words_of(values)
    if len(words) < 3 or "~" not in words[1] or not _names(words[0]):
        return None
    return _names(words[0])[0], words[2].strip("\"'")


def _words_of(values: Sequence[str]) -> list[str]:
    """The parts of a condition: a variable, and perhaps an operator and what it is compared with."""
    inside = " ".join(values).strip().removeprefix("(").removesuffix(")").strip()
    return inside.split(None, 2)


class _Reader:
    def __init__(
        self, words: Vocabulary, origins: dict[str, list[str]], captures: dict[str, Capture]
    ) -> None:
        self.words = words
        self.origins = origins
        self.captures = captures
        self.found = Conditions()

    def directive(self, directive: Directive) -> None:
        """Takes in one directive, without those in its block."""
        values = [argument.value for argument in directive.args]
        for value in values:
            for name in _names(value):
                self.words.variable(name)
                # The gateway has this header for every request: nginx gets it, too.
                self.words.lists_headers |= name == "http_x_forwarded_proto"
        self.found.answers |= _ON_RESPONSES.match(directive.name) is not None
        match directive.name:
            case "if":
                self._if(values)
            case "rewrite" if values:
                self._matches("uri", values[0])
            case "location":
                self._location(values)
            case "map" | "geo" if directive.block is not None:
                self._table(directive, values)
            case "allow" | "deny" if values:
                self._address(values[0])
            case "auth_basic":
                for text in _AUTHORIZATIONS:
                    self._wish("http_authorization", text)
            case "valid_referers":
                self._referers(values)
            case "more_set_input_headers" | "more_clear_input_headers" | "proxy_set_header":
                self._header(values)
            case _:
                pass
        if directive.name in ("set", "return", "add_header", "more_set_headers", "sub_filter"):
            self.words.texts += [
                each for each in values[1:] if "$" not in each and each not in self.words.texts
            ]

    def _wish(self, variable: str, text: str, seen: tuple[str, ...] = ()) -> None:
        """Asks for a text; of a variable that is made of others, for that text of those."""
        if variable in seen:
            return
        for origin in self.origins.get(variable, []):
            self._wish(origin, text, (*seen, variable))
        if variable in self.captures:
            source = self.captures[variable]
            for whole in samples(source.pattern, {source.group: text}):
                self._wish(source.variable, whole, (*seen, variable))
        self.found.wishes.append(Wish(variable, text))

    def _if(self, values: Sequence[str]) -> None:
        words = _words_of(values)
        names = _names(words[0]) if words else []
        if not names:
            return
        if len(words) < 3 or words[1] not in _OPERATORS:
            for text in ("1", "0", ""):
                self._wish(names[0], text)
            return
        operator, wanted = words[1], words[2].strip("\"'")
        if "~" in operator:
            self._matches(names[0], wanted)
        else:
            for text in (wanted, f"{wanted}x", wanted.swapcase(), ""):
                self._wish(names[0], text)

    def _matches(self, variable: str, pattern: str) -> None:
        texts = samples(pattern)
        for text in texts:
            self._wish(variable, text)
            self._wish(variable, text.swapcase())
        for text in texts[:2]:
            self._wish(variable, f"x{text}y")

    def _location(self, values: Sequence[str]) -> None:
        modifier, path = (values[0], values[1]) if len(values) == 2 else ("", values[0] if values else "/")
        if path.startswith("@"):
            return
        if modifier.startswith("~"):
            self._matches("uri", path)
            return
        self.found.paths += [path, f"{path}x", f"{path.rstrip('/')}/a/b", f"{path}/"]

    def _table(self, directive: Directive, values: Sequence[str]) -> None:
        source = _names(values[0])[:1] if len(values) > 1 or directive.name == "map" else ["remote_addr"]
        for entry in directive.block or []:
            key = entry.name
            if not source or key in (
                "default",
                "hostnames",
                "volatile",
                "include",
                "proxy",
                "ranges",
                "delete",
            ):
                continue
            if directive.name == "geo":
                self._address(key)
            elif key.startswith("~"):
                self._matches(source[0], key.lstrip("~").lstrip("*"))
            else:
                self._wish(source[0], key.removeprefix("\\"))
                self._wish(source[0], f"{key}x")

    def _address(self, text: str) -> None:
        """An address of a network on loopback, and one beside it."""
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            return
        if isinstance(network, IPv4Network) and network.subnet_of(_LOOPBACK):
            first, last = int(network.network_address), int(network.broadcast_address)
            for number in (first, first + 1, last, last + 1, first - 1):
                address = type(network.network_address)(number)
                if address in _LOOPBACK and number not in (int(_LOOPBACK[0]), int(_LOOPBACK[-1])):
                    self.found.sources.append(str(address))

    def _referers(self, values: Sequence[str]) -> None:
        for value in values:
            for text in samples(value[1:]) if value.startswith("~") else [value.replace("*", "any")]:
                self._wish("http_referer", f"https://{text.strip('.')}/page")
        self._wish("http_referer", "https://stranger.example/page")

    def _header(self, values: Sequence[str]) -> None:
        for value in values:
            name = value.partition(":")[0].strip().lower().rstrip("*")
            if usable_header(name) and name not in self.words.headers and not value.startswith("-"):
                self.words.headers.append(name)


def _names(text: str) -> list[str]:
    """The variables in a text."""
    return [match[1] or match[2] for match in _VARIABLE.finditer(text)]


def _met(base: Draft, wish: Wish) -> Iterator[Draft]:
    """The request with a text in the place of a variable, if that is a part of requests."""
    name, text = wish.variable, wish.text
    family, _, rest = name.partition("_")
    if name in ("uri", "document_uri"):
        yield replace(base, path=path_text(text))
    elif name == "request_uri":
        path, mark, query = text.partition("?")
        arguments = tuple(_argument(word) for word in query.split("&")) if mark else base.arguments
        yield replace(base, path=path_text(path), arguments=arguments)
    elif name in ("args", "query_string"):
        yield replace(base, arguments=tuple(_argument(query_text(word)) for word in text.split("&")))
        yield replace(
            base, arguments=(("a", "1"), *(_argument(query_text(word)) for word in text.split("&")))
        )
    elif name == "request_method":
        if text.upper() in METHODS:
            yield replace(base, method=text.upper())
    elif name in ("host", "http_host"):
        text += "example" if text.endswith(".") else ""
        if re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", text):
            yield replace(base, host=text)
    elif family == "arg" and rest:
        yield base.with_argument(rest, text)
    elif family == "http" and usable_header(header := rest.replace("_", "-")):
        yield base.with_header(header, text)
    elif family == "cookie" and rest:
        yield base.with_cookie(rest, text)


def _argument(word: str) -> tuple[str, str | None]:
    name, mark, value = word.partition("=")
    return name, value if mark else None
