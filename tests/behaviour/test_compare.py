"""Differences are found wherever there are some, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from snippet2wasm.verify.client import Response
from snippet2wasm.verify.compare import (
    NORMALISATIONS,
    SIDE_BY_SIDE,
    LogLine,
    Observation,
    differences,
    markdown,
)
from snippet2wasm.verify.redis import Entry
from snippet2wasm.verify.upstream import ReceivedRequest

DOCS = Path(__file__).parents[2] / "docs" / "differences.md"

RESPONSE = Response(200, "OK", (("content-type", "text/plain"),), b"body")
REQUEST = ReceivedRequest("GET", "/x", (("host", "h"),), b"")
LINE = LogLine("error", "snippet", "access_by_lua(nginx.conf:3):2: no")
PLAIN = Observation(
    response=RESPONSE,
    upstream=(REQUEST,),
    log=(LINE,),
    commands=((b"setex", b"k", b"300", b"v"),),
    content={b"k": Entry("string", b"v", 300_000)},
    began=1000.0,
    ended=1000.5,
)


def _response(**changes: Any) -> Observation:
    return replace(PLAIN, response=replace(RESPONSE, **changes))


def _upstream(**changes: Any) -> Observation:
    return replace(PLAIN, upstream=(replace(REQUEST, **changes),))


def _log(**changes: Any) -> Observation:
    return replace(PLAIN, log=(replace(LINE, **changes),))


def _content(entry: Entry, **changes: Any) -> Observation:
    return replace(PLAIN, content={b"k": entry}, **changes)


def test_equal_observations_do_not_differ() -> None:
    assert differences(PLAIN, PLAIN) == []


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (replace(PLAIN, response=None), "response"),
        (_response(status=201), "status"),
        (_response(headers=(("content-type", "text/html"),)), "response headers"),
        (_response(headers=()), "response headers"),
        (_response(headers=(*RESPONSE.headers, ("x-a", "1"))), "response headers"),
        (_response(body=b"Body"), "response body"),
        (replace(PLAIN, upstream=()), "requests at the upstream"),
        (replace(PLAIN, upstream=(REQUEST, REQUEST)), "requests at the upstream"),
        (_upstream(method="POST"), "method at the upstream"),
        (_upstream(target="/%78"), "target at the upstream"),
        (_upstream(headers=(("host", "i"),)), "headers at the upstream"),
        (_upstream(body=b"x"), "body at the upstream"),
        (replace(PLAIN, log=()), "log"),
        (replace(PLAIN, log=(LINE, LINE)), "log"),
        (_log(level="warn"), "log"),
        (_log(origin="abort"), "log"),
        (_log(text="access_by_lua(nginx.conf:3):3: no"), "log"),
        (_log(text="access_by_lua(nginx.conf:3):2: n"), "log"),
        (replace(PLAIN, commands=()), "Redis commands"),
        (replace(PLAIN, commands=((b"SETEX", b"k", b"300", b"v"),)), "Redis commands"),
        (replace(PLAIN, commands=((b"setex", b"k", b"300", b"999"),)), "Redis commands"),
        (replace(PLAIN, commands=PLAIN.commands * 2), "Redis commands"),
        (replace(PLAIN, content={}), "Redis key b'k'"),
        (_content(Entry("string", b"w", 300_000)), "Redis key b'k'"),
        (_content(Entry("list", (b"v",), 300_000)), "Redis key b'k'"),
        (_content(Entry("string", b"v", None)), "Redis key b'k'"),
        (_content(Entry("string", b"v", 299_000)), "Redis key b'k'"),
        (replace(PLAIN, content={**PLAIN.content, b"l": Entry("list", (), None)}), "Redis key b'l'"),
    ],
)
def test_difference_is_found_on_either_side(other: Observation, where: str) -> None:
    assert [each.where for each in differences(PLAIN, other)] == [where]
    assert [each.where for each in differences(other, PLAIN)] == [where]


def test_difference_says_both_sides() -> None:
    (found,) = differences(PLAIN, _response(status=403))
    assert str(found) == "status: nginx 200, plugin 403"


def test_every_difference_is_found() -> None:
    found = differences(PLAIN, Observation(response=replace(RESPONSE, status=500, body=b"")))
    assert {each.where for each in found} == {
        *("status", "response headers", "response body", "requests at the upstream"),
        *("log", "Redis commands", "Redis key b'k'"),
    }


_PAGE = b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
_PADDING = b"<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"

# Two observations that only this normalisation makes equal.
PAIRS: dict[str, tuple[Observation, Observation]] = {
    "header-case": (PLAIN, _response(headers=(("Content-Type", "text/plain"),))),
    "header-order": (
        _response(headers=(("a", "2"), ("b", "1"), ("a", "1"))),
        _response(headers=(("b", "1"), ("a", "2"), ("a", "1"))),
    ),
    "joined-headers": (
        _response(headers=(("vary", "a"), ("vary", "b"))),
        _response(headers=(("vary", "a,b"),)),
    ),
    "json-order": (_response(body=b'{"a":1,"b":[2.50]}\n'), _response(body=b'{"b":[2.50],"a":1}\n')),
    "server-headers": (PLAIN, _response(headers=(*RESPONSE.headers, ("server", "nginx"), ("date", "today")))),
    "framing-headers": (PLAIN, _response(headers=(("content-length", "4"), *RESPONSE.headers))),
    "type-of-nothing": (_response(body=b""), _response(body=b"", headers=())),
    "gateway-headers": (PLAIN, _upstream(headers=(("host", "h"), ("x-envoy-expected-rq-timeout-ms", "15")))),
    "reason-phrase": (_response(reason="Fine"), PLAIN),
    "error-page-footer": (
        _response(body=_PAGE.replace(b"nginx", b"nginx/1.22.1") + _PADDING * 6),
        _response(body=_PAGE),
    ),
    "core-log": (replace(PLAIN, log=(LogLine("error", "core", "connect() failed"), LINE)), PLAIN),
    "log-levels": (_log(level="emerg"), _log(level="critical")),
    "log-debug": (
        replace(PLAIN, log=(LogLine("debug", "snippet", "access_by_lua(nginx.conf:3):2: x"), LINE)),
        PLAIN,
    ),
    "log-traceback": (
        _log(origin="abort", text="x\nstack traceback:\ncoroutine 0:"),
        _log(origin="abort", text="x"),
    ),
    "module-places": (
        _log(text="module 'a' not found:\n\tno field package.preload['a']\n\tno file '/x/a.lua'"),
        _log(text="module 'a' not found:\n\tno field package.preload['a']\n\tno file 'a.lua'"),
    ),
    "log-function": (_log(text="access_by_lua(nginx.conf:3):2: f(): no"), PLAIN),
    "log-cut": (_log(text="12345", cut=True), _log(text="123456")),
    "redis-script": (
        replace(PLAIN, commands=((b"incr", b"k"),)),
        replace(PLAIN, commands=((b"eval", b"local function e(v)\nend", b"0", b"incr", b"k"),)),
    ),
    "redis-connection": (replace(PLAIN, commands=((b"ping",), (b"auth", b"x"), *PLAIN.commands)), PLAIN),
    "clock": (
        replace(PLAIN, commands=((b"setex", b"1000"),), content={b"k": Entry("string", b"1000", 300_000)}),
        replace(
            PLAIN,
            commands=((b"setex", b"1002"),),
            content={b"k": Entry("string", b"1002", 300_000)},
            began=1001.5,
            ended=1002.0,
        ),
    ),
    "expires": (
        _response(headers=(("cache-control", "max-age=60"), ("expires", "Thu, 01 Jan 1970 00:17:40 GMT"))),
        replace(
            _response(
                headers=(("cache-control", "max-age=60"), ("expires", "Thu, 01 Jan 1970 00:17:42 GMT"))
            ),
            began=1001.5,
            ended=1002.0,
        ),
    ),
    "ttl": (PLAIN, _content(Entry("string", b"v", 299_600))),
}


def test_side_by_side() -> None:
    """The order does not count, all else does."""
    first, second = REQUEST, replace(REQUEST, target="/second")
    lines = (LINE, replace(LINE, text="access_by_lua(nginx.conf:3):4: second"))
    commands = ((b"get", b"a"), (b"get", b"b"))
    left = Observation(upstream=(first, second), log=lines, commands=commands)
    right = Observation(upstream=(second, first), log=lines[::-1], commands=commands[::-1])
    chosen = [*NORMALISATIONS, SIDE_BY_SIDE]
    assert len(differences(left, right)) > 2
    assert differences(left, right, chosen) == []
    assert differences(left, replace(right, upstream=(second, second)), chosen)
    assert differences(left, replace(right, log=lines[:1]), chosen)
    assert differences(left, replace(right, commands=(commands[0], commands[0])), chosen)


def test_every_normalisation_has_its_pair() -> None:
    assert list(PAIRS) == [each.name for each in NORMALISATIONS]


@pytest.mark.parametrize("name", PAIRS)
def test_normalisation_is_needed_and_enough(name: str) -> None:
    left, right = PAIRS[name]
    assert differences(left, right) == []
    others = [each for each in NORMALISATIONS if each.name != name]
    assert differences(left, right, others) != []


@pytest.mark.parametrize(
    ("nginx", "plugin"),
    [
        (b'{"a":1}', b'{"a":1.0}'),
        (b'{"a":1}', b'{"a": 1}x'),
        (b'{"a":[1,2]}', b'{"a":[2,1]}'),
        (b'{"a":1}\n', b'{"a":1}'),
        (b'{"a":"1"}', b'{"a":1}'),
    ],
)
def test_what_json_says_counts(nginx: bytes, plugin: bytes) -> None:
    assert differences(_response(body=nginx), _response(body=plugin))


def test_order_of_repeated_headers_counts() -> None:
    one, other = (("a", "1"), ("a", "2")), (("a", "2"), ("a", "1"))
    assert differences(_response(headers=one), _response(headers=other)) != []


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:17:44 GMT", "Thu, 01 Jan 1970 00:16:40 GMT", "soon"])
def test_another_time_to_expire_is_a_difference(date: str) -> None:
    fine = (("cache-control", "max-age=60"), ("expires", "Thu, 01 Jan 1970 00:17:40 GMT"))
    other = (("cache-control", "max-age=60"), ("expires", date))
    assert differences(_response(headers=fine), _response(headers=other)) != []


def test_a_time_outside_the_request_is_a_difference() -> None:
    late = replace(PLAIN, commands=((b"setex", b"1010"),))
    assert differences(replace(PLAIN, commands=((b"setex", b"1000"),)), late) != []


def test_cut_line_still_has_to_begin_alike() -> None:
    assert differences(_log(text="12345", cut=True), _log(text="1x3456")) != []


def test_documentation_holds_the_list() -> None:
    assert markdown() in DOCS.read_text(encoding="utf-8")
