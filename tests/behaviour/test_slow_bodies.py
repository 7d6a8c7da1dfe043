"""Bodies that come in parts, or never to their end: nginx and a plugin wait for all of it before a handler goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import OpenRequest, Request, send
from snippet2wasm.verify.compare import LogLine
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject, Surroundings
from snippet2wasm.verify.process import wait_until
from snippet2wasm.verify.site import read_site

SOURCE = Path(__file__).parent / "data" / "slow-body.conf"
HALF = Request("POST", "/slow", (("host", "device.example"), ("content-length", "6")), b"abc")


@pytest.fixture(scope="module")
def subjects(
    tmp_path_factory: pytest.TempPathFactory, started_surroundings: Surroundings
) -> Iterator[tuple[Subject, Subject]]:
    folder = tmp_path_factory.mktemp("slow-body") / "project"
    options = Options(name="slow-body", target="envoy")
    compilation = compile_text(Source(SOURCE.name, SOURCE.read_bytes()), SOURCE.parent, options)
    write(compilation.files(), folder, force=True)
    upstream = started_surroundings.upstream.address
    site = replace(read_site(SOURCE, {}), upstream=upstream)
    plugin = Plugin("slow", build(folder, "local").path)
    with ReferenceNginx(site) as nginx, EnvoyGateway([plugin], upstream) as gateway:
        yield NginxSubject(nginx), GatewaySubject(gateway)


def snippet_lines(subject: Subject) -> list[str]:
    """What the snippet has logged, without its position."""
    return [_message(line) for line in subject.log() if line.origin == "snippet"]


def wait_for_the_handler(subject: Subject) -> None:
    """Returns when the handler has begun."""
    wait_until(lambda: "begins" in snippet_lines(subject), 10, "the handler")


def _message(line: LogLine) -> str:
    return line.text.rpartition(": ")[2]


def test_body_in_parts(subjects: tuple[Subject, Subject], surroundings: Surroundings) -> None:
    for subject in subjects:
        surroundings.reset()
        subject.reset()
        with OpenRequest(subject.address, HALF) as request:
            wait_for_the_handler(subject)
            subject.settle()
            assert snippet_lines(subject) == ["begins"]
            assert surroundings.upstream.received == []
            request.send(b"def")
            response = request.read()
        assert response is not None
        assert (response.status, response.body) == (200, b"POST /slow\nabcdef!")
        assert snippet_lines(subject) == ["begins", "read abcdef"]


def test_client_that_leaves_before_the_end(
    subjects: tuple[Subject, Subject], surroundings: Surroundings
) -> None:
    """The handler ends without going on, and the next request is not harmed."""
    for subject in subjects:
        surroundings.reset()
        subject.reset()
        with OpenRequest(subject.address, HALF):
            wait_for_the_handler(subject)
        time.sleep(0.1)  # for what must not happen
        subject.settle()
        assert snippet_lines(subject) == ["begins"]
        response = send(subject.address, replace(HALF, body=b"uvwxyz"))
        assert response is not None
        assert response.body == b"POST /slow\nuvwxyz!"
        assert [each.body for each in surroundings.upstream.received] == [b"uvwxyz!"]
