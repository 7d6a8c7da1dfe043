"""What a report shows: requests that can be repeated, values that can be read, no secrets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from snippet2wasm.verify import servers
from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import Difference, LogLine
from snippet2wasm.verify.redis import Entry
from snippet2wasm.verify.report import Report, Result, curl, show
from snippet2wasm.verify.upstream import ReceivedRequest


def _words(line: str) -> list[str]:
    """The words that bash makes of a line, as latin-1."""
    script = f'GATEWAY=http://g; set -- {line}; printf "%s\\0" "$@"'
    done = subprocess.run(["bash", "-c", script.encode("latin-1")], capture_output=True, check=True)
    return done.stdout.decode("latin-1").split("\0")[:-1]


HOST = ("host", "h")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(target="/a?b=c&d", headers=(HOST,)), ["-H", "host: h", "http://g/a?b=c&d"]),
        (Request("HEAD", "/", (HOST,)), ["-I", "-H", "host: h", "http://g/"]),
        (
            Request("POST", "/", (HOST, ("x", "it's $(no) `no` \\")), b"a'b\x00"[:3]),
            [
                "-X",
                "POST",
                "-H",
                "host: h",
                "-H",
                "x: it's $(no) `no` \\",
                "--data-binary",
                "a'b",
                "http://g/",
            ],
        ),
        (Request("PUT", "/", (HOST, ("x", ""))), ["-X", "PUT", "-H", "host: h", "-H", "x;", "http://g/"]),
        (
            Request("GET", "/", (HOST, ("x", "\xe9'\xff"))),
            ["-H", "host: h", "-H", "x: \xe9'\xff", "http://g/"],
        ),
        (
            Request("GET", "http://h/x", (HOST,)),
            ["-H", "host: h", "--request-target", "http://h/x", "http://g"],
        ),
    ],
)
def test_curl(request_: Request, words: list[str]) -> None:
    assert _words(curl(Case("c", request_))) == ["curl", "-i", "--path-as-is", *words]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ((), "nothing"),
        (403, "403"),
        (b"page\xff", "page\\xff"),
        ((("a", "1"), ("b", "2")), "a: 1\nb: 2"),
        ((LogLine("error", "snippet", "x:1: no"),), "[error] x:1: no"),
        (((b"get", b"a b"), (b"ping",)), "get 'a b'\nping"),
        ((ReceivedRequest("GET", "/x", (("host", "h"),), b"body"),), "GET /x\nhost: h\n\nbody"),
        (Entry("string", b"v", 1000), "string v, for 1000 ms"),
        (Entry("list", (b"v", b"w"), None), "list v w, for ever"),
    ],
)
def test_values_are_readable(value: object, text: str) -> None:
    assert show(value) == text


def test_secrets_are_not_shown() -> None:
    case = Case("c", Request(target="/?k=hunter2"), setup=((b"SET", b"k", b"hunter2"),))
    found = Result(case, "given", 200, (Difference("Redis key b'hunter2'", b"hunter2", "hunter2"),))
    report = Report("n", (found,), secrets={"apiKey": "hunter2"})
    text = str(report.to_json())
    assert "hunter2" not in text
    assert text.count("<apiKey>") == 5


DOCS = Path(__file__).parents[2] / "docs" / "differences.md"


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request(target="/a#b"), "fragment in the request target"),
        (Request(target="/?a=\xe9"), "byte above 0x7f in the request target"),
        (Request("BREW"), "unknown method"),
        (Request("TRACE"), "TRACE"),
        (Request(target="/a/../../b"), "`%` without two digits, `%00` or `..` above the root in the path"),
        (Request(target="/a%0"), "`%` without two digits, `%00` or `..` above the root in the path"),
        (Request(headers=(HOST, HOST)), "two `Host` headers"),
        (Request(headers=(HOST, ("x.y", "1"))), "header name with a dot"),
        (Request(headers=(HOST, ("x_y", "1"))), "header name with an underscore"),
        (
            Request(headers=(HOST, ("Accept", "1"), ("accept", "2"))),
            "several lines of `Accept`, `User-Agent`, `X-Forwarded-For` or another header that Envoy knows",
        ),
        (Request(headers=(HOST, ("Connection", "x"))), "`Connection`, `Keep-Alive`, `Proxy-Connection`"),
        (Request(headers=(HOST, ("TE", "trailers"))), "`TE: trailers`"),
        (Request(headers=(HOST, ("Expect", "x"))), "`Expect`, `Transfer-Encoding`"),
    ],
)
def test_what_servers_do_by_themselves_is_pointed_at(request_: Request, name: str) -> None:
    assert servers.known(request_) == [name]
    assert f"| {name} |" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("target", ["/", "/a/../b?x=%zz", "/%41/./b", "http://h/x", "/a%2e%2e/b"])
def test_ordinary_requests_are_not(target: str) -> None:
    assert servers.known(Request(target=target)) == []
