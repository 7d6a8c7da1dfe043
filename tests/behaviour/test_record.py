"""Recordings: what is written is what nginx did."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from snippet2wasm.verify.cases import Case, CasesError, load_cases
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.nginx import LuaBlock, Site, versions
from snippet2wasm.verify.process import LOOPBACK
from snippet2wasm.verify.record import Recording, record, write_recordings

HANDLER = r"""
local red = require("resty.redis"):new()
red:connect("redis.internal", 6379)
local was, err = red:getset("key\255", ngx.var.arg_v)
if not was then ngx.log(ngx.WARN, prefix, err) end
if ngx.var.arg_v == "deny" then ngx.exit(403) end
"""
SITE = Site(
    handlers={"access": LuaBlock(HANDLER, "access_by_lua(snippet.conf:1)")},
    upstream=(LOOPBACK, 9),
    globals={"prefix": "redis: "},
    redis={"redis.internal:6379": (LOOPBACK, 9)},
)


def _record(*cases: Case) -> list[Recording]:
    return record(SITE, cases, config={"prefix": "redis: "}, source_sha256="00")


def test_recording_holds_everything() -> None:
    before = time.time()
    (found,) = _record(
        Case("a", Request("POST", "/?v=deny", (("host", "h"), ("x", "1")), b"\xff"), status=403)
    )
    assert before - 1 < found["clock"] <= time.time()
    assert found == {
        "name": "a",
        "source_sha256": "00",
        "recorded_with": versions(),
        "config": {"prefix": "redis: "},
        "clock": found["clock"],
        "request": {
            "method": "POST",
            "target": "/?v=deny",
            "headers": [["host", "h"], ["x", "1"]],
            "body": "\xff",
        },
        "redis": [{"command": ["getset", "key\xff", "deny"], "reply": "$-1\r\n"}],
        "redis_failure": None,
        "response": {
            "status": 403,
            "upstream": False,
            "headers": [["content-type", "text/html"]],
            "body": found["response"]["body"],
        },
        "log": [],
    }


def test_redis_refuses() -> None:
    (found,) = _record(Case("a", Request(target="/?v=x"), "refused"))
    assert (found["redis"], found["redis_failure"]) == ([], "refused")
    assert found["response"] == {"status": 200, "upstream": True, "headers": [], "received": []}
    assert found["log"] == [{"level": "warn", "message": "redis: closed"}]


ANSWER = """
ngx.header["X-Both"] = "1"
ngx.req.set_header("X-Consumer", "me")
if ngx.var.arg_say then
    ngx.status = 401
    ngx.header["Content-Type"] = "application/json"
    ngx.print('{"error":"\\233"}')
end
"""


def test_answers_and_changed_headers() -> None:
    site = replace(SITE, handlers={"access": LuaBlock(ANSWER, "access_by_lua(snippet.conf:1)")})
    request = Request(target="/?say=1")
    passed, answered = record(
        site, [Case("a", replace(request, target="/")), Case("b", request)], config={}, source_sha256="00"
    )
    assert passed["response"] == {
        "status": 200,
        "upstream": True,
        "headers": [["x-both", "1"]],
        "received": [["x-consumer", "me"]],
    }
    assert answered["response"] == {
        "status": 401,
        "upstream": False,
        "headers": [["content-type", "application/json"], ["x-both", "1"]],
        "body": '{"error":"\xe9"}',
    }


def test_redis_is_slow() -> None:
    (found,) = _record(Case("a", Request(target="/?v=x"), "slow"))
    assert found["redis"] == [{"command": ["getset", "key\xff", "x"], "reply": None}]
    assert found["redis_failure"] == "timeout"
    assert found["log"] == [{"level": "warn", "message": "redis: timeout"}]


def test_redis_answers_with_an_error() -> None:
    (found,) = _record(Case("a", Request(target="/?v=x"), redis_error="READONLY no"))
    assert found["redis"] == [{"command": ["getset", "key\xff", "x"], "reply": "-READONLY no\r\n"}]
    assert found["redis_failure"] is None
    assert found["log"] == [{"level": "warn", "message": "redis: READONLY no"}]


def test_cases_do_not_see_each_other() -> None:
    request = Request(target="/?v=x")
    found = _record(Case("a", request), Case("b", request, "refused"), Case("c", request))
    assert [each["redis"] for each in found] == [found[0]["redis"], [], found[0]["redis"]]


def test_expected_status_is_checked() -> None:
    with pytest.raises(CasesError, match="a: nginx answers 403, not 200"):
        _record(Case("a", Request(target="/?v=deny"), status=200))


def test_files(tmp_path: Path) -> None:
    recordings = _record(Case("a", Request(target="/?v=x")), Case("b", Request(target="/?v=deny")))
    write_recordings(recordings, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.json", "b.json"]
    assert json.loads((tmp_path / "new/b.json").read_bytes()) == recordings[1]


def _load(folder: Path, text: str) -> list[Case]:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return load_cases(path)


def test_cases_file(tmp_path: Path) -> None:
    text = """
- name: a
  request: {target: /x}
- name: b
  request: {method: POST, target: "/\\xff", headers: [[X, "1"], [X, "2"]], body: "\\xfe"}
  redis: slow
  status: 403
- name: c
  request: {target: /x, headers: [[Host, h]]}
  redis: {error: READONLY}
  setup: ["SET k 'a b'"]
"""
    assert _load(tmp_path, text) == [
        Case("a", Request("GET", "/x", (("host", "device.example"),))),
        Case(
            "b",
            Request("POST", "/\xff", (("host", "device.example"), ("X", "1"), ("X", "2")), b"\xfe"),
            "slow",
            status=403,
        ),
        Case(
            "c",
            Request(target="/x", headers=(("Host", "h"),)),
            redis_error="READONLY",
            setup=((b"SET", b"k", b"a b"),),
        ),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a list of cases"),
        ("{}", "a list of cases"),
        ("- a", "a mapping with a name"),
        ("- {name: a}", "a: request needs a target"),
        ("- {name: a, request: {target: /, path: /}}", "a: unknown keys path"),
        ("- {name: a, request: {target: /}, redis: gone}", "a: redis is up"),
        ("- {name: a, request: {target: /}, redis: [up]}", "a: redis is up"),
        ("- {name: a, request: {target: /}, status: no}", "a: status is a number"),
        ("- {name: a, request: {target: /}, setup: SET k v}", "a: setup is a list"),
        ('- {name: a, request: {target: /}, setup: ["SET \'k"]}', "a: setup: No closing quotation"),
        ("- {name: ../a, request: {target: /}}", "is no name"),
        ("- {name: a, request: {target: /, headers: [a]}}", "a: headers"),
        ("- &a {name: a, request: {target: /}}\n- *a", "the same name"),
        ("- {", "cases.yaml"),
    ],
)
def test_cases_file_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CasesError, match=message):
        _load(tmp_path, text)
