"""Requests in parts, so that they can be varied, and back to what goes over the wire."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from snippet2wasm.verify.cases import Case, RedisState
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.http1 import Header
from snippet2wasm.verify.process import LOOPBACK
from snippet2wasm.verify.upstream import ANSWER, Answer

Item = TypeVar("Item")
Argument = tuple[str, str | None]
Command = tuple[bytes, ...]

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
HOST: Header = ("host", "device.example")

# What servers do with these by themselves differs (docs/differences.md), or they frame the message.
_SERVER_HEADERS = frozenset(
    (
        *("host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"),
        *("transfer-encoding", "content-length", "x-request-id"),
    )
)
_GATEWAY_HEADERS: tuple[Header, ...] = (
    ("x-forwarded-proto", "http"),
    ("x-envoy-external-address", "127.0.0.1"),
)
_SERVER_PREFIXES = ("x-forwarded-", "x-envoy-")


@dataclass(frozen=True)
class Draft:
    """A request in parts, with what Redis holds and does; text is latin-1 of the bytes.

    Attributes:
        method: one of METHODS.
        path: the target up to the query, as it goes over the wire.
        arguments: the query; a value is None for an argument without `=`.
        headers: in order, without `host`.
        body: the body.
        redis, redis_error, setup: as in Case.
        host: the header `host`.
        answer: what the upstream answers; None for its echo.
        source: the client's address.
        whole: it is sent with the headers that a gateway adds, so that a list of all is the same.
    """

    method: str = "GET"
    path: str = "/"
    arguments: tuple[Argument, ...] = ()
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    redis: RedisState = "up"
    redis_error: str = ""
    setup: tuple[Command, ...] = ()
    host: str = HOST[1]
    whole: bool = False
    answer: Answer | None = None
    source: str = LOOPBACK

    def case(self, name: str) -> Case:
        """The request as it is sent."""
        query = "&".join(key if value is None else f"{key}={value}" for key, value in self.arguments)
        target = f"{self.path}?{query}" if self.arguments else self.path
        added = _GATEWAY_HEADERS if self.whole else ()
        asked = () if self.answer is None else (self.answer.header(),)
        given = ((name, _wire(value)) for name, value in self.headers)
        headers = (("host", _wire(self.host)), *added, *given, *asked)
        request = Request(self.method, _wire(target), headers, self.body, self.source)
        return Case(name, request, self.redis, self.redis_error, self.setup)

    def with_argument(self, name: str, value: str | None) -> Draft:
        """With this argument in place of all of its name."""
        others = tuple(each for each in self.arguments if each[0] != name)
        return replace(self, arguments=(*others, (name, None if value is None else query_text(value))))

    def with_header(self, name: str, value: str) -> Draft:
        """With this header in place of all of its name."""
        others = tuple(each for each in self.headers if each[0].lower() != name.lower())
        return replace(self, headers=(*others, (name, header_text(value))))

    def with_cookie(self, name: str, value: str) -> Draft:
        """With this cookie alone."""
        return self.with_header("cookie", f"{name}={value}")

    def with_body(self, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Draft:
        """With this body, and a method and a type that go with it."""
        method = self.method if self.method in ("POST", "PUT", "PATCH") else "POST"
        return replace(self.with_header("content-type", kind), method=method, body=body)

    def places(self) -> Iterator[Place]:
        """Everything in it that can be varied."""
        for index, (_, value) in enumerate(self.arguments):
            yield Place("argument", index, value or "")
        for index, (name, value) in enumerate(self.headers):
            if name.lower() == "cookie":
                yield from (Place("cookie", index, text, start) for start, text in _cookie_values(value))
            else:
                yield Place("header", index, value)
        yield Place("path", 0, self.path)
        yield Place("method", 0, self.method)
        if self.body:
            yield Place("body", 0, self.body.decode("latin-1"))
        for index, command in enumerate(self.setup):
            yield Place("setup", index, command[-1].decode("latin-1"))

    def put(self, place: Place, text: str) -> Draft:
        """With another text in a place, encoded as far as that place needs it."""
        match place.kind:
            case "argument":
                changed = (self.arguments[place.index][0], query_text(text))
                return replace(self, arguments=_replaced(self.arguments, place.index, changed))
            case "header":
                header = (self.headers[place.index][0], header_text(text))
                return replace(self, headers=_replaced(self.headers, place.index, header))
            case "cookie":
                name, line = self.headers[place.index]
                line = line[: place.start] + header_text(text) + line[place.start + len(place.text) :]
                return replace(self, headers=_replaced(self.headers, place.index, (name, line)))
            case "path":
                return replace(self, path=path_text(text))
            case "method":
                return replace(self, method=text) if text in METHODS else self
            case "body":
                return replace(self, body=text.encode("latin-1", "replace"))
            case _:
                words = (*self.setup[place.index][:-1], text.encode("latin-1", "replace"))
                return replace(self, setup=_replaced(self.setup, place.index, words))


@dataclass(frozen=True)
class Place:
    """A text inside a draft.

    Attributes:
        kind: what it is a part of.
        index: which one of those.
        text: what stands there.
        start: of a cookie's value, where in the header.
    """

    kind: str
    index: int
    text: str
    start: int = 0


def _cookie_values(line: str) -> Iterator[tuple[int, str]]:
    """The values in a cookie header, and where they begin."""
    return ((match.start(1), match[1]) for match in re.finditer(r"=([^;,]*)", line))


def _replaced(items: tuple[Item, ...], index: int, item: Item) -> tuple[Item, ...]:
    return (*items[:index], item, *items[index + 1 :])


def draft_of(case: Case) -> Draft:
    """A given request in parts."""
    request = case.request
    path, mark, query = request.target.partition("?")
    arguments = tuple(_argument(word) for word in query.split("&")) if mark else ()
    own = ("host", "content-length", ANSWER)
    headers = tuple(each for each in request.headers if each[0].lower() not in own)
    asked = next((value for name, value in request.headers if name.lower() == ANSWER), None)
    host = next((value for name, value in request.headers if name.lower() == "host"), HOST[1])
    return Draft(
        *(request.method, path, arguments, headers, request.body),
        *(case.redis, case.redis_error, case.setup, host),
        answer=None if asked is None else Answer.read(asked),
        source=request.source,
    )


def _argument(word: str) -> Argument:
    name, mark, value = word.partition("=")
    return name, value if mark else None


def usable_header(name: str) -> bool:
    """Whether a header of this name reaches a snippet and its plugin alike; see docs/differences.md."""
    lower = name.lower()
    plain = re.fullmatch(r"[a-z0-9-]+", lower) is not None
    return plain and lower not in _SERVER_HEADERS and not lower.startswith(_SERVER_PREFIXES)


def query_text(text: str) -> str:
    """A text as it can stand in a query: what can't, or would end it, is percent-encoded."""
    return re.sub(r"[^!$'()*+,./0-9:;=?@A-Z_a-z~%\[\]|{}<>\"\\^`-]", _percent, text)


def path_text(text: str) -> str:
    """A text as it can stand in a path."""
    text = re.sub(r"[^!$&'()*+,./0-9:;=@A-Z_a-z~%-]", _percent, text)
    return text if text.startswith("/") else f"/{text}"


def header_text(text: str) -> str:
    """A text as it can stand in a header: no control characters, no blanks around it."""
    return re.sub(r"[\x00-\x1f\x7f]", "", text).strip(" ")


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("latin-1", "replace"))


def unescaped(text: str) -> str:
    """A text with its percent-encodings undone."""
    return unquote_to_bytes(text.encode("latin-1", "replace")).decode("latin-1")


def from_base64(text: str) -> bytes | None:
    """What a text encodes; None when it is no base64."""
    try:
        return base64.b64decode(text, validate=True) if text else None
    except ValueError:
        return None


def to_base64(data: bytes) -> str:
    """Base64 of bytes."""
    return base64.b64encode(data).decode()


def _wire(text: str) -> str:
    """A text of a snippet as a request has it: latin-1 of its bytes."""
    return (
        text if text.isascii() or max(text) < "\u0100" else text.encode("utf-8", "replace").decode("latin-1")
    )
