"""What a comparison found: as objects, as JSON, and a request as a line for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from snippet2wasm.verify import servers
from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.client import Response
from snippet2wasm.verify.compare import Difference, LogLine
from snippet2wasm.verify.coverage import Branch
from snippet2wasm.verify.redis import Entry
from snippet2wasm.verify.upstream import ReceivedRequest

Origin = Literal["given", "generated"]


@dataclass(frozen=True)
class Result:
    """One request and what came of it.

    Attributes:
        case: the request.
        origin: who made it.
        status: what nginx answered; None for no answer.
        differences: empty when the plugin behaved as nginx did.
        unsteady: differences in the first attempt, and none in a later one, of a snippet that looks at a
            clock which had ticked meanwhile: they are none.
        each_time: whether it differed in each of several attempts.
    """

    case: Case
    origin: Origin
    status: int | None
    differences: tuple[Difference, ...]
    unsteady: tuple[Difference, ...] = ()
    each_time: bool = True


@dataclass(frozen=True)
class Report:
    """A comparison of a snippet in nginx with its plugin in Envoy.

    Attributes:
        name: of the plugin.
        results: by request, in the order in which they were sent.
        branches: of the Lua text, and whether a request reached them in nginx.
        normalisations: how many requests would differ without each of them.
        generated_config: keys of the plugin's configuration whose values were made up.
        versions: of nginx and ngx_lua.
        seed, now: what the generated requests were made with; now is a Unix time in seconds.
        secrets: values that must not be shown, by key.
    """

    name: str
    results: tuple[Result, ...]
    branches: tuple[Branch, ...] = ()
    normalisations: Mapping[str, int] = field(default_factory=dict)
    generated_config: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    now: int = 0
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def differing(self) -> list[Result]:
        """The requests that the plugin did not treat as nginx did."""
        return [result for result in self.results if result.differences]

    @property
    def unsteady(self) -> list[Result]:
        """The requests that differed when the clock had ticked, and then did not."""
        return [result for result in self.results if result.unsteady]

    @property
    def uncovered(self) -> list[Branch]:
        """The branches that no request reached."""
        return [branch for branch in self.branches if not branch.reached]

    def shown(self, text: str) -> str:
        """A text without secrets."""
        for key, value in self.secrets.items():
            if value:
                text = text.replace(value, f"<{key}>")
        return text

    def to_json(self) -> dict[str, object]:
        """The report for programs; docs/verify.md has the fields."""
        return {
            "name": self.name,
            "requests": len(self.results),
            "given": sum(result.origin == "given" for result in self.results),
            "generated": sum(result.origin == "generated" for result in self.results),
            "seed": self.seed,
            "now": self.now,
            "generated_config": list(self.generated_config),
            "versions": dict(self.versions),
            "differences": [self._result(result, result.differences) for result in self.differing],
            "unsteady": [self._result(result, result.unsteady) for result in self.unsteady],
            "statuses": self.statuses(),
            "branches": {
                "total": len(self.branches),
                "reached": len(self.branches) - len(self.uncovered),
                "uncovered": [branch.to_json() for branch in self.uncovered],
            },
            "normalisations": dict(self.normalisations),
        }

    def statuses(self) -> dict[str, int]:
        """How many requests nginx answered with which status; "none" for no answer."""
        found: dict[str, int] = {}
        for result in self.results:
            key = "none" if result.status is None else str(result.status)
            found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items()))

    def _result(self, result: Result, differences: tuple[Difference, ...]) -> dict[str, object]:
        case = result.case
        return {
            "name": case.name,
            "origin": result.origin,
            "each_time": result.each_time and not result.unsteady,
            "request": self.shown(curl(case)),
            "redis": {"error": case.redis_error} if case.redis_error else case.redis,
            "servers_differ": servers.known(case.request),
            "setup": [self.shown(_command(command)) for command in case.setup],
            "differences": [
                {
                    "field": self.shown(each.where),
                    "nginx": self.shown(show(each.nginx)),
                    "plugin": self.shown(show(each.plugin)),
                }
                for each in differences
            ],
        }


def show(value: object) -> str:
    """A value of an observation, readable."""
    match value:
        case None | ():
            return "nothing"
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case LogLine():
            return f"[{value.level}] {value.text}"
        case ReceivedRequest() | Response():
            start = f"{value.method} {value.target}" if isinstance(value, ReceivedRequest) else value.status
            return "\n".join([str(start), show(value.headers), "", show(value.body)])
        case Entry():
            lives = "for ever" if value.ttl_ms is None else f"for {value.ttl_ms} ms"
            return f"{value.kind} {show(value.value)}, {lives}"
        case (str() as name, str() as text):
            return f"{name}: {text}"
        case tuple() if all(isinstance(each, bytes) for each in value):
            return _command(value)
        case tuple():
            return "\n".join(map(show, value))
    return str(value)


def _command(command: tuple[bytes, ...]) -> str:
    return shlex.join(word.decode("utf-8", "backslashreplace") for word in command)


def curl(case: Case) -> str:
    """A request as a curl line; $GATEWAY stands for http://HOST:PORT."""
    request = case.request
    words = ["curl", "-i", "--path-as-is"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET" or request.body:
        words += ["-X", _word(request.method)]
    for name, value in request.headers:
        words += ["-H", _word(f"{name}: {value}" if value else f"{name};")]
    if request.body:
        words += ["--data-binary", _word(request.body.decode("latin-1"))]
    if request.target.startswith("/"):
        return " ".join([*words, f'"$GATEWAY"{_word(request.target)}'])
    return " ".join([*words, "--request-target", _word(request.target), '"$GATEWAY"'])


def _word(text: str) -> str:
    """A word of latin-1 text for bash."""
    if re.fullmatch(r"[\x20-\x7e]*", text):
        return shlex.quote(text)
    escaped = "".join(
        character if " " <= character <= "~" and character not in "'\\" else f"\\x{ord(character):02x}"
        for character in text
    )
    return f"$'{escaped}'"
