"""What has to hold after everything that was survived."""

from __future__ import annotations

from collections.abc import Sequence

from snippet2wasm.verify.client import Request, send_interleaved
from snippet2wasm.verify.gateway import EnvoyGateway

CONNECTIONS = 10
_NORMAL = 100


def vms(gateway: EnvoyGateway) -> int:
    """How many VMs Envoy has made so far: one more after each that died."""
    return sum(gateway.stats("wasm.envoy.wasm.runtime.v8.created").values())


def assert_normal(gateway: EnvoyGateway, plugin: str, kinds: Sequence[str]) -> None:
    """Ordinary requests pass, each with its own answer.

    Args:
        gateway: where.
        plugin: the name of a listener.
        kinds: beginnings of targets, to which numbers are added.
    """
    targets = [f"{kinds[n % len(kinds)]}id={n}" for n in range(_NORMAL)]
    requests = [Request(target=target) for target in targets]
    responses = send_interleaved(gateway.address(plugin), requests, CONNECTIONS)
    bodies = [response and response.body.decode() for response in responses]
    assert bodies == [f"GET {target}\n" for target in targets]
