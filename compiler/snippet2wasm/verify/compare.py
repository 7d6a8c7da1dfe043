"""Where nginx and a plugin differ: observations of both, after a written list of normalisations.

`NORMALISATIONS`, with `SIDE_BY_SIDE` for some snippets, is the only list:
`python -m snippet2wasm.verify.compare --markdown` prints it as the table in docs/differences.md.
"""

from __future__ import annotations

import argparse
import calendar
import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from email.utils import parsedate
from typing import Literal

from snippet2wasm.verify.client import Response
from snippet2wasm.verify.http1 import Header
from snippet2wasm.verify.redis import ABOUT_CONNECTIONS, Content, Entry
from snippet2wasm.verify.resp import Command
from snippet2wasm.verify.upstream import ReceivedRequest

# time(), which os.time() calls, reads a clock that ticks with the kernel's timer and so runs a little behind.
COARSE_CLOCK_SECONDS = 0.02

LogOrigin = Literal["snippet", "abort", "core"]


@dataclass(frozen=True)
class LogLine:
    """One line of a log.

    Attributes:
        level: as its writer names it.
        origin: "snippet": ngx.log, print; "abort": about a Lua error that ended a handler; "core": the rest.
        text: from the position on, "access_by_lua(nginx.conf:12):14: …"; latin-1 of the bytes.
        cut: the end of the text may be missing.
    """

    level: str
    origin: LogOrigin
    text: str
    cut: bool = False


@dataclass(frozen=True)
class Observation:
    """All that could be seen of one request.

    Attributes:
        response: the answer; None when the client left, or got none.
        upstream: the requests that reached the upstream.
        log: the lines that were logged.
        commands: the commands that reached Redis, in order.
        content: what Redis held in the end.
        began, ended: Unix time in seconds, from before the request to after the last look.
    """

    response: Response | None = None
    upstream: tuple[ReceivedRequest, ...] = ()
    log: tuple[LogLine, ...] = ()
    commands: tuple[Command, ...] = ()
    content: Content = field(default_factory=dict)
    began: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True)
class Difference:
    """A place where nginx and the plugin differ, and what each showed there."""

    where: str
    nginx: object
    plugin: object

    def __str__(self) -> str:
        return f"{self.where}: nginx {self.nginx!r}, plugin {self.plugin!r}"


@dataclass(frozen=True)
class Normalisation:
    """Something that may differ, because no snippet and no client can mean anything by it.

    Attributes:
        name: short and unique.
        what: what is not compared, or how it is compared.
        why: why that is no difference in behaviour.
        apply: brings an observation to its common form; None: `differences` itself compares with a tolerance.
    """

    name: str
    what: str
    why: str
    apply: Callable[[Observation], Observation] | None


def differences(
    nginx: Observation, plugin: Observation, normalisations: Collection[Normalisation] | None = None
) -> list[Difference]:
    """Where two observations of the same request differ; empty when the plugin behaved as nginx did.

    Args:
        nginx: what nginx did.
        plugin: what the plugin did.
        normalisations: what is left aside; all of NORMALISATIONS unless given.
    """
    chosen = NORMALISATIONS if normalisations is None else normalisations
    left, right = nginx, plugin
    for normalisation in chosen:
        if normalisation.apply is not None:
            left, right = normalisation.apply(left), normalisation.apply(right)
    tolerated = {normalisation.name for normalisation in chosen if normalisation.apply is None}
    return [
        *_compare_responses(left.response, right.response),
        *_compare_upstream(left.upstream, right.upstream),
        *_compare_logs(left.log, right.log, tolerate_cut="log-cut" in tolerated),
        *_compare_values("Redis commands", left.commands, right.commands),
        *_compare_content(left, right, tolerate_ttl="ttl" in tolerated),
    ]


def _compare_values(where: str, nginx: object, plugin: object) -> Iterable[Difference]:
    if nginx != plugin:
        yield Difference(where, nginx, plugin)


def _compare_responses(nginx: Response | None, plugin: Response | None) -> Iterable[Difference]:
    if nginx is None or plugin is None:
        yield from _compare_values("response", nginx, plugin)
        return
    yield from _compare_values("status", nginx.status, plugin.status)
    yield from _compare_values("reason phrase", nginx.reason, plugin.reason)
    yield from _compare_values("response headers", nginx.headers, plugin.headers)
    yield from _compare_values("response body", nginx.body, plugin.body)
    yield from _compare_values("response cut off", nginx.cut, plugin.cut)


def _compare_upstream(
    nginx: tuple[ReceivedRequest, ...], plugin: tuple[ReceivedRequest, ...]
) -> Iterable[Difference]:
    if len(nginx) != len(plugin):
        yield Difference("requests at the upstream", nginx, plugin)
        return
    for left, right in zip(nginx, plugin, strict=True):
        yield from _compare_values("method at the upstream", left.method, right.method)
        yield from _compare_values("target at the upstream", left.target, right.target)
        yield from _compare_values("headers at the upstream", left.headers, right.headers)
        yield from _compare_values("body at the upstream", left.body, right.body)


def _compare_logs(
    nginx: tuple[LogLine, ...], plugin: tuple[LogLine, ...], *, tolerate_cut: bool
) -> Iterable[Difference]:
    if len(nginx) != len(plugin):
        yield Difference("log", nginx, plugin)
        return
    for left, right in zip(nginx, plugin, strict=True):
        same = replace(left, cut=False) == replace(right, cut=False)
        if not same and tolerate_cut and left.cut:
            same = (left.level, left.origin) == (right.level, right.origin) and _share_start(
                left.text, right.text
            )
        if not same:
            yield Difference("log", left, right)


def _share_start(left: str, right: str) -> bool:
    return left.startswith(right) or right.startswith(left)


def _compare_content(nginx: Observation, plugin: Observation, *, tolerate_ttl: bool) -> Iterable[Difference]:
    tolerance = 1000 * max(nginx.ended - nginx.began, plugin.ended - plugin.began) if tolerate_ttl else 0.0
    for key in sorted({*nginx.content, *plugin.content}):
        left, right = nginx.content.get(key), plugin.content.get(key)
        if not _same_entry(left, right, tolerance):
            yield Difference(f"Redis key {key!r}", left, right)


def _same_entry(left: Entry | None, right: Entry | None, tolerance_ms: float) -> bool:
    if left is None or right is None:
        return left is right
    if replace(left, ttl_ms=None) != replace(right, ttl_ms=None):
        return False
    if left.ttl_ms is None or right.ttl_ms is None:
        return left.ttl_ms == right.ttl_ms
    return abs(left.ttl_ms - right.ttl_ms) <= tolerance_ms


# Each function below is the `apply` of one normalisation.


def _map_headers(
    observation: Observation, change: Callable[[Iterable[Header]], Iterable[Header]]
) -> Observation:
    response = observation.response
    return replace(
        observation,
        response=response and replace(response, headers=tuple(change(response.headers))),
        upstream=tuple(replace(each, headers=tuple(change(each.headers))) for each in observation.upstream),
    )


def _lower_header_names(observation: Observation) -> Observation:
    return _map_headers(observation, lambda headers: ((name.lower(), value) for name, value in headers))


def _sort_headers(observation: Observation) -> Observation:
    # Stable and by name only: the order of several lines of one name means something.
    return _map_headers(observation, lambda headers: sorted(headers, key=lambda header: header[0].lower()))


JOINED = frozenset((
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age", "cache-control",
    "content-encoding", "content-type", "etag", "expires", "last-modified", "location", "pragma", "vary",
    "via",
))  # fmt: skip
"""Response headers of which Envoy keeps one line, in lower case."""


def _join_lines(observation: Observation) -> Observation:
    response = observation.response
    if response is None:
        return observation
    found: dict[str, Header] = {}
    for number, (name, value) in enumerate(response.headers):
        key = name.lower() if name.lower() in JOINED else str(number)
        before = found.get(key)
        found[key] = (name, value) if before is None else (before[0], f"{before[1]},{value}")
    return replace(observation, response=replace(response, headers=tuple(found.values())))


def _sort_json(observation: Observation) -> Observation:
    response = observation.response
    return replace(
        observation,
        response=response and replace(response, body=_sorted_json(response.body)),
        upstream=tuple(replace(each, body=_sorted_json(each.body)) for each in observation.upstream),
        commands=tuple(tuple(map(_sorted_json, command)) for command in observation.commands),
        log=tuple(replace(line, text=_with_sorted_json(line.text)) for line in observation.log),
    )


def _with_sorted_json(text: str) -> str:
    """A text with the fields of the JSON objects in it in order."""
    parts: list[str] = []
    end = 0
    for found in _BRACE.finditer(text):
        if found.start() < end:
            continue
        try:
            _, stop = _DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        object_ = text[found.start() : stop].encode("latin-1", "replace")
        parts += [text[end : found.start()], _sorted_json(object_).decode("latin-1")]
        end = stop
    return "".join([*parts, text[end:]])


_BRACE = re.compile(r"\{")
_DECODER = json.JSONDecoder()


def _sorted_json(text: bytes) -> bytes:
    """JSON with the fields of its objects in order, and its numbers as they are; other text as it is."""
    plain = text.strip()
    if not plain.startswith((b"{", b"[")):
        return text
    try:
        found = json.loads(
            plain,
            object_pairs_hook=lambda pairs: {"fields": sorted(pairs, key=repr)},
            parse_int=lambda number: {"number": number},
            parse_float=lambda number: {"number": number},
        )
    except (ValueError, RecursionError):
        return text
    start = text.index(plain)
    return text[:start] + json.dumps(found).encode() + text[start + len(plain) :]


def _drop_headers(*names: str) -> Callable[[Observation], Observation]:
    def apply(observation: Observation) -> Observation:
        return _map_headers(
            observation,
            lambda headers: (header for header in headers if not header[0].lower().startswith(names)),
        )

    return apply


def _drop_type_of_nothing(observation: Observation) -> Observation:
    response = observation.response
    if response is None or response.body:
        return observation
    headers = tuple(header for header in response.headers if header[0].lower() != "content-type")
    return replace(observation, response=replace(response, headers=headers))


def _drop_reason(observation: Observation) -> Observation:
    response = observation.response
    return replace(observation, response=response and replace(response, reason=""))


_PAGE_FOOTER = re.compile(
    rb"<center>nginx(/[\d.]+)?</center>\r\n</body>\r\n</html>\r\n"
    rb"(<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n)*$"
)


def _plain_error_page(observation: Observation) -> Observation:
    response = observation.response
    if response is None:
        return observation
    plain = rb"<center>nginx</center>\r\n</body>\r\n</html>\r\n"
    return replace(observation, response=replace(response, body=_PAGE_FOOTER.sub(plain, response.body)))


_PLACES = re.compile(r"(module '[^'\n]*' not found:)(\n\tno (field|file) [^\n<]*)+")


def _drop_places(observation: Observation) -> Observation:
    response = observation.response
    body = b"" if response is None else _PLACES.sub(r"\1", response.body.decode("latin-1")).encode("latin-1")
    return replace(
        observation,
        response=response and replace(response, body=body),
        log=tuple(replace(line, text=_PLACES.sub(r"\1", line.text)) for line in observation.log),
    )


def _drop_debug_lines(observation: Observation) -> Observation:
    return replace(observation, log=tuple(line for line in observation.log if line.level != "debug"))


def _drop_core_lines(observation: Observation) -> Observation:
    return replace(observation, log=tuple(line for line in observation.log if line.origin != "core"))


_FUNCTION = re.compile(r"^([^\n]*?:\d+: )\w+\(\): ")


def _drop_function_name(observation: Observation) -> Observation:
    lines = (
        replace(line, text=_FUNCTION.sub(r"\1", line.text)) if line.origin == "snippet" else line
        for line in observation.log
    )
    return replace(observation, log=tuple(lines))


def _drop_traceback(observation: Observation) -> Observation:
    def cut(line: LogLine) -> LogLine:
        return (
            replace(line, text=line.text.partition("\nstack traceback:")[0])
            if line.origin == "abort"
            else line
        )

    return replace(observation, log=tuple(map(cut, observation.log)))


# From nginx's levels and Envoy's names to those of proxy-wasm.
_LEVELS = {
    **dict.fromkeys(("stderr", "emerg", "alert", "crit", "critical"), "critical"),
    **dict.fromkeys(("warn", "warning"), "warn"),
    **dict.fromkeys(("notice", "info"), "info"),
}


def _common_levels(observation: Observation) -> Observation:
    lines = (replace(line, level=_LEVELS.get(line.level, line.level)) for line in observation.log)
    return replace(observation, log=tuple(lines))


def _name_current_time(observation: Observation) -> Observation:
    """Replaces a text that is a second of the observation's time by a word."""
    first = int(observation.began - COARSE_CLOCK_SECONDS)
    seconds = {b"%d" % second for second in range(first, int(observation.ended) + 1)}

    def named(value: bytes) -> bytes:
        return b"<time of the request>" if value in seconds else value

    def named_entry(entry: Entry) -> Entry:
        return replace(entry, value=named(entry.value)) if isinstance(entry.value, bytes) else entry

    return replace(
        observation,
        commands=tuple(tuple(map(named, command)) for command in observation.commands),
        content={key: named_entry(entry) for key, entry in observation.content.items()},
    )


# Other lines of the header may be behind it, joined.
_MAX_AGE = re.compile(r"max-age=(\d+)(,.*)?")


def _expires_after_request(observation: Observation) -> Observation:
    """Replaces the date of Expires by the seconds from the request to it, if Cache-Control says so many, or
    if it is no farther than a day in the past.
    """
    response = observation.response
    if response is None:
        return observation
    first = int(observation.began - COARSE_CLOCK_SECONDS)
    ages = [int(found[1]) for _, value in response.headers if (found := _MAX_AGE.fullmatch(value))]

    def relative(name: str, value: str) -> str:
        date = parsedate(value) if name.lower() == "expires" and value.endswith(" GMT") else None
        if date is None:
            return value
        after = calendar.timegm(date) - first
        slack = int(observation.ended) - first
        for age in ages:
            if age <= after <= age + slack:
                return f"<time of the request> + {age}"
        if -86_400 <= after <= slack:
            return f"<time of the request> - {-(after - slack) // 60 * 60}"
        return value

    headers = tuple((name, relative(name, value)) for name, value in response.headers)
    return replace(observation, response=replace(response, headers=headers))


# What Webdis would spoil travels in a script with this beginning and end; see go_runtime/transport/webdis.
_ENCODER = b"local function e(v)\n"
_SCRIPT = re.compile(
    rb"local r=\(function\(\) (?P<script>.*)\nend\)\(\)\n" + re.escape(_ENCODER) + b".*", re.DOTALL
)


def _unwrap_scripts(observation: Observation) -> Observation:
    return replace(observation, commands=tuple(map(_carried, observation.commands)))


def _carried(command: Command) -> Command:
    """The command that a script of the transport carries; any other as it is."""
    if command[0] != b"eval":
        return command
    if command[1].startswith(_ENCODER):
        return command[3:]
    match = _SCRIPT.fullmatch(command[1])
    return (command[0], match["script"], *command[2:]) if match else command


def _drop_connection_commands(observation: Observation) -> Observation:
    commands = (
        each
        for each in observation.commands
        if each[0].lower() not in ABOUT_CONNECTIONS and each != (b"ping",)
    )
    return replace(observation, commands=tuple(commands))


def _sort_exchanges(observation: Observation) -> Observation:
    return replace(
        observation,
        upstream=tuple(sorted(observation.upstream, key=repr)),
        commands=tuple(sorted(observation.commands)),
        log=tuple(sorted(observation.log, key=repr)),
    )


NORMALISATIONS: tuple[Normalisation, ...] = (
    Normalisation(
        "header-case",
        "Header names are compared without regard to letter case.",
        "Envoy sends names in lower case, nginx as its modules spell them; HTTP gives case no meaning.",
        _lower_header_names,
    ),
    Normalisation(
        "header-order",
        "The order of headers of different names is not compared; that of several lines of one name is.",
        "HTTP gives it no meaning, and both servers put headers of their own between the snippet's.",
        _sort_headers,
    ),
    Normalisation(
        "joined-headers",
        "Several lines of a response header that Envoy keeps in one (`Vary`, …) are one, joined by commas.",
        "HTTP lets everyone join them (RFC 9110, 5.3); Envoy has one place for each of these names.",
        _join_lines,
    ),
    Normalisation(
        "json-order",
        "The fields of JSON objects in bodies, in Redis commands and in log lines are compared without their "
        "order.",
        "It has no meaning in JSON; LuaJIT's is arbitrary, a plugin's is that in which the fields were set.",
        _sort_json,
    ),
    Normalisation(
        "server-headers",
        "`Date` and `Server` are left out.",
        "They name the moment and the server.",
        _drop_headers("date", "server"),
    ),
    Normalisation(
        "framing-headers",
        "`Connection`, `Keep-Alive`, `Content-Length`, `Transfer-Encoding` are left out; bodies count.",
        "They belong to one connection: each server frames the same body in its own way.",
        _drop_headers("connection", "keep-alive", "content-length", "transfer-encoding"),
    ),
    Normalisation(
        "type-of-nothing",
        "`Content-Type` of an answer without a body is left out.",
        "There is nothing that it could describe. nginx sends the default type with `ngx.exit(200)`, "
        "Envoy drops it.",
        _drop_type_of_nothing,
    ),
    Normalisation(
        "gateway-headers",
        "`X-Envoy-…`, `X-Forwarded-Proto` and `X-Request-Id` are left out.",
        "The gateway adds them to every request and response, with and without a plugin.",
        _drop_headers("x-envoy-", "x-forwarded-proto", "x-request-id"),
    ),
    Normalisation(
        "reason-phrase",
        "The reason phrase after the status is not compared.",
        "Envoy writes its own, HTTP/2 has none, and HTTP tells clients to ignore it.",
        _drop_reason,
    ),
    Normalisation(
        "error-page-footer",
        "Of nginx's own error pages the version in the footer and the padding for old browsers are left out.",
        "The version is the replaced server's (ingress-nginx hides it); the padding is a comment in HTML.",
        _plain_error_page,
    ),
    Normalisation(
        "core-log",
        "Log lines that nginx, ngx_lua or the gateway write about themselves are left out. The snippet's own "
        "lines and those about a Lua error that ended a handler are compared, position included.",
        "`connect() failed (111: Connection refused)`, `lua tcp socket read timed out` and the like tell of "
        "nginx's sockets, which a plugin does not have.",
        _drop_core_lines,
    ),
    Normalisation(
        "log-levels",
        "nginx's stderr, emerg, alert and crit are one level, and so are notice and info.",
        "proxy-wasm has six levels, nginx nine.",
        _common_levels,
    ),
    Normalisation(
        "log-debug",
        "Lines of level debug are left out.",
        "nginx writes them only with a log of that level, in which its own lines would hide the snippet's.",
        _drop_debug_lines,
    ),
    Normalisation(
        "log-traceback",
        "After a Lua error the stack traceback is left out; the error's text and position are compared.",
        "It lists frames of LuaJIT.",
        _drop_traceback,
    ),
    Normalisation(
        "module-places",
        "Of the text `module '…' not found:` the places where it was looked for are left out.",
        "They are folders of the server.",
        _drop_places,
    ),
    Normalisation(
        "log-function",
        "The name of the function that stands behind the position of a log line is left out.",
        "LuaJIT knows none after a tail call, and another one if the function was called by another name; a "
        "plugin names it as it was defined.",
        _drop_function_name,
    ),
    Normalisation(
        "log-cut",
        "Of a line that nginx cut at 2,048 bytes only the part that is there is compared.",
        "Where the cut falls depends on the number of digits of nginx's process and connection.",
        None,
    ),
    Normalisation(
        "redis-script",
        "A Redis command that the plugin's transport sends inside of a script counts as that command.",
        "Webdis would spoil the command's answer; Redis runs the same command.",
        _unwrap_scripts,
    ),
    Normalisation(
        "redis-connection",
        "The Redis commands `PING`, `AUTH`, `SELECT` are left out; what follows from their answers counts.",
        "They belong to a connection: a plugin has the gateway's, and sends a `PING` where the result of "
        "`connect` is used.",
        _drop_connection_commands,
    ),
    Normalisation(
        "clock",
        "An argument of a Redis command, or a string value, that is a second of the time during which the "
        "request ran stands for any such second.",
        "`os.time()` and `ngx.time()` differ when the two runs fall into different seconds.",
        _name_current_time,
    ),
    Normalisation(
        "expires",
        "An `Expires` that is `max-age` seconds of `Cache-Control` behind a second of the request, or at "
        "most a day before it, stands for that distance (in the past in minutes).",
        "The two runs fall into different seconds.",
        _expires_after_request,
    ),
    Normalisation(
        "ttl",
        "The times to live of a Redis key may differ by as long as the observation took.",
        "They run down between the command and the look.",
        None,
    ),
)

SIDE_BY_SIDE = Normalisation(
    "side-by-side",
    "Of a snippet with `ngx.location.capture_multi`, light threads or timers the order of the requests to "
    "services, of the Redis commands and of the log lines is not compared.",
    "Which of two requests that are under way at once is first at a service is the network's, and which "
    "answer comes first is the service's.",
    _sort_exchanges,
)


def markdown() -> str:
    """The list of normalisations as a Markdown table."""
    rows = [f"| {each.name} | {each.what} | {each.why} |" for each in (*NORMALISATIONS, SIDE_BY_SIDE)]
    return "\n".join(["| name | what | why |", "| --- | --- | --- |", *rows]) + "\n"


def main() -> None:
    """Prints the list."""
    parser = argparse.ArgumentParser(
        description="Prints what is not compared between nginx and a plugin, and why."
    )
    parser.add_argument("--markdown", action="store_true", required=True, help="as a Markdown table")
    parser.parse_args()
    print(markdown(), end="")


if __name__ == "__main__":
    main()
