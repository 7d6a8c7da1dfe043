"""What Envoy writes, read and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.serve import logs
from snippet2wasm.serve.logs import AccessRecord, LogReader, LogRecord, access_record, log_record
from snippet2wasm.serve.rendering import Renderer

SOURCES = {"nginx.conf": "conf/nginx.conf", "aes.lua": "lib/aes.lua", "a (b).conf": "a (b).conf"}

# what the plugin logged → what is shown
SHOWN = {
    "[lua] access_by_lua(nginx.conf:20):12: no device": "conf/nginx.conf:31: error: no device",
    "[lua] access_by_lua(other.conf:1):1: x": "other.conf:1: error: x",
    "[lua] access_by_lua(a (b).conf:2):1: x": "a (b).conf:2: error: x",
    "[lua] init_by_lua(nginx.conf:1):5: aes_decrypt(): x": "conf/nginx.conf:5: error: aes_decrypt(): x",
    "[lua] aes.lua:7: f(): a: b": "lib/aes.lua:7: error: f(): a: b",
    "unit one: [lua] rewrite_by_lua(nginx.conf:3):1: x": "conf/nginx.conf:3: error: unit one: x",
    "lua entry thread aborted: runtime error: access_by_lua(nginx.conf:2):2: bad": (
        "conf/nginx.conf:3: error: lua entry thread aborted: runtime error: bad"
    ),
    "[lua] access_by_lua(nginx.conf:2):1: caught: aes.lua:3: bad": (
        "conf/nginx.conf:2: error: caught: lib/aes.lua:3: bad"
    ),
    "[lua] access_by_lua(nginx.conf:2):1: at 10:30: tea": "conf/nginx.conf:2: error: at 10:30: tea",
    "[lua] access_by_lua(nginx.conf:2):1: \x1b[31mred\x9b\x07\r": (
        "conf/nginx.conf:2: error: \\x1b[31mred\\x9b\\x07\\x0d"
    ),
    "p: internal error while x; this is a bug: y\ngoroutine 1 [running]:\nmain.f()": (
        "error: p: internal error while x; this is a bug: y\n    goroutine 1 [running]:\n    main.f()"
    ),
    "p: configuration refused: no": "error: p: configuration refused: no",
}


@pytest.mark.parametrize("text", SHOWN)
def test_plugin_record(text: str) -> None:
    renderer = Renderer(lambda: SOURCES, verbose=False)
    assert _plain(renderer.line(LogRecord("error", "plugin", text))) == SHOWN[text]


def test_requests() -> None:
    renderer = Renderer(dict, verbose=False)
    line = renderer.line(AccessRecord("GET", "/\x1b[2J\n", 0, 3, "downstream remote disconnect"))
    assert _plain(line) == "GET /\\x1b[2J\\x0a → --- 3 ms (downstream remote disconnect)"


# level, component → shown without --verbose
NOISE = {
    ("warning", "main"): False,
    ("error", "main"): True,
    ("debug", "wasm"): False,
    ("warning", "wasm"): True,
    ("", ""): True,
}


@pytest.mark.parametrize(("level", "component"), NOISE)
def test_envoys_own_records(level: str, component: str) -> None:
    record = LogRecord(level, component, "text")
    shown = Renderer(dict, verbose=False).line(record)
    assert (shown is not None) == NOISE[level, component]
    assert Renderer(dict, verbose=True).line(record) is not None


def test_log_record() -> None:
    assert log_record(b"error wasm wasm log plugin plugin snippet2wasm: a: b\n") == LogRecord(
        "error", "plugin", "a: b"
    )
    assert log_record(b"warning wasm wasm log plugin snippet2wasm: x\ny\n") == LogRecord(
        "warning", "plugin", "x\ny"
    )
    assert log_record(b"debug wasm ~Wasm 1 remaining active\n") == LogRecord(
        "debug", "wasm", "~Wasm 1 remaining active"
    )
    assert log_record(b"Caught Segmentation fault\n") == LogRecord("", "", "Caught Segmentation fault")
    assert log_record(b"\xff\xfe\n").text == "\ufffd\ufffd"


def test_access_record() -> None:
    line = b'{"method":"GET","path":"/a","status":%d,"ms":1,"details":%s,"upstream":%s}'
    assert access_record(line % (403, b'""', b"null")) == AccessRecord("GET", "/a", 403, 1, "plugin")
    assert access_record(line % (200, b'"via_upstream"', b'"1.1.1.1:1"')).answered_by == "upstream"
    assert access_record(line % (503, b'"no_healthy_upstream"', b"null")).answered_by == "no healthy upstream"
    assert (
        access_record(
            b'{"method":null,"path":null,"status":0,"ms":null,"details":null,"upstream":null}'
        ).status
        == 0
    )


def test_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are whole, requests come behind the log, and the file that is read to its end is cut."""
    monkeypatch.setattr(logs, "_LARGEST_FILE", 100)
    log, access = tmp_path / "log", tmp_path / "access"
    reader = LogReader(log, access)
    assert reader.read() == []
    with log.open("ab", 0) as stream, access.open("ab", 0) as requests:
        stream.write(b"crashed\n\x1einfo main one\n\x1einfo main two\nthr")
        requests.write(
            b'{"method":"GET","path":"/a","status":200,"ms":1,"details":"","upstream":null}\n{"meth'
        )
        found = reader.read()
        assert found[:2] == [LogRecord("", "", "crashed"), LogRecord("info", "main", "one")]
        assert found[2:] == [AccessRecord("GET", "/a", 200, 1, "plugin")]
        stream.write(b"ee\n\x1einfo main four\n")
        assert [each.text for each in reader.read() if isinstance(each, LogRecord)] == ["two\nthree", "four"]
        stream.write(b"\x1einfo main " + b"x" * 100 + b"\n")
        assert len(reader.read()) == 1
        assert reader.read() == []
        assert log.stat().st_size == 0
        stream.write(b"\x1einfo main after\n")
        assert reader.read() == [LogRecord("info", "main", "after")]


def _plain(line: str | None) -> str:
    assert line is not None
    for code in ("0", "1", "2", "31", "32", "33", "36", "91"):
        line = line.replace(f"\x1b[{code}m", "")
    return line
