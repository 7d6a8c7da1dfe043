"""Asks the real nginx (Debian's `nginx-light` with `libnginx-mod-http-lua`)."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snippet2wasm.verify.process import LOOPBACK, Process, find_program, free_port, listens

_MODULES = Path("/usr/lib/nginx/modules")
_ERROR = re.compile(
    rb"\[(?:emerg|error)\] \d+#\d+: (.*?)(?: in \S+:\d+)?\nnginx: configuration file", re.DOTALL
)


def nginx() -> Path:
    return find_program("nginx", "/usr/sbin", "/usr/local/sbin")


def head(folder: Path) -> bytes:
    """What a configuration starts with; one line, so that the next one is line 2."""
    modules = "".join(
        f"load_module {_MODULES}/{name}.so; " for name in ("ndk_http_module", "ngx_http_lua_module")
    )
    return f"{modules}pid {folder}/pid; error_log stderr info; events {{}}\n".encode()


def location(folder: Path, text: bytes) -> bytes:
    """A configuration with that text in a location."""
    return head(folder) + b"http { server { listen 127.0.0.1:1; location / {\n" + text + b"\n} } }\n"


def message(folder: Path, configuration: bytes) -> str | None:
    """Why nginx refuses a configuration, without the place; None if it takes it."""
    path = folder / "nginx.conf"
    path.write_bytes(configuration)
    done = subprocess.run(
        [nginx(), "-t", "-q", "-p", folder, "-c", path, "-e", "stderr"], capture_output=True, timeout=20
    )
    if done.returncode == 0:
        return None
    found = _ERROR.search(done.stderr)
    return (found[1] if found else done.stderr).decode("utf-8", "surrogateescape")


class Running:
    """A running nginx: what it answers and what it has written to its log."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log_path = log

    def get(self, path: str) -> bytes:
        """The body of the answer, whatever its status."""
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.port}{path}")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                body: bytes = response.read()
        except urllib.error.HTTPError as error:
            return error.read()
        return body

    def log(self) -> str:
        return self.log_path.read_text("utf-8", "surrogateescape")


@contextmanager
def running(folder: Path, http: str, name: str = "nginx.conf") -> Iterator[Running]:
    """nginx in one process, with `http` as the text in its http block, where PORT stands for its port."""
    port = free_port()
    path = folder / name
    text = f"daemon off; master_process off; {head(folder).decode()}http {{ {http} }}\n"
    path.write_bytes(text.replace("PORT", str(port)).encode("utf-8", "surrogateescape"))
    log = folder / "output.log"
    process = Process([nginx(), "-p", folder, "-c", path, "-e", "stderr"], log=log, cwd=folder)
    try:
        process.wait_ready(lambda: listens((LOOPBACK, port)), 10)
        yield Running(port, log)
    finally:
        process.stop()
