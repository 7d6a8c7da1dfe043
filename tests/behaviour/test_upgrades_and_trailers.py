"""Connections that become WebSockets, and bodies with trailers behind them: handlers see neither differently."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx, Site
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject
from snippet2wasm.verify.process import LOOPBACK, Address
from snippet2wasm.verify.site import read_site

SOURCE = Path(__file__).parent / "data" / "upgraded.conf"
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
DIRECTIVES = """
header_filter_by_lua_block { ngx.header.content_type = "text/html" }
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $kept;
sub_filter bcd "-";
sub_filter efg "?";
sub_filter_once off;
"""
UPGRADE = b"GET /talk HTTP/1.1\r\nHost: device.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
WITH_TRAILER = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\nx-sum: 6\r\n\r\n"
)


class _Talk(socketserver.StreamRequestHandler):
    """Switches the protocol and answers each line in upper case; or sends a body with a trailer."""

    timeout = 20

    def handle(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        if not lines or b"/talk" not in lines[0]:
            self.wfile.write(WITH_TRAILER)
            return
        self.wfile.write(SWITCHED)
        while line := self.rfile.readline():
            self.wfile.write(line.upper())


class _Gateway(EnvoyGateway):
    """An Envoy that lets connections become WebSockets and passes trailers on."""

    def configuration(self) -> dict[str, Any]:
        found = cast(dict[str, Any], super().configuration())
        for listener in found["static_resources"]["listeners"]:
            manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
            manager["upgrade_configs"] = [{"upgrade_type": "websocket"}]
        options = {
            "@type": f"type.googleapis.com/{_OPTIONS}",
            "explicit_http_config": {"http_protocol_options": {"enable_trailers": True}},
        }
        for cluster in found["static_resources"]["clusters"]:
            cluster["typed_extension_protocol_options"] = {_OPTIONS: options}
        return found


@pytest.fixture(scope="module")
def upstream() -> Iterator[Address]:
    with socketserver.ThreadingTCPServer((LOOPBACK, 0), _Talk) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield cast(Address, server.server_address)
        server.shutdown()


@pytest.fixture(scope="module")
def subjects(
    tmp_path_factory: pytest.TempPathFactory, upstream: Address
) -> Iterator[tuple[Subject, Subject]]:
    folder = tmp_path_factory.mktemp("upgraded") / "project"
    options = Options(name="upgraded", target="envoy")
    compilation = compile_text(Source(SOURCE.name, SOURCE.read_bytes()), SOURCE.parent, options)
    write(compilation.files(), folder, force=True)
    site = replace(
        read_site(SOURCE, {}),
        upstream=upstream,
        http_directives="map $http_upgrade $kept { default upgrade; '' ''; }",
        location_directives="proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $kept;",
    )
    plugin = Plugin("upgraded", build(folder, "local").path)
    with ReferenceNginx(site) as nginx, _Gateway([plugin], upstream) as gateway:
        yield NginxSubject(nginx), GatewaySubject(gateway)


@pytest.fixture(scope="module")
def substituting(
    tmp_path_factory: pytest.TempPathFactory, upstream: Address
) -> Iterator[tuple[Subject, Subject]]:
    """Servers that change texts in bodies of any size."""
    folder = tmp_path_factory.mktemp("substituted") / "project"
    text = f"map $http_upgrade $kept {{ default upgrade; '' ''; }} server {{ location / {{ {DIRECTIVES} }} }}"
    compilation = compile_text(
        Source("substituted.conf", text.encode()), folder.parent, Options("s", target="envoy")
    )
    write(compilation.files(), folder, force=True)
    site = Site(
        handlers={},
        upstream=upstream,
        http_directives="map $http_upgrade $kept { default upgrade; '' ''; }",
        location_directives=DIRECTIVES,
    )
    plugin = Plugin("substituted", build(folder, "local").path)
    with ReferenceNginx(site) as nginx, _Gateway([plugin], upstream) as gateway:
        yield NginxSubject(nginx), GatewaySubject(gateway)


def snippet_lines(subject: Subject) -> list[str]:
    """What the snippet has logged, without its position."""
    subject.settle()
    return [
        line.text.rpartition("): ")[2].partition(": ")[2]
        for line in subject.log()
        if line.origin == "snippet"
    ]


def test_websocket(subjects: tuple[Subject, Subject]) -> None:
    """Such a request has no body to read, and what is talked is no body to filter."""
    for subject in subjects:
        subject.reset()
        with talking(subject) as head:
            assert b"x-filtered: 101" in head
            assert snippet_lines(subject) == ["body nil"]


@contextlib.contextmanager
def talking(subject: Subject) -> Iterator[bytes]:
    """A connection that was upgraded, and on which was talked; the head of the answer in lower case."""
    with socket.create_connection(subject.address, 10) as connection:
        stream = connection.makefile("rb")
        connection.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += stream.readline() or b"?\r\n\r\n"
        assert head.startswith(b"HTTP/1.1 101 ")
        for word in (b"hello\n", b"abcdefg\n"):
            connection.sendall(word)
            assert stream.readline() == word.upper()
        yield head.lower()


def test_filter_that_collects_a_body_before_trailers(subjects: tuple[Subject, Subject]) -> None:
    for subject in subjects:
        subject.reset()
        response = send(subject.address, Request(target="/"))
        assert response is not None
        assert (response.status, response.body) == (200, b"[abcdef]")


def test_filter_that_appends_before_trailers(subjects: tuple[Subject, Subject]) -> None:
    """A gateway takes nothing more at the end: what has no place cuts the body, and the log says why."""
    nginx, gateway = subjects
    response = send(nginx.address, Request(target="/?append=1"))
    assert response is not None
    assert response.body == b"abcdef!"
    gateway.reset()
    response = send(gateway.address, Request(target="/?append=1"))
    assert response is None or response.cut  # by how much of it has left
    assert any("trailers" in line.text for line in gateway.log())


def test_sub_filter_and_websockets(substituting: tuple[Subject, Subject]) -> None:
    """What is talked is no body; the lines for WebSockets that everyone has are not needed."""
    for subject in substituting:
        with talking(subject):
            pass


def test_sub_filter_before_trailers(substituting: tuple[Subject, Subject]) -> None:
    """The end of the body, which may be the beginning of a match, comes before the trailers."""
    for subject in substituting:
        response = send(subject.address, Request(target="/"))
        assert response is not None
        assert (response.status, response.body) == (200, b"a-ef")
