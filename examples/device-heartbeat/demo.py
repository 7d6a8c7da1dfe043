"""The device heartbeat from snippet to running plugin: `make demo`.

Compiles nginx.conf for Envoy, builds it, and runs it in a real Envoy in front of a real upstream, with a
real Redis behind a real Webdis; then sends the requests of the story and shows what came of them. Everything
that it starts, it stops.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.redis import RedisServer, Webdis
from snippet2wasm.verify.upstream import Upstream

HERE = Path(__file__).resolve().parent
PATH = "/api/device/heartbeat"
DEVICE = "dev-42"
STATUSES = {"valid": 200, "missing": 400, "invalid": 403}


def main() -> int:
    """Runs the story; 0 if every answer is the expected one."""
    key = os.urandom(16).hex()  # 32 characters: an AES-256 key made for this run
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-demo-") as folder:
        module = _make(Path(folder) / "device-heartbeat")
        with RedisServer() as redis, Webdis(redis.address) as webdis, Upstream() as upstream:
            plugin = Plugin("device-heartbeat", module, {"aesKey": key}, "FAIL_RELOAD")
            clusters = {"webdis|6379|redis.internal": webdis.address}
            with EnvoyGateway([plugin], upstream.address, clusters=clusters) as gateway:
                _step("running in Envoy, with Redis behind Webdis")
                failures = _tell(gateway, redis, key)
    if failures:
        click.echo(f"\n{failures} of the answers were not the expected ones.")
        return 1
    click.secho(
        "\nThe nginx snippet now runs as a plugin in Envoy: it let the real device in, turned the others"
        " away, and Redis knows that the device is online.",
        fg="green",
    )
    return 0


def _step(text: str) -> None:
    click.secho(f"• {text}", bold=True)


def _make(project: Path) -> Path:
    """Compiles and builds the plugin."""
    source = HERE / "nginx.conf"
    begun = time.monotonic()
    options = Options("device-heartbeat", target="envoy", bindings=HERE / "snippet2wasm.yaml")
    compilation = compile_text(files.read(source, source.name), HERE, options)
    write(compilation.files(), project, force=False)
    _step(f"compiled {source.name} to Go in {time.monotonic() - begun:.1f} s; the handler:")
    text = (project / "main.go").read_text("utf-8")
    handler = text[text.index("// access is") :].partition("\n}\n")[0]
    click.echo("".join(f"    {line}\n" for line in f"{handler}\n}}".expandtabs(4).splitlines()))
    begun = time.monotonic()
    result = build(project)
    _step(
        f"built plugin.wasm in {time.monotonic() - begun:.1f} s: {result.size:,} bytes, {result.go_version}"
    )
    return result.path


def _encrypt(text: str, key: str) -> str:
    """What a device sends: base64 of a random IV and the id, encrypted with AES-256-CBC."""
    iv = os.urandom(16)
    command = ["openssl", "enc", "-aes-256-cbc", "-K", key.encode().hex(), "-iv", iv.hex()]
    encrypted = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    return base64.b64encode(iv + encrypted).decode()


def _tell(gateway: EnvoyGateway, redis: RedisServer, key: str) -> int:
    """Sends the requests; the number of answers that are not the expected ones."""
    requests = {
        "valid": (f"{PATH}?d={_encrypt(DEVICE, key)}", "a heartbeat of a real device"),
        "missing": (PATH, "no device id"),
        "invalid": (f"{PATH}?d={_encrypt(DEVICE, os.urandom(16).hex())}", "an id encrypted with another key"),
    }
    failures = 0
    click.echo()
    for name, (target, what) in requests.items():
        response = send(gateway.address(), Request(target=target))
        status = response.status if response is not None else 0
        good = status == STATUSES[name]
        failures += not good
        shown = target if len(target) <= 60 else target[:57] + "..."
        click.echo(f"    {'✓' if good else '✗'} {status}  GET {shown:<60}  {what}")
    found = redis.snapshot()
    click.echo()
    for redis_key, entry in found.items():
        ttl = f"{round(entry.ttl_ms / 1000)} s to live" if entry.ttl_ms is not None else "lives for ever"
        value = entry.value.decode() if isinstance(entry.value, bytes) else entry.value
        click.echo(f"    Redis: {redis_key.decode()} = {value} ({ttl})")
    return failures + (set(found) != {f"device:online:{DEVICE}".encode()})


if __name__ == "__main__":
    sys.exit(main())
