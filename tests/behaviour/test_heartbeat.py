"""The device heartbeat, compiled, against the original: real nginx beside real Envoy, the same Redis."""

from __future__ import annotations

import base64
import contextlib
import random
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from snippet2wasm.verify.cases import Case, load_cases
from snippet2wasm.verify.client import Request, Response, send_interleaved
from snippet2wasm.verify.compare import Observation, differences
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.nginx import ReferenceNginx
from snippet2wasm.verify.observe import (
    GatewaySubject,
    NginxSubject,
    Subject,
    Surroundings,
    observe,
    observe_hang_up,
)
from snippet2wasm.verify.redis import Disturbance
from snippet2wasm.verify.site import read_site

SOURCE = Path(__file__).parents[2] / "examples" / "device-heartbeat" / "nginx.conf"
PATH = "/api/device/heartbeat"
REDIS = "redis.internal:6379"
KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
IV = b"\x01" * 16
TIMEOUT_MS = 500
CASES = load_cases(Path(__file__).parent / "data" / "heartbeat.yaml")


def encrypt(device_id: str, key: str = KEY) -> str:
    """What a device sends: base64 of the IV and the encrypted id."""
    command = ["openssl", "enc", "-aes-256-cbc", "-K", key.encode().hex(), "-iv", IV.hex()]
    encrypted = subprocess.run(command, input=device_id.encode(), capture_output=True, check=True).stdout
    return base64.b64encode(IV + encrypted).decode()


@dataclass(frozen=True)
class Pair:
    """The original and the plugin with the same settings."""

    nginx: Subject
    plugin: Subject


# Settings of the plugin by listener: the configuration, and what it means to nginx.
SETTINGS: Mapping[str, tuple[str, int | None]] = {
    "impatient": (KEY, TIMEOUT_MS),
    "patient": (KEY, None),
    "other-key": (OTHER_KEY, None),
    "short-key": ("too short", None),
}


def _configuration(key: str, timeout_ms: int | None) -> Json:
    if timeout_ms is None:
        return {"aesKey": key}
    return {"aesKey": key, "redis": {REDIS: {"timeout": timeout_ms}}}


@pytest.fixture(scope="module")
def pairs(
    started_surroundings: Surroundings, heartbeat_wasm: Callable[..., Path]
) -> Iterator[Mapping[str, Pair]]:
    """One Envoy with a listener for each of SETTINGS, and an nginx for each."""
    behind = started_surroundings
    plugins = [
        Plugin(name, heartbeat_wasm("envoy"), _configuration(*chosen)) for name, chosen in SETTINGS.items()
    ]
    clusters = {"webdis|6379|redis.internal": behind.webdis.address}
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(EnvoyGateway(plugins, behind.upstream.address, clusters=clusters))
        pairs = {}
        for name, (key, timeout_ms) in SETTINGS.items():
            site = replace(
                read_site(SOURCE, {"secret_key": key}),
                upstream=behind.upstream.address,
                redis={REDIS: behind.proxy.address},
                redis_timeout_ms=timeout_ms,
            )
            nginx = stack.enter_context(ReferenceNginx(site))
            pairs[name] = Pair(NginxSubject(nginx), GatewaySubject(gateway, name))
        yield pairs


@pytest.fixture
def pair(pairs: Mapping[str, Pair]) -> Pair:
    """Both with a timeout of Redis that a test can wait for."""
    return pairs["impatient"]


def _compare(pair: Pair, surroundings: Surroundings, request: Request) -> Observation:
    """Sends the request to both, asserts that they behave alike and returns what the plugin did."""
    nginx = observe(pair.nginx, surroundings, request)
    plugin = observe(pair.plugin, surroundings, request)
    assert [str(each) for each in differences(nginx, plugin)] == []
    return plugin


def _status(observation: Observation) -> int:
    assert observation.response is not None
    return observation.response.status


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(pair: Pair, surroundings: Surroundings, case: Case) -> None:
    if case.redis == "slow":
        surroundings.proxy.disturbance = Disturbance(delay=3 * TIMEOUT_MS / 1000)
    elif case.redis_error:
        surroundings.proxy.disturbance = Disturbance(instead=f"-{case.redis_error}\r\n".encode())
    with surroundings.redis_down() if case.redis == "refused" else contextlib.nullcontext():
        assert _status(_compare(pair, surroundings, case.request)) == case.status


@pytest.mark.parametrize(
    ("value", "status"),
    [("A" * 8192, 403), (encrypt("x" * 6100), 200)],
    ids=["8-kb-of-nonsense", "8-kb-of-device-id"],
)
def test_8_kb_value(pair: Pair, surroundings: Surroundings, value: str, status: int) -> None:
    assert len(value) >= 8150
    assert _status(_compare(pair, surroundings, Request(target=f"{PATH}?d={value}"))) == status


def test_story(pair: Pair, surroundings: Surroundings) -> None:
    """What a valid heartbeat does, said once in full, so that both cannot be wrong alike."""
    seen = _compare(pair, surroundings, Request(target=f"{PATH}?d={encrypt('dev-42')}"))
    assert seen.response is not None
    assert seen.response.body == f"GET {PATH}?d={encrypt('dev-42')}\n".encode()
    ((name, key, ttl, now),) = seen.commands
    assert (name, key, ttl) == (b"setex", b"device:online:dev-42", b"300")
    assert int(seen.began) - 1 <= int(now) <= seen.ended
    entry = seen.content[key]
    assert entry.value == now
    assert entry.ttl_ms is not None
    assert 290_000 < entry.ttl_ms <= 300_000


def test_failure_is_logged_where_the_source_logs_it(pair: Pair, surroundings: Surroundings) -> None:
    seen = _compare(pair, surroundings, Request(target=f"{PATH}?d="))
    lines = [(line.level, line.text) for line in seen.log if line.origin == "snippet"]
    assert lines == [("error", "access_by_lua(nginx.conf:20):12: Failed to decrypt device ID")]


def test_webdis_down_is_redis_down(pair: Pair, surroundings: Surroundings) -> None:
    request = Request(target=f"{PATH}?d={encrypt('dev-42')}")
    surroundings.webdis.stop()
    try:
        with surroundings.proxy.down():
            nginx = observe(pair.nginx, surroundings, request)
            plugin = observe(pair.plugin, surroundings, request)
    finally:
        surroundings.webdis.start()
    assert differences(nginx, plugin) == []
    assert _status(plugin) == 200


def test_redis_that_comes_back_is_used_again(pair: Pair, surroundings: Surroundings) -> None:
    request = Request(target=f"{PATH}?d={encrypt('dev-42')}")
    with surroundings.redis_down():
        assert _compare(pair, surroundings, request).content == {}
    assert set(_compare(pair, surroundings, request).content) == {b"device:online:dev-42"}


def test_client_that_leaves_while_redis_is_slow(
    pairs: Mapping[str, Pair], surroundings: Surroundings
) -> None:
    pair = pairs["patient"]
    request = Request(target=f"{PATH}?d={encrypt('gone')}")
    seen = []
    for subject in (pair.nginx, pair.plugin):
        surroundings.proxy.disturbance = Disturbance(delay=0.3)
        seen.append(observe_hang_up(subject, surroundings, request))
    nginx, plugin = seen
    assert differences(nginx, plugin) == []
    assert set(plugin.content) == {b"device:online:gone"}
    assert plugin.upstream == ()


def _answer(response: Response | None) -> tuple[int, bytes]:
    assert response is not None
    return response.status, response.body if response.status == 200 else b""


def test_200_interleaved_requests(pairs: Mapping[str, Pair], surroundings: Surroundings) -> None:
    """While many requests wait for Redis, each still gets its own answer."""
    pair = pairs["patient"]
    good = [f"{PATH}?d={encrypt(f'dev-{number}')}" for number in range(150)]
    targets = [*good, *[PATH] * 25, *[f"{PATH}?d={encrypt('x', OTHER_KEY)}"] * 25]
    random.Random(1).shuffle(targets)
    outcomes = []
    for subject in (pair.nginx, pair.plugin):
        surroundings.reset()
        surroundings.proxy.disturbance = Disturbance(delay=0.01)
        responses = send_interleaved(subject.address, [Request(target=target) for target in targets])
        keys = {key: entry.ttl_ms is not None for key, entry in surroundings.redis.snapshot().items()}
        outcomes.append(([_answer(response) for response in responses], keys))
    assert outcomes[0] == outcomes[1]
    expected = {PATH: (400, b"")} | {target: (200, f"GET {target}\n".encode()) for target in good}
    assert outcomes[1][0] == [expected.get(target, (403, b"")) for target in targets]
    assert outcomes[1][1] == {f"device:online:dev-{number}".encode(): True for number in range(150)}


def test_two_listeners_with_different_keys(pairs: Mapping[str, Pair], surroundings: Surroundings) -> None:
    """One VM serves both: neither may see the other's key."""
    one, other = pairs["patient"], pairs["other-key"]
    for _ in range(3):
        for key, right, wrong in ((KEY, one, other), (OTHER_KEY, other, one)):
            request = Request(target=f"{PATH}?d={encrypt('dev-1', key)}")
            assert _status(_compare(right, surroundings, request)) == 200
            assert _status(_compare(wrong, surroundings, request)) == 403


def test_key_of_a_wrong_length(pairs: Mapping[str, Pair], surroundings: Surroundings) -> None:
    request = Request(target=f"{PATH}?d={encrypt('dev-1')}")
    assert _status(_compare(pairs["short-key"], surroundings, request)) == 403
