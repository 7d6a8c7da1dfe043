"""What snippets of nginx directives do, as data: data/*.yaml.

    cases:
      name-of-what-is-tried:
        http: |                  # nginx text for the http level; optional (the case gets an nginx of its own)
        server: |                # for the server; optional
        location: |              # the configuration-snippet, inside of ingress-nginx's location; optional
        path: /api               # the location's argument; / unless given
        hosts: [www.a.example]   # names of the server; no other case has them; NAME.FILE.example unless given
        files: {htpasswd: "…"}   # files beside nginx.conf and beside the compiled text; optional (nginx of its own)
        bindings: {match: …}     # a bindings file; optional
        config: {key: value}     # the unit's part of the plugin's configuration; optional
        requests: ["/?a=1", {target: /, …}]
        expect: [200, "text"]    # of the first request: status (null: no answer), and texts in body, headers or log
    refused:
      name: {location: |…, code: S2W301}     # also http, server, path, files; what the compiler has to say

A request is a target or has

    target: /                    # / unless given
    method: POST                 # GET unless given
    headers: [[x-a, b]]          # `host` among them names another host of the case
    body: "…"                    # times: 9 sends it nine times over
    answer: {status: 404, headers: [[a, b]], body: [piece, piece]}   # what the upstream answers
    from: 127.0.0.2              # the client's address
    wait: 0.5                    # seconds to wait before it
    repeat: 3                    # sent so many times, one after the other
    expect: [404]                # as for a case
    differs: NAME                # treated otherwise than by nginx for the reason in this row of docs/differences.md

The requests of a case run in order, and what one leaves behind (a limit, a dict) the next one finds. nginx
keeps Lua by its text: of two blocks that are the same byte by byte, messages name the place of the first, so
let no two be the same if they log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from snippet2wasm.verify.client import Request
from snippet2wasm.verify.ingress import IngressServer, Snippets
from snippet2wasm.verify.upstream import ANSWER

DATA = Path(__file__).parent / "data"
_LEVELS = {"http", "server", "location", "path"}
_CASE = {*_LEVELS, "hosts", "files", "bindings", "config", "requests", "expect"}
_REQUEST = {
    *("target", "method", "headers", "body", "times", "answer", "from"),
    *("wait", "repeat", "expect", "differs"),
}


@dataclass(frozen=True)
class Ask:
    """One request of a case.

    Attributes:
        request: what is sent.
        wait: seconds before it.
        expect: a status and texts; empty for nothing.
        differs: the documented difference that shows; "" for none.
    """

    request: Request
    wait: float = 0.0
    expect: tuple[Any, ...] = ()
    differs: str = ""


@dataclass(frozen=True)
class DirectiveCase:
    """A case of a file.

    Attributes:
        name: FILE-NAME, of the case and of its unit.
        snippets: what is compared.
        hosts: its server's names.
        raw: all that the file says of it.
        asks: its requests, in order.
    """

    name: str
    snippets: Snippets
    hosts: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)
    asks: tuple[Ask, ...] = field(repr=False)

    @property
    def alone(self) -> bool:
        """Whether it needs an nginx of its own."""
        return bool(self.snippets.http or "files" in self.raw)

    def files(self) -> dict[str, bytes]:
        """The files beside its text."""
        return files_of(self.raw)

    def server(self) -> IngressServer:
        """What nginx serves."""
        return IngressServer(self.name, self.hosts, self.snippets)


def load() -> list[DirectiveCase]:
    """All cases of all files."""
    found = [case for path in sorted(DATA.glob("*.yaml")) for case in _cases(path)]
    hosts = [host for case in found for host in case.hosts]
    twice = {host for host in hosts if hosts.count(host) > 1}
    assert not twice, f"several cases have the hosts {twice}"
    return found


def refused() -> list[tuple[str, Mapping[str, Any]]]:
    """The names and the entries of all that has to be refused."""
    return [
        (f"{path.stem}-{name}", entry)
        for path in sorted(DATA.glob("*.yaml"))
        for name, entry in _read(path).get("refused", {}).items()
    ]


def snippets_of(entry: Mapping[str, Any]) -> Snippets:
    """The texts of an entry, latin-1 of their bytes."""
    texts = {
        level: entry.get(level, "").rstrip("\n").encode().decode("latin-1")
        for level in ("http", "server", "location")
    }
    return Snippets(**texts, path=entry.get("path", "/"))


def files_of(entry: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of an entry, by name."""
    return {name: text.encode() for name, text in entry.get("files", {}).items()}


def _read(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    assert {*found} <= {"cases", "refused"}, path
    return found


def _cases(path: Path) -> Iterator[DirectiveCase]:
    for key, entry in _read(path).get("cases", {}).items():
        name = f"{path.stem}-{key}"
        assert {*entry} <= _CASE, (name, {*entry} - _CASE)
        assert "requests" in entry, name
        hosts = tuple(entry.get("hosts", [f"{key}.{path.stem}.example"]))
        asks = [
            ask
            for index, asked in enumerate(entry["requests"])
            for ask in _asks(name, hosts, asked, entry.get("expect", []) if index == 0 else [])
        ]
        yield DirectiveCase(name, snippets_of(entry), hosts, entry, tuple(asks))


def _asks(name: str, hosts: tuple[str, ...], asked: Any, expect: Any) -> list[Ask]:
    asked = {"target": asked} if isinstance(asked, str) else asked
    assert {*asked} <= _REQUEST, (name, {*asked} - _REQUEST)
    headers = [(str(key), str(value)) for key, value in asked.get("headers", [])]
    if not any(key.lower() == "host" for key, _ in headers):
        headers.insert(0, ("host", hosts[0].replace("*", "any")))
    if "answer" in asked:
        headers.append((ANSWER, json.dumps(asked["answer"])))
    body = asked.get("body", "").encode("latin-1") * asked.get("times", 1)
    request = Request(
        asked.get("method", "GET"),
        asked.get("target", "/"),
        tuple(headers),
        body,
        asked.get("from", "127.0.0.1"),
    )
    ask = Ask(request, asked.get("wait", 0.0), tuple(asked.get("expect", expect)), asked.get("differs", ""))
    again = Ask(request, 0.0, (), asked.get("differs", ""))
    return [ask, *[again] * (asked.get("repeat", 1) - 1)]


def label(case: DirectiveCase, number: int) -> str:
    """A request's name in pytest's output."""
    request = case.asks[number].request
    parts = [
        case.name,
        str(number + 1),
        request.method if request.method != "GET" else "",
        request.target[:60],
    ]
    parts += [f"{name}={value[:40]}" for name, value in request.headers if name not in ("host", ANSWER)]
    return " ".join(part for part in parts if part).encode("ascii", "backslashreplace").decode()
