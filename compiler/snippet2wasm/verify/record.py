"""Recordings: what real nginx did with a request, as JSON that emitted projects replay in their tests.

A recording holds the request, the clock, every Redis command with its raw reply, the answer and the snippet's
log. Bytes (Redis's and the request's) are written as latin-1 text, one character per byte.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypedDict

from snippet2wasm.backend.recordings import digest
from snippet2wasm.verify import nginx
from snippet2wasm.verify.cases import Case, CasesError, RedisState, load_cases
from snippet2wasm.verify.client import Request, Response, send
from snippet2wasm.verify.compare import COARSE_CLOCK_SECONDS
from snippet2wasm.verify.gateway import Json
from snippet2wasm.verify.http1 import Header
from snippet2wasm.verify.ingress import reference as reference_of
from snippet2wasm.verify.nginx import Origin, ReferenceNginx, Site
from snippet2wasm.verify.process import wait_until
from snippet2wasm.verify.redis import Disturbance, Exchange, RecordingRedisProxy, RedisServer
from snippet2wasm.verify.site import read_site
from snippet2wasm.verify.upstream import MARK, Upstream

_SLOW_TIMEOUT_MS = 200
_ATTEMPTS = 5

Failure = Literal["refused", "timeout"] | None
_FAILURES: Mapping[RedisState, Failure] = {"up": None, "refused": "refused", "slow": "timeout"}


class RecordedRequest(TypedDict, total=False):
    """The request; "body" is there only when it has one."""

    method: str
    target: str
    headers: list[list[str]]
    body: str


class RecordedCommand(TypedDict):
    """A Redis command and its raw reply; null when none came in time."""

    command: list[str]
    reply: str | None


class RecordedAnswer(TypedDict):
    """What the upstream answered; the body in one piece."""

    status: int
    headers: list[list[str]]
    body: str


class RecordedResponse(TypedDict, total=False):
    """The answer.

    "upstream": the request reached the upstream, whose status it is; "headers" are then those that the
    snippet added, and "received" the headers of the request as the upstream got it. Else "headers" and
    "body" are all that the client got. Headers that belong to the connection or the server are left out.
    "answer" is what the upstream answered, where handlers of the snippet act on that; then "headers" and
    "body" are all that the client got of it.
    """

    status: int
    upstream: bool
    headers: list[list[str]]
    body: str
    received: list[list[str]]
    answer: RecordedAnswer


class RecordedLogLine(TypedDict):
    """A line that the snippet logged, without position; the level is nginx's name."""

    level: str
    message: str


class Recording(TypedDict):
    """One case as it is written to a file."""

    name: str
    source_sha256: str
    recorded_with: dict[str, str]
    config: Mapping[str, Json]
    clock: int
    request: RecordedRequest
    redis: list[RecordedCommand]
    redis_failure: Failure
    response: RecordedResponse
    log: list[RecordedLogLine]


def record(
    site: Site, cases: Sequence[Case], *, config: Mapping[str, Json], source_sha256: str
) -> list[Recording]:
    """Runs every case through real nginx and real Redis.

    Args:
        site: the snippet; its upstream, its Redis addresses and its Redis timeout are replaced by ours.
        cases: the requests.
        config: the plugin configuration of the replay; it must say what site.globals says.
        source_sha256: of the handler's text, so that a stale recording can be told.

    Raises:
        ServerError: a server did not start.
        TimeoutError: nginx did not answer.
        CasesError: nginx answered another status than a case expects.
    """
    with Upstream() as upstream, RedisServer() as redis, RecordingRedisProxy(redis.address) as proxy:
        real = replace(
            site,
            upstream=upstream.address,
            redis={"*": proxy.address},
            redis_timeout_ms=_SLOW_TIMEOUT_MS,
        )
        versions = nginx.versions()
        with reference_of(real) as reference:
            recorder = _Recorder(reference, upstream, redis, proxy)
            return [recorder.record(case, config, source_sha256, versions) for case in cases]


@dataclass(frozen=True)
class _Recorder:
    reference: ReferenceNginx
    upstream: Upstream
    redis: RedisServer
    proxy: RecordingRedisProxy

    def record(
        self, case: Case, config: Mapping[str, Json], source_sha256: str, versions: dict[str, str]
    ) -> Recording:
        """One case; again when the second ticked meanwhile: the request's clock is not known then."""
        for _ in range(_ATTEMPTS):
            wait_until(lambda: time.time() % 1 > COARSE_CLOCK_SECONDS, 1.0, "the coarse clock to tick, too")
            clock = int(time.time())
            with self._redis_in_state(case):
                response = send(self.reference.address, case.request)
            self.reference.settle()  # what logs a request runs when its client has the answer
            if int(time.time()) == clock:
                break
        else:
            raise TimeoutError(f"{case.name}: the second ticked in each of {_ATTEMPTS} attempts")
        if response is None:
            raise TimeoutError(f"{case.name}: nginx closed the connection without an answer")
        if case.status not in (None, response.status):
            raise CasesError(f"{case.name}: nginx answers {response.status}, not {case.status}")
        return {
            "name": case.name,
            "source_sha256": source_sha256,
            "recorded_with": versions,
            "config": config,
            "clock": clock,
            "request": _recorded_request(case.request),
            "redis": [_recorded_command(exchange) for exchange in self.proxy.exchanges],
            "redis_failure": _FAILURES[case.redis],
            "response": self._recorded_response(response),
            "log": self._snippet_log(),
        }

    def _recorded_response(self, response: Response) -> RecordedResponse:
        """The answer, without what the servers make of it."""
        if not self.upstream.received:
            return {
                "status": response.status,
                "upstream": False,
                "headers": _recorded_headers(response.headers, _OF_THE_SERVER),
                "body": response.body.decode("latin-1"),
            }
        request = self.upstream.received[-1]
        if _ON_RESPONSES & self.reference.site.handlers.keys():
            answer = self.upstream.answered[-1]
            return {
                "status": response.status,
                "upstream": True,
                "headers": _recorded_headers(response.headers, _OF_THE_SERVER),
                "body": response.body.decode("latin-1"),
                "received": _recorded_headers(request.headers, _OF_THE_REQUEST),
                "answer": {
                    "status": answer.status,
                    "headers": [[name.lower(), value] for name, value in answer.headers],
                    "body": "".join(answer.body or ()),
                },
            }
        return {
            "status": response.status,
            "upstream": True,
            "headers": _recorded_headers(response.headers, _OF_THE_SERVER | _OF_THE_UPSTREAM),
            "received": _recorded_headers(request.headers, _OF_THE_REQUEST),
        }

    @contextlib.contextmanager
    def _redis_in_state(self, case: Case) -> Iterator[None]:
        self.redis.clear()
        self.redis.run(case.setup)
        self.proxy.reset()
        self.upstream.reset()
        self.reference.empty_dicts()
        self.reference.reset()
        if case.redis == "slow":
            self.proxy.disturbance = Disturbance(withhold=True)
        elif case.redis_error:
            self.proxy.disturbance = Disturbance(instead=f"-{case.redis_error}\r\n".encode("latin-1"))
        with self.proxy.down() if case.redis == "refused" else contextlib.nullcontext():
            yield

    def _snippet_log(self) -> list[RecordedLogLine]:
        return [
            {"level": line.level, "message": line.message}
            for line in self.reference.log()
            if line.origin is Origin.SNIPPET
        ]


_ON_RESPONSES: frozenset[nginx.Phase] = frozenset(("header_filter", "body_filter", "log"))
_OF_THE_SERVER = frozenset(
    ("server", "date", "connection", "keep-alive", "content-length", "transfer-encoding")
)
_OF_THE_UPSTREAM = frozenset(("content-type", MARK[0]))
_OF_THE_REQUEST = frozenset(("host", "connection", "content-length", "transfer-encoding"))


def _recorded_headers(headers: Iterable[Header], left_out: frozenset[str]) -> list[list[str]]:
    """Headers by name, in lower case; the lines of one name in their order."""
    lines = [[name.lower(), value] for name, value in headers if name.lower() not in left_out]
    return sorted(lines, key=lambda line: line[0])


def _recorded_request(request: Request) -> RecordedRequest:
    recorded: RecordedRequest = {
        "method": request.method,
        "target": request.target,
        "headers": [[name, value] for name, value in request.headers],
    }
    if request.body:
        recorded["body"] = request.body.decode("latin-1")
    return recorded


def _recorded_command(exchange: Exchange) -> RecordedCommand:
    reply = None if exchange.reply is None else exchange.reply.decode("latin-1")
    return {"command": [argument.decode("latin-1") for argument in exchange.command], "reply": reply}


def write_recordings(recordings: Sequence[Recording], folder: Path) -> None:
    """Writes NAME.json for each recording; other files of the folder are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for recording in recordings:
        text = json.dumps(recording, indent=2) + "\n"
        (folder / f"{recording['name']}.json").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Records the cases of a file."""
    parser = argparse.ArgumentParser(description="Records what real nginx does with the requests of a file.")
    parser.add_argument("source", type=Path, help="nginx text that holds the snippet")
    parser.add_argument("cases", type=Path, help="YAML with the requests")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the recordings")
    parser.add_argument("--config", type=json.loads, default={}, help="plugin configuration, as JSON")
    parser.add_argument(
        "--global",
        dest="globals",
        action="append",
        default=[],
        metavar="NAME=KEY",
        help="a Lua global and the key of the configuration that it comes from",
    )
    options = parser.parse_args(arguments)
    pairs = [word.partition("=") for word in options.globals]
    site = read_site(options.source, {name: options.config[key] for name, _, key in pairs})
    recordings = record(
        site,
        load_cases(options.cases),
        config=options.config,
        source_sha256=digest(block.text.encode("latin-1") for block in site.handlers.values()),
    )
    write_recordings(recordings, options.output)


if __name__ == "__main__":
    main()
