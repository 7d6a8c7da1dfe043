"""Requests to try on a snippet, and what Redis does meanwhile, as a person writes them into a file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from snippet2wasm.verify.client import Request
from snippet2wasm.verify.http1 import Header

RedisState = Literal["up", "refused", "slow"]
_STATES: tuple[RedisState, ...] = ("up", "refused", "slow")


class CasesError(Exception):
    """A cases file does not hold what it should, or nginx does something else; names the case."""


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
    """

    name: str
    request: Request
    redis: RedisState = "up"
    redis_error: str = ""
    setup: tuple[tuple[bytes, ...], ...] = ()
    status: int | None = None


def load_cases(path: Path) -> list[Case]:
    """Reads a cases file:

        - name: valid
          request: {target: "/heartbeat?d=…"}   # also method, headers: [[x-a, b]], body
          redis: up                             # or refused, slow, {error: "READONLY …"}; up unless given
          setup: ["SET key 'a value'"]          # what Redis holds before, else nothing; words as in a shell
          status: 200                           # what nginx is expected to answer; not checked unless given

    Raises:
        CasesError: it holds something else.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CasesError(f"{path}: {error}") from None
    try:
        return _cases(found)
    except CasesError as error:
        raise CasesError(f"{path}: {error}") from None


def _cases(found: object) -> list[Case]:
    if not isinstance(found, list) or not found:
        raise CasesError("a list of cases is expected")
    cases = [_case(entry) for entry in found]
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise CasesError("two cases have the same name")
    return cases


_NAME = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)  # it becomes a file's name
_CASE_KEYS = {"name", "request", "redis", "setup", "status"}
_REQUEST_KEYS = {"method", "target", "headers", "body"}


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
        name, _request(name, request), redis, redis_error, _setup(name, entry.get("setup", [])), status
    )


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
    return Request(
        method=str(entry.get("method", plain.method)),
        target=str(entry["target"]),
        headers=_headers(name, entry["headers"]) if "headers" in entry else plain.headers,
        body=str(entry.get("body", "")).encode("latin-1"),
    )


def _headers(name: str, entry: object) -> tuple[Header, ...]:
    if not isinstance(entry, list) or not all(isinstance(line, list) and len(line) == 2 for line in entry):
        raise CasesError(f"{name}: headers are a list of [NAME, VALUE]")
    headers = tuple((str(key), str(value)) for key, value in entry)
    named = any(key.lower() == "host" for key, _ in headers)
    return headers if named else (*Request().headers, *headers)
