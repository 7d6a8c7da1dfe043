"""Real servers for the tests of the harness and of compiled snippets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.redis import RecordingRedisProxy, RedisServer
from snippet2wasm.verify.upstream import Upstream
from support.service import ScriptedUpstream


@pytest.fixture(scope="session")
def started_surroundings() -> Iterator[Surroundings]:
    with Surroundings(upstream=ScriptedUpstream()) as servers:
        yield servers


@pytest.fixture
def surroundings(started_surroundings: Surroundings) -> Surroundings:
    """An upstream, a Redis behind a proxy and a Webdis, all as if just started."""
    started_surroundings.reset()
    return started_surroundings


@pytest.fixture
def upstream(surroundings: Surroundings) -> Upstream:
    return surroundings.upstream


@pytest.fixture
def redis(surroundings: Surroundings) -> RedisServer:
    return surroundings.redis


@pytest.fixture
def proxy(surroundings: Surroundings) -> RecordingRedisProxy:
    return surroundings.proxy
