"""Requests to try on a snippet, and what Redis does meanwhile, as a person writes them into a file."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import yaml

from snippet2wasm.verify.client import Request, Response
from snippet2wasm.verify.http1 import Header
from snippet2wasm.verify.upstream import Answer, ReceivedRequest

RedisState = Literal["up", "refused", "slow"]
_STATES: tuple[RedisState, ...] = ("up", "refused", "slow")


class CasesError(Exception):
    """A cases file does not hold what it should, or nginx does something else; names the case."""


@dataclass(frozen=True)
class Seen:
    """What is expected of a message, the answer or the request at the upstream.

    Attributes:
        headers: values by name in lower case, several lines joined by ", "; None for no such header.
        body: a part of it.
        method, target: of a request; None for any.
    """

    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: str = ""
    method: str | None = None
    target: str | None = None

    def problems(
        self, headers: Iterable[Header], body: bytes, method: str = "", target: str = ""
    ) -> Iterator[str]:
        """What is not as expected, in words."""
        found: dict[str, str] = {}
        for name, value in headers:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        for name, wanted in self.headers.items():
            if found.get(name) != wanted:
                yield f"{name}: {found.get(name)!r}, expected {wanted!r}"
        if self.body not in body.decode("latin-1"):
            yield f"the body lacks {self.body!r}: {body[:200]!r}"
        if self.method not in (None, method):
            yield f"the method is {method}, expected {self.method}"
        if self.target not in (None, target):
            yield f"the target is {target}, expected {self.target}"


@dataclass(frozen=True)
class Expected:
    """What a request is expected to lead to, besides the status.

    Attributes:
        answer: of the answer.
        upstream: of the first request at the upstream; None for anything.
        reaches: whether one gets there at all; None for either.
    """

    answer: Seen
    upstream: Seen | None = None
    reaches: bool | None = None

    def problems(self, response: Response | None, upstream: Sequence[ReceivedRequest]) -> Iterator[str]:
        """What is not as expected, in words."""
        headers, body = (response.headers, response.body) if response else ((), b"")
        yield from (f"answer: {each}" for each in self.answer.problems(headers, body))
        if self.reaches is not None and bool(upstream) != self.reaches:
            yield f"{len(upstream)} requests reach the upstream"
        elif self.upstream is not None:
            first = upstream[0]
            found = self.upstream.problems(first.headers, first.body, first.method, first.target)
            yield from (f"upstream: {each}" for each in found)


@dataclass(frozen=True)
class Case:
    """A request to try, and what Redis does meanwhile.

    Attributes:
        name: of the case, and of its recording and its file.
        request: the request.
        redis: "up"; "refused": connections are refused; "slow": commands get no answer before the timeout.
        redis_error: every command gets this error reply ("READONLY …"); "" for none.
        setup: Redis commands that run before the request, so that Redis holds what the case is about.
        status: what nginx is expected to answer; None for anything.
        expected: what else is expected of it.
    """

    name: str
    request: Request
    redis: RedisState = "up"
    redis_error: str = ""
    setup: tuple[tuple[bytes, ...], ...] = ()
    status: int | None = None
    expected: Expected | None = None


def load_cases(path: Path, host: str = "") -> list[Case]:
    """Reads a cases file:

        - name: valid
          request: {target: "/heartbeat?d=…"}   # also method, headers: [[x-a, b]], body
          redis: up                             # or refused, slow, {error: "READONLY …"}; up unless given
          setup: ["SET key 'a value'"]          # what Redis holds before, else nothing; words as in a shell
          status: 200                           # what nginx is expected to answer; not checked unless given
          expect:                               # what else; each part may be missing
            headers: {location: "…", x-a: null} # of the answer; null: there is none
            body: "…"                           # a part of it
            upstream: {target: /b, headers: {…}, body: "…", method: GET}   # or none: nothing gets there

    A request may have `answer: {status: 404, headers: [[a, b]], body: [piece, piece]}`, what the upstream
    answers, and `from: 127.0.0.2`, the client's address. A request without a header `host` has `host`.

    Raises:
        CasesError: it holds something else.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CasesError(f"{path}: {error}") from None
    try:
        cases = _cases(found)
    except CasesError as error:
        raise CasesError(f"{path}: {error}") from None
    return [_at(case, host) for case in cases] if host else cases


def _at(case: Case, host: str) -> Case:
    """A case whose request goes to a host, unless it names one itself."""
    (given,) = Request().headers
    headers = tuple(("host", host) if line == given else line for line in case.request.headers)
    return replace(case, request=replace(case.request, headers=headers))


def _cases(found: object) -> list[Case]:
    if not isinstance(found, list) or not found:
        raise CasesError("a list of cases is expected")
    cases = [_case(entry) for entry in found]
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise CasesError("two cases have the same name")
    return cases


_NAME = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)  # it becomes a file's name
_CASE_KEYS = {"name", "request", "redis", "setup", "status", "expect"}
_REQUEST_KEYS = {"method", "target", "headers", "body", "answer", "from"}
_SEEN_KEYS = {"headers", "body", "method", "target"}


def _case(entry: object) -> Case:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise CasesError(f"every case is a mapping with a name: {entry!r}")
    name, request = entry["name"], entry.get("request")
    if not _NAME.fullmatch(name):
        raise CasesError(f"{name!r} is no name: letters, digits, dashes and underscores")
    if not isinstance(request, dict) or not isinstance(request.get("target"), str):
        raise CasesError(f"{name}: request needs a target")
    unknown = {*entry} - _CASE_KEYS | {*request} - _REQUEST_KEYS
    if unknown:
        raise CasesError(f"{name}: unknown keys {', '.join(sorted(map(str, unknown)))}")
    status = entry.get("status")
    if status is not None and type(status) is not int:
        raise CasesError(f"{name}: status is a number")
    redis, redis_error = _redis(name, entry.get("redis", "up"))
    return Case(
        name,
        _request(name, request),
        redis,
        redis_error,
        _setup(name, entry.get("setup", [])),
        status,
        _expected(name, entry["expect"]) if "expect" in entry else None,
    )


def _expected(name: str, entry: object) -> Expected:
    if not isinstance(entry, dict) or not {*entry} <= {"headers", "body", "upstream"}:
        raise CasesError(f"{name}: expect is a mapping of headers, body, upstream")
    answer = _seen(name, {key: value for key, value in entry.items() if key != "upstream"})
    if "upstream" not in entry:
        return Expected(answer)
    if entry["upstream"] == "none":
        return Expected(answer, reaches=False)
    return Expected(answer, _seen(name, entry["upstream"]), reaches=True)


def _seen(name: str, entry: object) -> Seen:
    if not isinstance(entry, dict) or not {*entry} <= _SEEN_KEYS:
        raise CasesError(f"{name}: expect: a mapping of {', '.join(sorted(_SEEN_KEYS))}")
    headers = entry.get("headers", {})
    if not isinstance(headers, dict):
        raise CasesError(f"{name}: expect: headers are a mapping")
    lines = {str(key).lower(): None if value is None else str(value) for key, value in headers.items()}
    words = [str(entry[key]) if key in entry else None for key in ("method", "target")]
    return Seen(lines, str(entry.get("body", "")), *words)


def _setup(name: str, entry: object) -> tuple[tuple[bytes, ...], ...]:
    if not isinstance(entry, list) or not all(isinstance(command, str) for command in entry):
        raise CasesError(f"{name}: setup is a list of Redis commands")
    try:
        return tuple(tuple(word.encode() for word in shlex.split(command)) for command in entry)
    except ValueError as error:
        raise CasesError(f"{name}: setup: {error}") from None


def _redis(name: str, entry: object) -> tuple[RedisState, str]:
    if isinstance(entry, dict) and {*entry} == {"error"}:
        return "up", str(entry["error"])
    for state in _STATES:
        if entry == state:
            return state, ""
    raise CasesError(f"{name}: redis is up, refused, slow or {{error: TEXT}}")


def _request(name: str, entry: Mapping[str, object]) -> Request:
    plain = Request()
    headers = _headers(name, entry["headers"]) if "headers" in entry else plain.headers
    return Request(
        method=str(entry.get("method", plain.method)),
        target=str(entry["target"]),
        headers=(*headers, _answer(name, entry["answer"])) if "answer" in entry else headers,
        body=str(entry.get("body", "")).encode("latin-1"),
        source=str(entry.get("from", plain.source)),
    )


def _answer(name: str, entry: object) -> Header:
    try:
        return Answer.read(json.dumps(entry)).header()
    except (AttributeError, TypeError, ValueError):
        raise CasesError(f"{name}: answer is a mapping of status, headers and body") from None


def _headers(name: str, entry: object) -> tuple[Header, ...]:
    if not isinstance(entry, list) or not all(isinstance(line, list) and len(line) == 2 for line in entry):
        raise CasesError(f"{name}: headers are a list of [NAME, VALUE]")
    headers = tuple((str(key), str(value)) for key, value in entry)
    named = any(key.lower() == "host" for key, _ in headers)
    return headers if named else (*Request().headers, *headers)
