"""When the client leaves, the handlers for the response and the log run as in nginx, with its statuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import OpenRequest, Request
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject, Surroundings
from snippet2wasm.verify.process import wait_until
from snippet2wasm.verify.site import read_site

SOURCE = Path(__file__).parent / "data" / "client-gone.conf"
HALF = Request("POST", "/?body=1&who=me", (("host", "device.example"), ("content-length", "6")), b"abc")
ENDS = {"exit": 403, "say": 200, "error": 500, "ok": 499, "redirect": 302, "drop": 444, "none": 499}
CASES = {
    **{what: (Request(target=f"/?who=me&what={what}"), status) for what, status in ENDS.items()},
    "exit-again": (Request(target="/?who=me&what=exit&again=1"), 410),
    "upstream-works": (Request(target="/answer?{%22delay%22:0.5}"), 499),
    "body-unread": (HALF, 400),
}


@pytest.fixture(scope="module")
def subjects(
    tmp_path_factory: pytest.TempPathFactory, started_surroundings: Surroundings
) -> Iterator[tuple[Subject, Subject]]:
    folder = tmp_path_factory.mktemp("gone") / "project"
    options = Options(name="gone", target="envoy")
    compilation = compile_text(Source(SOURCE.name, SOURCE.read_bytes()), SOURCE.parent, options)
    write(compilation.files(), folder, force=True)
    upstream = started_surroundings.upstream.address
    site = replace(read_site(SOURCE, {}), upstream=upstream)
    plugin = Plugin("gone", build(folder, "local").path)
    with ReferenceNginx(site) as nginx, EnvoyGateway([plugin], upstream) as gateway:
        yield NginxSubject(nginx), GatewaySubject(gateway)


def lines(subject: Subject) -> list[str]:
    """What the snippet has logged, and its errors."""
    return [line.text.partition("\nstack traceback")[0] for line in subject.log() if line.origin != "core"]


def wait_for(subject: Subject, what: str) -> None:
    """Returns when a line has been logged that begins so, behind its position."""
    wait_until(lambda: any(f": {what}" in line for line in lines(subject)), 10, what)


@pytest.mark.parametrize("name", CASES)
def test_log_of_a_client_that_left(
    subjects: tuple[Subject, Subject], surroundings: Surroundings, name: str
) -> None:
    request, status = CASES[name]
    seen = []
    for subject in subjects:
        surroundings.reset()
        subject.reset()
        with OpenRequest(subject.address, request):
            if name == "upstream-works":
                wait_until(lambda: bool(surroundings.upstream.received), 10, "the upstream")
            else:
                wait_for(subject, "begins")
        wait_for(subject, "logged")
        seen.append(lines(subject))
    nginx, plugin = seen
    assert plugin == nginx
    assert f": logged {status} " in plugin[-1]
