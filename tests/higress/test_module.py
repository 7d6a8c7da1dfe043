"""What tells the two targets' modules apart for a gateway: the ABI, and the host functions that they need."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.wasm import export_names, import_names

HIGRESS_ABI, ENVOY_ABI = "proxy_abi_version_0_2_100", "proxy_abi_version_0_2_1"
REDIS_FUNCTIONS = {"proxy_redis_init", "proxy_redis_call"}
# The host functions of ABI 0.2.1, as stock Envoy offers them; a module that needs another one is refused.
ENVOY_FUNCTIONS = {
    f"proxy_{name}"
    for name in (
        *("log", "get_log_level", "get_property", "set_property", "done", "set_effective_context"),
        *("continue_stream", "close_stream", "send_local_response", "set_tick_period_milliseconds"),
        *("get_current_time_nanoseconds", "get_status", "call_foreign_function"),
        *("get_header_map_pairs", "set_header_map_pairs", "get_header_map_size", "get_header_map_value"),
        *("add_header_map_value", "replace_header_map_value", "remove_header_map_value"),
        *("get_buffer_bytes", "get_buffer_status", "set_buffer_bytes"),
        *("http_call", "grpc_call", "grpc_stream", "grpc_send", "grpc_cancel", "grpc_close"),
        *("get_shared_data", "set_shared_data", "register_shared_queue", "resolve_shared_queue"),
        *("enqueue_shared_queue", "dequeue_shared_queue"),
        *("define_metric", "increment_metric", "record_metric", "get_metric"),
    )
}


def _host_functions(module: Path) -> set[str]:
    return {name for space, name in import_names(module.read_bytes()) if space == "env"}


def test_higress_abi(heartbeat_wasm: Callable[..., Path]) -> None:
    exports = export_names(heartbeat_wasm("higress").read_bytes())
    assert HIGRESS_ABI in exports
    assert ENVOY_ABI not in exports


def test_envoy_abi(heartbeat_wasm: Callable[..., Path]) -> None:
    # A gateway takes the first version that it knows, so a module for Envoy may well name both.
    assert ENVOY_ABI in export_names(heartbeat_wasm("envoy").read_bytes())


def test_higress_functions(heartbeat_wasm: Callable[..., Path]) -> None:
    functions = _host_functions(heartbeat_wasm("higress"))
    assert functions >= REDIS_FUNCTIONS
    assert functions <= ENVOY_FUNCTIONS | REDIS_FUNCTIONS
    assert "proxy_http_call" not in functions


def test_envoy_functions(heartbeat_wasm: Callable[..., Path]) -> None:
    functions = _host_functions(heartbeat_wasm("envoy"))
    assert functions <= ENVOY_FUNCTIONS
    assert "proxy_http_call" in functions


@pytest.mark.parametrize("target", ["higress", "envoy"])
def test_callbacks(
    target: str, heartbeat_wasm: Callable[..., Path], heartbeat_project: Callable[..., Path]
) -> None:
    """A gateway enters a module for every callback that it exports: none is there in vain."""
    exports = export_names(heartbeat_wasm(target).read_bytes())
    wanted = json.loads((heartbeat_project(target) / "snippet2wasm.json").read_text())["exports"]
    assert {name for name in exports if name.startswith("proxy_on_")} == set(wanted)
    others = {name for name in exports if not name.startswith(("proxy_on_", "proxy_abi_version_"))}
    assert others == {"_initialize", "memory"}


@pytest.mark.parametrize("target", ["higress", "envoy"])
def test_other_imports_are_wasi(target: str, heartbeat_wasm: Callable[..., Path]) -> None:
    spaces = {space for space, _ in import_names(heartbeat_wasm(target).read_bytes())}
    assert spaces == {"env", "wasi_snapshot_preview1"}
