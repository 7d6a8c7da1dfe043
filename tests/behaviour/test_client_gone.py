"""When the client leaves, nginx runs a handler to its end; so does a plugin, although its stream is gone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import OpenRequest, Request, send_interleaved
from snippet2wasm.verify.compare import differences
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject, Surroundings, observe_hang_up
from snippet2wasm.verify.process import wait_until
from snippet2wasm.verify.redis import Disturbance
from snippet2wasm.verify.site import read_site

SOURCE = Path(__file__).parent / "data" / "two-commands.conf"


@pytest.fixture(scope="module")
def wasm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-commands") / "project"
    options = Options(name="two-commands", target="envoy")
    compilation = compile_text(Source(SOURCE.name, SOURCE.read_bytes()), SOURCE.parent, options)
    write(compilation.files(), folder, force=True)
    return build(folder, "local").path


@pytest.fixture(scope="module")
def subjects(wasm: Path, started_surroundings: Surroundings) -> Iterator[tuple[Subject, Subject]]:
    behind = started_surroundings
    site = replace(read_site(SOURCE, {}), upstream=behind.upstream.address, redis={"*": behind.proxy.address})
    clusters = {"webdis|6379|redis.internal": behind.webdis.address}
    with (
        ReferenceNginx(site) as nginx,
        EnvoyGateway([Plugin("two", wasm)], behind.upstream.address, clusters=clusters) as gateway,
    ):
        yield NginxSubject(nginx), GatewaySubject(gateway)


def test_handler_goes_on(subjects: tuple[Subject, Subject], surroundings: Surroundings) -> None:
    """The second and third command, and the log lines, come after the client has left."""
    request = Request(target="/two?who=me")
    seen = []
    for subject in subjects:
        surroundings.proxy.disturbance = Disturbance(delay=0.2)
        seen.append(observe_hang_up(subject, surroundings, request))
    nginx, plugin = seen
    assert [str(each) for each in differences(nginx, plugin)] == []
    assert [command[0] for command in plugin.commands] == [b"set", b"get", b"set"]
    assert set(plugin.content) == {b"first", b"second:me"}
    assert [line.text.rpartition("): ")[2] for line in plugin.log if line.origin == "snippet"] == [
        *("access_by_lua(two-commands.conf:3):6: first: OK nil",),
        *("access_by_lua(two-commands.conf:3):8: second: 1 nil for me",),
    ]


def test_the_others_get_their_answers(subjects: tuple[Subject, Subject], surroundings: Surroundings) -> None:
    """Many leave and many stay: those who stay are answered, and everybody's commands are run."""
    expected = {f"second:{word}-{number}".encode() for word in ("gone", "here") for number in range(50)}
    for subject in subjects:
        surroundings.reset()
        surroundings.proxy.disturbance = Disturbance(delay=0.005)
        with contextlib.ExitStack() as leaving:
            for number in range(50):
                leaving.enter_context(OpenRequest(subject.address, Request(target=f"/two?who=gone-{number}")))
            wait_until(lambda: len(surroundings.proxy.exchanges) > 20, 10, "Redis commands")
        staying = [Request(target=f"/two?who=here-{number}") for number in range(50)]
        responses = send_interleaved(subject.address, staying)
        assert [response.status for response in responses if response is not None] == [403] * 50
        wait_until(_contains(surroundings, expected), 10, "the commands of all")


def _contains(surroundings: Surroundings, keys: set[bytes]) -> Callable[[], bool]:
    return lambda: keys <= set(surroundings.redis.snapshot())
